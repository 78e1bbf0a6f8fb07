import { closeSync, constants, openSync, writeSync } from 'node:fs'
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import type { SystemClock } from '../clock.js'
import { FusetraceError } from '../errors.js'
import { checkFault, type FaultSpec } from '../faults/fault.js'
import type { Libc } from '../native/libc.js'
import { packageFile } from '../version.js'
import { type BatchedEvent, readBatch } from './batch.js'
import { type RelayCommand, type RelayThreadData, Shared } from './thread-messages.js'

/** The thread's program: it is built, also when this is run from its sources. */
const THREAD = 'dist/relay-thread.js'
/** A megabyte of data and what surrounds it. */
const MESSAGE_BYTES = 1024 * 1024 + 64 * 1024
/** How long a command may take the thread, ms; it is longer only when that has died. */
const COMMAND_MS = 5000

export interface RelayOptions {
  clock: SystemClock
  libc: Libc
  /** Messages as they have passed, and what else happens; bytes may be kept. */
  onEvent(event: BatchedEvent): void
  /** Follow names, so that there can be faults. @default false */
  faults?: boolean
  /** Of probabilities. @default 1 */
  seed?: number
  /** Bytes of messages that may wait while this thread is busy; what comes then is passed on but only counted. @default 256 MiB */
  limitBytes?: number
}

/**
 * Between a kernel's mount and its daemon: requests and answers pass through a thread of ours, unchanged and in order, and are
 * reported here. That thread goes on whatever this one is busy with, or stuck in.
 *
 * @example
 * const relay = openRelay({ clock, libc, onEvent })
 * // give `relay.daemonEnd` to the daemon, mount `relay.device`, then
 * relay.start()
 */
export class Relay {
  /** `/dev/fuse`, to be mounted before `start`. */
  readonly device: number
  /** The daemon's end of the socket; whoever hands it over closes it. */
  readonly daemonEnd: number
  /** The thread has ended: both sides are closed and everything was reported. */
  readonly ended: Promise<void>
  readonly #options: RelayOptions
  readonly #socket: number
  readonly #wake: readonly [number, number]
  readonly #shared = new Int32Array(new SharedArrayBuffer(4 * Shared.size))
  readonly #port: MessagePort
  readonly #threadPort: MessagePort
  #worker: Worker | null = null
  #started = false
  #over = false
  #sent = 0
  #taken = 0
  #nextId = 0
  #end: () => void = () => undefined
  /** Faults that were asked for before the thread was there. */
  #early: RelayCommand[] = []

  /** Use `openRelay`. */
  constructor(
    options: RelayOptions,
    fds: { device: number; socket: number; daemonEnd: number; wake: [number, number] },
  ) {
    this.#options = options
    this.device = fds.device
    this.daemonEnd = fds.daemonEnd
    this.#socket = fds.socket
    this.#wake = fds.wake
    const { port1, port2 } = new MessageChannel()
    this.#port = port1
    this.#threadPort = port2
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
  }

  /** The daemon runs: its process group gets the signals of faults. */
  daemon(pid: number): void {
    Atomics.store(this.#shared, Shared.daemon, pid)
  }

  /** Begins to pass messages on. The device must be mounted. */
  start(): void {
    if (this.#started) return
    this.#started = true
    const { clock, faults = false, seed = 1, limitBytes = 256 * 1024 * 1024 } = this.#options
    const data: RelayThreadData = {
      port: this.#threadPort,
      originNs: clock.originNs,
      device: this.device,
      socket: this.#socket,
      wake: this.#wake[0],
      shared: this.#shared,
      limitBytes,
      faults,
      seed,
    }
    this.#port.on('message', (batch: Uint8Array) => this.#take(batch))
    this.#worker = new Worker(packageFile(THREAD), {
      workerData: data,
      transferList: [this.#threadPort],
      // They were opened here and are closed there.
      trackUnmanagedFds: false,
      execArgv: [],
    })
    this.#worker.unref()
    this.#port.unref()
    this.#worker.once('error', (error) => {
      const note = { note: 'ended', by: 'failure', why: error.message } as const
      this.#options.onEvent({ kind: 'note', atNs: clock.nowNs(), note })
    })
    this.#worker.once('exit', () => {
      this.#drain()
      this.#over = true
      this.#port.close()
      closeSync(this.#wake[1])
      this.#end()
    })
    for (const command of this.#early.splice(0)) this.#command(command)
  }

  /** Everything that has passed by now has been reported when this returns. */
  catchUp(): void {
    this.#command({ command: 'flush' })
    this.#drain()
  }

  /**
   * From when this returns on, requests meet this fault.
   *
   * @returns its number
   * @throws FT_USAGE with what is wrong with it
   */
  addFault(spec: FaultSpec): number {
    checkFault(spec)
    const id = this.#nextId++
    this.#command({ command: 'add', id, spec })
    return id
  }

  /** Requests do not meet this fault any more; what it holds goes on. */
  removeFault(id: number): void {
    this.#command({ command: 'remove', id })
  }

  /** Closes both sides: the connection is aborted, the daemon reads its end. */
  close(): void {
    if (this.#started) {
      this.#command({ command: 'end' })
      return
    }
    this.#started = true
    this.#over = true
    for (const fd of [this.device, this.#socket, ...this.#wake]) closeSync(fd)
    this.#port.close()
    this.#threadPort.close()
    this.#end()
  }

  #command(command: RelayCommand): void {
    if (this.#over) return
    if (!this.#started) {
      if (command.command !== 'flush') this.#early.push(command)
      return
    }
    const number = ++this.#sent
    this.#port.postMessage(command)
    try {
      writeSync(this.#wake[1], Buffer.alloc(1))
    } catch {
      // The thread has ended.
      return
    }
    const untilNs = this.#options.clock.nowNs() + COMMAND_MS * 1e6
    for (;;) {
      const done = Atomics.load(this.#shared, Shared.done)
      if (done >= number || this.#options.clock.nowNs() > untilNs) return
      // The thread does not report its end: it is polled for.
      if (Atomics.load(this.#shared, Shared.over) === 1) return
      Atomics.wait(this.#shared, Shared.done, done, 100)
    }
  }

  /** Takes what the thread has sent, also while the event loop has no turn. */
  #drain(): void {
    while (this.#taken !== Atomics.load(this.#shared, Shared.sent)) {
      const next = receiveMessageOnPort(this.#port)
      if (!next) return
      this.#take(next.message as Uint8Array)
    }
  }

  #take(batch: Uint8Array): void {
    this.#taken++
    Atomics.sub(this.#shared, Shared.waiting, batch.length)
    for (const event of readBatch(batch)) this.#options.onEvent(event)
  }
}

/**
 * Opens a FUSE device and a socket for the daemon.
 *
 * @throws FT_ENVIRONMENT when there is no /dev/fuse
 */
export function openRelay(options: RelayOptions): Relay {
  const { libc } = options
  let device: number
  try {
    device = openSync('/dev/fuse', constants.O_RDWR)
  } catch (cause) {
    throw new FusetraceError('FT_ENVIRONMENT', `/dev/fuse cannot be opened: ${(cause as Error).message}`, {
      hint: 'modprobe fuse; in a container: --device /dev/fuse --cap-add SYS_ADMIN',
      cause,
    })
  }
  const [socket, daemonEnd] = libc.messagePair()
  for (const fd of [socket, daemonEnd]) libc.setBuffers(fd, MESSAGE_BYTES)
  return new Relay(options, { device, socket, daemonEnd, wake: libc.streamPair() })
}
