import { type SystemClock, systemClock } from '../clock.js'
import { dialects } from '../dialect/builtin.js'
import { kernel } from '../dialect/kernel/kernel.js'
import { FusetraceError } from '../errors.js'
import { checkKeys } from '../known-keys.js'
import { LineSplitter } from '../line/splitter.js'
import { encode } from '../line/text.js'
import { TraceMonitor } from '../monitor/trace-monitor.js'
import { isMounted } from '../mount/attach.js'
import { Connection, inFlightNone } from '../mount/connection.js'
import { type Registration, register } from '../mount/leftovers.js'
import { readMounts } from '../mount/mountinfo.js'
import { LiveProber } from '../mount/prober.js'
import { type ReadyMount, ready } from '../mount/readiness.js'
import { StatPool } from '../mount/stat-pool.js'
import { type Unmounted, unmount } from '../mount/unmount.js'
import { watchMount } from '../mount/watch.js'
import { type Daemon, drained, startDaemon } from '../process/daemon.js'
import { type Guard, startGuard } from '../process/guard.js'
import { PipeReader } from '../process/pipe-reader.js'
import { limitsHere } from '../recording/limits.js'
import type { CallRow } from '../recording/row.js'
import { LATE, MS, sleep, within } from '../time.js'
import { PendingWaits } from '../wait/engine/pending.js'
import type { Session } from '../wait/engine/session.js'
import { createWaitFor, type WaitFor } from '../wait/wait-for.js'
import { Attachment } from './attachment.js'
import { daemonWords, unanswered } from './daemon-state.js'
import type { Faults } from './faults.js'
import { Fences } from './fence.js'
import { KernelSide } from './kernel-side.js'
import { LineTimes } from './line-times.js'
import { LIVE_OPTIONS, type LiveOptions, type Plan, plan, refuseOnMount } from './options.js'
import { Recorder } from './recorder.js'
import { SessionSteps } from './steps.js'
import { WireSide, withComplaint } from './wire-side.js'

/** An environment without what is undefined in it. */
function definedOnly(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter((pair): pair is [string, string] => pair[1] !== undefined),
  )
}

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

/** How long a log that says something nobody understands yet is given to be understood, once the mount is ready. */
const UNDECIDED_NS = 50 * MS

/** How long a mount that is attached to may take to answer, before it is watched without. */
const ANSWER_NS = 2000 * MS

/** A live mount: its log, its operations, waits on both, and its end. */
export class LiveSession extends SessionSteps implements Session {
  readonly clock: SystemClock
  readonly monitor: TraceMonitor
  readonly waitFor: WaitFor
  readonly recorder: Recorder
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
  #wire: WireSide | null = null
  /** Faults that were asked for of earlier mounts: their numbers go on. */
  #faultsBefore = 0
  #daemon: Daemon | null = null
  /** The mount is somebody else's. */
  #attachment: Attachment | null = null
  #mount: ReadyMount | null = null
  #started = false
  #control: Connection | null = null
  #guard: Guard | null = null
  /** A note of the daemon and its mount, for whoever cleans up after a kill of this process and of the guard. */
  #registration: Registration | null = null
  #watch: { stop(): void } | null = null
  #ended: Promise<void> = Promise.resolve()
  #closing: Promise<Unmounted> | null = null

  /** Use `startLive`. */
  constructor(options: LiveOptions, where: Plan) {
    super()
    this.#options = options
    this.#plan = where
    this.clock = options.clock ?? systemClock()
    this.#unmountTimeoutNs = (options.unmountTimeoutMs ?? options.patienceMs ?? 1500) * MS
    // What is attached to was there before.
    this.#before = new Set(options.attach === undefined ? readMounts().map(({ id }) => id) : [])
    this.#statPool = options.statPool ?? new StatPool(this.clock)
    this.pipes = new PipeReader({
      clock: this.clock,
      ...(options.favour !== undefined && { favour: options.favour }),
    })
    const mountpoint = where.mountpoints.at(-1)
    const dialect = this.kernelOnly ? kernel : options.dialect
    this.monitor = new TraceMonitor({
      clock: this.clock,
      candidates: dialects,
      ...(dialect !== undefined && { dialect }),
      ...(mountpoint !== undefined && { mountpoint }),
      ...(options.historyLimit !== undefined && { historyLimit: options.historyLimit }),
      ...(options.wire && { wire: true }),
    })
    this.recorder = new Recorder(options.record ?? null, this.clock, {
      ...(options.force && { force: true }),
      ...(options.onRecordFailure && { onFailure: options.onRecordFailure }),
      onFlush: (bytes) => this.pipes.tidyJournal(bytes),
    })
    this.recorder.follow(this.monitor)
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
      onAnswer: (question, answer, atNs) => {
        this.recorder.probe(question, answer, atNs)
        if (question.probe !== 'answers' || answer === 'unknown') return
        if (typeof answer.value === 'number') this.monitor.requestAnswered(answer.value)
      },
    })
    this.waitFor = createWaitFor({
      monitor: this.monitor,
      prober: this.#prober,
      pending: new PendingWaits(),
      describeDaemon: () => this.describeDaemon(),
      unanswered: () => unanswered(this.#control),
      ...(options.waitTimeoutMs !== undefined && { timeoutMs: options.waitTimeoutMs }),
      // Nothing is to be understood: waits poll.
      ...(options.dialect?.name === 'none' && { trace: 'off' }),
    })
    if (this.recorder.path !== null)
      this.waitFor.pending.onSettled((wait) => this.recorder.write({ kind: 'wait', ...wait }))
  }

  /** Where it is mounted, as mountinfo names it; before it is mounted, where it is expected. */
  get mountpoint(): string {
    return this.#mount?.mountpoint ?? this.#plan.mountpoints.at(-1) ?? ''
  }

  /** The kernel's number of the connection; null before the mount. */
  get connection(): number | null {
    return this.#mount?.connection ?? null
  }

  get daemon(): Daemon | null {
    return this.#daemon
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
    const { kernel: wanted, dialect, attach, log } = this.#options
    return wanted === 'only' || dialect?.name === 'kernel' || (attach !== undefined && log === undefined)
  }

  /** Whether the operations are made of the kernel's events. */
  get kernelUsed(): boolean {
    return this.#kernel?.used ?? false
  }

  /** Faults and holds of this mount; null without `wire`. */
  get faults(): Faults | null {
    return this.#wire?.faults ?? null
  }

  /** Messages between kernel and daemon so far; null without `wire`. */
  get wireMessages(): number | null {
    return this.#wire?.messages ?? null
  }

  /** Called by `startLive`, once. */
  async start(): Promise<void> {
    const { clock, monitor, recorder } = this
    const options = this.#options
    try {
      // Before anything is started: a name that is taken, or a disk that is full, harms nobody then.
      if (recorder.path !== null) refuseOnMount(recorder.path, this.mountpoint)
      this.#begin()
      if (recorder.path !== null && recorder.named) this.pipes.beginJournal(recorder.path)
      if (options.kernel || this.kernelOnly) {
        const { pending } = this.waitFor
        const use = options.wire ? 'never' : this.kernelOnly ? 'always' : 'silent'
        this.#kernel = await KernelSide.open({ clock, monitor, recorder, pending, use })
      }
      if (options.attach !== undefined) {
        await this.#attach()
        this.#started = true
        return
      }
      await this.#mountDaemon()
      await this.#decideKernel()
      this.#started = true
    } catch (error) {
      await this.close()
      throw withComplaint(error, this.#wire?.complaint ?? null)
    }
  }

  /** Resolves when no request is in flight and the log of all that were has been read. False when that took too long. */
  async quiet(limitMs = 2000): Promise<boolean> {
    const mount = this.#mount
    if (mount === null || this.monitor.state !== 'running') return false
    const idle = this.#control === null || (await inFlightNone(this.clock, this.#control, limitMs * MS))
    const { clock, monitor } = this
    await this.fences?.fence(() => ({ name: 'quiet', line: monitor.lineCount, atNs: clock.nowNs() }))
    this.catchUp()
    return idle
  }

  /** Writes a test's own call into the recording. */
  recordCall(row: CallRow): void {
    this.recorder.write(row)
  }

  /** When this process is killed, the group of this one is ended as well. */
  guardGroup(pid: number): void {
    this.#guard?.group(pid)
  }

  /** The daemon's state in a few words. */
  describeDaemon(): string {
    if (this.#attachment) return this.#attachment.describe(this.#control)
    const words = daemonWords(this.#plan.argv[0] ?? 'the daemon', this.#daemon, this.#control)
    const complaint = this.#wire?.complaint ?? null
    return complaint === null ? words : `${words}; ${complaint}`
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

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
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
      const complaint = this.#wire?.complaint ?? null
      await this.#takeDown()
      throw withComplaint(error, complaint)
    }
  }

  /** Every event of the kernel that has happened by now is handed on. */
  drainKernel(): void {
    this.#kernel?.drain()
  }

  protected catchUp(): void {
    this.pipes.catchUp()
    this.#attachment?.catchUp()
    this.#kernel?.drain()
    this.#wire?.catchUp()
  }

  /** Starts the daemon and waits until mounted means mounted. */
  async #mountDaemon(): Promise<void> {
    const { clock, monitor, recorder } = this
    const options = this.#options
    let lose: (error: Error) => void = () => undefined
    const failed = new Promise<never>((_, reject) => {
      lose = reject
    })
    failed.catch(() => undefined)
    if (options.wire) {
      const wire = options.wire === true ? {} : options.wire
      const onLost = (reason: string): void => {
        if (monitor.state !== 'running') return
        monitor.reach('lost', reason)
        lose(new FusetraceError('FT_DAEMON', `${this.#plan.argv[0]}: ${reason} before the mount was ready`))
      }
      const faultsBefore = this.#faultsBefore
      this.#wire = await WireSide.open({ ...wire, clock, monitor, recorder, onLost, faultsBefore })
    }
    const daemon = await this.#spawn()
    this.#wire?.run(daemon, this.#plan.argv[0] ?? '').catch(lose)
    const mounted = ready({
      clock,
      daemon,
      name: this.#plan.argv[0] ?? '',
      mountpoints: this.#plan.mountpoints,
      before: this.#before,
      pool: this.#statPool,
      limitNs: (options.readyMs ?? 10_000) * MS,
      onPhase: (phase, detail, found) => {
        if (found && phase === 'mountinfo') {
          this.#mount = found
          this.#control = new Connection(found.mount)
          this.#begin()
          this.#guard?.mounted(found.mount)
          this.#registration?.mounted(found.mount, this.#control.serial)
          this.#kernel?.follow(found.connection)
        }
        monitor.reach(phase, detail)
      },
      ...(options.signal !== undefined && { signal: options.signal }),
    })
    this.#mount = await Promise.race([mounted, failed])
    this.#mounted(daemon, this.#mount)
  }

  async #spawn(): Promise<Daemon> {
    const { cwd, environment } = this.#options
    const prepared = await this.#wire?.prepare({
      command: this.#plan.argv,
      mountpoint: this.mountpoint,
      environment: { ...process.env, ...environment },
      cwd,
    })
    const env = prepared ? definedOnly(prepared.environment) : environment
    const daemon = await startDaemon({
      argv: prepared?.command ?? this.#plan.argv,
      ...(prepared && { fds: prepared.fds }),
      pipes: this.pipes,
      onChunk: (stream, chunk, atNs) => this.#splitter.push(stream, chunk, atNs),
      onLoss: ({ what, count }) => this.recorder.lose(what, count),
      ...(cwd !== undefined && { cwd }),
      ...(env !== undefined && { env }),
    })
    this.#daemon = daemon
    this.#guard = startGuard(this.mountpoint, daemon.pid)
    this.#registration = register({ name: `daemon-${daemon.pid}`, directory: null })
    this.#registration.daemon(daemon.pid)
    this.#ended = drained(daemon, this.clock).then((exit) => {
      this.#splitter.end(this.clock.nowNs())
      this.#kernel?.drain()
      this.#kernel?.decide()
      this.#wire?.catchUp()
      this.monitor.endStream(exit)
      this.recorder.write({ kind: 'exit', atNs: this.clock.nowNs(), ...exit })
    })
    return daemon
  }

  /** A log that has shown nothing of what made the mount ready is not the one to wait for. */
  async #decideKernel(): Promise<void> {
    this.catchUp()
    const { interpreter } = this.monitor
    if (this.#kernel && interpreter.dialect === null && interpreter.waiting > 0) {
      // It says something: the next lines may show what it is.
      await sleep(this.clock, UNDECIDED_NS)
      this.catchUp()
    }
    this.#kernel?.decide()
  }

  /** Of a daemon that could not be started nothing is kept; a start that failed replaces no recording. */
  #finishRecording(): void {
    if (this.#daemon || (this.#attachment && this.#mount))
      this.recorder.finish(this.monitor.interpreter.unparsed, this.#started)
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

  #mounted(daemon: Daemon, mount: ReadyMount): void {
    const { clock, monitor } = this
    // Only now: it would take time from the daemon's start.
    this.#statPool.warm()
    this.#useFences()
    this.#watch = watchMount({
      clock,
      daemon,
      mount: mount.mount.id,
      onUnmounted: () => monitor.reach('unmounted', 'by somebody else'),
      onLost: (reason) => monitor.reach('lost', reason),
    })
  }

  #useFences(): void {
    const { clock, monitor } = this
    const fences = new Fences({ clock, monitor, prober: this.#prober, catchUp: () => this.catchUp() })
    this.fences = fences
    monitor.useFence(() => fences.fence(() => monitor.mark('fence')))
  }

  /** Waits for somebody else's mount and watches it. */
  async #attach(): Promise<void> {
    const { clock, monitor } = this
    const { log = null, readyMs = 10_000, signal } = this.#options
    const attachment = new Attachment({
      clock,
      mountpoint: this.mountpoint,
      log,
      onLog: (chunk, atNs) => this.#splitter.push('stdout', chunk, atNs),
      onUnmounted: () => this.#attachedEnds(() => monitor.reach('unmounted', 'by somebody else')),
      onDead: (reason) => this.#attachedEnds(() => monitor.reach('lost', reason)),
    })
    this.#attachment = attachment
    if (!isMounted(this.mountpoint)) this.#options.onWaiting?.()
    const mount = await attachment.find(readyMs * MS, signal)
    this.#mount = mount
    this.#control = new Connection(mount.mount)
    this.#begin()
    this.#kernel?.follow(mount.connection)
    const { type, major, minor } = mount.mount
    monitor.reach('mountinfo', `${type} ${major}:${minor}`)
    monitor.reach('device', `connection ${mount.connection}`)
    attachment.watch(mount)
    this.#statPool.warm()
    this.#useFences()
    // One that hangs, or is closed to us, can be watched all the same.
    const answer = await this.#statPool.stat('stat', encode(mount.mountpoint), ANSWER_NS)
    if (answer !== LATE) monitor.reach('answered', answer.errno)
    await this.#decideKernel()
  }

  /** The mount that was attached to has come to its end. */
  #attachedEnds(say: () => void): void {
    this.catchUp()
    this.#kernel?.decide()
    say()
    this.monitor.endStream(null)
  }

  /** Leaves a mount of somebody else as it is. */
  async #detach(): Promise<Unmounted> {
    this.catchUp()
    this.#attachment?.close()
    this.#splitter.end(this.clock.nowNs())
    this.#kernel?.decide()
    this.monitor.endStream(null)
    await this.#kernel?.stop()
    if (this.#options.statPool === undefined) this.#statPool.close()
    this.pipes.close()
    this.#finishRecording()
    return { clean: true, phases: [] }
  }

  async #close(): Promise<Unmounted> {
    for (const wait of this.waitFor.pending.list()) wait.suppress()
    if (this.#options.attach !== undefined) return this.#detach()
    const unmounted = await this.#takeDown()
    await this.#kernel?.stop()
    if (this.#options.statPool === undefined) this.#statPool.close()
    this.pipes.close()
    this.#finishRecording()
    return unmounted
  }

  /** Unmounts, ends the daemon and its log. */
  async #takeDown(): Promise<Unmounted> {
    this.#watch?.stop()
    const unmounted = await unmount({
      clock: this.clock,
      daemon: this.#daemon,
      mountpoints: this.#plan.mountpoints,
      before: this.#before,
      phaseTimeoutNs: this.#unmountTimeoutNs,
      onUnmounted: () => {
        if (!this.monitor.phases.has('unmounted')) this.monitor.reach('unmounted')
      },
    })
    // Whatever it has started and left behind: a second mount, a helper that goes on writing into its log.
    if (this.#daemon !== null && this.#daemon.exit !== null) this.#daemon.kill('SIGTERM')
    // Below the mountpoint is another file system now: no fence, no step looks a name up there.
    this.fences = null
    this.monitor.useFence(null)
    if (this.#wire && this.#watch) this.#faultsBefore += this.#wire.faults?.all.length ?? 0
    this.#watch = null
    await this.#wire?.close()
    if ((await within(this.clock, this.#unmountTimeoutNs, this.#ended)) === LATE) this.monitor.endStream(null)
    this.#guard?.done()
    this.#guard = null
    if (unmounted.clean) this.#registration?.remove()
    this.#registration = null
    return unmounted
  }
}
