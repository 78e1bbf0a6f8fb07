import { createRequire } from 'node:module'
// Tests that fake the globals (vi.useFakeTimers) do not hold up what is real.
import { setImmediate } from 'node:timers'
import type { MessagePort, Worker } from 'node:worker_threads'
import { packageFile } from '../version.js'
import type { BpfFilter } from './bpf-filter.js'
import { BpfQueue } from './bpf-queue.js'
import { type BpfRecord, readBpfRecord } from './bpf-record.js'
import { BpfRing, type CopiedRecords, type TakeRecord } from './bpf-ring.js'
import { type BpfThread, startBpfThread } from './bpf-start.js'
import { BPF_CREDIT, BpfPace, BpfSlot, type BpfThreadMessage } from './bpf-thread.js'
import type { Pace } from './kernel-source.js'

export interface BpfTraceOptions {
  /** A record of the connection that is followed; before one is, of any that was made since. */
  onRecord(record: BpfRecord): void
  /** Records were dropped because the ring was full, or could not be read. */
  onLoss(count: number): void
  /**
   * Called at pace `later` with the oldest of more records than can be kept.
   * @default they are handed on
   */
  onOverflow?(records: CopiedRecords): void
  /**
   * Bytes of the ring, a power of two. A record has a hundred to two hundred.
   * @default 8 MiB
   */
  ringBytes?: number
}

/** So many rings' bytes of records are kept at pace `later`: about as many requests as a monitor's history has. */
const KEPT_RINGS = 2
/** So many wait for a reader who is behind; beyond, the ring runs full, and records are lost and counted. */
const BEHIND_RINGS = 8
/** Records handed on before the event loop has its turn. */
const SLICE = 2000

/** Places in `struct state` of fuse.bpf.c. */
const STATE = { mode: 0, connection: 1, lost: 4 } as const
const MODE = { off: 0, fresh: 1, one: 2 } as const

/**
 * Every request of a FUSE connection with its arguments and its answer, by BPF programs on the kernel's tracepoints. They end
 * with the process, however it ends.
 *
 * @example
 * const trace = await BpfTrace.open({ onRecord: (record) => …, onLoss: (count) => … })
 * trace.follow(connection)
 * await trace.close()
 */
export class BpfTrace {
  /** Programs that run: `request_send`, `request_end`, and where the kernel has them `copy_args`, `queue_forget` … */
  readonly programs: readonly string[]
  readonly #options: BpfTraceOptions
  readonly #port: MessagePort
  readonly #shared: Int32Array
  /** Null once it is taken down: the memory is gone. */
  #memory: { readonly ring: BpfRing; readonly queue: BpfQueue; readonly state: Uint32Array } | null
  readonly #worker: Worker
  readonly #closed: Promise<void>
  readonly #ringBytes: number
  /** At pace `at-once`: what it does not want waits for what it wants. */
  filter: BpfFilter | null = null
  #pace: Pace = 'soon'
  #reading = false
  #scheduled = false

  /**
   * Loads the programs. Nothing is reported before `followFresh` or `follow`.
   *
   * @throws FT_ENVIRONMENT when the rights, BTF, libbpf or koffi are missing
   */
  static async open(options: BpfTraceOptions): Promise<BpfTrace> {
    const ringBytes = options.ringBytes ?? 8 * 1024 * 1024
    return new BpfTrace(options, await startBpfThread(ringBytes), ringBytes)
  }

  private constructor(options: BpfTraceOptions, { ready, port, shared, worker, gone }: BpfThread, ringBytes: number) {
    const koffi = createRequire(packageFile('package.json'))('koffi') as typeof import('koffi')
    const { pageBytes, state, consumer, producer } = ready
    this.#options = options
    this.programs = ready.programs
    const words = new Uint32Array(koffi.view(state, pageBytes))
    const ring = new BpfRing({
      consumer: koffi.view(consumer, pageBytes),
      producer: koffi.view(producer, pageBytes + 2 * ringBytes),
      pageBytes,
      bytes: ringBytes,
    })
    const queue = new BpfQueue({
      ring,
      dropped: () => Atomics.load(words, STATE.lost),
      onLoss: (count) => options.onLoss(count),
    })
    this.#memory = { ring, queue, state: words }
    this.#ringBytes = ringBytes
    this.#port = port
    this.#shared = shared
    this.#worker = worker
    this.#closed = gone
    this.#port.on('message', (message: BpfThreadMessage) => {
      if (message.kind === 'ring') this.#onRing(message.quiet)
    })
    this.#port.unref()
    worker.unref()
  }

  /** Reports connections that are made from now on. */
  followFresh(): void {
    this.#set(MODE.fresh, 0)
  }

  /** Reports this connection from now on, and of no other. */
  follow(connection: number): void {
    this.#set(MODE.one, connection)
  }

  get pace(): Pace {
    return this.#pace
  }

  set pace(pace: Pace) {
    if (pace === this.#pace) return
    this.#pace = pace
    Atomics.store(this.#shared, BpfSlot.pace, BpfPace[pace])
    Atomics.notify(this.#shared, BpfSlot.pace)
    if (pace !== 'later' && this.#memory !== null && this.#memory.queue.copiedBytes > 0) this.#schedule()
  }

  /** The next answers are handed on each by itself. */
  hurry(): void {
    Atomics.store(this.#shared, BpfSlot.credit, BPF_CREDIT)
  }

  /** Hands on every record that was written by now. */
  drain(): void {
    if (this.#reading || this.#memory === null) return
    while (this.#take(SLICE) === SLICE);
    this.#emptied()
  }

  /** Hands on what is left and takes the programs down. May be called twice. */
  async close(): Promise<void> {
    if (this.#memory !== null) {
      Atomics.store(this.#memory.state, STATE.mode, MODE.off)
      // Within a record that is being handed on nothing can be read.
      this.drain()
      this.#memory = null
      Atomics.store(this.#shared, BpfSlot.stop, 1)
      this.pace = 'at-once'
      Atomics.notify(this.#shared, BpfSlot.stop)
      this.#emptied()
      this.#worker.ref()
    }
    await this.#closed
  }

  #set(mode: number, connection: number): void {
    if (this.#memory === null) return
    Atomics.store(this.#memory.state, STATE.connection, connection)
    Atomics.store(this.#memory.state, STATE.mode, mode)
  }

  /** There is something in the ring, and it is time to read it, or it is half full. */
  #onRing(quiet: boolean): void {
    if (this.#memory === null || this.#reading) return
    const { ring, queue } = this.#memory
    const filter = this.#pace === 'at-once' ? this.filter : null
    if (quiet || (filter === null && (this.#pace !== 'later' || 2 * ring.used < this.#ringBytes))) {
      this.#read()
      return
    }
    const wanted = this.#guarded(() => {
      const records = queue.copy()
      if (filter?.anyOf(records)) return true
      const { onOverflow } = this.#options
      while (queue.copiedBytes > KEPT_RINGS * this.#ringBytes) {
        queue.passOldest((records) => {
          if (onOverflow) onOverflow(records)
          else records.read(Number.POSITIVE_INFINITY, this.#record)
        })
      }
      return false
    })
    if (wanted) this.#read()
    else this.#emptied()
  }

  /** As many as one turn of the event loop may take. */
  #read(): void {
    if (this.#reading || this.#scheduled || this.#memory === null) return
    if (this.#take(SLICE) < SLICE) this.#emptied()
    else this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#read()
    })
  }

  #take(limit: number): number {
    if (this.#memory === null) return 0
    const { ring, queue } = this.#memory
    return this.#guarded(() => {
      // It fills faster than it is read: what comes is kept as well as can be.
      if (2 * ring.used >= this.#ringBytes && queue.copiedBytes < BEHIND_RINGS * this.#ringBytes) queue.copy()
      return queue.read(limit, this.#record)
    })
  }

  readonly #record: TakeRecord = (bytes, at, length) => {
    const record = readBpfRecord(bytes, at, length)
    this.filter?.wants(bytes, at, length)
    if (record === null) this.#options.onLoss(1)
    else this.#options.onRecord(record)
  }

  /** Nothing else is read meanwhile; 0 when what is there is no ring. */
  #guarded<T>(act: () => T): T | 0 {
    this.#reading = true
    try {
      return act()
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      // Nothing more of it can be read.
      this.#options.onLoss(1)
      void this.close()
      return 0
    } finally {
      this.#reading = false
    }
  }

  #emptied(): void {
    Atomics.store(this.#shared, BpfSlot.kept, (this.#memory?.queue.copiedBytes ?? 0) > 0 ? 1 : 0)
    Atomics.add(this.#shared, BpfSlot.emptied, 1)
    Atomics.notify(this.#shared, BpfSlot.emptied)
  }
}
