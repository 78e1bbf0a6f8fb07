import type { Clock } from '../clock.js'
import { encode, encodeName } from '../line/text.js'
import { OWN_PREFIX } from '../operation/own.js'
import { LATE, MS } from '../time.js'
import type { ProbeAnswer, ProbeFinding, ProbeQuestion, Prober } from '../wait/engine/prober.js'
import { Connection } from './connection.js'
import { isFuse, type Mount, mountAt, readMounts } from './mountinfo.js'
import type { StatPool } from './stat-pool.js'
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
  /** Questions that no process has taken yet: whoever asks the same meanwhile gets the same answer. */
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
    let answer: ProbeAnswer
    try {
      answer = await this.#answer(question, onSent, by)
    } catch {
      answer = 'unknown'
    }
    onSent()
    this.#options.onAnswer?.(question, answer, this.#options.clock.nowNs())
    return answer
  }

  async #answer(question: ProbeQuestion, onSent: () => void, by?: Own): Promise<ProbeAnswer> {
    const mount = this.#mount()
    if (question.probe === 'mounted') return found(mount !== undefined)
    if (mount === undefined) return 'unknown'
    if (question.probe === 'inFlight') {
      const waiting = new Connection(mount).waiting()
      return waiting === null ? 'unknown' : found(waiting)
    }
    const own = (): Own => by ?? { name: this.ownName(), limitNs: this.#limitNs }
    const answer =
      question.probe === 'answers' ? await this.#answers(own(), onSent) : await this.#throughMount(question, onSent)
    // What answered may have been the directory underneath.
    return this.#mount()?.id === mount.id ? answer : 'unknown'
  }

  async #throughMount(question: ProbeQuestion, onSent: () => void): Promise<ProbeAnswer> {
    switch (question.probe) {
      case 'exists':
      case 'isDirectory':
      case 'size':
        return this.#file(question.probe, question.path, onSent)
      case 'xattr':
        return this.#xattr(question, onSent)
      case 'handles': {
        const path = encode(this.#options.mountpoint()) + encodeName(question.path)
        const answer = await this.#options.pool.ask({ stat: 'handles', path }, this.#limitNs, onSent)
        return answer === LATE || answer.errno !== null ? 'unknown' : found(answer.size)
      }
      default:
        return 'unknown'
    }
  }

  #mount(): Mount | undefined {
    const mount = mountAt(this.#options.mounts?.() ?? readMounts(), this.#options.mountpoint())
    return mount !== undefined && isFuse(mount) && !this.#options.before.has(mount.id) ? mount : undefined
  }

  async #answers({ name, limitNs }: Own, onSent: () => void): Promise<ProbeAnswer> {
    const { pool, mountpoint, lines, catchUp } = this.#options
    let line = 0
    const question = { stat: 'lstat', path: encode(`${mountpoint()}/${name}`) } as const
    const answer = await pool.ask(question, limitNs, () => {
      line = lines?.() ?? 0
      onSent()
    })
    catchUp?.()
    return answer === LATE ? 'unknown' : found(line)
  }

  async #file(probe: 'exists' | 'isDirectory' | 'size', path: string, onSent: () => void): Promise<ProbeAnswer> {
    const whole = encode(this.#options.mountpoint()) + encodeName(path)
    const answer = await this.#options.pool.ask({ stat: 'lstat', path: whole }, this.#limitNs, onSent)
    if (answer === LATE) return 'unknown'
    const { errno, type, size } = answer
    if (errno !== null && !ABSENT.has(errno)) return { value: null, errno }
    if (probe === 'size') return found(size)
    return found(probe === 'exists' ? errno === null : type === 'directory')
  }

  async #xattr({ path, name }: { path: string; name: string }, onSent: () => void): Promise<ProbeAnswer> {
    const { clock, pool, mountpoint } = this.#options
    try {
      const value = await getXattr(mountpoint() + path, name, { clock, pool, limitNs: this.#limitNs, onSent })
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
