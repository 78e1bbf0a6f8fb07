import { closeSync } from 'node:fs'
import type { SystemClock } from '../clock.js'
import { FusetraceError } from '../errors.js'
import type { FaultSpec } from '../faults/fault.js'
import type { Exit } from '../monitor/monitor.js'
import type { TraceMonitor } from '../monitor/trace-monitor.js'
import { type Mount, mountAt, readMounts } from '../mount/mountinfo.js'
import { umountTool } from '../mount/unmount.js'
import { type Libc, loadLibc } from '../native/libc.js'
import type { Daemon } from '../process/daemon.js'
import { answerTaken } from '../recording/wire-message.js'
import type { BatchedEvent } from '../relay/batch.js'
import { chooseMounter, type Mounter } from '../relay/mounter.js'
import { openRelay, type Relay } from '../relay/relay.js'
import { LATE, MS, within } from '../time.js'
import { type Prepared, prepareDaemon, type Way } from '../transport/prepare.js'
import { Faults } from './faults.js'
import type { Recorder } from './recorder.js'
import { WireRows } from './wire-rows.js'

/** How to stand between kernel and daemon. */
export interface WireOptions {
  /** Keep the contents of reads and writes in the recording, not only their length and hash. @default false */
  data?: boolean
  /** Faults from the very first request on. More can be asked for later; with `false` none, and messages pass a little faster. */
  faults?: readonly FaultSpec[] | false
  /** Of the faults' probabilities. @default 1 */
  seed?: number
  /** How the daemon is given its descriptor. @default chosen for the program and the machine */
  way?: Way
}

export interface WireSideOptions extends WireOptions {
  clock: SystemClock
  monitor: TraceMonitor
  recorder: Recorder
  /** Faults of earlier mounts of this run: the numbers of these go on from there. @default 0 */
  faultsBefore?: number
  /** The daemon has closed its descriptor, and runs on: its file system is gone. */
  onLost(reason: string): void
}

/** An error of a start, with what is known to be wrong with the daemon's answers. */
export function withComplaint(error: unknown, complaint: string | null): unknown {
  if (complaint === null || !(error instanceof FusetraceError) || error.code !== 'FT_DAEMON') return error
  return new FusetraceError(error.code, `${error.message}; ${complaint}`, {
    cause: error,
    ...(error.hint !== undefined && { hint: error.hint }),
  })
}

/** How long an unmount on behalf of the daemon may take. */
const UNMOUNT_NS = 1500 * MS
/** How long after its descriptor was closed a daemon is taken to be about to end. */
const CLOSED_NS = 300 * MS

/**
 * The wire of a live run: we mount, the daemon talks to us, messages go to the monitor and into the recording as they pass.
 */
export class WireSide {
  /** Null when none can be asked for. */
  readonly faults: Faults | null
  readonly #options: WireSideOptions
  readonly #libc: Libc
  readonly #relay: Relay
  readonly #mounter: Mounter
  #prepared: Prepared | null = null
  #mountpoint: string | null = null
  /** What was mounted for the daemon. */
  #mount: Mount | null = null
  readonly #rows: WireRows
  #messages = 0
  #refused = 0
  #firstRefused: string | null = null
  #daemon: Daemon | null = null
  #closing: Promise<void> | null = null

  private constructor(options: WireSideOptions, libc: Libc) {
    this.#options = options
    this.#libc = libc
    this.#rows = new WireRows(options.data === true)
    const { clock, seed } = options
    this.#relay = openRelay({
      clock,
      libc,
      faults: options.faults !== false,
      ...(seed !== undefined && { seed }),
      onEvent: (event) => this.#take(event),
    })
    try {
      this.faults = options.faults === false ? null : new Faults(this.#relay)
      for (const fault of options.faults || []) this.faults?.fault(fault)
      this.#mounter = chooseMounter(libc, clock)
    } catch (error) {
      this.#relay.close()
      closeSync(this.#relay.daemonEnd)
      throw error
    }
  }

  /** @throws FT_ENVIRONMENT when koffi or /dev/fuse is missing, or nobody mounts for this user; FT_USAGE when a fault is wrong */
  static async open(options: WireSideOptions): Promise<WireSide> {
    return new WireSide(options, await loadLibc())
  }

  /** What is wrong with the daemon's answers, in words; null when the kernel has taken them all. */
  get complaint(): string | null {
    if (this.#refused === 0) return null
    const what = this.#refused === 1 ? 'an answer of its' : `${this.#refused} of its answers`
    return `the kernel refused ${what}${this.#firstRefused === null ? '' : `: ${this.#firstRefused}`}`
  }

  /** Messages so far. */
  get messages(): number {
    return this.#messages
  }

  /** Makes the daemon's command ready to talk to us. */
  async prepare(options: {
    command: readonly string[]
    mountpoint: string
    environment: Readonly<Record<string, string | undefined>>
    cwd?: string | undefined
  }): Promise<Prepared> {
    this.#mountpoint = options.mountpoint
    this.#prepared = await prepareDaemon({
      ...options,
      way: this.#options.way,
      end: { libc: this.#libc, fd: this.#relay.daemonEnd },
      onUnmount: () => void this.#unmount(),
    })
    return this.#prepared
  }

  /**
   * Mounts as soon as the daemon would have, and begins to pass messages on. Resolves then; never when the daemon ends before.
   *
   * @throws FT_ENVIRONMENT when mounting is not allowed
   */
  async run(daemon: Daemon, program: string): Promise<void> {
    const prepared = this.#prepared
    const mountpoint = this.#mountpoint
    if (!prepared || mountpoint === null) throw new FusetraceError('FT_USAGE', 'the daemon was not prepared')
    this.#daemon = daemon
    this.#relay.daemon(daemon.pid)
    prepared.spawned()
    void daemon.exited.then((exit) => this.#daemonEnded(exit))
    const options = await prepared.mounted
    if (daemon.exit) return
    const device = await this.#mounter.mount({ mountpoint, program, options })
    this.#mount = mountAt(readMounts(), mountpoint) ?? null
    this.#relay.start(device)
  }

  /** Everything that has passed by now has been handed on. */
  catchUp(): void {
    this.#relay.catchUp()
  }

  /** Ends it: both sides are closed. Call it after the unmount. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#relay.close()
    await this.#relay.ended
    this.#mounter.dispose()
    if (this.#prepared) this.#prepared.dispose()
    else closeSync(this.#relay.daemonEnd)
    this.faults?.end(new FusetraceError('FT_STREAM_ENDED', 'the file system has ended'))
  }

  /** A daemon that ends as it should takes its mount away; its library could not. */
  async #daemonEnded({ code }: Exit): Promise<void> {
    if (code === 0) await this.#unmount()
  }

  /** A daemon that ends has closed its descriptor too; it is waited for whether that is all. */
  async #daemonClosed(): Promise<void> {
    const daemon = this.#daemon
    if (!daemon || (await within(this.#options.clock, CLOSED_NS, daemon.exited)) !== LATE) return
    this.#options.onLost('the daemon has closed its FUSE descriptor')
  }

  #refuse(bytes: Buffer): void {
    this.#refused++
    this.#firstRefused ??= this.#options.monitor.wire?.wrongWith(bytes) ?? null
  }

  async #unmount(): Promise<void> {
    if (this.#mount) await umountTool({ clock: this.#options.clock }, this.#mount, true, UNMOUNT_NS)
  }

  #take(event: BatchedEvent): void {
    const { monitor, recorder } = this.#options
    switch (event.kind) {
      case 'request':
      case 'reply':
      case 'notification': {
        this.#messages++
        const edge = event.kind === 'request' ? 'request' : 'reply'
        const { atNs, bytes } = event
        if (recorder.path !== null) recorder.write(this.#rows.row(event))
        if (event.kind !== 'request' && event.fate === 'refused') this.#refuse(bytes)
        const seen = event.kind === 'request' ? bytes : answerTaken(bytes, event.fate)
        if (seen) monitor.pushWire({ edge, atNs, bytes: seen })
        break
      }
      case 'fired': {
        const { atNs, fault, unique, opcode, path } = event
        const number = fault + (this.#options.faultsBefore ?? 0)
        recorder.write({
          kind: 'fault',
          atNs,
          fault: number,
          text: this.faults?.textOf(fault) ?? '',
          unique,
          opcode,
          path,
        })
        this.faults?.fire(fault, { atNs, unique, opcode, path })
        break
      }
      case 'note':
        if (event.note.note === 'ended' && event.note.by === 'daemon') void this.#daemonClosed()
        if (event.note.note === 'ended' && event.note.by === 'failure' && !this.#closing)
          this.#options.onLost(event.note.why)
        if (event.note.note === 'lost') recorder.lose('wire-messages', event.note.count)
    }
  }
}
