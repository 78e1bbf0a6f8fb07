import { createHash } from 'node:crypto'
import type { PassedMessage } from '../faults/message-relay.js'
import type { ReplyRow, RequestRow } from '../recording/row.js'
import { replyData, requestData } from '../wire/index.js'

const READ = 15

/** Makes rows of messages as they pass: contents of files are kept as length and hash, unless they are asked for. */
export class WireRows {
  readonly #data: boolean
  /** Requests whose answers are file contents. */
  readonly #reads = new Set<bigint>()

  /** @param data keep the contents of reads and writes */
  constructor(data: boolean) {
    this.#data = data
  }

  row(event: PassedMessage): RequestRow | ReplyRow {
    const { atNs, bytes } = event
    const dataBytes = this.#data ? 0 : this.#dataBytes(event)
    const kept = dataBytes === 0 ? bytes : bytes.subarray(0, bytes.length - dataBytes)
    const hash = dataBytes === 0 ? null : createHash('sha256').update(bytes.subarray(kept.length)).digest('hex')
    const message = { atNs, bytes: kept, dataBytes, dataHash: hash }
    return event.kind === 'request' ? { kind: 'request', ...message } : { kind: 'reply', ...message, fate: event.fate }
  }

  /** The bytes of file contents in a message. */
  #dataBytes(event: PassedMessage): number {
    const { bytes } = event
    if (event.kind === 'notification' || bytes.length < 16) return 0
    const unique = bytes.readBigUInt64LE(8)
    if (event.kind === 'request') {
      if (bytes.readUInt32LE(4) === READ) this.#reads.add(unique)
      return requestData(bytes)
    }
    return this.#reads.delete(unique) ? replyData(bytes, READ) : 0
  }
}
