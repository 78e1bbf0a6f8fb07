import type { Raw } from '../../line/line.js'
import { leadingTime } from '../../line/own-time.js'
import type { Dialect, Sample } from '../core/dialect.js'
import { CONVERSIONS, type Conversion } from './conversions.js'

/** How a value was written: by a conversion, or looked up in a table, where what is not in it stays as it is. */
export type Writing = Conversion | Readonly<Record<string, string>>

/** A piece of a line as it was: text, a group of the pattern, or a group that was written in another way. */
export type Part = string | number | readonly [group: number, how: Writing]

/** What is written now, and what it was: once in a line, or with the flag `g` wherever it stands. */
export type Rewrite = readonly [now: RegExp, was: readonly Part[]]

/** How lines of a newer log become lines that a dialect knows. */
export interface Rewriting {
  /** What stands around lines: each is taken off where it is there, in this order. */
  readonly around?: readonly Rewrite[]
  /** Leaves out a line that is the same as the one before. @default false */
  readonly once?: boolean
  /** Lines that are left out: they stand among others that belong together. */
  readonly drop?: readonly RegExp[]
  /** Used one after the other, each on what the one before has left. A line that none fits stays as it is. */
  readonly rules?: readonly Rewrite[]
  readonly samples: readonly Sample[]
}

/** Longer lines are not rewritten. */
const MAX_LENGTH = 16_384

/**
 * A dialect for lines that are written in another way: they are put back into the form that `base` knows, and read by it. What
 * `fusetrace check --suggest` prints is a call of this function.
 *
 * @example
 * export default rewritten(base, {
 *   rules: [[/^op=(\d+) (\w+)$/, ['unique: ', 1, ', opcode: ', [2, 'upper']]], [/; /g, [', ']]],
 *   samples: [{ lines: 'op=2 lookup', events: [{ kind: 'request', opcode: 'lookup', unique: 2 }] }],
 * })
 */
export function rewritten(base: Dialect, rewriting: Rewriting): Dialect {
  const { samples, once = false, drop = [], rules = [] } = rewriting
  const bare = (raw: Raw): Raw => unwrapped(raw, rewriting)
  const restore = (text: Raw): Raw => replaced(text, rules)
  return {
    ...base,
    samples,
    recognize: (raw) => base.recognize(restore(bare(raw))),
    // What a rule has put there is no time.
    time: (raw) => (base.time ?? leadingTime)(bare(raw)),
    parser(options) {
      const parser = base.parser(options)
      let last: Raw | null = null
      return {
        get capabilities() {
          return parser.capabilities ?? base.capabilities
        },
        line(line, emit) {
          const text = bare(line.raw)
          if (once && text === last) return false
          last = text
          return !drop.some((pattern) => pattern.test(text)) && parser.line({ ...line, raw: restore(text) }, emit)
        },
        end: (emit) => parser.end(emit),
      }
    },
  }
}

/** Takes off what stands around a line. */
export const unwrapped = (raw: Raw, { around = [] }: Pick<Rewriting, 'around'>): Raw => replaced(raw, around)

/** A line as it was. */
export function replaced(raw: Raw, rules: readonly Rewrite[]): Raw {
  if (raw.length > MAX_LENGTH) return raw
  let text = raw
  for (const [pattern, parts] of rules)
    text = text.replace(pattern, (...found) => parts.map((part) => restored(part, found)).join(''))
  return text
}

/** @param found what the pattern's groups hold, from 1 */
function restored(part: Part, found: readonly Raw[]): Raw {
  if (typeof part === 'string') return part
  return typeof part === 'number' ? (found[part] ?? '') : writtenAs(found[part[0]] ?? '', part[1])
}

/** A value in the writing that it had. */
export function writtenAs(value: Raw, how: Writing): Raw {
  if (typeof how === 'string') return CONVERSIONS[how](value)
  return Object.hasOwn(how, value) ? (how[value] ?? value) : value
}
