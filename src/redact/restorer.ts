import type { Raw } from '../line/line.js'
import { encode } from '../line/text.js'
import type { CallRow, MarkRow, ProbeRow, RecordingHeader, Row, WaitRow } from '../recording/row.js'
import { redactOperation } from './rows.js'
import { STAND_IN, wholeName } from './stand-in.js'

/** Texts with more stand-ins are compared as they are. */
const MAX_STAND_INS = 64
/** Values deeper within one another are compared as they are. */
const MAX_DEPTH = 32

/**
 * Puts back what stand-ins stand for, where a replay knows it: directories of the run, this machine's, and what the test itself
 * gives to its calls again. What is not known stays as it is.
 */
export class Restorer {
  readonly #names: ReadonlySet<string>
  /** Of bytes, by the stand-ins' names. */
  readonly #values = new Map<string, Raw>()

  /**
   * @param header says what was replaced
   * @param known what stand-ins stand for here, by their names
   */
  constructor(header: Pick<RecordingHeader, 'redacted'>, known: Readonly<Record<string, string>>) {
    this.#names = new Set(Object.keys(header.redacted ?? {}))
    for (const [name, text] of Object.entries(known)) if (text !== '') this.#values.set(name, encode(text))
  }

  /** Whether there is anything to put back. */
  get idle(): boolean {
    return this.#names.size === 0
  }

  /** A text of bytes as it was, as far as that is known. */
  raw = (raw: Raw): Raw => {
    if (this.idle || !raw.includes('{')) return raw
    return raw.replace(STAND_IN, (hole, name: string) => this.#valueOf(name) ?? hole)
  }

  /** A text of a log as it was: logs say how long names are, so only what is as long as its stand-in is put back. */
  #log = (raw: Raw): Raw => {
    if (this.idle || !raw.includes('{')) return raw
    return raw.replace(STAND_IN, (hole, name: string) => {
      const value = this.#valueOf(name)
      return value?.length === hole.length ? value : hole
    })
  }

  #valueOf(name: string): Raw | undefined {
    return this.#isName(name) ? this.#values.get(wholeName(name)) : undefined
  }

  #message(bytes: Uint8Array): Uint8Array {
    const raw = latin1(bytes)
    const restored = this.#log(raw)
    return restored === raw ? bytes : new Uint8Array(Buffer.from(restored, 'latin1'))
  }

  /** A text of characters as it was. */
  text = (text: string): string => {
    if (this.idle || !text.includes('{')) return text
    const raw = encode(text)
    const restored = this.raw(raw)
    return restored === raw ? text : Buffer.from(restored, 'latin1').toString('utf8')
  }

  /** JSON-like data with bytes as they were. */
  value = (value: unknown, depth = 0): unknown => {
    if (typeof value === 'string') return this.text(value)
    if (typeof value !== 'object' || value === null || this.idle || depth > MAX_DEPTH) return value
    if (value instanceof Uint8Array) {
      const raw = latin1(value)
      const restored = this.raw(raw)
      return restored === raw ? value : new Uint8Array(Buffer.from(restored, 'latin1'))
    }
    if (Array.isArray(value)) return value.map((item) => this.value(item, depth + 1))
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [this.text(key), this.value(item, depth + 1)]))
  }

  /** A row as it was. */
  row = (row: Row): Row => {
    if (this.idle) return row
    switch (row.kind) {
      case 'line':
        return { ...row, raw: this.#log(row.raw) }
      case 'operation':
        return { kind: 'operation', operation: redactOperation(row.operation, this.#log) }
      case 'request':
      case 'reply':
        return { ...row, bytes: this.#message(row.bytes) }
      case 'kernel':
        return row.details === undefined
          ? row
          : { ...row, details: { ...row.details, body: this.#log(row.details.body) } }
      case 'mark':
        return { ...row, name: this.text(row.name) } satisfies MarkRow
      case 'probe':
        return this.probe(row)
      case 'call':
        return { ...row, args: row.args.map((arg) => this.value(arg)) } satisfies CallRow
      case 'wait':
        return { ...row, title: this.text(row.title) } satisfies WaitRow
      default:
        return row
    }
  }

  /** A probe as it was asked. */
  probe(row: ProbeRow): ProbeRow {
    const answer = typeof row.answer === 'string' ? this.text(row.answer) : row.answer
    return { ...row, args: row.args.map(this.raw), answer }
  }

  /**
   * Whether recorded data is what is given now, with stand-ins for some of it. Then it is known what those stand for.
   */
  fits(recorded: unknown, given: unknown): boolean {
    if (this.idle) return false
    const found = new Map<string, Raw>()
    if (!this.#fits(recorded, given, found, 0)) return false
    for (const [name, value] of found) this.#values.set(name, value)
    return true
  }

  #fits(recorded: unknown, given: unknown, found: Map<string, Raw>, depth: number): boolean {
    if (depth > MAX_DEPTH) return false
    if (typeof recorded === 'string') {
      return typeof given === 'string' && (recorded === given || this.#textFits(encode(recorded), encode(given), found))
    }
    if (recorded instanceof Uint8Array) {
      return given instanceof Uint8Array && this.#textFits(latin1(recorded), latin1(given), found)
    }
    if (typeof recorded !== 'object' || recorded === null) return recorded === given
    if (typeof given !== 'object' || given === null || given instanceof Uint8Array) return false
    if (Array.isArray(recorded) !== Array.isArray(given)) return false
    const [one, other] = [Object.entries(recorded), Object.entries(given)]
    return (
      one.length === other.length &&
      one.every(
        ([key, item]) =>
          Object.hasOwn(given, key) && this.#fits(item, (given as Record<string, unknown>)[key], found, depth + 1),
      )
    )
  }

  /** The pieces between stand-ins stand in the text, in order; what is between them is what the stand-ins stand for. */
  #textFits(recorded: Raw, given: Raw, found: Map<string, Raw>): boolean {
    if (recorded === given || this.raw(recorded) === given) return true
    const holes = [...recorded.matchAll(STAND_IN)].filter((hole) => this.#isName(hole[1] as string))
    if (holes.length === 0 || holes.length > MAX_STAND_INS) return false
    let at = 0
    let from = 0
    for (const [i, hole] of holes.entries()) {
      const piece = recorded.slice(from, hole.index)
      if (!given.startsWith(piece, at)) return false
      at += piece.length
      from = hole.index + hole[0].length
      const next = holes[i + 1]
      const after = recorded.slice(from, next?.index)
      const name = wholeName(hole[1] as string)
      const known = found.get(name)
      const end =
        known !== undefined && given.startsWith(known, at)
          ? at + known.length
          : next === undefined
            ? given.length - after.length
            : given.indexOf(after, at + 1)
      if (end <= at || !given.startsWith(after, end)) return false
      found.set(name, given.slice(at, end))
      at = end
    }
    return given.length === at + (recorded.length - from)
  }

  #isName(name: string): boolean {
    return this.#names.has(name) || this.#names.has(wholeName(name).replace(/\d+$/, ''))
  }
}

const latin1 = (bytes: Uint8Array): Raw =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
