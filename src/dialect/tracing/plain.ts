import type { Raw } from '../../line/line.js'
import { OPCODE_NAMES } from '../core/opcode.js'
import { RUST, unquote } from '../text/quoted.js'
import type { Field, RequestSpan } from './event.js'
import { type FieldStyle, splitFields } from './fields.js'

const OPCODES: ReadonlySet<string> = new Set(OPCODE_NAMES)
/** `mkdir: parent=1, name="d"`, and behind a first name ` -> newparent=1, newname="e"`. */
const STYLE: FieldStyle = { key: /[A-Za-z_][\w.]{0,60}=/y, assign: '=', comma: ', ' }
const REQUEST = /^([a-z_]{4,15})(?:: (?=_?(?:parent|ino)=\d)| called$)/
const ARROW = ' -> '

/**
 * The request that a message outside every span speaks of, `mkdir: parent=1, name="d"`: older programs show some so. Null
 * when it speaks of none.
 */
export function plainRequest(message: Raw): RequestSpan | null {
  const code = message.charCodeAt(0)
  if (code < 97 || code > 122) return null
  const found = REQUEST.exec(message)
  const opcode = found?.[1] ?? ''
  if (!found || !OPCODES.has(opcode)) return null
  const rest = message.slice(found[0].length)
  const quote = rest.indexOf('"')
  const end = quote < 0 ? null : unquote(rest, quote, RUST)?.end
  const text = end && rest.startsWith(ARROW, end) ? `${rest.slice(0, end)}, ${rest.slice(end + ARROW.length)}` : rest
  let fields: readonly Field[] | undefined
  return {
    opcode,
    text,
    fields: () => {
      fields ??= splitFields(text, undefined, STYLE)
      return fields
    },
  }
}
