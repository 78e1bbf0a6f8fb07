import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
// Tests that fake the globals (vi.useFakeTimers) do not hold up what is real.
import { setImmediate } from 'node:timers'
import { fileURLToPath } from 'node:url'
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { packageFile } from '../version.js'
import { availablePrograms } from './bpf-available.js'
import { bpfLacking } from './bpf-lacking.js'
import { nativeFunctions, startPrograms } from './bpf-programs.js'
import { type BpfRecord, readBpfRecord } from './bpf-record.js'
import { BpfRing } from './bpf-ring.js'
import { BpfSlot, type BpfThreadData, type BpfThreadMessage, bpfThread, mapPrograms, watchRing } from './bpf-thread.js'

export interface BpfTraceOptions {
  /** A record of the connection that is followed; before one is, of any that was made since. */
  onRecord(record: BpfRecord): void
  /** Records were dropped because the ring was full, or could not be read. */
  onLoss(count: number): void
  /**
   * Bytes of the ring, a power of two. A record has a hundred to two hundred.
   * @default 8 MiB
   */
  ringBytes?: number
}

/** Records handed on before the event loop has its turn. */
const SLICE = 2000
const OBJECT = packageFile('src/kernel/fuse.bpf.o')
const THREAD = [bpfThread, nativeFunctions, startPrograms, mapPrograms, watchRing]

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
  #memory: { readonly ring: BpfRing; readonly state: Uint32Array } | null
  readonly #worker: Worker
  readonly #closed: Promise<void>
  #reading = false
  #scheduled = false
  #lost = 0

  /**
   * Loads the programs. Nothing is reported before `followFresh` or `follow`.
   *
   * @throws FT_ENVIRONMENT when the rights, BTF, libbpf or koffi are missing
   */
  static async open(options: BpfTraceOptions): Promise<BpfTrace> {
    const { port1, port2 } = new MessageChannel()
    const shared = new Int32Array(new SharedArrayBuffer(4 * BpfSlot.size))
    const ringBytes = options.ringBytes ?? 8 * 1024 * 1024
    const data: BpfThreadData = {
      port: port2,
      from: packageFile('package.json').href,
      object: readFileSync(OBJECT),
      programs: availablePrograms(),
      ringBytes,
      shared,
      slot: BpfSlot,
    }
    const [main, ...parts] = THREAD
    const worker = new Worker(`(${main})(${parts.join(', ')})`, {
      eval: true,
      execArgv: [],
      env: {},
      workerData: data,
      transferList: [port2],
    })
    const gone = new Promise<BpfThreadMessage>((resolve) => {
      worker.once('error', ({ message }) => resolve({ kind: 'failed', step: 'open', errno: 0, message }))
      worker.once('exit', () => resolve({ kind: 'closed' }))
    })
    const said = new Promise<BpfThreadMessage>((resolve) => port1.once('message', resolve))
    const first = await Promise.race([said, gone])
    if (first.kind !== 'ready') {
      port1.close()
      throw first.kind === 'failed'
        ? bpfLacking(first.step, first.errno, first.message)
        : bpfLacking('open', 0, 'ended')
    }
    return new BpfTrace(options, first, ringBytes, { port: port1, shared, worker, gone: gone.then(() => undefined) })
  }

  private constructor(
    options: BpfTraceOptions,
    ready: BpfThreadMessage & { kind: 'ready' },
    ringBytes: number,
    thread: { port: MessagePort; shared: Int32Array; worker: Worker; gone: Promise<void> },
  ) {
    const koffi = createRequire(packageFile('package.json'))('koffi') as typeof import('koffi')
    const { pageBytes, state, consumer, producer } = ready
    this.#options = options
    this.programs = ready.programs
    this.#memory = {
      state: new Uint32Array(koffi.view(state, pageBytes)),
      ring: new BpfRing({
        consumer: koffi.view(consumer, pageBytes),
        producer: koffi.view(producer, pageBytes + 2 * ringBytes),
        pageBytes,
        bytes: ringBytes,
      }),
    }
    this.#port = thread.port
    this.#shared = thread.shared
    this.#worker = thread.worker
    this.#closed = thread.gone
    this.#port.on('message', (message: BpfThreadMessage) => {
      if (message.kind === 'ring') this.#read()
    })
    this.#port.unref()
    thread.worker.unref()
  }

  /** Reports connections that are made from now on. */
  followFresh(): void {
    this.#set(MODE.fresh, 0)
  }

  /** Reports this connection from now on, and of no other. */
  follow(connection: number): void {
    this.#set(MODE.one, connection)
  }

  /** Whether somebody waits for what comes: then records are handed on at once, else every few milliseconds. */
  get eager(): boolean {
    return Atomics.load(this.#shared, BpfSlot.eager) === 1
  }

  set eager(on: boolean) {
    Atomics.store(this.#shared, BpfSlot.eager, on ? 1 : 0)
    if (on) Atomics.notify(this.#shared, BpfSlot.eager)
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
      this.eager = true
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

  /** As many as one turn of the event loop may take. */
  #read(): void {
    if (this.#reading || this.#scheduled || this.#memory === null) return
    if (this.#take(SLICE) < SLICE) {
      this.#emptied()
      return
    }
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#read()
    })
  }

  #take(limit: number): number {
    if (this.#memory === null) return 0
    const { ring, state } = this.#memory
    this.#reading = true
    try {
      return ring.read(limit, (bytes, at, length) => {
        const record = readBpfRecord(bytes, at, length)
        if (record === null) this.#options.onLoss(1)
        else this.#options.onRecord(record)
      })
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      // What is there is no ring: nothing more of it can be read.
      this.#options.onLoss(1)
      void this.close()
      return 0
    } finally {
      this.#reading = false
      const lost = Atomics.load(state, STATE.lost)
      if (lost !== this.#lost) {
        this.#options.onLoss((lost - this.#lost) >>> 0)
        this.#lost = lost
      }
    }
  }

  #emptied(): void {
    Atomics.add(this.#shared, BpfSlot.emptied, 1)
    Atomics.notify(this.#shared, BpfSlot.emptied)
  }
}

/** Where the compiled programs are. */
export const BPF_OBJECT: string = fileURLToPath(OBJECT)
