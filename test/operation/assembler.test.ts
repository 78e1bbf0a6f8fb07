import { describe, expect, test } from 'vitest'
import type { DetailEvent, DialectEvent, ReplyEvent, RequestEvent } from '../../src/dialect/core/dialect.js'
import { Assembler } from '../../src/operation/assembler.js'
import type { Operation } from '../../src/operation/operation.js'

const request = (
  unique: number | null,
  opcode: string,
  atNs: number,
  more: Partial<RequestEvent> = {},
): RequestEvent => ({
  kind: 'request',
  unique,
  opcode,
  atNs,
  lines: [atNs, atNs],
  ...more,
})
const detail = (key: number | string, atNs: number, more: Partial<DetailEvent> = {}): DetailEvent => ({
  kind: 'detail',
  key,
  atNs,
  lines: [atNs, atNs],
  ...more,
})
const reply = (key: number | string, atNs: number, more: Partial<ReplyEvent> = {}): ReplyEvent => ({
  kind: 'reply',
  key,
  endedBy: 'reply',
  status: 'ok',
  errno: null,
  atNs,
  lines: [atNs, atNs],
  ...more,
})

function run(events: DialectEvent[], how: 'complete' | 'cut' = 'complete') {
  const started: Operation[] = []
  const ended: Operation[] = []
  const assembler = new Assembler({ onStart: (o) => started.push(o), onEnd: (o) => ended.push(o) })
  const taken = events.map((event) => assembler.event(event))
  const open = [...assembler.openOperations]
  assembler.end(how)
  return { assembler, started, ended, open, taken }
}

describe('requests and replies', () => {
  test('joined by id, whatever comes between', () => {
    const { ended } = run([
      request(4, 'lookup', 1, { nodeId: '1', entry: 'a', pid: 7 }),
      request(6, 'mkdir', 2, { nodeId: '1', entry: 'd' }),
      reply(6, 3, { status: 'error', errno: 'EEXIST' }),
      reply(4, 4, { childNodeId: '2' }),
    ])
    expect(ended).toMatchObject([
      {
        id: 1,
        unique: 6,
        path: '/d',
        status: 'error',
        errno: 'EEXIST',
        startNs: 2,
        endNs: 3,
        endedBy: 'reply',
        lines: [2, 3],
      },
      { id: 0, unique: 4, path: '/a', status: 'ok', errno: null, startNs: 1, endNs: 4, pid: 7, lines: [1, 4] },
    ])
  })

  test('an end that nobody began is counted and makes no operation', () => {
    const { assembler, started, taken } = run([reply(4, 1), detail(4, 2)])
    expect([started.length, assembler.unmatchedReplies, taken]).toEqual([0, 1, [false, true]])
  })

  test('an id that is used again ends what was open under it', () => {
    const { ended } = run([request(4, 'open', 1), request(4, 'read', 2), reply(4, 3)])
    expect(ended.map(({ opcode, endedBy, endNs }) => [opcode, endedBy, endNs])).toEqual([
      ['open', 'next-request', 2],
      ['read', 'reply', 3],
    ])
  })

  test('without replies the next request of the slot ends one: by its last event if it had more than one', () => {
    const { ended } = run([
      request(null, 'open', 1, { slot: 't1' }),
      request(null, 'create', 2, { slot: 't1' }),
      detail('t1', 3),
      request(null, 'read', 9, { slot: 't2' }),
      request(null, 'flush', 10, { slot: 't1' }),
    ])
    expect(ended.slice(0, 2).map(({ opcode, endedBy, endNs, status }) => [opcode, endedBy, endNs, status])).toEqual([
      ['open', 'next-request', 2, 'unknown'],
      ['create', 'last-event', 3, 'unknown'],
    ])
  })

  test('a slot can be changed: what goes on in another thread is not ended by the next in the first', () => {
    const { ended } = run([
      request(4, 'open', 1, { slot: 't1' }),
      detail(4, 2, { slot: 't2' }),
      request(6, 'read', 3, { slot: 't1' }),
      reply(4, 4, { endedBy: 'span' }),
    ])
    expect(ended[0]).toMatchObject({ unique: 4, endNs: 4, endedBy: 'span' })
  })

  test('what is never answered ends as it starts', () => {
    const { ended, open } = run([request(8, 'forget', 1, { forgets: ['2'], noReply: true })])
    expect([open.length, ended[0]?.endNs]).toEqual([0, 1])
  })

  test('an outcome that was reported before the end stays, unless the end shows one', () => {
    const told = { status: 'error', errno: 'EIO' } as const
    const { ended } = run([
      request(4, 'open', 1),
      detail(4, 2, told),
      reply(4, 3, { endedBy: 'span', status: 'unknown' }),
      request(6, 'open', 4),
      detail(6, 5, told),
      reply(6, 6),
    ])
    expect(ended.map(({ status, errno }) => [status, errno])).toEqual([
      ['error', 'EIO'],
      ['ok', null],
    ])
  })

  test('the end of the log: replies are missing, inferred ends are not; after a kill nobody knows', () => {
    const events = [request(4, 'open', 1), request(null, 'read', 2, { slot: 't' }), detail('t', 3)]
    expect(run(events).ended.map(({ status, endedBy, endNs }) => [status, endedBy, endNs])).toEqual([
      ['unfinished', null, null],
      ['unknown', 'last-event', 3],
    ])
    expect(run(events, 'cut').ended.map(({ status }) => status)).toEqual(['unfinished', 'unfinished'])
  })

  test('open operations are shown in order of start', () => {
    const { open } = run([request(6, 'open', 1, { slot: 't' }), request(4, 'read', 2)])
    expect(open.map(({ unique }) => unique)).toEqual([6, 4])
  })
})

describe('paths', () => {
  const paths = (events: DialectEvent[]) =>
    run(events).ended.map(({ opcode, path, newPath }) => [opcode, path, newPath])
  const made = (unique: number, opcode: string, parent: string, entry: string, child: string) => [
    request(unique, opcode, unique, { nodeId: parent, entry }),
    reply(unique, unique + 1, { childNodeId: child }),
  ]

  test('come from node ids, and follow a renamed directory', () => {
    expect(
      paths([
        ...made(2, 'mkdir', '1', 'd', '5'),
        ...made(4, 'create', '5', 'f', '6'),
        request(6, 'rename', 6, { nodeId: '1', entry: 'd', otherNodeId: '1', otherEntry: 'e' }),
        reply(6, 7),
        request(8, 'write', 8, { nodeId: '6' }),
        reply(8, 9),
      ]),
    ).toEqual([
      ['mkdir', '/d', null],
      ['create', '/d/f', null],
      ['rename', '/d', '/e'],
      ['write', '/e/f', null],
    ])
  })

  test('a failed rename moves nothing, a lookup that found nothing binds nothing', () => {
    expect(
      paths([
        ...made(2, 'create', '1', 'f', '6'),
        request(4, 'rename', 4, { nodeId: '1', entry: 'f', otherNodeId: '1', otherEntry: 'g' }),
        reply(4, 5, { status: 'error', errno: 'EACCES' }),
        request(6, 'lookup', 6, { nodeId: '1', entry: 'f' }),
        reply(6, 7, { childNodeId: '6' }),
        request(8, 'getattr', 8, { nodeId: '6' }),
        request(10, 'lookup', 10, { nodeId: '1', entry: 'h' }),
        reply(10, 11, { childNodeId: '0' }),
      ]).map(([opcode, path]) => `${opcode} ${path}`),
    ).toEqual(['create /f', 'rename /f', 'lookup /f', 'lookup /h', 'getattr /f'])
  })

  test('the log’s own words win, and teach what a node is called', () => {
    expect(
      paths([
        request(2, 'write', 1, { nodeId: '77', path: '/deep/x' }),
        reply(2, 2),
        request(4, 'flush', 3, { nodeId: '77' }),
        reply(4, 4),
        request(6, 'mkdir', 5, { nodeId: '9', entry: 'n', path: '/deep/n' }),
        reply(6, 6),
        request(8, 'lookup', 7, { nodeId: '9', entry: 'm' }),
        reply(8, 8, { status: 'unknown' }),
      ]).map(([, path]) => path),
    ).toEqual(['/deep/x', '/deep/x', '/deep/n', '/deep/m'])
  })

  test('links have two names, symlinks a target, xattrs a name', () => {
    const { ended } = run([
      ...made(2, 'create', '1', 'a', '5'),
      request(4, 'link', 4, { nodeId: '1', entry: 'b', otherNodeId: '5' }),
      reply(4, 5, { childNodeId: '5' }),
      request(6, 'symlink', 6, { nodeId: '1', entry: 's', target: '../x' }),
      reply(6, 7, { childNodeId: '8' }),
      request(8, 'getxattr', 8, { nodeId: '5', xattr: 'user.\xff' }),
      reply(8, 9, { status: 'error', errno: 'ENODATA' }),
    ])
    expect(ended.slice(1)).toMatchObject([
      { opcode: 'link', path: '/a', newPath: '/b' },
      { opcode: 'symlink', path: '/s', target: '../x' },
      {
        opcode: 'getxattr',
        // Nobody can say which of them was used.
        path: null,
        paths: ['/a', '/b'],
        name: 'user.\\xFF',
        nameBytes: Buffer.from('user.\xff', 'latin1').toString('base64'),
      },
    ])
  })

  test('a node that was forgotten has no path any more', () => {
    expect(
      paths([
        ...made(2, 'create', '1', 'a', '5'),
        request(4, 'forget', 4, { nodeId: '5', forgets: ['5'], noReply: true }),
        request(6, 'getattr', 6, { nodeId: '5' }),
        reply(6, 7),
      ]).map(([, path]) => path),
    ).toEqual(['/a', '/a', null])
  })
})
