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
import type { SystemClock, Timer } from '../clock.js'
import { type KernelEvent, readKernelEvent } from '../dialect/kernel/event.js'
import { FusetraceError } from '../errors.js'
import type { Raw } from '../line/line.js'
import { readMounts } from '../mount/mountinfo.js'
import type { KernelRow } from '../recording/row.js'
import { MS } from '../time.js'
import type { KernelSource, KernelSourceOptions, Pace } from './kernel-source.js'
import { OneConnection } from './one-connection.js'

const EVENTS = ['fuse_request_send', 'fuse_request_end'] as const
const NAME = /^fusetrace-(\d+)-\d+$/
/** Size of the kernel's buffer for each CPU. */
const BUFFER_KB = 8192
/** How often the buffer is emptied, ns. */
const EVERY_NS = 10 * MS
const LOST = /\[LOST (\d+) EVENTS\]/

let count = 0

/**
 * The tracepoints' text: `fuse_request_send` and `fuse_request_end`, on CLOCK_MONOTONIC, from a tracefs instance that belongs
 * to this process alone, is removed again, and disturbs nobody's tracing. No names and no nodes.
 */
export class TracefsSource implements KernelSource {
  readonly named = false
  readonly note: string | null
  /** It is emptied often enough for those who wait. */
  pace: Pace = 'soon'

  /** There is no telling before they are read. */
  hurry(): void {}
  narrow(): void {}
  readonly #clock: SystemClock
  readonly #onLoss: (count: number) => void
  readonly #mine: OneConnection<{ event: KernelEvent; raw: Raw }>
  readonly #instance: string
  readonly #pipe: number
  readonly #buffer = Buffer.allocUnsafe(64 * 1024)
  #timer: Timer | null = null
  #rest = ''
  #lost = 0
  #stopped = false

  /** Starts tracing. @throws FT_ENVIRONMENT when the rights, tracefs or the tracepoints are missing */
  constructor({ clock, onEvent, onLoss }: KernelSourceOptions, note: string | null = null) {
    this.note = note
    this.#clock = clock
    this.#onLoss = onLoss
    this.#mine = new OneConnection({
      onItem({ event: { edge, unique, opcode, error, atNs: traceNs }, raw }) {
        const atNs = Number(traceNs - clock.originNs)
        const row: KernelRow = { kind: 'kernel', atNs, edge, unique, opcode, error }
        onEvent(row, (index) => ({ index, atNs, stream: 'stdout', raw, terminated: true }))
      },
      onLoss: (count) => this.#lose(count),
    })
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
      this.#set('buffer_size_kb', String(BUFFER_KB))
      for (const event of EVENTS) this.#set(`events/fuse/${event}/enable`, '1')
      this.#pipe = openSync(`${this.#instance}/trace_pipe`, constants.O_RDONLY | constants.O_NONBLOCK)
    } catch (cause) {
      remove(this.#instance)
      throw lacking(`tracing FUSE requests cannot be turned on (${(cause as NodeJS.ErrnoException).code})`, cause)
    }
    this.#arm()
  }

  follow(connection: number): void {
    this.drain()
    for (const event of EVENTS) this.#set(`events/fuse/${event}/filter`, `connection == ${connection}`)
    this.#mine.follow(connection)
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

  async stop(): Promise<void> {
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
    this.#timer = this.#clock.at(this.#clock.nowNs() + EVERY_NS, () => {
      this.drain()
      if (!this.#stopped) this.#arm()
    })
  }

  #line(raw: Raw): void {
    const event = readKernelEvent(raw)
    if (event !== null) {
      this.#mine.push(event.connection, event.opcode === 'init', { event, raw })
      return
    }
    const lost = LOST.exec(raw)
    if (lost !== null) this.#lose(Number(lost[1]))
  }

  #lose(events: number): void {
    this.#lost += events
    this.#onLoss(events)
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
  // Only root may look inside, so that others cannot find out whether the tracepoints exist.
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
