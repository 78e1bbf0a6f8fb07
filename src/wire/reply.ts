import { Reader, Writer } from './cursor.js'
import { REPLY_HEADER_BYTES, replyHeader } from './header.js'
import { type Layout, MESSAGE_LAYOUTS } from './layout.js'
import type { Input, Opcode, ReplyBody } from './layout-types.js'
import type { Protocol } from './protocol.js'
import { readFields } from './read-fields.js'
import { WireError } from './wire-error.js'
import { writeFields } from './write-fields.js'

/** An answer: a body, or an error (negative, as on the wire) and none. */
export type ReplyOf<O extends Opcode> =
  | { unique: bigint; error: 0; body: ReplyBody<O> }
  | { unique: bigint; error: number; body: null }

export type Reply = { [O in Opcode]: ReplyOf<O> }[Opcode] | { unique: bigint; error: 0; body: { data: Buffer } }

/** What of a request its reply is read by: which it is, and the size that it asked for. */
export type Asked<O extends string = string> = {
  readonly opcode: O
  readonly body?: { readonly size?: unknown } | object
}

/** What is needed to encode a reply. */
export type ReplyInput<O extends Opcode = Opcode> =
  | { unique: bigint; error?: 0; body: { [P in O]: Input<ReplyBody<P>> }[O] }
  | { unique: bigint; error: number; body?: null }

/** The kernel refuses errors beyond this one. */
const MAX_ERROR = 511

/** The layout of a successful reply; null where the table does not know the request. */
function layoutFor(asked: Asked): Layout | null {
  const message = MESSAGE_LAYOUTS.get(asked.opcode)
  if (!message) return null
  if (!message.reply) throw new WireError('value', 8, `a ${asked.opcode} request has no reply`)
  const size = (asked.body as { size?: unknown } | undefined)?.size
  return message.sizeReply && size === 0 ? message.sizeReply : message.reply
}

/**
 * Decodes a reply to a request. Names and data are views into `bytes`, not copies.
 *
 * @throws {WireError} `FT_WIRE` with the offset, when it is not what the protocol says or the kernel would not take it
 */
export function decodeReply<O extends Opcode>(bytes: Uint8Array, request: Asked<O>, protocol: Protocol): ReplyOf<O>
export function decodeReply(bytes: Uint8Array, request: Asked, protocol: Protocol): Reply
export function decodeReply(bytes: Uint8Array, request: Asked, protocol: Protocol): Reply {
  const { error, unique } = replyHeader(bytes, protocol.endianness)
  if (error > 0 || error < -MAX_ERROR)
    throw new WireError('error-number', 4, `${error} is no error that a reply can have`)
  const reader = new Reader(bytes, versionOf(request, bytes, protocol), REPLY_HEADER_BYTES)
  if (error !== 0) {
    reader.finish('a reply with an error')
    return { unique, error, body: null }
  }
  const layout = layoutFor(request)
  const body = layout ? readFields(layout, reader) : { data: reader.take(reader.left, 'data') }
  reader.finish(`a reply to ${request.opcode}`)
  return { unique, error: 0, body } as Reply
}

/** INIT's reply says itself of which version it is. */
function versionOf(request: Asked, bytes: Uint8Array, protocol: Protocol): Protocol {
  if (request.opcode !== 'init') return protocol
  const reader = new Reader(bytes, protocol, REPLY_HEADER_BYTES)
  return reader.left >= 8 ? { ...protocol, minor: reader.peekU32(4) } : protocol
}

/**
 * Encodes a reply to a request.
 *
 * @throws {WireError} `FT_WIRE` when a value does not fit its field
 */
export function encodeReply<O extends Opcode>(reply: ReplyInput<O>, request: Asked<O>, protocol: Protocol): Buffer
export function encodeReply(reply: Reply, request: Asked, protocol: Protocol): Buffer
export function encodeReply(reply: ReplyInput | Reply, request: Asked, protocol: Protocol): Buffer {
  const { error = 0, unique } = reply
  const body = (reply.body ?? {}) as { minor?: number; data?: Uint8Array; value?: Uint8Array }
  const version = request.opcode === 'init' && body.minor !== undefined ? { ...protocol, minor: body.minor } : protocol
  const writer = new Writer(version, 256 + (body.data?.length ?? body.value?.length ?? 0))
  if (error > 0 || error < -MAX_ERROR)
    throw new WireError('error-number', 4, `${error} is no error that a reply can have`)
  writer.pad(4, undefined, 'len')
  writer.scalar('s32', error, 'error')
  writer.scalar('u64', unique, 'unique')
  if (error !== 0) return writer.finish()
  const layout = layoutFor(request)
  if (layout) writeFields(layout, body, writer)
  else writer.raw(body.data ?? new Uint8Array())
  return writer.finish()
}
