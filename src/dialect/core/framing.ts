import type { Line, Raw } from '../../line/line.js'
import type { Dialect } from './dialect.js'

const DATE =
  '(?:[A-Z][a-z]{2} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d(?:\\.\\d{1,9})?|\\d{4}[-/]\\d\\d[-/]\\d\\d[T ]\\d\\d:\\d\\d:\\d\\d(?:[.,]\\d{1,9})?(?: ?Z| ?[+-]\\d\\d:?\\d\\d)?|\\d\\d:\\d\\d:\\d\\d(?:[.,]\\d{1,9})?|\\d{1,10}\\.\\d{3,9})'

/** ts, docker logs -t: a time, in brackets or not. */
const TIME = new RegExp(`^\\[?${DATE}\\]?:? `)
const TWO_TIMES = new RegExp(`^${DATE} (?:\\x1b\\[[0-9;]{0,16}m| ){0,8}${DATE}`)
/** What other programs put before the lines that they pass on, and nobody before lines of their own. */
const SURE: readonly RegExp[] = [
  // Kubernetes: 2026-11-22T20:00:41.123456789Z stderr F
  new RegExp(`^${DATE} (?:stdout|stderr) [FP] `),
  // journald and syslog: Nov 22 20:00:41 host prog[123]:
  new RegExp(`^(?:<\\d{1,3}>(?:1 )?)?${DATE} [\\w.:-]{1,64} [\\w./@+-]{1,64}(?:\\[\\d{1,10}\\])?: `),
]
const PREFIXES: readonly RegExp[] = [
  // supervisors: prog[123]:
  /^[\w./@+-]{1,64}\[\d{1,10}\]: /,
  // docker compose: mount-1  |
  /^(?:\x1b\[[0-9;]{0,16}m)*[\w./-]{1,64} {1,32}\| (?:\x1b\[0?m)?/,
  TIME,
  /^\[(?:pid )?\d{1,10}\] /,
]
/** Prefixes end within the first bytes. */
const FARTHEST = 240
/** Lines that are held against prefixes until one shows what they are. */
const MAX_TRIED = 100_000

/**
 * Takes off what stands around every line because another program passed it on: a log daemon's prefix, a carriage return.
 * What it is shows at the first line that a dialect surely knows, as it stands or without such a prefix; it is then the
 * same for all lines, and depends on the lines alone.
 */
export class Framing {
  readonly #candidates: readonly Dialect[]
  #decided = false
  #prefix: RegExp | null = null
  #return = false
  #tried = 0

  constructor(candidates: readonly Dialect[]) {
    this.#candidates = candidates
  }

  /** It is clear that nothing stands around the lines: they need not be looked at any more. */
  get plain(): boolean {
    return this.#decided && this.#prefix === null && !this.#return
  }

  /** Looks at the next line, until it is clear what stands around the lines. */
  observe({ raw }: Line): void {
    if (this.#decided || this.#tried > MAX_TRIED) return
    const end = raw.endsWith('\r')
    const text = end ? raw.slice(0, -1) : raw
    const head = text.slice(0, FARTHEST)
    // A log's own time can look like a prefix; two times cannot both be its own.
    if (SURE.some((prefix) => this.#try(prefix, text, head, end, 1))) return
    if (TWO_TIMES.test(head) && this.#try(TIME, text, head, end, 1)) return
    if (this.#knows(text, 2)) this.#decide(null, end)
    else PREFIXES.some((prefix) => this.#try(prefix, text, head, end, 2))
  }

  /** The line as the daemon wrote it; the same object where nothing stands around it. */
  unwrap(line: Line): Line {
    if (this.#prefix === null && !this.#return) return line
    const { raw } = line
    const found = this.#prefix?.exec(raw.slice(0, FARTHEST))
    const from = found ? found[0].length : 0
    const to = this.#return && raw.endsWith('\r') ? raw.length - 1 : raw.length
    return from === 0 && to === raw.length ? line : { ...line, raw: raw.slice(from, to), whole: raw }
  }

  #try(prefix: RegExp, text: Raw, head: Raw, end: boolean, surely: 1 | 2): boolean {
    const found = prefix.exec(head)
    if (found === null) return false
    this.#tried++
    if (!this.#knows(text.slice(found[0].length), surely)) return false
    this.#decide(prefix, end)
    return true
  }

  #decide(prefix: RegExp | null, end: boolean): void {
    this.#decided = true
    this.#prefix = prefix
    this.#return = end
  }

  #knows(raw: Raw, surely: 1 | 2): boolean {
    return this.#candidates.some((candidate) => candidate.recognize(raw) >= surely)
  }
}
