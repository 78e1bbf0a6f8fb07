import type { Clock } from '../clock.js'
import type { Raw } from '../line/line.js'
import { encode, encodeName } from '../line/text.js'
import { OWN_PREFIX } from '../operation/own.js'
import { LATE, MS } from '../time.js'
import {
  comesWithOwn,
  type ProbeAnswer,
  type ProbeFinding,
  type ProbeQuestion,
  type Prober,
} from '../wait/engine/prober.js'
import { Connection } from './connection.js'
import { isFuse, type Mount, mountAt, readMounts } from './mountinfo.js'
import type { StatRequest } from './stat-child.js'
import type { StatAnswer, StatPool } from './stat-pool.js'
import { getXattr } from './xattr.js'

export interface LiveProberOptions {
  clock: Clock
  pool: StatPool
  /** As `canonicalMountpoint` gives it; asked for every probe. */
  mountpoint(): string
  /** Ids of mounts that were there before the daemon's. */
  before: ReadonlySet<string>
  /**
   * How long a probe may take, ns, before its answer is `unknown`.
   * @default 2 s
   */
  limitNs?: number
  /** Lines that have been read so far. @default none are known of, and no end is brought about */
  lines?(): number
  /** Everything that has been logged by now has been handed on when this returns. */
  catchUp?(): void
  /** Called with every question and its answer. */
  onAnswer?(question: ProbeQuestion, answer: ProbeAnswer, atNs: number): void
  /** @default reads `/proc/self/mountinfo` */
  mounts?(): readonly Mount[]
  /** Part of the names of our own requests, where others use this mount too. @default none */
  salt?: string
}

/** Errors that say that the thing is not there, and not that the probe failed. */
const ABSENT: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR'])

/** A question under way. */
interface Asking {
  /** A process takes it. */
  sent(): void
  /** How many lines had been read by then. */
  line: number
}

/** A request of our own: the name that is looked up, and how long that may take, ns. */
interface Own {
  readonly name: string
  readonly limitNs: number
}

/**
 * Asks a live mount. A probe that hangs is left behind; what lies under a mount that has gone never answers for it. Equal
 * questions that still wait for their turn are one.
 */
export class LiveProber implements Prober {
  readonly #options: LiveProberOptions
  readonly #limitNs: number
  /** Questions that no process has taken yet: an equal one meanwhile gets the same answer. */
  readonly #waiting = new Map<string, Promise<ProbeAnswer>>()
  #own = 0

  constructor(options: LiveProberOptions) {
    this.#options = options
    this.#limitNs = options.limitNs ?? 2000 * MS
  }

  probe(question: ProbeQuestion): Promise<ProbeAnswer> {
    const key = JSON.stringify(question)
    const same = this.#waiting.get(key)
    if (same) return same
    let sent = false
    const answer = this.#ask(question, () => {
      if (!sent) this.#waiting.delete(key)
      sent = true
    })
    if (!sent) this.#waiting.set(key, answer)
    return answer
  }

  /** A name for a request of our own that no other such request has had. */
  ownName(): string {
    return `${OWN_PREFIX}${this.#options.salt ?? ''}${++this.#own}`
  }

  /** As the question `answers`, by a name from `ownName`. */
  answers(name: string, limitNs: number): Promise<ProbeAnswer> {
    return this.#ask({ probe: 'answers' }, () => undefined, { name, limitNs })
  }

  async #ask(question: ProbeQuestion, onSent: () => void, by?: Own): Promise<ProbeAnswer> {
    const { clock, lines, onAnswer } = this.#options
    const asking: Asking = {
      line: 0,
      sent() {
        asking.line = lines?.() ?? 0
        onSent()
      },
    }
    let answer: ProbeAnswer
    try {
      answer = await this.#answer(question, asking, by)
    } catch {
      answer = 'unknown'
    }
    onSent()
    onAnswer?.(question, answer, clock.nowNs())
    if (answer !== 'unknown' && comesWithOwn(question, answer)) {
      // A request of our own says what it says when it is made for itself.
      onAnswer?.({ probe: 'answers' }, found(asking.line), clock.nowNs())
    }
    return answer
  }

  async #answer(question: ProbeQuestion, asking: Asking, by?: Own): Promise<ProbeAnswer> {
    const mount = this.#mount()
    if (question.probe === 'mounted') return found(mount !== undefined)
    if (mount === undefined) return 'unknown'
    if (question.probe === 'inFlight') {
      const waiting = new Connection(mount).waiting()
      return waiting === null ? 'unknown' : found(waiting)
    }
    const answer =
      question.probe === 'answers' ? await this.#answers(by, asking) : await this.#throughMount(question, asking)
    // What answered may have been the directory underneath.
    return this.#mount()?.id === mount.id ? answer : 'unknown'
  }

  async #throughMount(question: ProbeQuestion, asking: Asking): Promise<ProbeAnswer> {
    switch (question.probe) {
      case 'exists':
      case 'isDirectory':
        return this.#file(question, asking, question.caughtUp)
      case 'size':
      case 'inode':
        return this.#file(question, asking)
      case 'xattr':
        return this.#xattr(question, asking)
      case 'handles':
        return this.#handles(question.path, asking)
      default:
        return 'unknown'
    }
  }

  #mount(): Mount | undefined {
    const mount = mountAt(this.#options.mounts?.() ?? readMounts(), this.#options.mountpoint())
    return mount !== undefined && isFuse(mount) && !this.#options.before.has(mount.id) ? mount : undefined
  }

  async #answers(by: Own | undefined, asking: Asking): Promise<ProbeAnswer> {
    const answer = await this.#withOwn((path) => ({ stat: 'lstat', path }), asking, by)
    return answer === LATE ? 'unknown' : found(asking.line)
  }

  /** Asks something that comes with a request of our own. */
  async #withOwn(
    question: (own: Raw) => StatRequest,
    asking: Asking,
    { name, limitNs }: Own = { name: this.ownName(), limitNs: this.#limitNs },
  ): Promise<StatAnswer | typeof LATE> {
    const { pool, mountpoint, catchUp } = this.#options
    const answer = await pool.ask(question(encode(`${mountpoint()}/${name}`)), limitNs, () => asking.sent())
    catchUp?.()
    return answer
  }

  async #handles(path: string, asking: Asking): Promise<ProbeAnswer> {
    const whole = this.#whole(path)
    const answer = await this.#withOwn((own) => ({ stat: 'handles', path: whole, own }), asking)
    return answer === LATE || answer.errno !== null ? 'unknown' : found(answer.size)
  }

  #whole(path: string): Raw {
    return encode(this.#options.mountpoint()) + encodeName(path)
  }

  async #file(
    { probe, path }: { probe: 'exists' | 'isDirectory' | 'size' | 'inode'; path: string },
    asking: Asking,
    caughtUp = false,
  ): Promise<ProbeAnswer> {
    const question = { stat: 'lstat', path: this.#whole(path) } as const
    let answer: StatAnswer | typeof LATE
    if (caughtUp) answer = await this.#withOwn((own) => ({ ...question, own }), asking)
    else answer = await this.#options.pool.ask(question, this.#limitNs, () => asking.sent())
    if (answer === LATE) return 'unknown'
    const { errno, type, size, ino } = answer
    if (errno !== null && !ABSENT.has(errno)) return { value: null, errno }
    if (probe === 'size') return found(size)
    // Node takes numbers from 2^63 on for negative ones.
    if (probe === 'inode') return found(ino === null ? null : String(BigInt.asUintN(64, BigInt(ino))))
    return found(probe === 'exists' ? errno === null : type === 'directory')
  }

  async #xattr({ path, name }: { path: string; name: string }, asking: Asking): Promise<ProbeAnswer> {
    const { clock, pool, mountpoint } = this.#options
    try {
      const value = await getXattr(mountpoint() + path, name, {
        clock,
        pool,
        limitNs: this.#limitNs,
        onSent: () => asking.sent(),
      })
      return found(value.toString('latin1'))
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENODATA' || (code !== undefined && ABSENT.has(code))) return found(null)
      if (code === undefined || code === 'ETIMEDOUT' || code.startsWith('FT_')) return 'unknown'
      return { value: null, errno: code }
    }
  }
}

const found = (value: ProbeFinding['value']): ProbeFinding => ({ value, errno: null })
