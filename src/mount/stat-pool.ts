import { type ChildProcess, spawn } from 'node:child_process'
import type { Clock } from '../clock.js'
import type { Raw } from '../line/line.js'
import { LATE, within } from '../time.js'
import { type LookAnswer, type LookRequest, probeChild } from './stat-child.js'

export type { LookAnswer } from './stat-child.js'

/** Processes that are stuck in a dead mount at one time; more questions are then answered `late` without being asked. */
const MOST_STUCK = 8

interface Looker {
  child: ChildProcess
  answer: ((line: string | null) => void) | null
}

/**
 * Looks at a mount from processes that can be left behind: a `stat` on a stuck FUSE mount never comes back, cannot be
 * interrupted, and would keep a thread of ours (and with it our exit) for ever. One process is kept warm.
 */
export class LookPool {
  readonly #clock: Clock
  #idle: Looker[] = []
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
  async look(what: LookRequest['look'], path: Raw, limitNs: number): Promise<LookAnswer | typeof LATE> {
    if (this.#closed || this.#stuck.size >= MOST_STUCK) return LATE
    const looker = this.#idle.pop() ?? this.#start()
    const answered = new Promise<string | null>((resolve) => {
      looker.answer = resolve
    })
    looker.child.ref()
    looker.child.stdin?.write(`${JSON.stringify({ look: what, path } satisfies LookRequest)}\n`, 'latin1')
    const line = await within(this.#clock, limitNs, answered)
    looker.answer = null
    if (line === LATE || line === null) {
      this.#abandon(looker)
      return LATE
    }
    quiet(looker.child)
    if (this.#closed) looker.child.kill('SIGKILL')
    else this.#idle.push(looker)
    return JSON.parse(line) as LookAnswer
  }

  /** Ends the idle processes; stuck ones end when their mount does. */
  close(): void {
    this.#closed = true
    for (const { child } of this.#idle.splice(0)) child.kill('SIGKILL')
  }

  #abandon({ child }: Looker): void {
    if (child.exitCode === null && child.signalCode === null) {
      this.#stuck.add(child)
      child.once('exit', () => this.#stuck.delete(child))
      child.kill('SIGKILL')
    }
    quiet(child)
    child.stdin?.destroy()
    child.stdout?.destroy()
  }

  #start(): Looker {
    const child = spawn(process.execPath, ['-e', `(${probeChild})()`], {
      stdio: ['pipe', 'pipe', 'ignore'],
      // Ctrl-C is for us: the mount has still to be looked at while it is being unmounted.
      detached: true,
      env: {},
    })
    const looker: Looker = { child, answer: null }
    let rest = ''
    child.stdout.setEncoding('latin1')
    child.stdout.on('data', (chunk: string) => {
      rest += chunk
      const end = rest.indexOf('\n')
      if (end < 0) return
      const line = rest.slice(0, end)
      rest = rest.slice(end + 1)
      looker.answer?.(line)
    })
    child.stdin.on('error', () => undefined)
    child.once('error', () => looker.answer?.(null))
    child.once('exit', () => {
      looker.answer?.(null)
      this.#idle = this.#idle.filter((other) => other !== looker)
    })
    quiet(child)
    return looker
  }
}

/** Keeps the process and its pipes from keeping ours alive. */
function quiet(child: ChildProcess): void {
  child.unref()
  for (const pipe of [child.stdin, child.stdout]) (pipe as { unref?(): void } | null)?.unref?.()
}
