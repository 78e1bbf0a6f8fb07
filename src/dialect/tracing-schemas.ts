import type { Raw } from '../line/line.js'
import type { Field, RequestSpan } from './tracing-event.js'
import { type FieldStyle, PLAIN, splitFields } from './tracing-fields.js'

/** Spans of an opcode that are looked at to learn its fields. */
const LEARN = 64
const MOST_KEYS = 24

/**
 * Which fields the spans of each opcode have, learnt from the log: the fewest that were seen, as a name may look like
 * more of them. With that, a raw name is known to end where the fields after it begin.
 */
export class SpanSchemas {
  readonly #keys = new Map<string, readonly string[]>()
  readonly #seen = new Map<string, number>()
  readonly #style: FieldStyle

  constructor(style: FieldStyle = PLAIN) {
    this.#style = style
  }

  /** Looks at the fields of a span. */
  learn(opcode: string, text: Raw): void {
    const seen = this.#seen.get(opcode) ?? 0
    // A text with a newline may be a part only.
    if (seen >= LEARN || text.length > 1000 || text.includes('\n')) return
    this.#seen.set(opcode, seen + 1)
    const keys = splitFields(text, undefined, this.#style).map(([key]) => key)
    const known = this.#keys.get(opcode)
    if (keys.length <= MOST_KEYS && (known === undefined || keys.length < known.length)) this.#keys.set(opcode, keys)
  }

  keys(opcode: string): readonly string[] | undefined {
    return this.#keys.get(opcode)
  }

  /** A text has just the fields that the opcode's spans are known to have, and raw numbers hold no spaces or braces. */
  fits(opcode: string, text: Raw): boolean {
    const keys = this.#keys.get(opcode)
    if (keys === undefined || text.length > 10_000) return true
    const fields = splitFields(text, keys, this.#style)
    if (fields.length < keys.length || keys.some((key, i) => fields[i]?.[0] !== key)) return false
    const last = fields.at(-1)
    return !last || fields.length === keys.length || !/[{}]/.test(last[1])
  }

  span(opcode: string, text: Raw): RequestSpan {
    let fields: readonly Field[] | undefined
    return {
      opcode,
      text,
      fields: () => {
        fields ??= splitFields(text, this.#keys.get(opcode), this.#style)
        return fields
      },
    }
  }
}
