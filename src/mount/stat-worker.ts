import { type ChildProcess, spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { packageFile } from '../version.js'
import { holderCounter } from './holders.js'
import { probeChild, type StatAnswer, type StatRequest } from './stat-child.js'

/**
 * Processes whose pools have been closed: one of Node's takes its time to start, so they serve the next pool. They end with this
 * process, and keep it from nothing.
 */
const spare: StatWorker[] = []
const MAX_SPARE = 2

/** One process that asks the file system, one question at a time. */
export class StatWorker {
  readonly #child: ChildProcess
  #answer: ((answer: StatAnswer | null) => void) | null = null
  #ended = false
  #started = false
  #onExit: (worker: StatWorker) => void

  /** @param onExit called once, when it has ended by itself or was killed */
  static take(onExit: (worker: StatWorker) => void): StatWorker {
    const worker = spare.pop() ?? new StatWorker()
    worker.#onExit = onExit
    return worker
  }

  /** Whether one is to be had that has started already. */
  static get isSpare(): boolean {
    return spare.some((worker) => worker.#started)
  }

  private constructor() {
    this.#onExit = () => undefined
    const child = spawn(process.execPath, ['-e', `(${probeChild})(${JSON.stringify(koffiPath())}, ${holderCounter})`], {
      stdio: ['pipe', 'pipe', 'ignore'],
      // Ctrl-C is for us: the mount has still to be asked while it is being unmounted.
      detached: true,
      // No mount is kept busy by it.
      cwd: '/',
      env: {},
    })
    this.#child = child
    let rest = ''
    child.stdout.setEncoding('latin1')
    child.stdout.on('data', (chunk: string) => {
      rest += chunk
      // An empty line comes first: it is there.
      if (!this.#started) {
        this.#started = true
        rest = rest.slice(1)
      }
      const end = rest.indexOf('\n')
      if (end < 0) return
      const line = rest.slice(0, end)
      rest = rest.slice(end + 1)
      this.#reply(JSON.parse(line) as StatAnswer)
    })
    child.stdin.on('error', () => undefined)
    const gone = (): void => {
      if (this.#ended) return
      this.#ended = true
      this.#reply(null)
      this.#onExit(this)
    }
    child.once('error', gone)
    child.once('exit', gone)
    this.#rest()
  }

  /** Whether it takes questions by now: a process of Node's needs its time to start. */
  get started(): boolean {
    return this.#started
  }

  /** Asks; null when the process ended first. Not to be called again before the answer. */
  ask(question: StatRequest): Promise<StatAnswer | null> {
    if (this.#ended) return Promise.resolve(null)
    this.#child.ref()
    const answered = new Promise<StatAnswer | null>((resolve) => {
      this.#answer = resolve
    })
    this.#child.stdin?.write(`${JSON.stringify(question)}\n`, 'latin1')
    return answered
  }

  /** Leaves it to its fate: it may be in a system call that nothing ends but the end of the mount. */
  abandon(): void {
    this.#answer = null
    this.#child.kill('SIGKILL')
    this.#rest()
    this.#child.stdin?.destroy()
    this.#child.stdout?.destroy()
  }

  /** Its pool asks nothing more: it serves the next, or ends. */
  release(): void {
    if (this.#ended || spare.length >= MAX_SPARE) {
      this.#child.kill('SIGKILL')
      return
    }
    spare.push(this)
    this.#onExit = () => {
      const at = spare.indexOf(this)
      if (at >= 0) spare.splice(at, 1)
    }
  }

  #reply(answer: StatAnswer | null): void {
    const reply = this.#answer
    this.#answer = null
    this.#rest()
    reply?.(answer)
  }

  /** Keeps the process and its pipes from keeping ours alive. */
  #rest(): void {
    this.#child.unref()
    for (const pipe of [this.#child.stdin, this.#child.stdout]) (pipe as { unref?(): void } | null)?.unref?.()
  }
}

/** Where the optional dependency koffi is; null when it is not installed. */
function koffiPath(): string | null {
  try {
    return createRequire(packageFile('package.json')).resolve('koffi')
  } catch {
    return null
  }
}
