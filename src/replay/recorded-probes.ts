import type { ProbeRow, Row } from '../recording/row.js'
import { argumentsOf, type ProbeAnswer, type ProbeQuestion, type Prober } from '../wait/engine/prober.js'
import type { RecordedProber } from './recorded-prober.js'
import type { RowFeed } from './row-feed.js'

/** A probe is answered within this time, or it was given up when it was recorded. */
const MAX_PROBE_NS = 2.5e9

export interface RecordedProbesOptions {
  feed: RowFeed
  prober: RecordedProber
  nowNs(): number
  /** A row as it was, where it is known. @default as it is recorded */
  restore?: ((row: Row) => Row) | undefined
  /** There is no log that shows operations: all that is known are probes. */
  polling(): boolean
}

/**
 * Probes of a replay take as long as they took: where what has been played does not show the answer, or nothing but probes
 * shows any, the next recorded probe of the same question does, when the replay comes to it. So a wait sees what it saw live, and not
 * what the test did afterwards.
 */
export class RecordedProbes implements Prober {
  readonly #options: RecordedProbesOptions
  readonly #waiting = new Map<Row, ((answer: ProbeAnswer) => void)[]>()
  #count = 0

  constructor(options: RecordedProbesOptions) {
    this.#options = options
  }

  /** Probes that wait for the replay. */
  get waiting(): number {
    return this.#count
  }

  probe(question: ProbeQuestion): Promise<ProbeAnswer> {
    if (!('caughtUp' in question)) return this.#probe(question)
    const both = [this.#probe(question), this.#probe({ probe: 'answers' })] as const
    return Promise.all(both).then(([answer, own]) => (own === 'unknown' ? own : answer))
  }

  #probe(question: ProbeQuestion): Promise<ProbeAnswer> {
    const { prober, polling } = this.#options
    const known = prober.answer(question)
    const row = known === 'unknown' || polling() ? this.#next(question) : null
    if (row === null) return Promise.resolve(known)
    this.#count++
    return new Promise((resolve) => {
      const others = this.#waiting.get(row)
      if (others) others.push(resolve)
      else this.#waiting.set(row, [resolve])
    })
  }

  /** A row is played. True when somebody has been waiting for it. */
  played(row: Row): boolean {
    const waiting = this.#waiting.get(row)
    if (waiting === undefined || row.kind !== 'probe') return false
    this.#waiting.delete(row)
    this.#count -= waiting.length
    const { answer, errno } = this.#restored(row)
    for (const resolve of waiting) {
      resolve(errno === 'ETIMEDOUT' ? 'unknown' : { value: answer, errno })
    }
    return true
  }

  #restored(row: ProbeRow): ProbeRow {
    return (this.#options.restore?.(row) ?? row) as ProbeRow
  }

  /** The next recorded probe of this question: one that nobody waits for if there is one, else equal questions share it. */
  #next(question: ProbeQuestion): ProbeRow | null {
    const { feed, nowNs } = this.#options
    const args = argumentsOf(question)
    const untilNs = nowNs() + MAX_PROBE_NS
    const find = (free: boolean): ProbeRow | null =>
      feed.find(
        (row): row is ProbeRow =>
          row.kind === 'probe' &&
          row.atNs <= untilNs &&
          row.probe === question.probe &&
          row.args.length === args.length &&
          this.#restored(row).args.every((arg, i) => arg === args[i]) &&
          !(free && this.#waiting.has(row)),
        (row) => row.kind === 'exit' || ('atNs' in row && row.atNs > untilNs),
      )
    return find(true) ?? (this.#waiting.size > 0 ? find(false) : null)
  }
}
