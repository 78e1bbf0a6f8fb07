import type { MessagePort } from 'node:worker_threads'
import type {
  BpfPrograms,
  BpfStep,
  NativeFunctions,
  nativeFunctions,
  RunningPrograms,
  startPrograms,
} from './bpf-programs.js'

/** What the thread is given. */
export interface BpfThreadData {
  readonly port: MessagePort
  /** Modules are looked for from here. */
  readonly from: string
  readonly object: Uint8Array
  readonly programs: BpfPrograms
  readonly ringBytes: number
  readonly shared: Int32Array
  readonly slot: typeof BpfSlot
  readonly pace: typeof BpfPace
  readonly credit: number
}

/** Places in `shared`. */
export const BpfSlot = {
  /** How often the ring was emptied: the thread says nothing more before that. */
  emptied: 0,
  /** How soon it says so: a value of `BpfPace`. */
  pace: 1,
  /** 1 when the thread is to end. */
  stop: 2,
  /** How many answers may still wake it, each by itself: `BPF_CREDIT` for somebody who has begun to wait. */
  credit: 3,
  /** 1 while there are records that were copied out of the ring and not read. */
  kept: 4,
  size: 5,
} as const

/** So many answers one after the other wake the thread by themselves; of more, several are read together. */
export const BPF_CREDIT = 16

/** How soon what is in the ring is reported; the values of `Pace` as the thread has them. */
export const BpfPace = { later: 0, soon: 1, 'at-once': 2 } as const

/** From the thread. Addresses are the whole process's. */
export type BpfThreadMessage =
  | {
      readonly kind: 'ready'
      readonly state: bigint
      readonly consumer: bigint
      readonly producer: bigint
      readonly pageBytes: number
      /** The programs that run. */
      readonly programs: readonly string[]
    }
  | { readonly kind: 'failed'; readonly step: BpfStep; readonly errno: number; readonly message: string }
  /** There is something to be read. `quiet`: little comes, so that there is time for all of it. */
  | { readonly kind: 'ring'; readonly quiet: boolean }
  /** Everything is taken down. */
  | { readonly kind: 'closed' }

interface Mapped {
  readonly state: bigint
  readonly consumer: bigint
  readonly producer: bigint
  readonly pageBytes: number
  readonly ring: number
  unmap(): void
}

/** Maps what the programs share with us. */
export function mapPrograms(native: NativeFunctions, running: RunningPrograms, ringBytes: number): Mapped {
  const SC_PAGESIZE = 30
  const [READ, READ_WRITE, SHARED] = [1, 3, 1]
  const pageBytes = Number(native.sysconf(SC_PAGESIZE))
  const ring = native.fd(native.map(running.object, 'ring'))
  const state = native.fd(native.map(running.object, 'state'))
  const made: [bigint, number][] = []
  const unmap = (): void => {
    for (const [address, bytes] of made) native.munmap(address, bytes)
  }
  const map = (bytes: number, protection: number, fd: number, offset: number): bigint => {
    const address = native.mmap(null, bytes, protection, SHARED, fd, offset)
    if (BigInt.asIntN(64, address) === -1n) {
      const errno = native.errno()
      unmap()
      throw Object.assign(new Error('mmap'), { errno })
    }
    made.push([address, bytes])
    return address
  }
  return {
    state: map(pageBytes, READ_WRITE, state, 0),
    consumer: map(pageBytes, READ_WRITE, ring, 0),
    producer: map(pageBytes + 2 * ringBytes, READ, ring, pageBytes),
    pageBytes,
    ring,
    unmap,
  }
}

/**
 * Says when there is something in the ring, until it is to stop.
 *
 * At pace `later` that is when it is quiet, so that whoever keeps the machine busy is not disturbed, and when the ring is half full.
 * At pace `at-once` the kernel wakes it, as long as there is credit: when that is used up, somebody is busy, and it looks every few
 * milliseconds, until little comes.
 */
export function watchRing(
  native: NativeFunctions,
  { state, consumer, producer, pageBytes, ring }: Mapped,
  { shared, slot, pace, ringBytes, credit }: Pick<BpfThreadData, 'shared' | 'slot' | 'pace' | 'ringBytes' | 'credit'>,
  say: (quiet: boolean) => void,
): void {
  const POLLIN = 1
  const [LATER_MS, SOON_MS, POLL_MS] = [20, 5, 20]
  /** Bytes a millisecond that are little, and how long it is to be so until there is time for everything. */
  const [LITTLE, QUIET_MS] = [200, 100]
  const ours = new BigInt64Array(native.view(consumer, pageBytes), 0, 1)
  const kernels = new BigInt64Array(native.view(producer, pageBytes), 0, 1)
  const waiting = new Int32Array(native.view(state, pageBytes), 8, 1)
  const used = (): number => Number(Atomics.load(kernels, 0) - Atomics.load(ours, 0))
  const fds = Buffer.alloc(8)
  fds.writeInt32LE(ring, 0)
  fds.writeInt16LE(POLLIN, 4)
  let [quietMs, before] = [0, 0n]
  /** Until an answer comes. Sends wake nobody; every now and then it looks by itself. Returns how long nothing came, ms. */
  const poll = (): number => {
    Atomics.store(waiting, 0, 1)
    const idle = used() === 0 && native.poll(fds, 1, POLL_MS) === 0
    Atomics.store(waiting, 0, 0)
    Atomics.sub(shared, slot.credit, 1)
    return idle ? POLL_MS : 0
  }
  /** Sleeps until it may be time to say something. */
  const sleep = (how: number): number => {
    if (how === pace['at-once'] && Atomics.load(shared, slot.credit) > 0) return poll()
    const ms = how === pace.later ? LATER_MS : SOON_MS
    if (how === pace['at-once']) Atomics.wait(shared, slot.stop, 0, ms)
    else Atomics.wait(shared, slot.pace, how, ms)
    return ms
  }
  while (Atomics.load(shared, slot.stop) === 0) {
    const how = Atomics.load(shared, slot.pace)
    const ms = sleep(how)
    const now = Atomics.load(kernels, 0)
    const little = Number(now - before) < LITTLE * ms
    before = now
    quietMs = little ? quietMs + ms : 0
    if (little) Atomics.store(shared, slot.credit, credit)
    const emptied = Atomics.load(shared, slot.emptied)
    const quiet = quietMs >= QUIET_MS && (used() > 0 || Atomics.load(shared, slot.kept) === 1)
    const due = how === pace.later ? used() >= ringBytes / 2 : used() > 0
    if ((!due && !quiet) || Atomics.load(shared, slot.stop) !== 0) continue
    say(quiet)
    Atomics.wait(shared, slot.emptied, emptied)
  }
}

/**
 * The whole program of the thread that holds the BPF programs: it loads them, sleeps until there is something in the ring, says
 * so, and takes them down. Loading takes a tenth of a second, and only sleeping on it shows when a ring has something;
 * neither is for the main thread. Its source text is run by a worker, so it may use nothing from outside of itself.
 */
export function bpfThread(
  functions: typeof nativeFunctions,
  start: typeof startPrograms,
  map: typeof mapPrograms,
  watch: typeof watchRing,
): void {
  const { workerData } = process.getBuiltinModule('node:worker_threads')
  const { createRequire } = process.getBuiltinModule('node:module')
  const data = workerData as BpfThreadData
  const { port, from, object, programs, ringBytes } = data
  const post = (message: BpfThreadMessage): void => port.postMessage(message)
  let step: BpfStep = 'koffi'
  const onStep = (next: BpfStep): void => {
    step = next
  }
  try {
    const native = functions(createRequire(from)('koffi'), onStep)
    native.silence(null)
    const what = { object, ringBytes }
    let running: RunningPrograms
    try {
      running = start(native, what, programs, onStep)
    } catch (error) {
      // There are kernels that have a function and let nobody hang on it.
      if (programs.optional.length === 0 || (step as BpfStep) === 'open') throw error
      running = start(native, what, { ...programs, optional: [] }, onStep)
    }
    try {
      step = 'map'
      const { ring, unmap, ...memory } = map(native, running, ringBytes)
      post({ kind: 'ready', ...memory, programs: running.names })
      watch(native, { ring, unmap, ...memory }, data, (quiet) => post({ kind: 'ring', quiet }))
      unmap()
    } finally {
      for (const link of running.links) native.detach(link)
      native.close(running.object)
    }
    post({ kind: 'closed' })
  } catch (error) {
    const { errno = 0, message } = error as { errno?: number; message: string }
    post({ kind: 'failed', step, errno, message })
  }
  port.close()
}
