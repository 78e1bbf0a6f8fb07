import type { Clock } from '../clock.js'
import { encode } from '../line/text.js'
import { OWN_PREFIX } from '../operation/own.js'
import { LATE, MS, within } from '../time.js'
import { isErrno } from '../vfs/errno.js'
import type { Vfs } from '../vfs/vfs.js'
import {
  comesWithOwn,
  type ProbeAnswer,
  type ProbeFinding,
  type ProbeQuestion,
  type Prober,
} from '../wait/engine/prober.js'

export interface DrivenProberOptions {
  clock: Clock
  /** Null before the daemon is ready, and after its end. */
  vfs(): Vfs | null
  /** Requests that the daemon has not answered. */
  inFlight(): number
  /** How long a probe may take, ns, before its answer is `unknown`. @default 2 s */
  limitNs?: number
  /** Lines of the log so far. */
  lines(): number
  /** Everything that has been logged by now has been handed on when this returns. */
  catchUp(): void
  /** Called with every question and its answer. */
  onAnswer?(question: ProbeQuestion, answer: ProbeAnswer, atNs: number): void
}

/** Errors that say that the thing is not there, and not that the probe failed. */
const ABSENT = ['ENOENT', 'ENOTDIR']
const GONE = ['ENOTCONN', 'ECONNABORTED']

/** Probes a file system that is driven without a mount. */
export class DrivenProber implements Prober {
  readonly #options: DrivenProberOptions

  #own = 0

  constructor(options: DrivenProberOptions) {
    this.#options = options
  }

  probe(question: ProbeQuestion): Promise<ProbeAnswer> {
    return this.#ask(question, this.ownName(), this.#options.limitNs ?? 2000 * MS)
  }

  /** A name for a request of our own that no other such request has had. */
  ownName(): string {
    return `${OWN_PREFIX}${++this.#own}`
  }

  /** As the question `answers`, by a name from `ownName`. */
  answers(name: string, limitNs: number): Promise<ProbeAnswer> {
    return this.#ask({ probe: 'answers' }, name, limitNs)
  }

  async #ask(question: ProbeQuestion, name: string, limitNs: number): Promise<ProbeAnswer> {
    const { clock, onAnswer } = this.#options
    const asked = this.#answer(question, name).catch((): ProbeAnswer => 'unknown')
    const found = await within(clock, limitNs, asked)
    const answer = found === LATE ? 'unknown' : found
    onAnswer?.(question, answer, clock.nowNs())
    if (answer === 'unknown' || !comesWithOwn(question, answer)) return answer
    // The answer counts once a request of our own has come after it.
    const own = await this.answers(this.ownName(), limitNs)
    return own === 'unknown' ? own : answer
  }

  async #answer(question: ProbeQuestion, name: string): Promise<ProbeAnswer> {
    const vfs = this.#options.vfs()
    if (question.probe === 'mounted') return finding(vfs !== null)
    if (vfs === null) return 'unknown'
    switch (question.probe) {
      case 'inFlight':
        return finding(this.#options.inFlight())
      case 'answers':
        return this.#answers(vfs, name)
      case 'handles':
        return probeHandles(vfs, question.path)
      case 'exists':
      case 'isDirectory':
      case 'size':
        return probeFile(vfs, question)
      case 'xattr':
        return probeXattr(vfs, question)
      default:
        return 'unknown'
    }
  }

  async #answers(vfs: Vfs, name: string): Promise<ProbeAnswer> {
    const line = this.#options.lines()
    try {
      await vfs.stat(encode(`/${name}`))
    } catch (error) {
      if (!isErrno(error) || GONE.includes(error.code)) return 'unknown'
    }
    this.#options.catchUp()
    return finding(line)
  }
}

/** Descriptors on a file: they are all ours, so they can be counted. */
async function probeHandles(vfs: Vfs, path: string): Promise<ProbeAnswer> {
  try {
    return finding(await vfs.openCount(encode(path)))
  } catch {
    return 'unknown'
  }
}

const finding = (value: ProbeFinding['value']): ProbeFinding => ({ value, errno: null })

async function probeFile(
  vfs: Vfs,
  { probe, path }: { probe: 'exists' | 'isDirectory' | 'size'; path: string },
): Promise<ProbeAnswer> {
  try {
    const { mode, size } = await vfs.stat(encode(path), { follow: false })
    if (probe === 'size') return finding(Number(size))
    return finding(probe === 'exists' ? true : (mode & 0o170000) === 0o040000)
  } catch (error) {
    if (!isErrno(error) || GONE.includes(error.code)) return 'unknown'
    if (ABSENT.includes(error.code)) return finding(probe === 'size' ? null : false)
    return { value: null, errno: error.code }
  }
}

async function probeXattr(vfs: Vfs, { path, name }: { path: string; name: string }): Promise<ProbeAnswer> {
  try {
    return finding((await vfs.getXattr(encode(path), encode(name))).toString('latin1'))
  } catch (error) {
    if (!isErrno(error) || GONE.includes(error.code)) return 'unknown'
    if (error.code === 'ENODATA' || ABSENT.includes(error.code)) return finding(null)
    return { value: null, errno: error.code === 'EOPNOTSUPP' ? 'ENOTSUP' : error.code }
  }
}
