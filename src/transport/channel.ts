import { closeSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Clock } from '../clock.js'
import type { Libc } from '../native/libc.js'
import { until } from '../time.js'
import { Frames, MAX_MESSAGE_BYTES } from './frames.js'
import { PromptReads } from './prompt-reads.js'
import { WideReads } from './wide-reads.js'

/** Messages taken at once before others have their turn. */
const MAX_AT_ONCE = 64

export interface ChannelOptions {
  clock: Clock
  /** Takes the next message of FUSE, whole; it may keep the bytes. */
  onMessage(message: Buffer): void
  /** Whether a request of this number waits for its answer. @default every one may */
  awaits?(unique: bigint): boolean
  /** How many answers are to be expected, so that they are worth a moment's wait. @default none */
  expects?(): number
  /** The other side has closed its end, or the socket failed: nothing will come any more. Called once. */
  onEnd(error: Error | null): void
}

/** Our end of a socket of messages. */
export interface Channel {
  /** Messages that wait for room in the socket. */
  readonly waiting: number
  /** Sends a message after those that were sent before. Lost when the other side is gone. */
  send(message: Buffer): void
  /** Closes our end: the other side reads its end. */
  close(): void
  /**
   * Reads no more, and closes our end when something has come that was not read: the other side then reads an error
   * (ECONNRESET) instead of an end, which some daemons do not take for one.
   */
  reset(clock: Clock, limitNs: number): Promise<void>
}

/**
 * Reads and writes whole messages on a SOCK_SEQPACKET socket, in the event loop.
 *
 * Node reads only sockets of streams. The loop of libuv however watches a descriptor, whatever it names: a stream's descriptor
 * is made to name the socket, and a read into a buffer as long as the longest message takes one message.
 *
 * @param fd is owned by the channel from here on
 */
export function openChannel(libc: Libc, fd: number, options: ChannelOptions): Channel {
  const { clock, onMessage, onEnd, awaits } = options
  libc.setNonBlocking(fd)
  const [mine, other] = libc.streamPair()
  closeSync(other)
  let open = true
  let error: Error | null = null
  const queue: Uint8Array[] = []
  let writing = false
  let resetting = false
  const frames = new Frames({
    maxBytes: MAX_MESSAGE_BYTES,
    ...(awaits && { awaits }),
    onMessage(message) {
      onMessage(message)
      reads.reply(message)
    },
  })
  const reads = new WideReads((message) => send(message))
  const push = (buffer: Buffer, bytes: number): void => {
    if (open) frames.push(copyOf(buffer, bytes))
    if (frames.partial > 0) reads.piece()
  }
  const buffer = Buffer.allocUnsafeSlow(MAX_MESSAGE_BYTES)
  const expects = (): number => (open && !resetting ? (options.expects?.() ?? 0) : 0)
  const prompt = new PromptReads({
    clock,
    expects,
    wait: (limitNs) => libc.waitForMessage(mine, limitNs),
    read() {
      let count = 0
      // Its end, and what is wrong with it, is for the socket's events.
      for (; count < MAX_AT_ONCE && expects() > 0; count++) {
        const bytes = libc.receive(mine, buffer)
        if (bytes <= 0) break
        push(buffer, bytes)
      }
      return count > 0
    },
  })
  const socket = new Socket({
    fd: mine,
    readable: true,
    writable: true,
    allowHalfOpen: true,
    onread: {
      // Not filled with zeros: pages that no message reaches cost nothing.
      buffer: Buffer.allocUnsafeSlow(MAX_MESSAGE_BYTES),
      callback(bytes: number, taken: Buffer) {
        push(taken, bytes)
        return !resetting
      },
    },
  } as ConstructorParameters<typeof Socket>[0])
  libc.duplicateTo(fd, mine)
  closeSync(fd)
  const end = (): void => {
    if (!open) return
    open = false
    socket.destroy()
    onEnd(error)
  }
  socket.on('error', (reason) => {
    error = reason
  })
  socket.on('end', end)
  socket.on('close', end)

  /** One at a time: what is written in one go is one message. */
  const drain = (): void => {
    const next = open ? queue.shift() : undefined
    writing = next !== undefined
    if (next) socket.write(next, () => drain())
  }
  const close = (): void => {
    open = false
    socket.destroy()
  }
  const send = (message: Uint8Array): void => {
    if (!open) return
    if (!writing && queue.length === 0) {
      try {
        if (libc.send(mine, message)) {
          prompt.sent()
          return
        }
      } catch (reason) {
        error = reason as Error
        return
      }
    }
    queue.push(Buffer.from(message))
    if (!writing) drain()
  }
  return {
    get waiting() {
      return queue.length + (writing ? 1 : 0)
    },
    send: (message) => reads.request(message),
    close,
    async reset(clock, limitNs) {
      resetting = true
      socket.pause()
      await until(clock, { forNs: limitNs, everyNs: 1_000_000 }, () =>
        !open || libc.bytesWaiting(mine) > 0 ? true : null,
      )
      close()
    },
  }
}

/** The first bytes of a buffer that is used again. */
function copyOf(buffer: Buffer, bytes: number): Buffer {
  const copy = Buffer.allocUnsafe(bytes)
  buffer.copy(copy, 0, 0, bytes)
  return copy
}
