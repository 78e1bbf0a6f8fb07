import type { Clock } from '../clock.js'
import { FusetraceError } from '../errors.js'
import { printable } from '../line/text.js'
import { type Libc, loadLibc } from '../native/libc.js'
import { LATE, MS, within } from '../time.js'
import { brokerChannel } from '../transport/broker-channel.js'
import { type Channel, type ChannelOptions, openChannel } from '../transport/channel.js'
import { MAX_MESSAGE_BYTES } from '../transport/frames.js'
import type { MountOptions } from '../transport/mount-options.js'
import { type DaemonEnd, type Prepared, prepareDaemon, type Way } from '../transport/prepare.js'
import { Connection, type Observer } from './connection.js'
import { type DrivenProcess, type Exit, endDaemon, letGo } from './driven-process.js'
import { Errno } from './errno.js'
import { negotiate } from './init.js'
import { Vfs } from './vfs.js'

export interface StandInOptions {
  /** The daemon's command, in the foreground. */
  command: readonly string[]
  /** The mountpoint as it stands in the command; an existing directory. Nothing is mounted there. */
  mountpoint: string
  /** The daemon's whole environment. */
  environment: Readonly<Record<string, string | undefined>>
  cwd?: string | undefined
  /** As `PrepareOptions.scratch`. */
  scratch?: (() => string) | undefined
  /** @default chosen for the program and the machine */
  way?: Way | undefined
  clock: Clock
  /** Starts the process with these descriptors as 3, 4, …. */
  spawn(prepared: Pick<Prepared, 'command' | 'environment' | 'fds'>): Promise<DrivenProcess>
  /**
   * How long the daemon may take to be ready, ns.
   * @default 10 s
   */
  readyNs?: number | undefined
  /** How long it may take to answer a request, ns. @default 20 s */
  limitNs?: number | undefined
  observer?: Observer | undefined
  /** Called as the daemon gets on: it has its descriptor; it has answered INIT. */
  onPhase?(phase: 'asked' | 'answered', detail: string): void
  /** Called before the first request. */
  onConnection?(connection: Connection): void
  /** The daemon has closed its end, or its messages were none: nothing will be answered any more. */
  onEnd?(reason: Error): void
  /** Gives up when it fires. */
  signal?: AbortSignal | undefined
  /** Does without the optional dependency koffi, as where it is not installed. @default false */
  withoutKoffi?: boolean | undefined
  /** Messages pass through this on their way: for faults. */
  wrap?(wire: Wire): Wire
}

/** Both directions of the messages between the stand-in and the daemon. */
export interface Wire {
  /** To the daemon. */
  send(message: Buffer): void
  /** From the daemon. */
  receive(message: Buffer): void
}

/** A daemon that is driven without a mount. */
export interface StandIn {
  readonly vfs: Vfs
  readonly connection: Connection
  readonly way: Way
  /** The same in words, and what it does without. */
  readonly how: string
  /** Ends the daemon, and lets go of everything. Never throws, never hangs. */
  close(): Promise<void>
}

const DEFAULT_READY_NS = 10_000 * MS
/** How long after its socket's end a daemon's own end may be reported. */
const ENDED_NS = 500 * MS

/**
 * Starts a daemon, as it is, on one end of a socket of ours, and is its kernel.
 *
 * @throws FT_ENVIRONMENT when it cannot be driven on this machine; the message says why
 * @throws FT_DAEMON when it ends early, or does not answer INIT in time
 */
export async function openStandIn(options: StandInOptions): Promise<StandIn> {
  const { clock, command, mountpoint, environment, cwd, way } = options
  const libc = options.withoutKoffi ? null : await loadLibc().catch(() => null)
  const state: { process: DrivenProcess | null; channel: Channel | null; vfs: Vfs | null } = {
    process: null,
    channel: null,
    vfs: null,
  }
  const wire = (options.wrap ?? ((plain) => plain))({
    send: (message) => state.channel?.send(message),
    receive: (message) => connection.receive(message),
  })
  const connection = new Connection({
    clock,
    name: printable(command[0] ?? 'the daemon'),
    credentials: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, pid: process.pid },
    send: (message) => wire.send(message),
    ...(options.limitNs !== undefined && { limitNs: options.limitNs }),
    ...(options.observer && { observer: options.observer }),
    onNotification: (notification) => state.vfs?.notified(notification),
    onBroken: (reason) => options.onEnd?.(reason),
  })
  options.onConnection?.(connection)
  const socket = openSocket(libc, {
    clock,
    expects: () => connection.inFlight,
    onMessage: (message) => wire.receive(message),
    awaits: (unique) => connection.awaits(unique),
    onEnd: () => connection.end(),
  })
  state.channel = socket.channel
  let prepared: Prepared | null = null
  const close = async (): Promise<void> => {
    await endDaemon(clock, connection, state.channel, state.process)
    prepared?.dispose()
  }
  const channel = state.channel
  try {
    prepared = await prepareDaemon({
      end: socket.end,
      command,
      mountpoint,
      way,
      environment,
      cwd,
      scratch: options.scratch,
      onUnmount: () => void letGo(clock, connection, channel),
    })
    state.process = await options.spawn(prepared)
    prepared.spawned()
    const settings = await ready(options, state.process, prepared, connection, socket.room)
    const umask = process.umask()
    const credentials = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, pid: process.pid, umask }
    const vfs = new Vfs({ connection, clock, credentials, ...settings })
    state.vfs = vfs
    const { way: taken } = prepared
    return { vfs, connection, way: taken, how: libc ? taken : `${taken}, by perl: koffi is not installed`, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Our end of a socket of messages, and what the daemon is to be given. `room`, the longest message, is known once it has that. */
function openSocket(libc: Libc | null, options: ChannelOptions): { channel: Channel; end: DaemonEnd; room(): number } {
  if (libc) {
    const [ours, theirs] = libc.messagePair()
    const room = Math.min(...[ours, theirs].map((fd) => libc.setBuffers(fd, MAX_MESSAGE_BYTES)))
    return { channel: openChannel(libc, ours, options), end: { libc, fd: theirs }, room: () => room }
  }
  const channel = brokerChannel(options)
  let known = 0
  const onSocket: Extract<DaemonEnd, { bytes: number }>['onSocket'] = (socket, room, rest) => {
    known = Math.min(room, MAX_MESSAGE_BYTES)
    channel.attach(socket, rest)
  }
  return { channel, end: { bytes: MAX_MESSAGE_BYTES, onSocket }, room: () => known }
}

async function ready(
  options: StandInOptions,
  process: DrivenProcess,
  prepared: Prepared,
  connection: Connection,
  room: () => number,
): Promise<{ settings: MountOptions; features: Awaited<ReturnType<typeof negotiate>> }> {
  const { clock, readyNs = DEFAULT_READY_NS, signal } = options
  const endNs = clock.nowNs() + readyNs
  const aborted = new Promise<never>((_, reject) => {
    const abort = (): void => reject(new FusetraceError('FT_ABORTED', 'interrupted before the daemon was ready'))
    if (signal?.aborted) abort()
    signal?.addEventListener('abort', abort, { once: true })
  })
  aborted.catch(() => undefined)
  const early = process.exited.then((exit) => {
    throw endedEarly(options, process, exit)
  })
  early.catch(() => undefined)
  const step = async <T>(promise: Promise<T>, what: string): Promise<T> => {
    promise.catch(() => undefined)
    try {
      const left = Math.max(0, endNs - clock.nowNs())
      const result = await within(clock, left, Promise.race([promise, early, aborted]))
      if (result !== LATE) return result as T
    } catch (error) {
      // Its end of the socket closes a moment before its end is reported, which says more.
      if (error instanceof Errno) await within(clock, ENDED_NS, early)
      throw error instanceof Errno
        ? new FusetraceError(
            'FT_DAEMON',
            `${nameOf(options)} closed its FUSE descriptor before it was ready${words(process)}`,
          )
        : error
    }
    throw new FusetraceError(
      'FT_DAEMON',
      `${nameOf(options)} ${what} within ${Math.round(readyNs / MS)} ms${words(process)}`,
      {
        hint: 'does the command stay in the foreground, and name this mountpoint? Or allow more time',
      },
    )
  }
  const settings = await step(prepared.mounted, 'has not asked for its FUSE descriptor')
  options.onPhase?.('asked', prepared.way)
  const features = await step(negotiate(connection, room()), 'has not answered INIT')
  options.onPhase?.('answered', `FUSE 7.${features.minor}`)
  return { settings, features }
}

const nameOf = ({ command }: StandInOptions): string => printable(command[0] ?? '')

function words(process: DrivenProcess): string {
  const last = process.lastLines(3).join(' | ')
  return last === '' ? '' : `: ${last}`
}

function endedEarly(options: StandInOptions, process: DrivenProcess, { code, signal }: Exit): FusetraceError {
  const how = signal === null ? `exit code ${code ?? '?'}` : `signal ${signal}`
  return new FusetraceError(
    'FT_DAEMON',
    `${nameOf(options)} ended with ${how} before it could be driven${words(process)}`,
    {
      hint: MOUNTS_ITSELF.test(words(process))
        ? 'it seems to mount by itself, without fusermount: such a daemon needs a mount (record)'
        : code === 0
          ? 'if it forks into the background, run it in the foreground: usually -f or -d'
          : 'run the same command by hand: does it mount?',
    },
  )
}

/** What daemons say whose mount(2) was refused, and which ask no helper then (ntfs-3g). */
const MOUNTS_ITSELF = /\b(?:mount(?:ing)? failed|(?:failed to|cannot|can't|could not) mount)\b.{0,200}not permitted/i
