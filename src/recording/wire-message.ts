import type { WireMessage } from '../operation/wire-interpreter.js'
import type { ReplyRow, RequestRow } from './row.js'

/**
 * A recorded message as the kernel saw it, with zeros in place of data that was left out; null for one that the kernel did not
 * take, or never got.
 */
export function wireMessage(row: RequestRow | ReplyRow): WireMessage | null {
  if (row.kind === 'reply' && (row.fate === 'lost' || row.fate === 'refused')) return null
  return { edge: row.kind, atNs: row.atNs, bytes: wholeMessage(row) }
}

/** A recorded message with zeros in place of data that was left out. */
export function wholeMessage({ bytes, dataBytes }: RequestRow | ReplyRow): Buffer {
  const kept = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return dataBytes === 0 ? kept : Buffer.concat([kept, Buffer.alloc(dataBytes)])
}
