import type { Socket } from 'node:net'
import type { MessagePort } from 'node:worker_threads'
import type { Arrived, ChunkQueue } from './chunk-queue.js'

/** The daemon's streams; numbers in messages. */
export const STREAMS = ['stdout', 'stderr'] as const

export interface ThreadData {
  readonly port: MessagePort
  /** Unique on this machine. */
  readonly name: string
  readonly originNs: bigint
  readonly limitBytes: number
  /** Set to 1 when a `catch-up` has been done. */
  readonly caughtUp: Int32Array
}

/** To the thread. */
export type ThreadOrder =
  /** The daemon has its ends: ours of them can be closed. */
  | 'spawned'
  /** The last batch was handed on. */
  | 'more'
  /** Read what is in the pipes at this moment. */
  | 'catch-up'
  /** Stop reading. */
  | 'release'

/** From the thread. */
export type ThreadMessage =
  /** Descriptors to give to the daemon as stdout and stderr. */
  { readonly fds: readonly number[] } | { readonly problem: string } | { readonly arrived: readonly Arrived<number>[] }

/**
 * The whole program of the thread that reads a daemon's streams. While our own thread is busy, or waits in a synchronous
 * call for an answer of the very daemon that waits for its log to be read, this one goes on. Its source text is run by a
 * worker, so it may use nothing from outside of itself.
 */
export function pipeThread(Queue: typeof ChunkQueue<number>): void {
  const net = process.getBuiltinModule('node:net')
  const fs = process.getBuiltinModule('node:fs')
  const { workerData } = process.getBuiltinModule('node:worker_threads')
  const { port, name, originNs, limitBytes, caughtUp } = workerData as ThreadData
  const queue = new Queue(limitBytes)
  const now = (): number => Number(process.hrtime.bigint() - originNs)
  const descriptor = (socket: Socket): number =>
    (socket as unknown as { _handle: { fd: number } | null })._handle?.fd ?? -1
  const say = (message: ThreadMessage, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer)
  /** A batch is on its way: what comes now waits for the next. */
  let sent = false
  const send = (): void => {
    const arrived = queue.take()
    if (arrived.length === 0) return
    sent = true
    say({ arrived })
  }
  const ours: Socket[] = []
  const theirs: Socket[] = []
  const fds = [-1, -1]
  for (const stream of [0, 1]) {
    const server = net.createServer((socket) => {
      server.close()
      ours[stream] = socket
      socket.on('data', (chunk: Buffer<ArrayBuffer>) => {
        queue.push(stream, chunk, now())
        if (!sent) send()
      })
      socket.on('error', () => undefined)
      socket.once('close', () => {
        queue.end(stream, now())
        if (!sent) send()
      })
    })
    server.once('error', (error) => say({ problem: error.message }))
    server.listen(`\0${name}-${stream}`, () => {
      const socket = net.connect(`\0${name}-${stream}`)
      theirs[stream] = socket
      socket.on('error', () => undefined)
      socket.once('connect', () => {
        fds[stream] = descriptor(socket)
        if (fds.every((fd) => fd >= 0)) say({ fds })
      })
    })
  }
  const readNow = (stream: number, socket: Socket): void => {
    const fd = descriptor(socket)
    for (let bytes = 1; fd >= 0 && bytes > 0; ) {
      const chunk = Buffer.alloc(65536)
      try {
        bytes = fs.readSync(fd, chunk)
      } catch {
        bytes = 0
      }
      // Exactly these bytes: a message takes the whole buffer along.
      queue.push(stream, new Uint8Array(chunk.subarray(0, bytes)), now())
    }
  }
  port.on('message', (order: ThreadOrder) => {
    if (order === 'spawned') for (const socket of theirs) socket.destroy()
    else if (order === 'release') for (const socket of [...theirs, ...ours]) socket?.destroy()
    else if (order === 'more') {
      sent = false
      send()
    } else {
      for (const [stream, socket] of ours.entries()) readNow(stream, socket)
      send()
      Atomics.store(caughtUp, 0, 1)
      Atomics.notify(caughtUp, 0)
    }
  })
}
