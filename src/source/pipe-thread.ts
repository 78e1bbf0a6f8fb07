import type { Socket } from 'node:net'
import type { MessagePort } from 'node:worker_threads'
import type { Arrived, ChunkQueue } from './chunk-queue.js'

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
  /** Make a pipe. `last`: what has come by the others is read before anything of this one. */
  | { readonly open: number; readonly last: boolean }
  /** The process has its end: ours of it can be closed. */
  | { readonly spawned: number }
  /** Stop reading it. */
  | { readonly release: number }
  /** The last batch was handed on. */
  | 'more'
  /** Read what is in the pipes at this moment. */
  | 'catch-up'

/** From the thread. */
export type ThreadMessage =
  /** The descriptor to give to a process; null when it could not be made. */
  | { readonly opened: number; readonly fd: number | null; readonly problem: string }
  | { readonly arrived: readonly Arrived<number>[] }

/**
 * The whole program of the thread that reads a daemon's streams. While our own thread is busy, or waits in a synchronous
 * call for an answer of the very daemon that waits for its log to be read, this one goes on. Its source text is run by a
 * worker, so it may use nothing from outside of itself.
 */
export function pipeThread(Queue: typeof ChunkQueue<number>): void {
  const net = process.getBuiltinModule('node:net')
  const fs = process.getBuiltinModule('node:fs')
  const os = process.getBuiltinModule('node:os')
  const { workerData } = process.getBuiltinModule('node:worker_threads')
  const { port, name, originNs, limitBytes, caughtUp } = workerData as ThreadData
  const queue = new Queue(limitBytes)
  const now = (): number => Number(process.hrtime.bigint() - originNs)
  const descriptor = (socket: Socket | undefined): number =>
    (socket as unknown as { _handle: { fd: number } | null } | undefined)?._handle?.fd ?? -1
  try {
    // Times of arrival are as good as this thread is quick. Only root may ask for that.
    os.setPriority(Number(fs.readlinkSync('/proc/thread-self').split('/').pop()), -10)
  } catch {
    // As quick as the others, then.
  }

  /** A batch is on its way: what comes now waits for the next. */
  let sent = false
  const send = (): void => {
    const arrived = queue.take()
    if (arrived.length === 0) return
    sent = true
    port.postMessage({ arrived } satisfies ThreadMessage)
  }
  const ours = new Map<number, Socket>()
  const theirs = new Map<number, Socket>()
  const readNow = (except: number): void => {
    for (const [stream, socket] of ours) {
      const fd = descriptor(socket)
      for (let bytes = 1; stream !== except && fd >= 0 && bytes > 0; ) {
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
  }
  const open = (stream: number, last: boolean): void => {
    const path = `\0${name}-${stream}`
    const opened = (fd: number | null, problem: string): void =>
      port.postMessage({ opened: stream, fd, problem } satisfies ThreadMessage)
    const server = net.createServer((socket) => {
      server.close()
      ours.set(stream, socket)
      socket.on('data', (chunk: Buffer<ArrayBuffer>) => {
        const atNs = now()
        if (last) readNow(stream)
        queue.push(stream, chunk, atNs)
        if (!sent) send()
      })
      socket.on('error', () => undefined)
      socket.once('close', () => {
        ours.delete(stream)
        queue.end(stream, now())
        if (!sent) send()
      })
    })
    server.once('error', (error) => opened(null, error.message))
    server.listen(path, () => {
      const socket = net.connect(path)
      theirs.set(stream, socket)
      socket.on('error', () => undefined)
      socket.once('connect', () => opened(descriptor(socket), ''))
    })
  }
  port.on('message', (order: ThreadOrder) => {
    if (order === 'more') {
      sent = false
      send()
    } else if (order === 'catch-up') {
      readNow(-1)
      send()
      Atomics.store(caughtUp, 0, 1)
      Atomics.notify(caughtUp, 0)
    } else if ('open' in order) open(order.open, order.last)
    else {
      if ('release' in order) ours.get(order.release)?.destroy()
      const stream = 'spawned' in order ? order.spawned : order.release
      theirs.get(stream)?.destroy()
      theirs.delete(stream)
    }
  })
}
