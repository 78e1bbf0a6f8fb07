import type { Line } from '../../line/line.js'
import type { Dialect, DialectEvent } from './dialect.js'

/** Understands nothing: for logs of no known dialect, so that "nothing was understood" can be said. */
export const none: Dialect = {
  name: 'none',
  version: 1,
  description: 'no dialect: lines are kept, nothing is understood',
  capabilities: {
    ids: false,
    start: false,
    end: 'inferred',
    errno: 'none',
    path: 'none',
    pid: false,
    timestamps: null,
    lookupNames: false,
  },
  samples: [],
  recognize: () => 0,
  parser: () => ({ line: () => false, end: () => undefined }),
}

/** How many lines wait for a decision before the oldest are let go. */
export const WAITING_LINES = 2000

/** Sure lines after which a leader is believed although rivals have some as well (a file's name can look like any log). */
const MIN_SURE = 8
const LEAD = 4
/** Sure lines among which one of the dialect that shows more would have come. */
const SURE_BEFORE_CHOICE = 6

interface Standing {
  readonly dialect: Dialect
  sure: number
  possible: number
}

/**
 * Chooses the dialect from the first lines. A dialect is chosen at the first line that is surely its own and no rival's;
 * where two have sure lines, when one has many times more; at the end, the best guess or `none`. Lines of other programs
 * in between count for nobody. Depends on the lines alone.
 */
export class Chooser {
  readonly #standings: readonly Standing[]
  #seen = 0

  constructor(candidates: readonly Dialect[]) {
    this.#standings = candidates.map((dialect) => ({ dialect, sure: 0, possible: 0 }))
  }

  /** Lines inspected so far. */
  get seen(): number {
    return this.#seen
  }

  /** How each candidate stands, in the order given. */
  get standings(): readonly Readonly<Standing>[] {
    return this.#standings
  }

  /** Inspects the next line; returns the dialect when there is no doubt any more. */
  observe(line: Line): Dialect | null {
    this.#seen++
    let changed = false
    for (const standing of this.#standings) {
      const how = standing.dialect.recognize(line.raw)
      if (how > 0) standing.possible++
      if (how === 2) {
        standing.sure++
        changed = true
      }
    }
    if (!changed) return null
    let first: Standing | undefined
    let second: Standing | undefined
    for (const standing of this.#standings) {
      if (this.#yields(standing)) continue
      if (first === undefined || standing.sure > first.sure) {
        second = first
        first = standing
      } else if (second === undefined || standing.sure > second.sure) second = standing
    }
    if (first === undefined || (first.dialect.overriddenBy !== undefined && first.sure < SURE_BEFORE_CHOICE))
      return null
    const rival = second?.sure ?? 0
    return rival === 0 || (first.sure >= MIN_SURE && first.sure >= LEAD * rival) ? first.dialect : null
  }

  #yields({ dialect: { overriddenBy } }: Standing): boolean {
    return (
      overriddenBy !== undefined &&
      this.#standings.some(({ dialect, sure }) => dialect.name === overriddenBy && sure > 0)
    )
  }

  /**
   * The best guess when no more lines come: the dialect with most sure lines; without any, the one that reads most requests
   * from these lines. A prefix that any program could have written is not enough.
   */
  guess(lines: readonly Line[] = []): Dialect {
    let best: { standing: Standing; requests: number } | undefined
    for (const standing of this.#standings) {
      if (standing.possible === 0 || this.#yields(standing)) continue
      const requests = requestsIn(standing.dialect, lines)
      if (standing.sure === 0 && requests === 0) continue
      const ahead = standing.sure - (best?.standing.sure ?? 0)
      if (best === undefined || ahead > 0 || (ahead === 0 && requests > best.requests)) best = { standing, requests }
    }
    return best?.standing.dialect ?? none
  }
}

/** How many requests a dialect reads from lines. */
function requestsIn(dialect: Dialect, lines: readonly Line[]): number {
  let requests = 0
  const count = (event: DialectEvent): void => {
    if (event.kind === 'request') requests++
  }
  const parser = dialect.parser({})
  for (const line of lines) parser.line(line, count)
  parser.end(count)
  return requests
}
