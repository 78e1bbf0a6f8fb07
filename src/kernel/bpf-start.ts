import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { packageFile } from '../version.js'
import { availablePrograms } from './bpf-available.js'
import { bpfLacking } from './bpf-lacking.js'
import { nativeFunctions, startPrograms } from './bpf-programs.js'
import {
  BPF_CREDIT,
  BpfPace,
  BpfSlot,
  type BpfThreadData,
  type BpfThreadMessage,
  bpfThread,
  mapPrograms,
  watchRing,
} from './bpf-thread.js'

const OBJECT = packageFile('src/kernel/fuse.bpf.o')
const THREAD = [bpfThread, nativeFunctions, startPrograms, mapPrograms, watchRing]

/** Where the compiled programs are. */
export const BPF_OBJECT: string = fileURLToPath(OBJECT)

/** The thread that holds the programs, which run. */
export interface BpfThread {
  readonly ready: BpfThreadMessage & { kind: 'ready' }
  readonly port: MessagePort
  /** Its places are `BpfSlot`. */
  readonly shared: Int32Array
  readonly worker: Worker
  /** Everything is taken down. */
  readonly gone: Promise<void>
}

/**
 * Loads the programs, in a thread of their own.
 *
 * @throws FT_ENVIRONMENT when the rights, BTF, libbpf or koffi are missing
 */
export async function startBpfThread(ringBytes: number): Promise<BpfThread> {
  const { port1, port2 } = new MessageChannel()
  const shared = new Int32Array(new SharedArrayBuffer(4 * BpfSlot.size))
  shared[BpfSlot.pace] = BpfPace.soon
  const data: BpfThreadData = {
    port: port2,
    from: packageFile('package.json').href,
    object: readFileSync(OBJECT),
    programs: availablePrograms(),
    ringBytes,
    shared,
    slot: BpfSlot,
    pace: BpfPace,
    credit: BPF_CREDIT,
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
  const ready = await Promise.race([said, gone])
  if (ready.kind === 'ready') return { ready, port: port1, shared, worker, gone: gone.then(() => undefined) }
  port1.close()
  throw ready.kind === 'failed' ? bpfLacking(ready.step, ready.errno, ready.message) : bpfLacking('open', 0, 'ended')
}
