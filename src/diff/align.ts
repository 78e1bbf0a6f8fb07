import { diffArrays } from 'diff'
import type { Operation } from '../operation/operation.js'

/** Operations of each side that are aligned at a time. */
const WINDOW = 4096
/** With more differences in a window each operation meets the next of its kind, in linear time. */
const MAX_DIFFERENCES = 400
const REACH = 256

/** The same operation in two recordings, or one that only one of them has. */
export interface Aligned {
  a: Operation | null
  b: Operation | null
}

/** What an operation does, without how it came out. */
export const keyOf = ({ opcode, path, name, newPath }: Operation): string =>
  `${opcode} ${path} ${name ?? ''} ${newPath ?? ''}`

/**
 * Puts operations side by side by what they do (opcode and path), not by their number: window by window, so that memory does
 * not grow with the recordings.
 */
export function* align(a: Iterable<Operation>, b: Iterable<Operation>): Generator<Aligned> {
  const [left, right] = [new Feed(a), new Feed(b)]
  for (;;) {
    const isLast = [left.fill(), right.fill()].every(Boolean)
    const aligned = exact(left.waiting, right.waiting) ?? linear(left.waiting, right.waiting)
    // Near the window's end an operation may only miss what has not been read yet.
    const most = aligned.slice(0, Math.ceil((aligned.length * 3) / 4))
    const certain = isLast ? aligned : most.slice(0, 1 + most.findLastIndex(isPair))
    const some = certain.length > 0 ? certain : most
    yield* some
    left.drop(some.filter((pair) => pair.a !== null).length)
    right.drop(some.filter((pair) => pair.b !== null).length)
    if (isLast) return
  }
}

/** The next operations of a recording, in order of their start. */
class Feed {
  readonly #source: Iterator<Operation>
  waiting: Operation[] = []
  #isDone = false

  constructor(source: Iterable<Operation>) {
    this.#source = source[Symbol.iterator]()
  }

  /** Reads on; true when nothing is left to be read. */
  fill(): boolean {
    while (!this.#isDone && this.waiting.length < WINDOW) {
      const { done, value } = this.#source.next()
      if (done) this.#isDone = true
      else this.waiting.push(value)
    }
    this.waiting.sort((x, y) => x.id - y.id)
    return this.#isDone
  }

  drop(count: number): void {
    this.waiting = this.waiting.slice(count)
  }
}

const isPair = ({ a, b }: Aligned): boolean => a !== null && b !== null

function exact(a: readonly Operation[], b: readonly Operation[]): Aligned[] | null {
  const parts = diffArrays(a.map(keyOf), b.map(keyOf), { maxEditLength: MAX_DIFFERENCES })
  if (parts === undefined) return null
  const out: Aligned[] = []
  let [i, j] = [0, 0]
  for (const { value, added, removed } of parts)
    for (const _ of value) out.push({ a: added ? null : (a[i++] ?? null), b: removed ? null : (b[j++] ?? null) })
  return out
}

/** Greedy: each operation meets the next of its kind within reach. */
function linear(a: readonly Operation[], b: readonly Operation[]): Aligned[] {
  const out: Aligned[] = []
  let j = 0
  const keys = b.map(keyOf)
  for (const operation of a) {
    const ahead = keys.slice(j, j + REACH).indexOf(keyOf(operation))
    if (ahead < 0) out.push({ a: operation, b: null })
    else {
      for (const until = j + ahead; j < until; j++) out.push({ a: null, b: b[j] ?? null })
      out.push({ a: operation, b: b[j++] ?? null })
    }
  }
  for (; j < b.length; j++) out.push({ a: null, b: b[j] ?? null })
  return out
}
