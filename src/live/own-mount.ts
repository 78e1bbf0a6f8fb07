import type { SystemClock } from '../clock.js'
import { FusetraceError } from '../errors.js'
import type { LineSplitter } from '../line/splitter.js'
import type { TraceMonitor } from '../monitor/trace-monitor.js'
import { Connection } from '../mount/connection.js'
import { type Registration, register } from '../mount/leftovers.js'
import { type ReadyMount, ready } from '../mount/readiness.js'
import type { StatPool } from '../mount/stat-pool.js'
import { type Unmounted, unmount } from '../mount/unmount.js'
import { watchMount } from '../mount/watch.js'
import { type Daemon, drained, startDaemon } from '../process/daemon.js'
import { type Guard, startGuard } from '../process/guard.js'
import type { PipeReader } from '../process/pipe-reader.js'
import { LATE, MS, within } from '../time.js'
import { daemonWords } from './daemon-state.js'
import type { KernelSide } from './kernel-side.js'
import type { MountSide } from './mount-side.js'
import type { LiveOptions, Plan } from './options.js'
import type { Recorder } from './recorder.js'
import { WireSide } from './wire-side.js'

export interface OwnMountOptions {
  clock: SystemClock
  monitor: TraceMonitor
  recorder: Recorder
  pipes: PipeReader
  /** Takes the daemon's output. */
  splitter: LineSplitter
  kernel: KernelSide | null
  statPool: StatPool
  /** Ids of mounts that were there before. */
  before: ReadonlySet<string>
  plan: Plan
  /** Where it is to be mounted. */
  mountpoint: string
  live: Pick<LiveOptions, 'wire' | 'readyMs' | 'signal' | 'cwd' | 'environment'>
  unmountTimeoutNs: number
  /** Faults that were asked for of earlier mounts: their numbers go on. */
  faultsBefore: number
  /** Mountinfo has it; it has not answered yet. */
  onFound(mount: ReadyMount, control: Connection): void
  /** Below the mountpoint is another file system now. */
  onGone(): void
}

/** An environment without what is undefined in it. */
function definedOnly(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter((pair): pair is [string, string] => pair[1] !== undefined),
  )
}

/** A daemon that we start and its mount, from the start until both are gone. */
export class OwnMount implements MountSide {
  readonly #options: OwnMountOptions
  #wire: WireSide | null = null
  #daemon: Daemon | null = null
  #guard: Guard | null = null
  /** A note of the daemon and its mount, for whoever cleans up after a kill of this process and of the guard. */
  #registration: Registration | null = null
  #watch: { stop(): void } | null = null
  #ended: Promise<void> = Promise.resolve()

  constructor(options: OwnMountOptions) {
    this.#options = options
  }

  /** Null before it has been started. */
  get daemon(): Daemon | null {
    return this.#daemon
  }

  /** What sits between kernel and daemon; null without. */
  get wire(): WireSide | null {
    return this.#wire
  }

  /** Whether the daemon could be started. */
  get begun(): boolean {
    return this.#daemon !== null
  }

  /** Faults that were asked for of this mount and of those before. */
  get faultsEver(): number {
    const own = this.#watch === null ? 0 : (this.#wire?.faults?.all.length ?? 0)
    return this.#options.faultsBefore + own
  }

  /** When this process is killed, the group of this one is ended as well. */
  guardGroup(pid: number): void {
    this.#guard?.group(pid)
  }

  /** Hands on the messages between kernel and daemon that have passed by now. */
  catchUp(): void {
    this.#wire?.catchUp()
  }

  /** The daemon's state, and what has gone wrong between kernel and daemon. */
  describe(connection: Connection | null): string {
    const words = daemonWords(this.#options.plan.argv[0] ?? 'the daemon', this.#daemon, connection)
    const complaint = this.#wire?.complaint ?? null
    return complaint === null ? words : `${words}; ${complaint}`
  }

  /**
   * Starts the daemon and waits until mounted means mounted.
   *
   * @throws FT_DAEMON, FT_ENVIRONMENT; what has come about by then is for `takeDown`
   */
  async start(): Promise<ReadyMount> {
    const { clock, monitor, recorder, plan, before, statPool, live, onFound, faultsBefore } = this.#options
    const [program = ''] = plan.argv
    let lose: (error: Error) => void = () => undefined
    const failed = new Promise<never>((_, reject) => {
      lose = reject
    })
    failed.catch(() => undefined)
    if (live.wire) {
      const wire = live.wire === true ? {} : live.wire
      const onLost = (reason: string): void => {
        if (monitor.state !== 'running') return
        monitor.reach('lost', reason)
        lose(new FusetraceError('FT_DAEMON', `${program}: ${reason} before the mount was ready`))
      }
      this.#wire = await WireSide.open({ ...wire, clock, monitor, recorder, onLost, faultsBefore })
    }
    const daemon = await this.#spawn()
    this.#wire?.run(daemon, program).catch(lose)
    const mounted = ready({
      clock,
      daemon,
      name: program,
      mountpoints: plan.mountpoints,
      before,
      pool: statPool,
      limitNs: (live.readyMs ?? 10_000) * MS,
      onPhase: (phase, detail, found) => {
        if (found && phase === 'mountinfo') {
          const control = new Connection(found.mount)
          onFound(found, control)
          this.#guard?.mounted(found.mount)
          this.#registration?.mounted(found.mount, control.serial)
        }
        monitor.reach(phase, detail)
      },
      ...(live.signal !== undefined && { signal: live.signal }),
    })
    const mount = await Promise.race([mounted, failed])
    // Only now: it would take time from the daemon's start.
    statPool.warm()
    this.#watch = watchMount({
      clock,
      daemon,
      mount: mount.mount.id,
      onUnmounted: () => monitor.reach('unmounted', 'by somebody else'),
      onLost: (reason) => monitor.reach('lost', reason),
    })
    return mount
  }

  /** Unmounts, ends the daemon and its log. Never throws, never hangs; may be called again. */
  async takeDown(): Promise<Unmounted> {
    const { clock, monitor, plan, before, unmountTimeoutNs, onGone } = this.#options
    this.#watch?.stop()
    const unmounted = await unmount({
      clock,
      daemon: this.#daemon,
      mountpoints: plan.mountpoints,
      before,
      phaseTimeoutNs: unmountTimeoutNs,
      onUnmounted: () => {
        if (!monitor.phases.has('unmounted')) monitor.reach('unmounted')
      },
    })
    // Whatever it has started and left behind: a second mount, a helper that goes on writing into its log.
    if (this.#daemon !== null && this.#daemon.exit !== null) this.#daemon.kill('SIGTERM')
    onGone()
    await this.#wire?.close()
    if ((await within(clock, unmountTimeoutNs, this.#ended)) === LATE) monitor.endStream(null)
    this.#guard?.done()
    this.#guard = null
    if (unmounted.clean) this.#registration?.remove()
    this.#registration = null
    return unmounted
  }

  async #spawn(): Promise<Daemon> {
    const { clock, monitor, recorder, pipes, splitter, kernel, plan, mountpoint, live } = this.#options
    const { cwd, environment } = live
    const prepared = await this.#wire?.prepare({
      command: plan.argv,
      mountpoint,
      environment: { ...process.env, ...environment },
      cwd,
    })
    const env = prepared ? definedOnly(prepared.environment) : environment
    const daemon = await startDaemon({
      argv: prepared?.command ?? plan.argv,
      ...(prepared && { fds: prepared.fds }),
      pipes,
      onChunk: (stream, chunk, atNs) => splitter.push(stream, chunk, atNs),
      onLoss: ({ what, count }) => recorder.lose(what, count),
      ...(cwd !== undefined && { cwd }),
      ...(env !== undefined && { env }),
    })
    this.#daemon = daemon
    this.#guard = startGuard(mountpoint, daemon.pid)
    this.#registration = register({ name: `daemon-${daemon.pid}`, directory: null })
    this.#registration.daemon(daemon.pid)
    this.#ended = drained(daemon, clock).then((exit) => {
      splitter.end(clock.nowNs())
      kernel?.drain()
      kernel?.decide()
      this.#wire?.catchUp()
      monitor.endStream(exit)
      recorder.write({ kind: 'exit', atNs: clock.nowNs(), ...exit })
    })
    return daemon
  }
}
