import type { Clock } from '../clock.js'
import { encode } from '../line/text.js'
import { LATE, MS } from '../time.js'
import type { ProbeAnswer, ProbeFinding, ProbeQuestion, Prober } from '../wait/engine/prober.js'
import { Connection } from './connection.js'
import { isFuse, type Mount, mountAt, readMounts } from './mountinfo.js'
import type { StatPool } from './stat-pool.js'
import { getXattr } from './xattr.js'

export interface LiveProberOptions {
  clock: Clock
  pool: StatPool
  /** As `canonicalMountpoint` gives it; asked for every look. */
  mountpoint(): string
  /** Ids of mounts that were there before the daemon's. */
  before: ReadonlySet<string>
  /**
   * How long a look may take, ns, before its answer is `unknown`.
   * @default 2 s
   */
  limitNs?: number
  /** Told of every question and its answer. */
  onAnswer?(question: ProbeQuestion, answer: ProbeAnswer, atNs: number): void
}

/** Errors that say that the thing is not there, and not that the look failed. */
const ABSENT: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR'])

/** Looks at a live mount. A look that hangs is left behind; what lies under a mount that has gone never answers for it. */
export class LiveProber implements Prober {
  readonly #options: LiveProberOptions
  readonly #limitNs: number

  constructor(options: LiveProberOptions) {
    this.#options = options
    this.#limitNs = options.limitNs ?? 2000 * MS
  }

  async probe(question: ProbeQuestion): Promise<ProbeAnswer> {
    let answer: ProbeAnswer
    try {
      answer = await this.#answer(question)
    } catch {
      answer = 'unknown'
    }
    this.#options.onAnswer?.(question, answer, this.#options.clock.nowNs())
    return answer
  }

  async #answer(question: ProbeQuestion): Promise<ProbeAnswer> {
    const mount = this.#mount()
    if (question.probe === 'mounted') return found(mount !== undefined)
    if (mount === undefined) return 'unknown'
    if (question.probe === 'inFlight') {
      const waiting = new Connection(mount).waiting()
      return waiting === null ? 'unknown' : found(waiting)
    }
    const answer = await this.#look(question)
    // What was looked at may have been the directory underneath.
    return this.#mount()?.id === mount.id ? answer : 'unknown'
  }

  async #look(question: ProbeQuestion): Promise<ProbeAnswer> {
    switch (question.probe) {
      case 'exists':
      case 'isDirectory':
      case 'size':
        return this.#file(question.probe, question.path)
      case 'xattr':
        return this.#xattr(question)
      default:
        return 'unknown'
    }
  }

  #mount(): Mount | undefined {
    const mount = mountAt(readMounts(), this.#options.mountpoint())
    return mount !== undefined && isFuse(mount) && !this.#options.before.has(mount.id) ? mount : undefined
  }

  async #file(probe: 'exists' | 'isDirectory' | 'size', path: string): Promise<ProbeAnswer> {
    const whole = encode(this.#options.mountpoint() + path)
    const answer = await this.#options.pool.stat('lstat', whole, this.#limitNs)
    if (answer === LATE) return 'unknown'
    const { errno, type, size } = answer
    if (errno !== null && !ABSENT.has(errno)) return { value: null, errno }
    if (probe === 'size') return found(size)
    return found(probe === 'exists' ? errno === null : type === 'directory')
  }

  async #xattr({ path, name }: { path: string; name: string }): Promise<ProbeAnswer> {
    const { clock, mountpoint } = this.#options
    try {
      const value = await getXattr(mountpoint() + path, name, { clock, limitNs: this.#limitNs })
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
