import type { Stream } from '../line/line.js'
import type { Operation } from '../operation/operation.js'
import { decodeKernel, encodeKernel } from './kernel-codec.js'
import type { CallRow, LineRow, RequestRow, Row } from './row.js'
import { Invalid, isCount, isIntOrNull, isText, isTextOrNull, isTime, need, oneOf } from './validate.js'
import { decodeWait, encodeWait } from './wait-codec.js'

/** Rows are tuples in the file; their first item is the kind's position here. */
export const KINDS: readonly Row['kind'][] = [
  'line',
  'mark',
  'probe',
  'call',
  'kernel',
  'operation',
  'mount',
  'exit',
  'loss',
  'request',
  'reply',
  'fault',
  'wait',
]
const STREAMS: readonly Stream[] = ['stdout', 'stderr', 'tty']
const MOUNT_EVENTS = ['spawned', 'mountinfo', 'device', 'answered', 'lost', 'unmounted']
const ENDED_BY = ['reply', 'span', 'wire', 'last-event', 'next-request', null]
const FATES = ['passed', 'made', 'lost', 'late', 'refused'] as const
/** Longest message with all its data. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024
const STATUS = ['ok', 'error', 'unknown', 'unfinished']

/** A row as it is packed. */
export function encodeRow(row: Row): unknown[] {
  switch (row.kind) {
    case 'line':
      return [
        0,
        row.atNs,
        STREAMS.indexOf(row.stream),
        Buffer.from(row.raw, 'latin1'),
        row.terminated,
        ...(row.readBytes === undefined ? [] : [row.readBytes]),
      ]
    case 'mark':
      return [1, row.atNs, row.edge, row.name]
    case 'probe':
      return [2, row.atNs, row.probe, [...row.args], row.answer, row.errno]
    case 'call': {
      const { beginNs, endNs, root, method, args, result, error } = row
      return [3, beginNs, endNs, root, method, args, result, error]
    }
    case 'kernel':
      return encodeKernel(row)
    case 'operation': {
      const o = row.operation
      const bytes = [o.pathBytes ?? null, o.newPathBytes ?? null, o.targetBytes ?? null, o.nameBytes ?? null]
      const target = o.target === undefined ? [] : [o.target]
      const { id, opcode, unique, path, newPath, name, startNs, endNs, endedBy, status, errno, pid, lines } = o
      return [
        5,
        id,
        opcode,
        unique,
        path,
        newPath,
        name,
        startNs,
        endNs,
        endedBy,
        status,
        errno,
        pid,
        [...lines],
        target,
        bytes,
        ...extras(o),
      ]
    }
    case 'mount':
      return [6, row.atNs, row.event, row.detail]
    case 'exit':
      return [7, row.atNs, row.code, row.signal]
    case 'loss':
      return [8, row.atNs, row.what, row.count]
    case 'request':
      return [9, row.atNs, row.bytes, row.dataBytes, row.dataHash]
    case 'reply':
      return [10, row.atNs, row.bytes, row.dataBytes, row.dataHash, row.fate]
    case 'fault':
      return [11, row.atNs, row.fault, row.text, row.unique, row.opcode, row.path]
    case 'wait':
      return encodeWait(row)
  }
}

const VALUES = ['size', 'offset', 'mode', 'flags', 'nodeId', 'fh', 'queueNs'] as const

/** What only some operations have: numbers by name, the names of a node with several, and that nothing was found. */
function extras(o: Operation): unknown[] {
  const extra: unknown[] = []
  for (const key of VALUES) if (o[key] !== undefined) extra.push(key, o[key])
  if (o.paths !== undefined) extra.push('paths', [...o.paths])
  if (o.negative) extra.push('negative', true)
  return extra.length === 0 ? [] : [extra]
}

type Extras = Pick<Operation, (typeof VALUES)[number] | 'paths' | 'negative'>

function readExtras(packed: unknown): Extras {
  if (packed === undefined) return {}
  if (!Array.isArray(packed) || packed.length > 32) throw new Invalid()
  const extra: Record<string, unknown> = {}
  for (let i = 0; i + 1 < packed.length; i += 2) {
    const [key, value] = [packed[i], packed[i + 1]]
    if (key === 'paths' && Array.isArray(value) && value.every(isText)) extra.paths = value
    else if (key === 'negative' && value === true) extra.negative = true
    else if (VALUES.includes(key) && (Number.isSafeInteger(value) || /^\d{1,20}$/.test(String(value))))
      extra[key] = value
  }
  return extra as Extras
}

/** The kind of a packed row without reading the rest; undefined for a kind of a newer version. */
export function kindOf(tuple: unknown): Row['kind'] | undefined {
  return Array.isArray(tuple) ? KINDS[tuple[0] as number] : undefined
}

/** Whether it is a packed row of any kind, of a newer version too. */
export const isRow = (tuple: unknown): boolean => Array.isArray(tuple) && isCount(tuple[0])

/** A packed row as it was; null when it is not what a row must be. */
export function decodeRow(tuple: unknown): Row | null {
  if (!Array.isArray(tuple)) return null
  try {
    return decode(tuple)
  } catch (error) {
    if (error instanceof Invalid) return null
    throw error
  }
}

function decode(t: readonly unknown[]): Row {
  const kind = oneOf(kindOf(t), KINDS)
  switch (kind) {
    case 'line': {
      const bytes = t[3]
      if (!(bytes instanceof Uint8Array) || typeof t[4] !== 'boolean') throw new Invalid()
      const stream = STREAMS[need(t[2], isCount)]
      if (stream === undefined) throw new Invalid()
      const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      const raw = buffer.toString('latin1')
      const row: LineRow = { kind, atNs: need(t[1], isTime), stream, raw, terminated: t[4] }
      if (t[5] !== undefined) row.readBytes = need(t[5], isCount)
      return row
    }
    case 'mark':
      return { kind, atNs: need(t[1], isTime), edge: oneOf(t[2], ['begin', 'end', 'moment']), name: need(t[3], isText) }
    case 'probe': {
      const answer = t[4]
      if (!Array.isArray(t[3]) || !t[3].every(isText)) throw new Invalid()
      if (answer !== null && !['string', 'number', 'boolean'].includes(typeof answer)) throw new Invalid()
      return {
        kind,
        atNs: need(t[1], isTime),
        probe: need(t[2], isText),
        args: t[3],
        answer: answer as string | number | boolean | null,
        errno: need(t[5], isTextOrNull),
      }
    }
    case 'call':
      if (!Array.isArray(t[5])) throw new Invalid()
      return {
        kind,
        beginNs: need(t[1], isTime),
        endNs: need(t[2], isTime),
        root: need(t[3], isText),
        method: need(t[4], isText),
        args: t[5],
        result: t[6],
        error: callError(t[7]),
      }
    case 'kernel':
      return decodeKernel(t)
    case 'operation':
      return { kind, operation: operation(t) }
    case 'mount':
      return {
        kind,
        atNs: need(t[1], isTime),
        event: oneOf(t[2], MOUNT_EVENTS) as 'spawned',
        detail: need(t[3], isTextOrNull),
      }
    case 'exit':
      return { kind, atNs: need(t[1], isTime), code: need(t[2], isIntOrNull), signal: need(t[3], isTextOrNull) }
    case 'loss':
      return { kind, atNs: need(t[1], isTime), what: need(t[2], isText), count: need(t[3], isCount) }
    case 'request':
      return { kind, atNs: need(t[1], isTime), ...message(t) }
    case 'reply':
      return { kind, atNs: need(t[1], isTime), ...message(t), fate: oneOf(t[5], FATES) }
    case 'fault':
      return {
        kind,
        atNs: need(t[1], isTime),
        fault: need(t[2], isCount),
        text: need(t[3], isText),
        unique: need(t[4], isText),
        opcode: need(t[5], isText),
        path: need(t[6], isTextOrNull),
      }
    case 'wait':
      return decodeWait(t)
  }
}

function message(t: readonly unknown[]): Pick<RequestRow, 'bytes' | 'dataBytes' | 'dataHash'> {
  const bytes = t[2]
  const dataBytes = need(t[3], isCount)
  const dataHash = need(t[4], isTextOrNull)
  if (!(bytes instanceof Uint8Array) || bytes.length + dataBytes > MAX_MESSAGE_BYTES) throw new Invalid()
  return { bytes, dataBytes, dataHash }
}

function operation(t: readonly unknown[]): Operation {
  const [lines, target, bytes] = [t[13], t[14], t[15]]
  if (!Array.isArray(lines) || lines.length !== 2 || !lines.every(isCount)) throw new Invalid()
  if (!Array.isArray(target) || target.length > 1 || !target.every(isTextOrNull)) throw new Invalid()
  if (!Array.isArray(bytes) || bytes.length !== 4 || !bytes.every(isTextOrNull)) throw new Invalid()
  const [pathBytes, newPathBytes, targetBytes, nameBytes] = bytes as (string | null)[]
  return {
    id: need(t[1], isCount),
    opcode: need(t[2], isText),
    unique: need(t[3], isIntOrNull),
    path: need(t[4], isTextOrNull),
    ...(pathBytes != null && { pathBytes }),
    newPath: need(t[5], isTextOrNull),
    ...(newPathBytes != null && { newPathBytes }),
    ...(target.length === 1 && { target: target[0] as string | null }),
    ...(targetBytes != null && { targetBytes }),
    name: need(t[6], isTextOrNull),
    ...(nameBytes != null && { nameBytes }),
    startNs: need(t[7], isTime),
    endNs: need(t[8], isIntOrNull),
    endedBy: oneOf(t[9], ENDED_BY) as Operation['endedBy'],
    status: oneOf(t[10], STATUS) as Operation['status'],
    errno: need(t[11], isTextOrNull),
    pid: need(t[12], isIntOrNull),
    lines: [lines[0] as number, lines[1] as number],
    ...readExtras(t[16]),
  }
}

function callError(value: unknown): CallRow['error'] {
  if (value === null) return null
  if (typeof value !== 'object') throw new Invalid()
  const { code, errno, syscall, message, path, dest } = value as Record<string, unknown>
  return {
    code: need(code, isText),
    errno: need(errno, isIntOrNull),
    syscall: need(syscall, isTextOrNull),
    message: need(message, isText),
    ...(path !== undefined && { path: need(path, isText) }),
    ...(dest !== undefined && { dest: need(dest, isText) }),
  }
}
