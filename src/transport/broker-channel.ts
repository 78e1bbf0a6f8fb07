import type { Socket } from 'node:net'
import type { Clock } from '../clock.js'
import { LATE, within } from '../time.js'
import type { Channel, ChannelOptions } from './channel.js'
import { Frames, MAX_MESSAGE_BYTES } from './frames.js'
import { WideReads } from './wide-reads.js'

/** Bytes before what the broker has read at once: how many they are. */
const LENGTH_BYTES = 4

/** A channel by way of the broker; nothing can be sent before its socket is there. */
export interface BrokerChannel extends Channel {
  /** @param rest what has been read of it already */
  attach(socket: Socket, rest: Buffer): void
}

/** Reads and writes whole messages on the broker's stream. */
export function brokerChannel({ onMessage, onEnd, awaits }: Omit<ChannelOptions, 'clock'>): BrokerChannel {
  let socket: Socket | null = null
  let ended = false
  let error: Error | null = null
  let read: Buffer = Buffer.alloc(0)
  let over: () => void = () => undefined
  const gone = new Promise<void>((resolve) => {
    over = resolve
  })
  const frames = new Frames({
    maxBytes: MAX_MESSAGE_BYTES,
    ...(awaits && { awaits }),
    onMessage(message) {
      onMessage(message)
      reads.reply(message)
    },
  })
  const reads = new WideReads((message) => {
    if (!ended) socket?.write(Buffer.from(message))
  })
  const take = (chunk: Buffer): void => {
    read = read.length === 0 ? chunk : Buffer.concat([read, chunk])
    for (;;) {
      const end = read.length < LENGTH_BYTES ? Number.POSITIVE_INFINITY : LENGTH_BYTES + read.readUInt32LE(0)
      if (ended || read.length < end) return
      const piece = read.subarray(LENGTH_BYTES, end)
      read = read.subarray(end)
      frames.push(piece)
      if (frames.partial > 0) reads.piece()
    }
  }
  const end = (): void => {
    over()
    if (ended) return
    ended = true
    socket?.destroy()
    onEnd(error)
  }
  const close = (): void => {
    ended = true
    socket?.destroy()
    over()
  }
  return {
    get waiting() {
      return socket !== null && socket.writableLength > 0 ? 1 : 0
    },
    attach(theirs, rest) {
      socket = theirs
      socket.on('error', (reason) => {
        error = reason
      })
      socket.on('data', take)
      socket.on('end', end)
      socket.on('close', end)
      if (ended) close()
      else take(rest)
    },
    send: (message) => reads.request(message),
    close,
    async reset(clock: Clock, limitNs: number) {
      // The broker closes the daemon's socket when ours ends.
      socket?.end()
      if ((await within(clock, limitNs, gone)) === LATE) close()
    },
  }
}
