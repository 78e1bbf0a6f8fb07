import { openRecording } from '../../src/recording/reader.js'
import {
  BEFORE_INIT,
  decodeNotification,
  decodeReply,
  decodeRequest,
  encodeNotification,
  encodeReply,
  encodeRequest,
  isUnanswered,
  type Protocol,
  protocolOf,
  type Reply,
  type Request,
  replyHeader,
} from '../../src/wire/index.js'

export interface StreamReport {
  /** Messages whose bytes came out as they were. */
  same: number
  /** Those that did not, in hexadecimal digits. */
  other: string[]
  opcodes: Set<string>
  unanswered: number
}

/** Decodes and encodes every message of a recording that was made with its data. */
export function roundTrip(file: string): StreamReport {
  const open = new Map<bigint, Request>()
  const report: StreamReport = { same: 0, other: [], opcodes: new Set(), unanswered: 0 }
  let protocol: Protocol = BEFORE_INIT
  const reader = openRecording(file)
  for (const row of reader.rows({ kinds: ['request', 'reply'] })) {
    if (row.kind !== 'request' && row.kind !== 'reply') continue
    const bytes = Buffer.from(row.bytes)
    let encoded: Buffer
    if (row.kind === 'request') {
      const request = decodeRequest(bytes, protocol)
      report.opcodes.add(request.opcode)
      if (!isUnanswered(request.opcode)) open.set(request.unique, request)
      encoded = encodeRequest(request, protocol)
    } else if (replyHeader(bytes).unique === 0n) {
      encoded = encodeNotification(decodeNotification(bytes, protocol), protocol)
    } else {
      const request = open.get(replyHeader(bytes).unique) as Request
      open.delete(request.unique)
      const reply: Reply = decodeReply(bytes, request, protocol)
      encoded = encodeReply(reply, request, protocol)
      if (request.opcode === 'init' && reply.body) protocol = protocolOf(request.body, reply.body as never)
    }
    if (encoded.equals(bytes)) report.same++
    else report.other.push(`${row.kind} ${bytes.toString('hex')} ${encoded.toString('hex')}`)
  }
  reader.close()
  report.unanswered = open.size
  return report
}
