import { systemClock } from '../clock.js'
import { dialects } from '../dialect/builtin.js'
import { FusetraceError } from '../errors.js'
import type { PassedMessage } from '../faults/message-relay.js'
import { LineSplitter } from '../line/splitter.js'
import { TraceMonitor } from '../monitor/trace-monitor.js'
import { makeNotedDirectory, type NotedDirectory } from '../mount/noted-directory.js'
import { loadLibc } from '../native/libc.js'
import { type Daemon, drained, startDaemon } from '../process/daemon.js'
import { Fifos, mkfifo } from '../process/fifo.js'
import { type Guard, startGuard } from '../process/guard.js'
import { PipeReader } from '../process/pipe-reader.js'
import { answerTaken } from '../recording/wire-message.js'
import { LATE, MS, until, within } from '../time.js'
import type { Way } from '../transport/prepare.js'
import type { Connection } from '../vfs/connection.js'
import { openStandIn, type StandIn, type StandInOptions } from '../vfs/stand-in.js'
import type { Vfs } from '../vfs/vfs.js'
import type { WaitFor } from '../wait/wait-for.js'
import { DaemonSession } from './daemon-session.js'
import { daemonWords } from './daemon-state.js'
import { DrivenFaults } from './driven-faults.js'
import type { DrivenOptions } from './driven-options.js'
import { DrivenProber } from './driven-prober.js'
import type { Faults } from './faults.js'
import { Recorder } from './recorder.js'
import { WireRows } from './wire-rows.js'

/**
 * Starts a daemon without a mount: it speaks to the stand-in kernel, and is watched until `close()`.
 *
 * @throws FT_ENVIRONMENT when it cannot be driven here; FT_DAEMON when it ends early or does not answer
 * @example
 * await using session = await startDriven({ daemon: ['bindfs', '-d', src, mnt], mountpoint: mnt })
 * await session.vfs.mkdir('/d', 0o755)
 * await session.waitFor.dirVisible('/d')
 */
export async function startDriven(options: DrivenOptions): Promise<DrivenSession> {
  const session = new DrivenSession(options)
  await session.start()
  return session
}

/** By the C library, where it can be called: it is loaded anyway, and needs no process. */
const fifos = new Fifos(async (paths) => {
  const libc = await loadLibc().catch(() => null)
  if (libc === null) return mkfifo(paths)
  for (const path of paths) libc.makeFifo(path)
})

/** Time for what is left of the log after the daemon's end. */
const DRAIN_NS = 1500 * MS

/** A daemon without a mount: its log, its operations, waits on both, calls on its file system, and its end. */
export class DrivenSession extends DaemonSession {
  readonly waitFor: WaitFor
  readonly #pipes: PipeReader
  readonly #options: DrivenOptions
  readonly #splitter: LineSplitter
  readonly #prober: DrivenProber
  readonly #faults: DrivenFaults
  readonly #rows: WireRows
  #daemon: Daemon | null = null
  #standIn: StandIn | null = null
  #connection: Connection | null = null
  #guard: Guard | null = null
  /** Made where none was given, and the way needs one. */
  #scratch: NotedDirectory | null = null
  #ended: Promise<void> = Promise.resolve()
  #closing: Promise<void> | null = null

  /** Use `startDriven`. */
  constructor(options: DrivenOptions) {
    const clock = options.clock ?? systemClock()
    const monitor = new TraceMonitor({
      clock,
      candidates: dialects,
      mountpoint: options.mountpoint,
      dialect: options.dialect,
      wire: Boolean(options.wire),
    })
    super(clock, monitor, new Recorder(options.record ?? null, clock, { force: options.force === true }))
    this.#options = options
    const wire = typeof options.wire === 'object' ? options.wire : {}
    this.#rows = new WireRows(wire.data === true)
    this.#pipes = new PipeReader({ clock, fifos })
    this.#splitter = new LineSplitter({
      onLine: (line) => {
        this.recorder.line(line)
        this.monitor.push(line)
      },
    })
    this.#prober = new DrivenProber({
      clock: this.clock,
      vfs: () =>
        this.#daemon?.exit === null && !this.#standIn?.connection.broken ? (this.#standIn?.vfs ?? null) : null,
      inFlight: () => this.unanswered(),
      lines: () => this.monitor.lineCount,
      catchUp: () => this.catchUp(),
      onAnswer: (question, answer, atNs) => this.probed(question, answer, atNs),
    })
    this.#faults = new DrivenFaults({
      clock: this.clock,
      recorder: this.recorder,
      awaits: (unique) => this.#connection?.awaits(unique) ?? true,
      signalDaemon: (signal) => void this.#daemon?.kill(signal as NodeJS.Signals),
      catchUp: () => this.catchUp(),
      subjectOf: options.pastFileSystem
        ? null
        : (request) => this.#standIn?.vfs.subjectOf(request) ?? { path: null, newPath: null },
      ...(options.wire && { onMessage: (message: PassedMessage) => this.#passed(message) }),
      seed: options.seed ?? wire.seed ?? 1,
    })
    for (const fault of [...(options.faults ?? []), ...(wire.faults || [])]) this.#faults.faults.fault(fault)
    this.waitFor = this.waitsBy(this.#prober, options)
  }

  /** Faults and holds between the stand-in and the daemon. */
  get faults(): Faults {
    return this.#faults.faults
  }

  get daemon(): Daemon | null {
    return this.#daemon
  }

  /** The file system. */
  get vfs(): Vfs {
    return this.#live.vfs
  }

  /** Requests can be sent to the daemon by this, past the file system. */
  get connection(): Connection {
    return this.#live.connection
  }

  /** How the daemon got its descriptor. */
  get way(): Way {
    return this.#live.way
  }

  get #live(): StandIn {
    if (!this.#standIn) throw new Error('the session has not started')
    return this.#standIn
  }

  /** Called by `startDriven`, once. */
  async start(): Promise<void> {
    const { clock, monitor } = this
    const { daemon: command, mountpoint, environment, cwd, way, readyMs, requestMs, signal } = this.#options
    try {
      this.#standIn = await openStandIn({
        command,
        mountpoint,
        environment: { ...process.env, ...environment },
        cwd,
        way,
        scratch: () => this.#options.scratch ?? this.#ownScratch(),
        withoutKoffi: this.#options.withoutKoffi,
        clock,
        signal,
        observer: this.#options.observer,
        wrap: (wire) => this.#faults.wrap(wire),
        readyNs: readyMs === undefined ? undefined : readyMs * MS,
        limitNs: requestMs === undefined ? undefined : requestMs * MS,
        spawn: (prepared) => this.#spawn(prepared),
        onConnection: (connection) => {
          this.#connection = connection
        },
        onEnd: (reason) => {
          this.#faults.end(reason)
          this.#lost(reason)
        },
      })
      if (this.#options.asks !== false) {
        const answer = await this.#prober.answers(this.#prober.ownName(), (readyMs ?? 10_000) * MS)
        if (answer === 'unknown') throw this.#silent()
      }
      monitor.reach('answered', `driven without a mount (${this.#standIn.how})`)
      this.useFences(this.#prober)
    } catch (error) {
      await this.close()
      throw error
    }
  }

  /** Resolves when no request is in flight and the log of all that were has been read. False when that took too long. */
  async quiet(limitMs = 2000): Promise<boolean> {
    if (this.#standIn === null || this.monitor.state !== 'running') return false
    const idle = await until(this.clock, { forNs: limitMs * MS, everyNs: MS }, () => this.unanswered() === 0 || null)
    await this.logRead()
    return idle !== LATE
  }

  /** The daemon's state in a few words. */
  describeDaemon(): string {
    const requests = { waiting: () => this.unanswered() }
    const words = daemonWords(this.#options.daemon[0] ?? 'the daemon', this.#daemon, requests)
    return this.#standIn ? `${words}; driven without a mount (${this.#standIn.how})` : words
  }

  /** Ends the daemon and completes the recording. Never throws, never hangs; may be called again. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  protected unanswered(): number {
    return this.#connection?.inFlight ?? 0
  }

  protected catchUp(): void {
    this.#pipes.catchUp()
  }

  #ownScratch(): string {
    this.#scratch ??= makeNotedDirectory('drive')
    return this.#scratch.path
  }

  #silent(): Error {
    const { daemon } = this.#options
    return (
      this.#connection?.broken ??
      new FusetraceError('FT_DAEMON', `${daemon[0]} has answered INIT, and no request after it`, {
        hint: 'its last lines may say why',
      })
    )
  }

  #passed(message: PassedMessage): void {
    const { kind, atNs, bytes } = message
    this.recorder.write(this.#rows.row(message))
    const seen = kind === 'request' ? bytes : answerTaken(bytes, message.fate)
    if (seen) this.monitor.pushWire({ edge: kind === 'request' ? 'request' : 'reply', atNs, bytes: seen })
  }

  async #spawn({ command, environment, fds }: Parameters<StandInOptions['spawn']>[0]): Promise<Daemon> {
    const { cwd, mountpoint, branches, dialect, origin } = this.#options
    const env = Object.fromEntries(
      Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined),
    )
    const daemon = await startDaemon({
      argv: command,
      pipes: this.#pipes,
      onChunk: (stream, chunk, atNs) => this.#splitter.push(stream, chunk, atNs),
      onLoss: ({ what, count }) => this.recorder.lose(what, count),
      env,
      fds,
      ...(cwd !== undefined && { cwd }),
    })
    this.#daemon = daemon
    this.recorder.begin({
      command: this.#options.daemon,
      mountpoint,
      branches: branches ?? [],
      environment: { ...process.env, ...this.#options.environment },
      dialect: dialect ?? null,
      origin: origin ?? 'record',
      redact: this.#options.redact,
      scratch: this.#options.scratch,
      wire: Boolean(this.#options.wire),
    })
    this.#guard = startGuard(mountpoint, daemon.pid)
    this.monitor.reach('spawned', `pid ${daemon.pid}`)
    this.#ended = drained(daemon, this.clock).then((exit) => {
      this.#splitter.end(this.clock.nowNs())
      this.monitor.endStream(exit)
      this.recorder.write({ kind: 'exit', atNs: this.clock.nowNs(), ...exit })
    })
    return daemon
  }

  /** The connection is gone, which is what a vanished mount would be: waits are notified. */
  #lost(reason: Error): void {
    if (this.#closing || !this.monitor.phases.has('answered')) return
    const exited = this.#daemon?.exited ?? Promise.resolve(null)
    void within(this.clock, 100 * MS, exited).then((exit) => {
      if (this.#closing) return
      if (exit !== LATE && exit?.code === 0) this.monitor.reach('unmounted', 'the daemon has ended')
      else if (exit === LATE) this.monitor.reach('lost', reason.message)
      else this.monitor.reach('lost', 'the daemon has ended')
    })
  }

  async #close(): Promise<void> {
    for (const wait of this.waitFor.pending.list()) wait.suppress()
    await this.#standIn?.close()
    if (this.#standIn && !this.monitor.phases.has('unmounted')) this.monitor.reach('unmounted')
    if ((await within(this.clock, DRAIN_NS, this.#ended)) === LATE) this.monitor.endStream(null)
    this.#pipes.close()
    this.#guard?.done()
    this.#scratch?.remove()
    await this.recorder.finish(this.monitor.interpreter.unparsed)
  }
}
