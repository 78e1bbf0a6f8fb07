import { WireError } from './wire-error.js'

/** Bytes before a request's arguments. */
export const REQUEST_HEADER_BYTES = 40
/** Bytes before a reply's. */
export const REPLY_HEADER_BYTES = 16

/** What every request begins with. */
export interface RequestHeader {
  readonly length: number
  /** The request's number. */
  readonly number: number
  readonly unique: bigint
  readonly nodeId: bigint
  readonly uid: number
  readonly gid: number
  readonly pid: number
  /** Bytes of extensions at the message's end. */
  readonly extensionBytes: number
  readonly padding: number
}

/** What every reply and notification begins with. */
export interface ReplyHeader {
  readonly length: number
  /** 0, a negative error number, or the number of a notification. */
  readonly error: number
  /** 0 is a notification. */
  readonly unique: bigint
}

function viewOf(bytes: Uint8Array, headerBytes: number, little: boolean): DataView {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.byteLength < headerBytes) {
    throw new WireError('truncated', bytes.byteLength, `a message of ${bytes.byteLength} bytes has no whole header`)
  }
  const length = view.getUint32(0, little)
  if (length !== bytes.byteLength) {
    throw new WireError('length', 0, `the header says ${length} bytes, the message has ${bytes.byteLength}`)
  }
  return view
}

/**
 * Reads a request's header.
 *
 * @throws {WireError} when the message is shorter than it, or not as long as it says
 */
export function requestHeader(bytes: Uint8Array, endianness: 'LE' | 'BE' = 'LE'): RequestHeader {
  const little = endianness === 'LE'
  const view = viewOf(bytes, REQUEST_HEADER_BYTES, little)
  return {
    length: bytes.byteLength,
    number: view.getUint32(4, little),
    unique: view.getBigUint64(8, little),
    nodeId: view.getBigUint64(16, little),
    uid: view.getUint32(24, little),
    gid: view.getUint32(28, little),
    pid: view.getUint32(32, little),
    extensionBytes: view.getUint16(36, little) * 8,
    padding: view.getUint16(38, little),
  }
}

/**
 * Reads the header of a reply or a notification.
 *
 * @throws {WireError} when the message is shorter than it, or not as long as it says
 */
export function replyHeader(bytes: Uint8Array, endianness: 'LE' | 'BE' = 'LE'): ReplyHeader {
  const little = endianness === 'LE'
  const view = viewOf(bytes, REPLY_HEADER_BYTES, little)
  return { length: bytes.byteLength, error: view.getInt32(4, little), unique: view.getBigUint64(8, little) }
}
