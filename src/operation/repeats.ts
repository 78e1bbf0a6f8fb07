import type { Line } from '../line/line.js'

/** Pairs of equal lines, each pair another line, that show that a log has every line twice. */
const MIN_PAIRS = 3
/** Lines that wait until that is clear. */
const MAX_HELD = 64

/** A line, and whether it only repeats the one before. */
export interface Read {
  readonly line: Line
  readonly repeated: boolean
}

/**
 * Logs whose every line was written twice, by two handlers of one logger or by a terminal and a file put together: the second
 * of each two lines speaks of no other request. Shows at a log's begin, where the first two lines are equal.
 */
export class Repeats {
  #state: 'begin' | 'trying' | 'doubled' | 'single' = 'begin'
  #held: Line[] = []
  /** The line that has not come again yet. */
  #last: Line | null = null

  /** Nothing is repeated: lines need not be held against each other any more. */
  get none(): boolean {
    return this.#state === 'single'
  }

  /** Takes the next line; returns those that are to be read by now. */
  push(line: Line): Read[] {
    if (this.#state === 'single') return [{ line, repeated: false }]
    if (this.#state === 'doubled') return [this.#read(line)]
    const first = this.#held[0]
    if (this.#state === 'begin' && first !== undefined) this.#state = first.raw === line.raw ? 'trying' : 'single'
    // A first line goes its way at once: what is decided later is only about those after it.
    if (first === undefined) {
      this.#held.push(line)
      return [{ line, repeated: false }]
    }
    this.#held.push(line)
    if (this.#state === 'trying') this.#decide()
    return this.#state === 'trying' ? [] : this.#release()
  }

  /** The log ended. */
  end(): Read[] {
    if (this.#state !== 'trying') return []
    const pairs = pairsOf(this.#held)
    this.#state = pairs !== null && pairs >= 2 ? 'doubled' : 'single'
    return this.#release()
  }

  #decide(): void {
    const pairs = pairsOf(this.#held)
    if (pairs === null || this.#held.length >= MAX_HELD) this.#state = 'single'
    else if (pairs >= MIN_PAIRS) this.#state = 'doubled'
  }

  #release(): Read[] {
    const [first, ...rest] = this.#held
    this.#held = []
    if (this.#state === 'single') return rest.map((line) => ({ line, repeated: false }))
    this.#last = first ?? null
    return rest.map((line) => this.#read(line))
  }

  #read(line: Line): Read {
    const repeated = this.#last?.raw === line.raw
    this.#last = repeated ? null : line
    return { line, repeated }
  }
}

/** How many pairs lines are, all different; null when they are none. */
function pairsOf(lines: readonly Line[]): number | null {
  const seen = new Set<string>()
  for (let i = 0; i < lines.length; i += 2) {
    const [one, other] = [lines[i]?.raw ?? '', lines[i + 1]?.raw]
    if (seen.has(one) || (other !== undefined && other !== one)) return null
    if (other !== undefined) seen.add(one)
  }
  return seen.size
}
