import type { Raw } from '../../line/line.js'
import type { RequestSpan } from './event.js'
import type { SpanSchemas } from './schemas.js'

/** The first field of most requests' spans. */
const FIRST = / _?(?:parent|ino|inode|node|nodeid|parent_ino|parent_inode|req|unique)=(?=\d|0x|INodeNo)/
const NAMED = / (?:path|name)=/

/**
 * Parts an event of the compact format into its message and the fields of its spans, which follow it with nothing
 * between: `Starting lookup parent=1 name=a`. Null when the fields that such a span must have are not all there:
 * a name with a newline goes on in the next line.
 */
export function splitCompact(
  text: Raw,
  opcode: string,
  inner: boolean,
  last: RequestSpan | null,
  schemas: SpanSchemas,
  force: boolean,
): { message: Raw; span: RequestSpan; innerFields: Raw } | null {
  if (last !== null && last.opcode === opcode && last.text !== '') {
    const at = inner ? text.indexOf(` ${last.text} `) : text.length - last.text.length - 1
    if (at >= 0 && text[at] === ' ' && (inner || text.endsWith(last.text))) {
      return { message: text.slice(0, at), span: last, innerFields: text.slice(at + last.text.length + 2) }
    }
  }
  const keys = schemas.keys(opcode)
  const first = keys?.[0]
  const at = first === undefined ? ((FIRST.exec(text) ?? NAMED.exec(text))?.index ?? -1) : text.indexOf(` ${first}=`)
  if (at < 0) {
    if (keys !== undefined && keys.length > 0 && !force) return null
    if (!inner) schemas.learn(opcode, '')
    return { message: text, span: schemas.span(opcode, ''), innerFields: '' }
  }
  const fields = text.slice(at + 1)
  // Fewer than there must be, or only the begin of the last one's: the rest is in the next line.
  if (!force && keys !== undefined && schemas.span(opcode, fields).fields().length < keys.length) return null
  if (!force && last?.opcode === opcode && isBegin(fields, last.text)) return null
  if (!inner) schemas.learn(opcode, fields)
  const span = schemas.span(opcode, fields)
  if (!inner || keys === undefined) return { message: text.slice(0, at), span, innerFields: '' }
  // The fields of the inner spans follow.
  return {
    message: text.slice(0, at),
    span: { ...span, fields: () => span.fields().slice(0, keys.length) },
    innerFields: '',
  }
}

/** `text` is what `whole` has before one of its newlines. */
function isBegin(text: Raw, whole: Raw): boolean {
  return whole[text.length] === '\n' && whole.startsWith(text)
}
