import { Reader, Writer } from './cursor.js'
import { REPLY_HEADER_BYTES, replyHeader } from './header.js'
import { NOTIFICATION_LAYOUTS } from './layout.js'
import type { Input, NotificationBody, NotificationName } from './layout-types.js'
import { notificationName } from './opcodes.js'
import type { Protocol } from './protocol.js'
import { readFields } from './read-fields.js'
import { WireError } from './wire-error.js'
import { writeFields } from './write-fields.js'

/** What a daemon says unasked. */
export type NotificationOf<N extends NotificationName> = { notification: N; body: NotificationBody<N> }
/** One whose number the table does not have. */
export type UnknownNotification = { notification: `notification_${number}`; body: { data: Buffer } }
export type Notification = { [N in NotificationName]: NotificationOf<N> }[NotificationName] | UnknownNotification

export type NotificationInput =
  | { [N in NotificationName]: { notification: N; body?: Input<NotificationBody<N>> } }[NotificationName]
  | UnknownNotification

/**
 * Decodes a notification: a message from the daemon whose `unique` is 0.
 *
 * @throws {WireError} `FT_WIRE` with the offset, when it is not what the protocol says
 */
export function decodeNotification(bytes: Uint8Array, protocol: Protocol): Notification {
  const { error: number, unique } = replyHeader(bytes, protocol.endianness)
  if (unique !== 0n) throw new WireError('value', 8, 'a notification has no unique')
  const reader = new Reader(bytes, protocol, REPLY_HEADER_BYTES)
  const name = notificationName(number)
  const layout = name === null ? undefined : NOTIFICATION_LAYOUTS.get(name)
  const body = layout ? readFields(layout.body, reader) : { data: reader.take(reader.left, 'data') }
  reader.finish(`a notification ${name}`)
  return { notification: name ?? `notification_${number}`, body } as Notification
}

/**
 * Encodes a notification.
 *
 * @throws {WireError} `FT_WIRE` when a value does not fit its field
 */
export function encodeNotification(notification: NotificationInput, protocol: Protocol): Buffer {
  const { notification: name, body = {} } = notification
  const layout = NOTIFICATION_LAYOUTS.get(name)
  const number = layout?.number ?? Number(/^notification_(-?\d{1,10})$/.exec(name)?.[1] ?? Number.NaN)
  const writer = new Writer(protocol, 128)
  writer.pad(4, undefined, 'len')
  writer.scalar('s32', number, 'notification')
  writer.scalar('u64', 0n, 'unique')
  if (layout) writeFields(layout.body, body, writer)
  else writer.raw((body as { data?: Uint8Array }).data ?? new Uint8Array())
  return writer.finish()
}
