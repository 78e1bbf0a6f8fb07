import { spawnSync } from 'node:child_process'
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs'
import type { Clock, Timer } from '../clock.js'
import { type KernelEvent, readKernelEvent } from '../dialect/kernel/event.js'
import { FusetraceError } from '../errors.js'
import type { Raw } from '../line/line.js'
import { readMounts } from '../mount/mountinfo.js'
import { MS } from '../time.js'

export interface KernelTraceOptions {
  clock: Clock
  /** An event of the connection that is followed, and the line of the trace that it was read from. */
  onEvent(event: KernelEvent, raw: Raw): void
  /** The kernel had to drop events, of this connection or another's. */
  onLoss(loss: { what: 'kernel-events'; count: number }): void
  /**
   * Size of the kernel's buffer for each CPU.
   * @default 8192
   */
  bufferKb?: number
  /**
   * How often the buffer is emptied, ns.
   * @default 10 ms
   */
  everyNs?: number
}

const EVENTS = ['fuse_request_send', 'fuse_request_end'] as const
const NAME = /^fusetrace-(\d+)-\d+$/
/** Events of all mounts that are kept until it is known which connection is ours. */
const MAX_HELD = 100_000
const LOST = /\[LOST (\d+) EVENTS\]/

let count = 0

/**
 * The kernel's own view of a mount: `fuse_request_send` and `fuse_request_end`, on CLOCK_MONOTONIC, from a tracefs instance that
 * belongs to this process alone, is removed again, and disturbs nobody's tracing.
 *
 * @example
 * const trace = new KernelTrace({ clock, onEvent: (event) => …, onLoss: (loss) => … })
 * // mount, then
 * trace.follow(connection)
 * trace.stop()
 */
export class KernelTrace {
  readonly #options: KernelTraceOptions
  readonly #instance: string
  readonly #pipe: number
  readonly #buffer = Buffer.allocUnsafe(64 * 1024)
  #timer: Timer | null = null
  #rest = ''
  #connection: number | null = null
  /** An event of our mount was seen; another mount has got its number. */
  #begun = false
  #over = false
  #held: { event: KernelEvent; raw: Raw }[] = []
  #lost = 0
  #stopped = false

  /** Starts tracing. @throws FT_ENVIRONMENT when the rights, tracefs or the tracepoints are missing */
  constructor(options: KernelTraceOptions) {
    this.#options = options
    const root = tracefs()
    removeStale(root)
    this.#instance = `${root}/instances/fusetrace-${process.pid}-${count++}`
    try {
      mkdirSync(this.#instance)
    } catch (cause) {
      throw lacking(`a tracefs instance cannot be made (${(cause as NodeJS.ErrnoException).code})`, cause)
    }
    try {
      this.#set('trace_clock', 'mono')
      this.#set('buffer_size_kb', String(options.bufferKb ?? 8192))
      for (const event of EVENTS) this.#set(`events/fuse/${event}/enable`, '1')
      this.#pipe = openSync(`${this.#instance}/trace_pipe`, constants.O_RDONLY | constants.O_NONBLOCK)
    } catch (cause) {
      remove(this.#instance)
      throw lacking(`tracing FUSE requests cannot be turned on (${(cause as NodeJS.ErrnoException).code})`, cause)
    }
    this.#arm()
  }

  /**
   * The connection that is ours is known: events of others that were held, and all that come, are left out. The kernel gives
   * numbers again, to mounts before and after ours; each begins with INIT.
   */
  follow(connection: number): void {
    this.drain()
    this.#connection = connection
    for (const event of EVENTS) this.#set(`events/fuse/${event}/filter`, `connection == ${connection}`)
    const held = this.#held.splice(0).filter(({ event }) => event.connection === connection)
    const first = held.findLastIndex(({ event }) => event.opcode === 'init')
    for (const { event, raw } of held.slice(Math.max(0, first))) this.#give(event, raw)
  }

  /** Hands on every event that has happened by now. */
  drain(): void {
    if (this.#stopped) return
    for (;;) {
      let bytes: number
      try {
        bytes = readSync(this.#pipe, this.#buffer)
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        if (code === 'EINTR') continue
        // EAGAIN: it is empty.
        return
      }
      if (bytes === 0) return
      const lines = (this.#rest + this.#buffer.toString('latin1', 0, bytes)).split('\n')
      this.#rest = lines.pop() ?? ''
      for (const line of lines) this.#line(line)
    }
  }

  /** Takes what is left, counts what was lost, and removes the instance. May be called twice. */
  stop(): void {
    if (this.#stopped) return
    this.#timer?.cancel()
    try {
      this.#set('tracing_on', '0')
      this.drain()
    } finally {
      this.#stopped = true
      const missing = this.#overruns() - this.#lost
      closeSync(this.#pipe)
      remove(this.#instance)
      if (missing > 0) this.#lose(missing)
    }
  }

  #arm(): void {
    const { clock, everyNs = 10 * MS } = this.#options
    this.#timer = clock.at(clock.nowNs() + everyNs, () => {
      this.drain()
      if (!this.#stopped) this.#arm()
    })
  }

  #line(raw: Raw): void {
    const event = readKernelEvent(raw)
    if (event !== null) {
      if (this.#connection !== null) this.#give(event, raw)
      else if (this.#held.length < MAX_HELD) this.#held.push({ event, raw })
      else this.#lose(1)
      return
    }
    const lost = LOST.exec(raw)
    if (lost !== null) this.#lose(Number(lost[1]))
  }

  #give(event: KernelEvent, raw: Raw): void {
    if (event.connection !== this.#connection || this.#over) return
    if (event.opcode === 'init' && this.#begun) {
      this.#over = true
      return
    }
    this.#begun = true
    this.#options.onEvent(event, raw)
  }

  #lose(events: number): void {
    this.#lost += events
    this.#options.onLoss({ what: 'kernel-events', count: events })
  }

  /** Events that did not fit into the kernel's buffer, by its own count. */
  #overruns(): number {
    let sum = 0
    const cpus = `${this.#instance}/per_cpu`
    for (const cpu of readdirSync(cpus)) {
      const stats = readFileSync(`${cpus}/${cpu}/stats`, 'latin1')
      for (const [, events] of stats.matchAll(/^(?:overrun|commit overrun|dropped events): (\d+)$/gm))
        sum += Number(events)
    }
    return sum
  }

  #set(file: string, value: string): void {
    writeFileSync(`${this.#instance}/${file}`, value, { flag: 'r+' })
  }
}

/** Where tracefs is; mounts it where it is not. */
function tracefs(): string {
  const mounted = (): string | undefined => {
    const mount = readMounts().findLast(({ type }) => type === 'tracefs')
    return mount && Buffer.from(mount.mountpoint, 'latin1').toString('utf8')
  }
  let root = mounted()
  if (root === undefined && existsSync('/sys/kernel/tracing') && process.getuid?.() === 0) {
    spawnSync('mount', ['-t', 'tracefs', 'nodev', '/sys/kernel/tracing'], { stdio: 'ignore', timeout: 5000 })
    root = mounted()
  }
  if (root === undefined) throw lacking('tracefs is not mounted and could not be mounted')
  // Only root may look inside, so that whether the tracepoints exist cannot be told by others.
  const missing = EVENTS.find((event) => !existsSync(`${root}/events/fuse/${event}`))
  if (missing === undefined) return root
  throw process.getuid?.() === 0
    ? lacking(`this kernel has no tracepoint ${missing}`)
    : lacking("only root may read the kernel's events")
}

/** Instances of processes that were killed. */
function removeStale(root: string): void {
  for (const name of readdirSync(`${root}/instances`)) {
    const pid = NAME.exec(name)?.[1]
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) remove(`${root}/instances/${name}`)
  }
}

function remove(instance: string): void {
  try {
    rmdirSync(instance)
  } catch {
    // Somebody else reads it; the next run tries again.
  }
}

function lacking(what: string, cause?: unknown): FusetraceError {
  return new FusetraceError('FT_ENVIRONMENT', `the kernel's events cannot be read: ${what}`, {
    hint: 'run as root on a Linux that has the tracepoints fuse_request_send and fuse_request_end, or leave out --kernel',
    cause,
  })
}
