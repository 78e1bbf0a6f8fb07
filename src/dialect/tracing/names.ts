import type { Raw } from '../../line/line.js'
import { own } from '../../line/text.js'
import { OPCODE_NAMES, opcodeOf } from '../opcode.js'

/** Spans that follow one another without fields, and what ends them. */
export interface Chain {
  readonly names: readonly Raw[]
  /** Where the `{` of the last one is, or the space after the last colon. */
  readonly end: number
  readonly brace: boolean
}

const LONGEST = 400
/** Names of spans that were read before: a program has only so many. */
const KNOWN = new Map<Raw, readonly Raw[]>()
const MOST_KNOWN = 1024

/** Reads `fuse::create{`, or `fuse::create:file_ops::create_file: `. Null when neither begins here. */
export function chainAt(raw: Raw, at: number): Chain | null {
  const first = raw.slice(at, at + LONGEST).indexOf('{')
  const known = first > 0 ? KNOWN.get(raw.slice(at, at + first)) : undefined
  if (known !== undefined) return { names: known, end: at + first, brace: true }
  let end = at
  const most = at + LONGEST
  let split = false
  for (; end < most; end++) {
    const code = raw.charCodeAt(end)
    if (code === 58) {
      // A single colon parts two spans, a double one the words of a name.
      if (raw.charCodeAt(end + 1) === 58) end++
      else split = true
    } else if (!isName(code)) break
  }
  const brace = raw.charCodeAt(end) === 123
  if (end === at || (!brace && (raw.charCodeAt(end) !== 32 || raw.charCodeAt(end - 1) !== 58))) return null
  const text = raw.slice(at, brace ? end : end - 1)
  if (text === '') return null
  const names = (split ? text.split(/(?<!:):(?!:)/) : [text]).map(own)
  if (brace && KNOWN.size < MOST_KNOWN) KNOWN.set(own(text), names)
  return { names, end, brace }
}

const isName = (code: number): boolean =>
  (code >= 97 && code <= 122) ||
  (code >= 65 && code <= 90) ||
  (code >= 48 && code <= 57) ||
  code === 95 ||
  code === 45 ||
  code === 46

/** A field with the kernel's id, the first of a span. */
const ID = /^_?(?:req|unique|req_id|request_id)(?:=|: )(\d{1,15})(?=$|[ ,}])/

/** The kernel's id of a request that the fields of its span begin with; undefined where they do not. */
export function requestId(fields: Raw): number | undefined {
  const first = fields.charCodeAt(0)
  if (first !== 114 && first !== 117 && first !== 95) return undefined
  const id = ID.exec(fields.slice(0, 40))?.[1]
  return id === undefined ? undefined : Number(id)
}

/** The opcode of a span that has a request's id and is named just so, `lookup{req=4 …}`; null when it is none. */
export function identifiedOpcode(name: Raw, fields: Raw): string | null {
  return requestId(fields) === undefined ? null : (NAMES.get(name.slice(name.lastIndexOf(':') + 1)) ?? null)
}

const NAMES: ReadonlyMap<Raw, string> = new Map(OPCODE_NAMES.map((name) => [name, name]))

/** The usual spellings. */
const SPANS: ReadonlyMap<Raw, string> = new Map(OPCODE_NAMES.map((name) => [`fuse::${name}`, name]))

/** The opcode of a span `fuse::<opcode>`, null when it is none. */
export function requestOpcode(name: Raw): string | null {
  if (name.charCodeAt(0) !== 102 || name.length > 40 || !name.startsWith('fuse::')) return null
  return SPANS.get(name) ?? opcodeOf(name.slice(6))
}
