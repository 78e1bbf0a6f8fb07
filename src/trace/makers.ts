import type { Dialect } from '../dialect/core/dialect.js'
import { errnoNumber } from '../dialect/core/errno.js'
import type { WrittenOutcome, WrittenRequest } from '../dialect/core/writer.js'
import type { Raw } from '../line/line.js'
import type { KernelRow, LineRow, Row } from '../recording/row.js'
import { BEFORE_INIT, REPLY_HEADER_BYTES, REQUEST_HEADER_BYTES } from '../wire/index.js'
import { Messages } from './messages.js'

/** Makes the rows that show requests and their ends, in one of the ways in which recordings show them. */
export interface RowMaker {
  request(request: WrittenRequest): Row[]
  reply(request: WrittenRequest, outcome: WrittenOutcome): Row[]
}

/** A row of the log. */
export const lineRow = (atNs: number, raw: Raw): LineRow => ({
  kind: 'line',
  atNs,
  stream: 'stderr',
  raw,
  terminated: true,
})

/** The log of a dialect that can write its lines. */
export function logMaker(writer: NonNullable<Dialect['writer']>): RowMaker {
  return {
    request: (request) => writer.request(request).map((raw) => lineRow(request.atNs, raw)),
    reply: (request, outcome) => writer.reply(request, outcome).map((raw) => lineRow(outcome.atNs, raw)),
  }
}

/** The messages between kernel and daemon, as a recording of the wire has them. */
export function wireMaker(): RowMaker {
  const messages = new Messages(BEFORE_INIT)
  const message = { dataBytes: 0, dataHash: null }
  return {
    request: (request) => [{ kind: 'request', atNs: request.atNs, bytes: messages.request(request), ...message }],
    reply(request, outcome) {
      return [
        { kind: 'reply', atNs: outcome.atNs, bytes: messages.reply(request, outcome), ...message, fate: 'passed' },
      ]
    },
  }
}

/** The kernel's own events with their arguments, as its programs read them. */
export function kernelMaker(): RowMaker {
  const messages = new Messages(BEFORE_INIT)
  const details = (request: WrittenRequest, bytes: Buffer, head: number): NonNullable<KernelRow['details']> => ({
    nodeId: request.nodeId,
    uid: 0,
    gid: 0,
    pid: request.pid,
    len: bytes.length,
    incomplete: false,
    body: bytes.subarray(head).toString('latin1'),
  })
  return {
    request(request) {
      const bytes = messages.request(request)
      const forget = request.opcode === 'forget'
      const edge = forget ? 'forget' : 'send'
      const what = { unique: forget ? 1 : request.unique, opcode: forget ? null : request.opcode, error: null }
      const body = forget ? { ...details(request, bytes, 0), body: '' } : details(request, bytes, REQUEST_HEADER_BYTES)
      return [{ kind: 'kernel', atNs: request.atNs, edge, ...what, details: body }]
    },
    reply(request, outcome) {
      const bytes = messages.reply(request, outcome)
      const error = outcome.errno === null ? 0 : -(errnoNumber(outcome.errno) ?? 5)
      const { unique, opcode } = request
      const about = details(request, bytes, REPLY_HEADER_BYTES)
      return [{ kind: 'kernel', atNs: outcome.atNs, edge: 'end', unique, opcode, error, details: about }]
    },
  }
}
