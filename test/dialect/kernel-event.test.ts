import { expect, test } from 'vitest'
import { readKernelEvent } from '../../src/dialect/kernel/event.js'

const SEND = 'fuse_request_send: connection 39 req 4 opcode 3 (FUSE_GETATTR) len 56'
const getattr = { edge: 'send', connection: 39, unique: 4, opcode: 'getattr', error: null, len: 56 }

test.each([
  ['tracefs', `            bash-3172    [000] ...1.   369.338167: ${SEND} `],
  ['a hidden command name', `           <...>-9025    [000] ...2.   369.338167: ${SEND} `],
  ['a name with spaces, dashes and a time', `  a 1.5: b-c-3172    [000] ...1.   369.338167: ${SEND}`],
  ['with thread group ids', `  bash-3172    (   3172) [000] ...1.   369.338167: ${SEND} `],
  ['trace-cmd report', `   bash-3172  [000]   369.338167: ${SEND.replace(': ', ':    ')}`],
  ['perf script', `bash  3172 [000]   369.338167:  fuse:${SEND}`],
])('a request, %s', (_name, raw) => {
  expect(readKernelEvent(raw)).toEqual({ atNs: 369338167000n, ...getattr })
})

test('an end, with its error', () => {
  expect(
    readKernelEvent(
      '   bindfs-3177  [001] .....   6113.000153: fuse_request_end: connection 39 req 4 len 16 error -103',
    ),
  ).toEqual({ atNs: 6113000153000n, edge: 'end', connection: 39, unique: 4, opcode: null, error: -103, len: 16 })
})

test('an opcode that the kernel has no name for keeps its number', () => {
  const event = readKernelEvent(' x-1 [0] .. 1.000001: fuse_request_send: connection 9 req 8 opcode 77 (0x4d) len 40')
  expect(event).toMatchObject({ atNs: 1000001000n, opcode: 'opcode_77' })
})

test('a time of more digits than microseconds, after a year of uptime', () => {
  expect(readKernelEvent(`x-1 [0] .. 31536000.123456789: ${SEND}`)?.atNs).toBe(31536000123456789n)
})

test.each([
  '',
  '# tracer: nop',
  `CPU:0 [LOST 3 EVENTS]`,
  SEND,
  `x-1 [0] .. 1.5 : ${SEND}`,
  'x-1 [0] .. 1.000001: fuse_request_send: connection 39 req 4 opcode 3',
  `x-1 [0] .. 1.000001: ${SEND} and more`,
  'x-1 [0] .. 1.000001: fuse_request_enqueue: connection 39',
])('no event: %s', (raw) => expect(readKernelEvent(raw)).toBeNull())
