import type { Operation } from '../../src/operation/operation.js'
import type { Row } from '../../src/recording/row.js'

/** Lines as logs have them, `i` for what differs from one to the next. */
const LINES: readonly ((i: number) => string)[] = [
  (i) =>
    `unique: ${i * 2}, opcode: ${i % 3 ? 'LOOKUP' : 'GETATTR'} (${i % 3 ? 1 : 3}), nodeid: ${1 + (i >> 2)}, insize: 47, pid: 77`,
  (i) => `LOOKUP /d${i % 4}/f-${i}.txt`,
  (i) =>
    `   unique: ${i * 2}, ${i % 5 ? 'success' : 'error: -2 (No such file or directory)'}, outsize: ${16 + (i % 3) * 128}`,
  (i) =>
    `2026-01-31T23:59:${String(50 + (i % 10)).padStart(2, '0')}.${String(123_000 + i * 37).padStart(6, '0')}Z \x1b[32m INFO\x1b[0m ThreadId(${i % 10 < 5 ? '02' : '11'}) open{path="a${i}.bin" fh=${i} flags=0x${(0x8000 + i).toString(16)}}: done`,
  (i) =>
    `12:34:${String(i % 60).padStart(2, '0')},07 10.0.0.${i} took ${i}.050 ms of ${i}ms, 12abc a1.txt x-y/z ${i}-${i + 1}`,
  (i) => `2026/02/28 0${i % 10}:00:59 "a b" "name${i}" "":"" k=v "${i}" "1:2" "q\\"" {"op":"x","n":${i}}`,
  (i) =>
    `0x ${i % 2 ? '0x0' : '0x00ff'} 0xDEAD 0x1fffffffffffff 0x20000000000000 007 0 ${'9'.repeat(12 + (i % 6))} 1.5e9 2026-02-30T10:00:00 24:00:00 12:60:00`,
  (i) =>
    `1969-12-31 10:00:00 2024-02-29_10:00:0${i % 10}.5 2024/02-29 10:00:00 2024-13-01 10:00:00 2024-01-00,10:00:00 9999-12-31,23:59:59,9999999 1:00:00 x${i}`,
  (i) =>
    `\xff\xfe \x7f/p\xc3\xa4th/${i}|/ // ::{} ,; <${i}> [${i}](${i}) '${i}' \`${i}\` a_b-c a-b1 a.b a/ a- 5-a 5.a v${i}.${i}`,
  (i) => (i % 2 ? '' : `\x05${i}`),
]

function lines(): Row[] {
  const out: Row[] = []
  let atNs = 1_000_000
  for (let i = 0; i < 220; i++) {
    const at = i < 130 ? i % LINES.length : i % 3
    atNs += i % 4 === 0 ? 0 : 37_000 + (i % 7)
    const raw = LINES[at]!(i)
    const stream = at === 4 ? 'stdout' : at === 5 ? 'tty' : 'stderr'
    out.push({ kind: 'line', atNs, stream, raw, terminated: i % 50 !== 49 })
    if (at === 2) out.push(operation(i, atNs, out.length))
  }
  const more = (raw: string, readBytes?: number): void => {
    out.push({
      kind: 'line',
      atNs: atNs - 5,
      stream: 'stderr',
      raw,
      terminated: true,
      ...(readBytes !== undefined && { readBytes }),
    })
  }
  more(Array.from({ length: 120 }, (_, i) => `p${i}=${i}`).join(' '))
  more('x1 '.repeat(6000))
  for (const length of [40, 40, 41]) more('token={token1}', length)
  return out
}

function operation(i: number, atNs: number, after: number): Row {
  const failed = i % 5 === 0
  const o: Operation = {
    id: i,
    opcode: i % 3 ? 'lookup' : 'getattr',
    unique: i * 2,
    path: i % 11 === 0 ? null : `/d${i % 4}/f-${i}.txt`,
    newPath: null,
    name: null,
    startNs: atNs - 41_000,
    endNs: i % 7 === 0 ? null : atNs,
    endedBy: i % 7 === 0 ? null : 'reply',
    status: failed ? 'error' : 'ok',
    errno: failed ? 'ENOENT' : null,
    pid: 77,
    lines: [Math.max(0, after - 3), after - 1],
  }
  if (i % 3 === 0) Object.assign(o, { size: i, offset: 0, nodeId: '18446744073709551615', paths: ['/a', `/b${i}`] })
  if (i % 4 === 0) Object.assign(o, { negative: true, flags: 7, mode: 0o644, fh: '7', queueNs: 12 })
  if (i % 9 === 0)
    Object.assign(o, {
      target: '/t',
      targetBytes: 'dA==',
      pathBytes: 'L2E=',
      newPath: '/n',
      newPathBytes: 'bg==',
      name: 'user.x',
      nameBytes: 'eA==',
    })
  if (i % 13 === 0) Object.assign(o, { target: null })
  return { kind: 'operation', operation: o }
}

function rows(): Row[] {
  const error = { code: 'ENOENT', errno: -2, syscall: 'open', message: 'ENOENT: no such file' }
  const call = { kind: 'call', root: 'mount', method: 'writeFile' } as const
  const wait = { kind: 'wait', title: 'fileVisible /a', since: 'begin', sinceNs: 3, beginNs: 5, endNs: 9 } as const
  const bytes = Buffer.from([40, 0, 0, 0, 1, 255])
  const details = { nodeId: '18446744073709551615', uid: 0, gid: 7, pid: 9, len: 48, incomplete: false, body: 'a\xff' }
  const others: Row[] = [
    { kind: 'mount', atNs: 1, event: 'spawned', detail: null },
    { kind: 'mount', atNs: 2, event: 'answered', detail: 'in 3 ms' },
    { kind: 'mark', atNs: 3, edge: 'begin', name: 'schön 日本' },
    { kind: 'mark', atNs: 3, edge: 'moment', name: 'ü' },
    {
      ...call,
      beginNs: 4,
      endNs: 9,
      args: ['a.txt', { n: [1, 2.5, -0, null, true, false], s: { t: 'x' }, bytes }],
      result: null,
      error: null,
    },
    {
      ...call,
      beginNs: 5,
      endNs: 11,
      args: ['b.txt', { n: [1, 2.5, 7, null, true, false], s: { t: 'y' }, bytes }],
      result: { size: 2 ** 53 },
      error: null,
    },
    { ...call, beginNs: 6, endNs: 12, args: [], result: null, error },
    {
      ...call,
      beginNs: 6,
      endNs: 13,
      args: [],
      result: null,
      error: { ...error, errno: null, syscall: null, path: '/a', dest: '/b' },
    },
    { kind: 'probe', atNs: 14, probe: 'exists', args: ['/a'], answer: true, errno: null },
    { kind: 'probe', atNs: 15, probe: 'xattr', args: ['/a\xff', 'user.x'], answer: 'v\xff', errno: 'EIO' },
    { kind: 'probe', atNs: 16, probe: 'size', args: ['/a'], answer: null, errno: 'ETIMEDOUT' },
    { kind: 'kernel', atNs: 17, edge: 'send', unique: 4, opcode: 'LOOKUP', error: null },
    { kind: 'kernel', atNs: 18, edge: 'end', unique: 4, opcode: null, error: -2 },
    { kind: 'kernel', atNs: 18, edge: 'entry', unique: 4, opcode: 'LOOKUP', error: 0, details },
    { kind: 'loss', atNs: 19, what: 'kernel-events', count: 3 },
    { kind: 'request', atNs: 20, bytes, dataBytes: 9, dataHash: 'ab' },
    { kind: 'reply', atNs: 21, bytes, dataBytes: 0, dataHash: null, fate: 'passed' },
    {
      kind: 'fault',
      atNs: 22,
      fault: 0,
      text: 'delay 5 ms',
      unique: '18446744073709551615',
      opcode: 'READ',
      path: null,
    },
    { ...wait, end: 'satisfied', by: 'probe', operations: [1, 2], misses: [], note: null },
    {
      ...wait,
      end: 'timeout',
      by: null,
      operations: [],
      misses: [{ operation: 3, reasons: ['other path', 'failed'] }],
      note: 'why\nso',
    },
    { kind: 'mark', atNs: 2 ** 52, edge: 'end', name: 'schön 日本' },
  ]
  return [
    ...others.slice(0, 4),
    ...lines(),
    ...others.slice(4),
    { kind: 'exit', atNs: 2 ** 52 + 5, code: null, signal: 'SIGKILL' },
    { kind: 'exit', atNs: -7, code: 3, signal: null },
  ]
}

/** Rows of every kind with all that they can have, and lines of all that is packed in a way of its own. */
export const SAMPLE: readonly Row[] = rows()
