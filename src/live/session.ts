import { type SystemClock, systemClock } from '../clock.js'
import { dialects } from '../dialect/builtin.js'
import { kernel } from '../dialect/kernel/kernel.js'
import { FusetraceError } from '../errors.js'
import { checkKeys } from '../known-keys.js'
import { LineSplitter } from '../line/splitter.js'
import { TraceMonitor } from '../monitor/trace-monitor.js'
import { type Connection, inFlightNone } from '../mount/connection.js'
import { readMounts } from '../mount/mountinfo.js'
import { LiveProber } from '../mount/prober.js'
import type { ReadyMount } from '../mount/readiness.js'
import { StatPool } from '../mount/stat-pool.js'
import type { Unmounted } from '../mount/unmount.js'
import type { Daemon } from '../process/daemon.js'
import { PipeReader } from '../process/pipe-reader.js'
import { limitsHere } from '../recording/limits.js'
import { MS } from '../time.js'
import type { WaitFor } from '../wait/wait-for.js'
import { AttachedMount } from './attached-mount.js'
import { DaemonSession } from './daemon-session.js'
import { daemonWords, unanswered } from './daemon-state.js'
import type { Faults } from './faults.js'
import { KernelSide } from './kernel-side.js'
import { LineTimes } from './line-times.js'
import type { MountSide } from './mount-side.js'
import { isKernelOnly, LIVE_OPTIONS, type LiveOptions, type Plan, plan, refuseOnMount } from './options.js'
import { OwnMount } from './own-mount.js'
import { Recorder } from './recorder.js'
import { withComplaint } from './wire-side.js'

/**
 * Starts a daemon, waits until mounted means mounted, and watches both until `close()`. With `record`, everything that is
 * seen is written to a file, also when the start fails.
 *
 * @throws FT_USAGE, FT_ENVIRONMENT or FT_DAEMON; nothing is left behind then
 * @example
 * await using session = await startLive({ daemon: ['bindfs', '-d', src, mnt], mountpoint: mnt, record: 'a.fusetrace' })
 * const created = session.waitFor.fileVisible('/a.txt')
 * await writeFile(join(mnt, 'a.txt'), 'hello')
 * await created
 */
export async function startLive(options: LiveOptions): Promise<LiveSession> {
  checkKeys('an option of startLive', options, LIVE_OPTIONS)
  const session = new LiveSession(options, plan(options))
  await session.start()
  return session
}

/** A live mount: its log, its operations, waits on both, and its end. */
export class LiveSession extends DaemonSession {
  readonly waitFor: WaitFor
  /** Reads the daemon's streams, and the workload's if there is one. */
  readonly pipes: PipeReader
  readonly #options: LiveOptions
  readonly #plan: Plan
  readonly #before: ReadonlySet<string>
  readonly #statPool: StatPool
  readonly #splitter: LineSplitter
  readonly #prober: LiveProber
  readonly #unmountTimeoutNs: number
  #kernel: KernelSide | null = null
  /** The mount that we made, the latest one. */
  #own: OwnMount | null = null
  /** The mount is somebody else's. */
  #attached: AttachedMount | null = null
  #mount: ReadyMount | null = null
  #started = false
  #control: Connection | null = null
  #closing: Promise<Unmounted> | null = null

  /** Use `startLive`. */
  constructor(options: LiveOptions, where: Plan) {
    const clock = options.clock ?? systemClock()
    const pipes = new PipeReader({ clock, ...(options.favour !== undefined && { favour: options.favour }) })
    super(clock, monitorFor(options, where, clock), recorderFor(options, pipes, clock))
    this.#options = options
    this.#plan = where
    this.#unmountTimeoutNs = (options.unmountTimeoutMs ?? options.patienceMs ?? 1500) * MS
    // What is attached to was there before.
    this.#before = new Set(options.attach === undefined ? readMounts().map(({ id }) => id) : [])
    this.#statPool = options.statPool ?? new StatPool(clock)
    this.pipes = pipes
    const times = new LineTimes(() => this.monitor.interpreter.dialect)
    this.#splitter = new LineSplitter({
      maxLineBytes: options.maxLineBytes ?? limitsHere().lineBytes,
      onLoss: ({ count }) => this.recorder.cut(count),
      onLine: (arrived) => {
        const line = times.of(arrived)
        this.recorder.line(line)
        this.monitor.push(this.#kernel?.number(line) ?? line)
      },
    })
    this.#prober = new LiveProber({
      clock: this.clock,
      pool: this.#statPool,
      mountpoint: () => this.mountpoint,
      before: this.#before,
      lines: () => this.monitor.lineCount,
      catchUp: () => this.catchUp(),
      onAnswer: (question, answer, atNs) => this.probed(question, answer, atNs),
    })
    this.waitFor = this.waitsBy(this.#prober, options)
  }

  /** Where it is mounted, as mountinfo names it; before it is mounted, where it is expected. */
  get mountpoint(): string {
    return this.#mount?.mountpoint ?? this.#plan.mountpoints.at(-1) ?? ''
  }

  /** The kernel's number of the connection; null before the mount. */
  get connection(): number | null {
    return this.#mount?.connection ?? null
  }

  get #side(): MountSide | null {
    return this.#own ?? this.#attached
  }

  get daemon(): Daemon | null {
    return this.#own?.daemon ?? null
  }

  /** Events of the kernel so far; null without `kernel`. */
  get kernelEvents(): number | null {
    return this.#kernel?.events ?? null
  }

  /** Why the kernel's events have no names; null when they have, and without `kernel`. */
  get kernelNote(): string | null {
    return this.#kernel?.note ?? null
  }

  /** Whether the log was not to be understood in any case. */
  get kernelOnly(): boolean {
    return isKernelOnly(this.#options)
  }

  /** Whether the operations are made of the kernel's events. */
  get kernelUsed(): boolean {
    return this.#kernel?.used ?? false
  }

  /** Faults and holds of this mount; null without `wire`. */
  get faults(): Faults | null {
    return this.#own?.wire?.faults ?? null
  }

  /** Messages between kernel and daemon so far; null without `wire`. */
  get wireMessages(): number | null {
    return this.#own?.wire?.messages ?? null
  }

  /** Called by `startLive`, once. */
  async start(): Promise<void> {
    const { clock, monitor, recorder } = this
    const options = this.#options
    try {
      // Before anything is started: a name that is taken, or a disk that is full, does no harm then.
      if (recorder.path !== null) refuseOnMount(recorder.path, this.mountpoint)
      this.#begin()
      if (recorder.path !== null && recorder.named) this.pipes.beginJournal(recorder.path)
      if (options.kernel || this.kernelOnly) {
        const { pending } = this.waitFor
        const use = options.wire ? 'never' : this.kernelOnly ? 'always' : 'silent'
        this.#kernel = await KernelSide.open({ clock, monitor, recorder, pending, use })
      }
      if (options.attach === undefined) await this.#mountDaemon()
      else await this.#attach()
      this.catchUp()
      await this.#kernel?.decideSoon(() => this.catchUp())
      this.#started = true
    } catch (error) {
      await this.close()
      throw withComplaint(error, this.#own?.wire?.complaint ?? null)
    }
  }

  /** Resolves when no request is in flight and the log of all that were has been read. False when that took too long. */
  async quiet(limitMs = 2000): Promise<boolean> {
    const mount = this.#mount
    if (mount === null || this.monitor.state !== 'running') return false
    const idle = this.#control === null || (await inFlightNone(this.clock, this.#control, limitMs * MS))
    await this.logRead()
    return idle
  }

  /** When this process is killed, the group of this one is ended as well. */
  guardGroup(pid: number): void {
    this.#own?.guardGroup(pid)
  }

  /** The daemon's state in a few words. */
  describeDaemon(): string {
    const name = this.#plan.argv[0] ?? 'the daemon'
    return this.#side?.describe(this.#control) ?? daemonWords(name, null, this.#control)
  }

  /** Unmounts, ends the daemon and completes the recording. Never throws, never hangs; may be called again. */
  async close(): Promise<void> {
    await this.shutdown()
  }

  /** As `close()`, and returns what it took. */
  shutdown(): Promise<Unmounted> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /**
   * Unmounts and ends the daemon; the session goes on without a mount, and so does its recording. Pending waits fail, as they do at
   * every end of a daemon; `waitFor.unmounted()` is satisfied. Where nothing is mounted (any more) it only takes away what is left.
   *
   * @throws FT_USAGE for a mount of somebody else, and once the session was closed
   */
  async unmount(): Promise<Unmounted> {
    if (this.#options.attach !== undefined || this.#closing) {
      const why = this.#closing ? 'the session was closed' : 'a mount of somebody else is left as it is'
      throw new FusetraceError('FT_USAGE', `cannot unmount: ${why}`)
    }
    return this.#takeDown()
  }

  /**
   * Starts the daemon again, with the same command on the same mountpoint, and waits until mounted means mounted; what is mounted is
   * unmounted before. The history, marks and the recording go on; paths and nodes begin anew.
   *
   * @throws FT_USAGE as `unmount`; FT_DAEMON, FT_ENVIRONMENT as `startLive`: nothing is mounted then, and it may be tried again
   */
  async remount(): Promise<void> {
    const { clean } = await this.unmount()
    if (!clean) throw new FusetraceError('FT_DAEMON', 'cannot mount again: what was mounted before is still there')
    this.monitor.restart()
    try {
      await this.#mountDaemon()
    } catch (error) {
      const complaint = this.#own?.wire?.complaint ?? null
      await this.#takeDown()
      throw withComplaint(error, complaint)
    }
  }

  /** Every event of the kernel that has happened by now is handed on. */
  drainKernel(): void {
    this.#kernel?.drain()
  }

  protected unanswered(): number {
    return unanswered(this.#control)
  }

  protected catchUp(): void {
    this.pipes.catchUp()
    this.#attached?.catchUp()
    this.#kernel?.drain()
    this.#own?.catchUp()
  }

  /** Starts the daemon and waits until mounted means mounted. */
  async #mountDaemon(): Promise<void> {
    const { clock, monitor, recorder, pipes } = this
    this.#own = new OwnMount({
      clock,
      monitor,
      recorder,
      pipes,
      splitter: this.#splitter,
      kernel: this.#kernel,
      statPool: this.#statPool,
      before: this.#before,
      plan: this.#plan,
      mountpoint: this.mountpoint,
      live: this.#options,
      unmountTimeoutNs: this.#unmountTimeoutNs,
      faultsBefore: this.#own?.faultsEver ?? 0,
      onFound: (mount, control) => this.#found(mount, control),
      onGone: () => this.dropFences(),
    })
    this.#mount = await this.#own.start()
    this.useFences(this.#prober, this.#options.lookups)
  }

  /** Waits for somebody else's mount and watches it. */
  async #attach(): Promise<void> {
    const { clock, monitor } = this
    this.#attached = new AttachedMount({
      clock,
      monitor,
      splitter: this.#splitter,
      kernel: this.#kernel,
      statPool: this.#statPool,
      mountpoint: this.mountpoint,
      live: this.#options,
      onFound: (mount, control) => this.#found(mount, control),
      catchUp: () => this.catchUp(),
    })
    await this.#attached.start()
    this.useFences(this.#prober, this.#options.lookups)
  }

  /** Mountinfo has the mount; it has not answered yet. */
  #found(mount: ReadyMount, control: Connection): void {
    this.#mount = mount
    this.#control = control
    this.#begin()
    this.#kernel?.follow(mount.connection)
  }

  /** Of a daemon that could not be started nothing is kept; a start that failed replaces no recording. */
  async #finishRecording(): Promise<void> {
    if (this.#started || this.#side?.begun) await this.recorder.finish(this.monitor.interpreter.unparsed, this.#started)
    else this.recorder.discard()
    this.pipes.endJournal(this.recorder.failure !== null)
  }

  /** The file begins; of several places it is known later which goes into the header. */
  #begin(): void {
    const { branches, environment, dialect } = this.#options
    this.recorder.begin({
      command: this.#options.attach === undefined ? this.#plan.argv : null,
      mountpoint: this.mountpoint,
      branches: branches ?? [],
      environment: { ...process.env, ...environment },
      dialect: dialect ?? null,
      origin: this.#options.origin ?? 'record',
      wire: Boolean(this.#options.wire),
      kernel: Boolean(this.#options.kernel) || this.kernelOnly,
      redact: this.#options.redact,
      scratch: this.#options.scratch,
    })
  }

  async #close(): Promise<Unmounted> {
    for (const wait of this.waitFor.pending.list()) wait.suppress()
    const unmounted = await this.#takeDown()
    await this.#kernel?.stop()
    if (this.#options.statPool === undefined) this.#statPool.close()
    this.pipes.close()
    await this.#finishRecording()
    return unmounted
  }

  async #takeDown(): Promise<Unmounted> {
    return (await this.#side?.takeDown()) ?? { clean: true, phases: [] }
  }
}

function monitorFor(options: LiveOptions, { mountpoints }: Plan, clock: SystemClock): TraceMonitor {
  return new TraceMonitor({
    clock,
    candidates: dialects,
    dialect: isKernelOnly(options) ? kernel : options.dialect,
    mountpoint: mountpoints.at(-1),
    historyLimit: options.historyLimit,
    wire: Boolean(options.wire),
  })
}

function recorderFor(options: LiveOptions, pipes: PipeReader, clock: SystemClock): Recorder {
  const { record = null, force = false, onRecordFailure } = options
  return new Recorder(record, clock, {
    force,
    ...(onRecordFailure && { onFailure: onRecordFailure }),
    onFlush: (bytes) => pipes.tidyJournal(bytes),
  })
}
