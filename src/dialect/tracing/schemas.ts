import type { Raw } from '../../line/line.js'
import type { Field, RequestSpan } from './event.js'
import { type FieldStyle, isFree, PLAIN, splitFields } from './fields.js'

/** Spans of an opcode that are inspected to learn its fields. */
const LEARN = 64
const MAX_KEYS = 24

/** What the spans of an opcode were seen to have. */
interface Learnt {
  seen: number
  keys: readonly string[]
  readonly counts: Map<string, number>
}

/**
 * Which fields the spans of each opcode have, learnt from the log: those that most have, as a name may look like more
 * of them. With that, a raw name is known to end where the fields after it begin.
 */
export class SpanSchemas {
  readonly #learnt = new Map<string, Learnt>()
  readonly #style: FieldStyle

  constructor(style: FieldStyle = PLAIN) {
    this.#style = style
  }

  /** Inspects the fields of a span. */
  learn(opcode: string, text: Raw): void {
    let learnt = this.#learnt.get(opcode)
    // A text with a newline may be a part only.
    if ((learnt && learnt.seen >= LEARN) || text.length > 1000 || text.includes('\n')) return
    const keys = splitFields(text, undefined, this.#style).map(([key]) => key)
    if (keys.length > MAX_KEYS) return
    if (learnt === undefined) {
      learnt = { seen: 0, keys, counts: new Map() }
      this.#learnt.set(opcode, learnt)
    }
    learnt.seen++
    const count = (learnt.counts.get(keys.join()) ?? 0) + 1
    learnt.counts.set(keys.join(), count)
    const usual = learnt.counts.get(learnt.keys.join()) ?? 0
    if (count > usual || (count === usual && keys.length < learnt.keys.length)) learnt.keys = keys
  }

  keys(opcode: string): readonly string[] | undefined {
    return this.#learnt.get(opcode)?.keys
  }

  /** A text has the fields that the opcode's spans are known to have, and what is no name has no end of a span in it. */
  fits(opcode: string, text: Raw): boolean {
    const keys = this.keys(opcode)
    if (text.length > 10_000) return true
    const fields = splitFields(text, keys, this.#style)
    if (keys && (fields.length < keys.length || keys.some((key, i) => fields[i]?.[0] !== key))) return false
    return fields.every(([key, value]) => isFree(key) || !value.includes('}:'))
  }

  span(opcode: string, text: Raw): RequestSpan {
    let fields: readonly Field[] | undefined
    return {
      opcode,
      text,
      fields: () => {
        fields ??= splitFields(text, this.keys(opcode), this.#style)
        return fields
      },
    }
  }
}
