import { closeSync, existsSync, writeSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import type { SystemClock } from '../clock.js'
import { FusetraceError } from '../errors.js'
import { checkFault, type FaultSpec } from '../faults/fault.js'
import type { Libc } from '../native/libc.js'
import { MAX_MESSAGE_BYTES } from '../transport/frames.js'
import { packageFile } from '../version.js'
import { type BatchedEvent, readBatch } from './batch.js'
import { type RelayCommand, type RelayThreadData, Shared } from './thread-messages.js'

/** The thread's program: it is built, also when this is run from its sources. */
const THREAD = 'dist/relay-thread.js'
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
  /** The thread's program. @default the one that is built with this package */
  program?: URL
}

interface RelayFds {
  readonly socket: number
  readonly daemonEnd: number
  /** The longest message that they carry, bytes. */
  readonly room: number
  readonly wake: [number, number]
}

/**
 * Between a kernel's mount and its daemon: requests and answers pass through a thread of ours, unchanged and in order, and are
 * reported here. That thread goes on whatever this one is busy with, or stuck in.
 *
 * @example
 * const relay = openRelay({ clock, libc, onEvent })
 * // give `relay.daemonEnd` to the daemon, mount a device, then
 * relay.start(device)
 */
export class Relay {
  /** The daemon's end of the socket; whoever hands it over closes it. */
  readonly daemonEnd: number
  /** The thread has ended: both sides are closed and everything was reported. */
  readonly ended: Promise<void>
  readonly #options: RelayOptions
  readonly #socket: number
  readonly #room: number
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
  constructor(options: RelayOptions, fds: RelayFds) {
    this.#options = options
    this.daemonEnd = fds.daemonEnd
    this.#socket = fds.socket
    this.#room = fds.room
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

  /**
   * Begins to pass messages on.
   *
   * @param device an open `/dev/fuse`, mounted; it is the relay's from here on
   */
  start(device: number): void {
    if (this.#started) {
      closeSync(device)
      return
    }
    this.#started = true
    const { clock, faults = false, seed = 1, limitBytes = 256 * 1024 * 1024 } = this.#options
    const data: RelayThreadData = {
      port: this.#threadPort,
      originNs: clock.originNs,
      device,
      socket: this.#socket,
      room: this.#room,
      wake: this.#wake[0],
      shared: this.#shared,
      limitBytes,
      faults,
      seed,
    }
    this.#port.on('message', (batch: Uint8Array) => this.#take(batch))
    this.#worker = new Worker(this.#options.program ?? packageFile(THREAD), {
      workerData: data,
      transferList: [this.#threadPort],
      // They were opened here and are closed there.
      trackUnmanagedFds: false,
      execArgv: [],
    })
    this.#worker.unref()
    this.#port.unref()
    let failure: Error | null = null
    this.#worker.once('error', (error) => {
      failure = error
    })
    this.#worker.once('exit', () => this.#exited(device, failure))
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
    for (const fd of [this.#socket, ...this.#wake]) closeSync(fd)
    this.#port.close()
    this.#threadPort.close()
    this.#end()
  }

  /** What a thread that failed has left open is closed: nobody would answer on it any more. */
  #exited(device: number, failure: Error | null): void {
    this.#drain()
    this.#over = true
    this.#port.close()
    closeSync(this.#wake[1])
    if (Atomics.load(this.#shared, Shared.over) === 0) {
      const mine = [
        [Shared.deviceClosed, device],
        [Shared.socketClosed, this.#socket],
      ] as const
      for (const [closed, fd] of mine) if (Atomics.load(this.#shared, closed) === 0) closeSync(fd)
      closeSync(this.#wake[0])
      const why = `the relay's thread has ended: ${failure?.message.split('\n')[0] ?? 'it was stopped'}`
      const note = { note: 'ended', by: 'failure', why } as const
      this.#options.onEvent({ kind: 'note', atNs: this.#options.clock.nowNs(), note })
    }
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
 * Opens a socket for the daemon.
 *
 * @throws FT_ENVIRONMENT when the thread's program is not there
 */
export function openRelay(options: RelayOptions): Relay {
  const { libc, program = packageFile(THREAD) } = options
  if (!existsSync(program)) {
    throw new FusetraceError('FT_ENVIRONMENT', `the relay's program ${fileURLToPath(program)} is missing`, {
      hint: 'build it (npm run build), or install fusetrace again',
    })
  }
  const [socket, daemonEnd] = libc.messagePair()
  const room = Math.min(...[socket, daemonEnd].map((fd) => libc.setBuffers(fd, MAX_MESSAGE_BYTES)))
  return new Relay(options, { socket, daemonEnd, room, wake: libc.streamPair() })
}
