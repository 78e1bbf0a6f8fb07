import { type ChildProcess, spawn } from 'node:child_process'
import type { Clock } from '../clock.js'
import type { Raw } from '../line/line.js'
import { LATE, within } from '../time.js'
import { probeChild, type StatAnswer, type StatRequest } from './stat-child.js'

export type { StatAnswer } from './stat-child.js'

/** Processes that are stuck in a dead mount at one time; more questions are then answered `late` without being asked. */
const MAX_STUCK = 8

interface StatWorker {
  child: ChildProcess
  answer: ((line: string | null) => void) | null
}

/**
 * Looks at a mount from processes that can be left behind: a `stat` on a stuck FUSE mount never comes back, cannot be
 * interrupted, and would keep a thread of ours (and with it our exit) for ever. One process is kept warm.
 */
export class StatPool {
  readonly #clock: Clock
  #idle: StatWorker[] = []
  readonly #stuck = new Set<ChildProcess>()
  #closed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Starts a process ahead of the first question. */
  warm(): void {
    if (this.#idle.length === 0 && !this.#closed) this.#idle.push(this.#start())
  }

  /** Asks; `LATE` when there is no answer within `limitNs`. The process that was asked is then left to its fate. */
  async stat(what: StatRequest['stat'], path: Raw, limitNs: number): Promise<StatAnswer | typeof LATE> {
    if (this.#closed || this.#stuck.size >= MAX_STUCK) return LATE
    const worker = this.#idle.pop() ?? this.#start()
    const answered = new Promise<string | null>((resolve) => {
      worker.answer = resolve
    })
    worker.child.ref()
    worker.child.stdin?.write(`${JSON.stringify({ stat: what, path } satisfies StatRequest)}\n`, 'latin1')
    const line = await within(this.#clock, limitNs, answered)
    worker.answer = null
    if (line === LATE || line === null) {
      this.#abandon(worker)
      return LATE
    }
    quiet(worker.child)
    if (this.#closed) worker.child.kill('SIGKILL')
    else this.#idle.push(worker)
    return JSON.parse(line) as StatAnswer
  }

  /** Ends the idle processes; stuck ones end when their mount does. */
  close(): void {
    this.#closed = true
    for (const { child } of this.#idle.splice(0)) child.kill('SIGKILL')
  }

  #abandon({ child }: StatWorker): void {
    if (child.exitCode === null && child.signalCode === null) {
      this.#stuck.add(child)
      child.once('exit', () => this.#stuck.delete(child))
      child.kill('SIGKILL')
    }
    quiet(child)
    child.stdin?.destroy()
    child.stdout?.destroy()
  }

  #start(): StatWorker {
    const child = spawn(process.execPath, ['-e', `(${probeChild})()`], {
      stdio: ['pipe', 'pipe', 'ignore'],
      // Ctrl-C is for us: the mount has still to be looked at while it is being unmounted.
      detached: true,
      env: {},
    })
    const worker: StatWorker = { child, answer: null }
    let rest = ''
    child.stdout.setEncoding('latin1')
    child.stdout.on('data', (chunk: string) => {
      rest += chunk
      const end = rest.indexOf('\n')
      if (end < 0) return
      const line = rest.slice(0, end)
      rest = rest.slice(end + 1)
      worker.answer?.(line)
    })
    child.stdin.on('error', () => undefined)
    child.once('error', () => worker.answer?.(null))
    child.once('exit', () => {
      worker.answer?.(null)
      this.#idle = this.#idle.filter((other) => other !== worker)
    })
    quiet(child)
    return worker
  }
}

/** Keeps the process and its pipes from keeping ours alive. */
function quiet(child: ChildProcess): void {
  child.unref()
  for (const pipe of [child.stdin, child.stdout]) (pipe as { unref?(): void } | null)?.unref?.()
}
