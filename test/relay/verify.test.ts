import { expect, test } from 'vitest'
import { verify } from '../../src/kernel/verify.js'
import { WireSides } from '../../src/kernel/wire-requests.js'
import { makeHeader } from '../../src/recording/header.js'
import type { Row } from '../../src/recording/row.js'
import { BEFORE_INIT, encodeReply, encodeRequest } from '../../src/wire/index.js'

const header = makeHeader({
  fusetraceVersion: '0',
  nodeVersion: '0',
  origin: 'record',
  originNs: 0n,
  dialect: 'libfuse',
  wire: true,
})
const message = (kind: 'request' | 'reply', atNs: number, bytes: Buffer): Row => {
  const row = { atNs, bytes, dataBytes: 0, dataHash: null }
  return kind === 'request' ? { kind, ...row } : { kind, ...row, fate: 'passed' }
}
const line = (atNs: number, raw: string): Row => ({ kind: 'line', atNs, stream: 'stderr', raw, terminated: true })

/** A lookup of `name` that is answered with an error, and a read; the log tells of both in its own way. */
function sides(log: { name: string; error: string; unique?: number }): WireSides {
  const both = new WireSides(header)
  const { name, error, unique = 2 } = log
  const rows = [
    message(
      'request',
      10,
      encodeRequest({ opcode: 'lookup', unique: 2n, nodeId: 1n, body: { name: Buffer.from('a.txt') } }, BEFORE_INIT),
    ),
    line(20, `unique: ${unique}, opcode: LOOKUP (1), nodeid: 1, insize: 46, pid: 7`),
    line(21, `LOOKUP /${name}`),
    line(30, `   unique: ${unique}, ${error}, outsize: 16`),
    message('reply', 40, encodeReply({ unique: 2n, error: -2 }, { opcode: 'lookup' }, BEFORE_INIT)),
  ]
  for (const row of rows) both.push(row)
  both.end(50)
  return both
}
const verified = (log: Parameters<typeof sides>[0]) => {
  const { operations, requests } = sides(log)
  return verify(operations, requests)
}
const MISSING = 'error: -2 (No such file or directory)'

test('a log that shows what the messages say agrees, and its times are measured against theirs', () => {
  expect(verified({ name: 'a.txt', error: MISSING })).toMatchObject({
    agrees: true,
    matched: 1,
    path: { compared: 1, agreeing: 1 },
    startNs: { median: 10 },
    endNs: { median: -10 },
  })
})

test('a wrong path, a wrong error, an operation that never was are found', () => {
  expect(verified({ name: 'b.txt', error: MISSING })).toMatchObject({
    agrees: false,
    path: { agreeing: 0, examples: [{ log: 'lookup /b.txt', kernel: '/a.txt' }] },
  })
  expect(verified({ name: 'a.txt', error: 'error: -13 (Permission denied)' })).toMatchObject({
    agrees: false,
    errno: { examples: [{ log: 'lookup EACCES', kernel: 'lookup ENOENT' }] },
  })
  expect(verified({ name: 'a.txt', error: MISSING, unique: 98 })).toMatchObject({
    agrees: false,
    phantom: 1,
    matched: 0,
  })
})

test('sizes and offsets that a log shows are compared', () => {
  const both = new WireSides(header)
  both.push(
    message(
      'request',
      10,
      encodeRequest({ opcode: 'read', unique: 4n, nodeId: 1n, body: { size: 4096, offset: 512n } }, BEFORE_INIT),
    ),
  )
  both.push(message('reply', 20, encodeReply({ unique: 4n, body: {} }, { opcode: 'read' }, BEFORE_INIT)))
  both.end(30)
  const told = { id: 0, opcode: 'read', unique: 4, startNs: 10, endNs: 20, status: 'ok', errno: null } as const
  expect(verify([{ ...told, size: 4096, offset: 512 }], both.requests)).toMatchObject({
    agrees: true,
    size: { compared: 2, agreeing: 2 },
  })
  expect(verify([{ ...told, size: 4096, offset: 0 }], both.requests)).toMatchObject({
    agrees: false,
    size: { examples: [{ log: 'read offset 0', kernel: '512' }] },
  })
})
