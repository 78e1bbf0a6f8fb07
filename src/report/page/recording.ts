import {
  ENDED,
  OUTCOMES,
  type PageEvent,
  type PageLines,
  type PageRecording,
  type PageWait,
  type TextIndex,
} from '../page-data.js'

/** A recording in the page: columns as typed arrays, and what is asked of them. */
export class Recording {
  readonly data: PageRecording
  readonly count: number
  readonly id: Int32Array
  readonly start: Float64Array
  readonly took: Float64Array
  readonly line: Int32Array
  /** Of the lines, when they have been unpacked: their times and streams. */
  lineTimes: Float64Array = new Float64Array()
  lineStreams: Uint8Array = new Uint8Array()
  readonly steps: readonly Extract<PageEvent, { k: 'step' }>[]
  readonly waits: readonly PageWait[]
  /** Latest time of anything in it. */
  readonly endNs: number
  /** The lines, when they have been unpacked. */
  lines: readonly string[] | null = null
  readonly #byId = new Map<number, number>()

  constructor(data: PageRecording) {
    const { operations } = data
    this.data = data
    this.count = operations.id.length
    this.id = Int32Array.from(sums(operations.id))
    this.start = Float64Array.from(sums(operations.start))
    this.took = Float64Array.from(operations.took)
    this.line = Int32Array.from(sums(operations.line))
    this.steps = data.events.filter((event) => event.k === 'step')
    this.waits = data.events.filter((event) => event.k === 'wait')
    this.endNs = Math.max(1, data.durationNs)
    for (let i = 0; i < this.count; i++) this.#byId.set(this.id[i] ?? -1, i)
  }

  /** The log has been unpacked. */
  setLines(lines: readonly string[], { times, streams }: PageLines): void {
    this.lines = lines
    this.lineTimes = Float64Array.from(sums(times))
    this.lineStreams = Uint8Array.from(streams)
  }

  /** The place of the operation of this id; -1 when there is none. */
  place(id: number): number {
    return this.#byId.get(id) ?? -1
  }

  text(index: TextIndex | undefined): string {
    return index === undefined || index < 0 ? '' : (this.data.texts[index] ?? '')
  }

  opcode(i: number): string {
    return this.text(this.data.operations.opcode[i])
  }

  subject(i: number): string {
    return this.text(this.data.operations.subject[i])
  }

  errno(i: number): string {
    return this.text(this.data.operations.errno[i])
  }

  /** 0 ok, 1 error, 2 unknown, 3 unfinished, 4 ok without an entry. */
  outcomeKind(i: number): number {
    return this.data.operations.outcome[i] ?? 2
  }

  failed(i: number): boolean {
    return this.outcomeKind(i) === 1
  }

  /** `ENOENT`, `ok ~`: with `~` where the end was inferred. */
  outcome(i: number): string {
    const ended = this.ended(i)
    const text = this.errno(i) || (OUTCOMES[this.outcomeKind(i)] ?? 'unknown')
    return ended === 'last-event' || ended === 'next-request' ? `${text} ~` : text
  }

  ended(i: number): string {
    return ENDED[this.data.operations.ended[i] ?? 0] ?? ''
  }

  /** How long it took as far as that was measured; null where it was not. */
  measured(i: number): number | null {
    const took = this.took[i] ?? -1
    return took > 0 && this.ended(i) !== 'next-request' ? took : null
  }

  pid(i: number): number {
    return this.data.operations.pid[i] ?? -1
  }

  own(i: number): boolean {
    return this.data.operations.own?.[i] === 1
  }

  /** Names and texts of a column that holds lists. */
  list(column: 'extra' | 'request' | 'reply', i: number): [string, string][] {
    const text = this.text(this.data.operations[column]?.[i])
    if (text === '') return []
    const items = JSON.parse(text) as string[]
    return Array.from({ length: items.length / 2 }, (_, n) => [items[2 * n] ?? '', items[2 * n + 1] ?? ''])
  }

  /** First and last log line of an operation; null when it has none here. */
  linesOf(i: number): [number, number] | null {
    const more = this.data.operations.lines[i] ?? -1
    const first = this.line[i] ?? 0
    return more < 0 ? null : [first, first + more]
  }

  /** The innermost step that was under way at a time. */
  stepAt(ns: number): Extract<PageEvent, { k: 'step' }> | null {
    let found: Extract<PageEvent, { k: 'step' }> | null = null
    for (const step of this.steps) {
      if (step.at > ns) break
      if (step.end === null || step.end >= ns) found = step
    }
    return found
  }

  /** The first operation that starts then or later; the number of operations when there is none. */
  firstFrom(ns: number): number {
    let [low, high] = [0, this.count]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.start[middle] ?? 0) < ns) low = middle + 1
      else high = middle
    }
    return low
  }
}

function sums(differences: readonly number[]): number[] {
  let sum = 0
  return differences.map((difference) => {
    sum += difference
    return sum
  })
}
