import { REPLY_HEADER_BYTES, REQUEST_HEADER_BYTES } from './header.js'

const WRITE = 16
const NOTIFY_REPLY = 41
/** Where both say how much data stands at their end. */
const SIZE_AT = REQUEST_HEADER_BYTES + 16

/** The bytes of file contents at the end of a request: of a write, or of what a daemon has retrieved. */
export function requestData(bytes: Buffer, endianness: 'LE' | 'BE' = 'LE'): number {
  if (bytes.length < SIZE_AT + 4) return 0
  const read = (at: number): number => (endianness === 'LE' ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at))
  const number = read(4)
  if (number !== WRITE && number !== NOTIFY_REPLY) return 0
  const size = read(SIZE_AT)
  return size <= bytes.length - SIZE_AT - 4 ? size : 0
}

/** The bytes of file contents in the reply to a request of this number. */
export function replyData(bytes: Buffer, request: number): number {
  const READ = 15
  return request === READ ? Math.max(0, bytes.length - REPLY_HEADER_BYTES) : 0
}
