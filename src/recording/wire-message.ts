import type { WireMessage } from '../operation/wire-interpreter.js'
import type { ReplyRow, RequestRow } from './row.js'

const REPLY_HEADER_BYTES = 16
const EIO = 5
/** The kernel takes no error beyond this one for an answer. */
const MAX_ERROR = 511

/** A recorded message as the kernel saw it, with zeros in place of data that was left out; null for one that it never saw. */
export function wireMessage(row: RequestRow | ReplyRow): WireMessage | null {
  const bytes = row.kind === 'request' ? wholeMessage(row) : answerTaken(wholeMessage(row), row.fate)
  return bytes && { edge: row.kind, atNs: row.atNs, bytes }
}

/**
 * What the kernel takes an answer for. One that it refuses although it names a request and an error that can be one ends that
 * request with EIO; any other that it refuses changes nothing.
 */
export function answerTaken(bytes: Buffer, fate: ReplyRow['fate']): Buffer | null {
  if (fate === 'lost') return null
  if (fate !== 'refused') return bytes
  if (bytes.length < REPLY_HEADER_BYTES || bytes.readUInt32LE(0) !== bytes.length) return null
  const error = bytes.readInt32LE(4)
  if (error > 0 || error < -MAX_ERROR) return null
  const answer = Buffer.from(bytes.subarray(0, REPLY_HEADER_BYTES))
  answer.writeUInt32LE(REPLY_HEADER_BYTES, 0)
  answer.writeInt32LE(-EIO, 4)
  return answer
}

/** A recorded message with zeros in place of data that was left out. */
function wholeMessage({ bytes, dataBytes }: RequestRow | ReplyRow): Buffer {
  const kept = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return dataBytes === 0 ? kept : Buffer.concat([kept, Buffer.alloc(dataBytes)])
}
