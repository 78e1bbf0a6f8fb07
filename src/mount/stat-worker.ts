import { type ChildProcess, spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { packageFile } from '../version.js'
import { probeChild, type StatAnswer, type StatRequest } from './stat-child.js'

/** One process that asks the file system, one question at a time. */
export class StatWorker {
  readonly #child: ChildProcess
  #answer: ((answer: StatAnswer | null) => void) | null = null
  #ended = false
  #started = false

  /** @param onExit called once, when it has ended by itself or was killed */
  constructor(onExit: (worker: StatWorker) => void) {
    const child = spawn(process.execPath, ['-e', `(${probeChild})(${JSON.stringify(koffiPath())})`], {
      stdio: ['pipe', 'pipe', 'ignore'],
      // Ctrl-C is for us: the mount has still to be asked while it is being unmounted.
      detached: true,
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
      onExit(this)
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

  end(): void {
    this.#child.kill('SIGKILL')
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
