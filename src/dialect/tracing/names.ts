import type { Raw } from '../../line/line.js'
import { detachSlice } from '../../line/text.js'
import { OPCODE_NAMES, opcodeOf } from '../core/opcode.js'

/** Spans that follow one another without fields, and what ends them. */
export interface Chain {
  readonly names: readonly Raw[]
  /** Where the `{` of the last one is, or the space after the last colon. */
  readonly end: number
  readonly brace: boolean
}

/** No chain of spans is longer: what it costs must not grow with the line. */
const MAX_CHAIN = 400
const MAX_KNOWN = 1024

/** Names of spans that were read before: a program has only so many. */
export class Chains {
  readonly #known = new Map<Raw, readonly Raw[]>()

  /** As `chainAt`. */
  at(raw: Raw, at: number): Chain | null {
    const brace = raw.slice(at, at + MAX_CHAIN).indexOf('{')
    const names = brace > 0 ? this.#known.get(raw.slice(at, at + brace)) : undefined
    if (names !== undefined) return { names, end: at + brace, brace: true }
    const chain = chainAt(raw, at)
    if (chain?.brace && this.#known.size < MAX_KNOWN)
      this.#known.set(detachSlice(raw.slice(at, chain.end)), chain.names)
    return chain
  }
}

/** Reads `fuse::create{`, or `fuse::create:file_ops::create_file: `. Null when neither begins here. */
export function chainAt(raw: Raw, at: number): Chain | null {
  let end = at
  const most = at + MAX_CHAIN
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
  const names = (split ? text.split(/(?<!:):(?!:)/) : [text]).map(detachSlice)
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
