import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { kernel } from '../../src/dialect/kernel/kernel.js'
import type { NamedKernelLine } from '../../src/dialect/kernel/named-line.js'
import { Interpreter } from '../../src/operation/interpreter.js'
import type { Operation } from '../../src/operation/operation.js'
import { attr, entry, NamedTrace, u32, u64 } from './named-trace.js'

describe('paths', () => {
  test('come from what lookups and creations are answered with', () => {
    const trace = new NamedTrace()
    trace.ask('mkdir', 1, `${u32(0o755)}${u32(0)}d\0`, entry(2, { mode: 0o40755 }))
    trace.ask('create', 2, `${u32(0x8241)}${u32(0o100644)}${u32(0)}${u32(0)}a.txt\0`, entry(3) + u64(77) + u64(0))
    trace.ask('write', 3, `${u64(77)}${u64(4096)}${u32(5)}${u32(0)}${u64(0)}${u32(1)}${u32(0)}`, u32(5) + u32(0))
    trace.ask('rename', 2, `${u64(1)}a.txt\0b.txt\0`)
    trace.ask('getattr', 3, `${u32(1)}${u32(0)}${u64(77)}`, u64(0) + u64(0) + attr({ size: 5 }))
    const [, create, write, rename, getattr] = trace.operations
    expect(create).toMatchObject({ path: '/d/a.txt', nodeId: 2, fh: 77, flags: 0x8241, mode: 0o100644 })
    expect(write).toMatchObject({ path: '/d/a.txt', nodeId: 3, fh: 77, size: 5, offset: 4096 })
    expect(rename).toMatchObject({ path: '/d/a.txt', newPath: '/b.txt' })
    expect(getattr).toMatchObject({ path: '/b.txt', fh: 77, size: 5, mode: 0o100644, endedBy: 'reply' })
  })

  test('of nodes that were known before anybody watched are null until they are looked up', () => {
    const trace = new NamedTrace()
    trace.ask('getattr', 9, u64(0) + u64(0), u64(0) + u64(0) + attr({}))
    trace.ask('lookup', 9, 'x\0', entry(10))
    trace.ask('open', 10, u64(0), u64(5) + u64(0))
    trace.ask('lookup', 1, 'dir\0', entry(9, { mode: 0o40755 }))
    trace.ask('open', 10, u64(0), u64(6) + u64(0))
    expect(trace.operations.map(({ path }) => path)).toEqual([null, null, null, '/dir', '/dir/x'])
  })

  test('of a listing with attributes are those of its entries', () => {
    const trace = new NamedTrace()
    trace.send('readdirplus', 1, u64(0))
    trace.entry('.', 1)
    trace.entry('..', 0)
    trace.entry('one', 5)
    trace.entry('none', 0)
    trace.end('readdirplus')
    trace.ask('open', 5, u64(0), u64(5) + u64(0))
    expect(trace.operations.at(-1)).toMatchObject({ opcode: 'open', path: '/one' })
  })

  test('are forgotten with nodes, and a number that comes again is another file', () => {
    const trace = new NamedTrace()
    trace.ask('lookup', 1, 'a\0', entry(5))
    trace.forget(5, 1)
    trace.ask('getattr', 5, u64(0) + u64(0), u64(0) + u64(0) + attr({}))
    trace.ask('lookup', 1, 'b\0', entry(5))
    trace.ask('getattr', 5, u64(0) + u64(0), u64(0) + u64(0) + attr({}))
    expect(trace.operations.map(({ opcode, path }) => [opcode, path])).toEqual([
      ['lookup', '/a'],
      ['forget', '/a'],
      ['getattr', null],
      ['lookup', '/b'],
      ['getattr', '/b'],
    ])
  })

  test('of a number that came again, where nothing shows forgetting, do not fall back to the old name', () => {
    const trace = new NamedTrace()
    trace.ask('lookup', 1, 'a\0', entry(5, { nlink: 1 }))
    trace.ask('lookup', 1, 'b\0', entry(5, { nlink: 1 }))
    trace.ask('unlink', 1, 'b\0')
    trace.ask('release', 5, u64(1) + u64(0) + u64(0))
    expect(trace.operations.at(-1)).toMatchObject({ opcode: 'release', path: '/b' })
  })

  test('of several names of one file are those that live', () => {
    const trace = new NamedTrace()
    trace.ask('lookup', 1, 'a\0', entry(5, { nlink: 1 }))
    trace.ask('link', 1, `${u64(5)}b\0`, entry(5, { nlink: 2 }))
    trace.ask('unlink', 1, 'b\0')
    trace.ask('getattr', 5, u64(0) + u64(0), u64(0) + u64(0) + attr({}))
    expect(trace.operations[1]).toMatchObject({ path: '/a', newPath: '/b' })
    expect(trace.operations.at(-1)?.path).toBe('/a')
  })

  test.each([
    ['events were lost', (trace: NamedTrace) => trace.lose(3)],
    [
      'a listing could not be read',
      (trace: NamedTrace) => trace.ask('readdirplus', 1, u64(0), '', { incomplete: true }),
    ],
    ['a rename ended that nobody saw begin', (trace: NamedTrace) => trace.end('rename', '', { unique: 4000 })],
  ])('are null, not wrong, after %s', (_, happen) => {
    const trace = new NamedTrace()
    trace.ask('lookup', 1, 'a\0', entry(5))
    happen(trace)
    trace.ask('getattr', 5, u64(0) + u64(0), u64(0) + u64(0) + attr({}))
    trace.ask('getattr', 1, u64(0) + u64(0), u64(0) + u64(0) + attr({ mode: 0o40755 }))
    trace.ask('lookup', 1, 'a\0', entry(5))
    trace.ask('getattr', 5, u64(0) + u64(0), u64(0) + u64(0) + attr({}))
    expect(trace.operations.slice(-4).map(({ path }) => path)).toEqual([null, '/', '/a', '/a'])
  })

  test('do not come from names that are none', () => {
    const trace = new NamedTrace()
    for (const name of ['.', '..', '', 'a/b']) trace.ask('lookup', 1, `${name}\0`, entry(5))
    trace.ask('getattr', 5, u64(0) + u64(0), u64(0) + u64(0) + attr({}))
    expect(trace.operations.map(({ path }) => path)).toEqual([null, null, null, null, null])
  })
})

describe('arguments', () => {
  test('of every kind are where the protocol has them', () => {
    const trace = new NamedTrace()
    trace.ask('lookup', 1, 'f\0', entry(5))
    trace.ask('setattr', 5, u32(9) + u32(0) + u64(0) + u64(12) + '\0'.repeat(44) + u32(0o600) + '\0'.repeat(16))
    trace.ask('setxattr', 5, `${u32(3)}${u32(1)}${u32(0)}${u32(0)}user.tag\0`)
    trace.ask('setxattr', 5, `${u32(3)}${u32(1)}user.tag\0`)
    trace.ask('fallocate', 5, u64(7) + u64(100) + u64(50) + u32(1) + u32(0))
    trace.ask('symlink', 1, 'l\0to\0', entry(6, { mode: 0o120777 }))
    trace.ask('rename2', 1, `${u64(1)}${u32(2)}${u32(0)}f\0l\0`)
    trace.ask('lookup', 1, 'gone\0', '', { error: -2 })
    const [, setattr, setxattr, short, fallocate, symlink, rename2, gone] = trace.operations
    expect(setattr).toMatchObject({ size: 12, mode: 0o600, path: '/f' })
    expect(setxattr).toMatchObject({ name: 'user.tag', size: 3, flags: 1 })
    expect(short).toMatchObject({ name: 'user.tag', size: 3, flags: 1 })
    expect(fallocate).toMatchObject({ fh: 7, offset: 100, size: 50, mode: 1 })
    expect(symlink).toMatchObject({ path: '/l', target: 'to', nodeId: 1 })
    expect(rename2).toMatchObject({ path: '/f', newPath: '/l' })
    expect(gone).toMatchObject({ path: '/gone', status: 'error', errno: 'ENOENT' })
  })

  test('show when the daemon took the request', () => {
    const trace = new NamedTrace()
    trace.send('getattr', 1, u64(0) + u64(0))
    trace.taken(700)
    trace.end('getattr', u64(0) + u64(0) + attr({}))
    expect(trace.operations[0]).toMatchObject({ opcode: 'getattr', queueNs: 700 })
  })

  test('that are cut off anywhere, or any bytes, are no operation of another kind and throw nothing', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('lookup', 'create', 'rename2', 'setattr', 'setxattr', 'write', 'opcode_99', 'symlink'),
        fc.uint8Array({ maxLength: 120 }),
        fc.uint8Array({ maxLength: 200 }),
        (opcode, request, reply) => {
          const trace = new NamedTrace()
          trace.ask(opcode, 1, Buffer.from(request).toString('latin1'), Buffer.from(reply).toString('latin1'))
          trace.ask('getattr', 1, u64(0) + u64(0))
          const [one, two] = trace.operations
          expect(one).toMatchObject({ opcode, status: 'ok' })
          expect(two).toMatchObject({ opcode: 'getattr', path: '/' })
        },
      ),
    )
  })
})

test('an answer to what nobody saw sent is left out', () => {
  const trace = new NamedTrace()
  trace.end('getattr', '', { unique: 90 })
  trace.ask('getattr', 1, u64(0) + u64(0))
  expect(trace.operations.map(({ unique }) => unique)).toEqual([2])
  expect(trace.interpreter.unparsed).toBe(0)
})

test('events are lines that a person can read, whatever a name holds', () => {
  const lines: NamedKernelLine[] = []
  const trace = new NamedTrace((line) => lines.push(line))
  trace.ask('lookup', 1, 'a\nfuse_request_end: connection 0 req 2 "\0', '', { error: -2 })
  expect(lines[0]?.raw).toContain('fuse_request_send: connection 0 req 2 opcode 1 (FUSE_LOOKUP)')
  expect(lines[0]?.raw).toContain('"a\\x0afuse_request_end: connection 0 req 2 \\x22"')
  expect(lines[0]?.raw).not.toContain('\n')
  // As text they are the tracepoints' events again, without the names.
  const operations: Operation[] = []
  const interpreter = new Interpreter({ dialect: kernel, onEnd: (operation) => operations.push(operation) })
  for (const { raw, index, atNs } of lines) {
    interpreter.push({ index, atNs, stream: 'stdout', raw, terminated: true })
  }
  expect(operations).toMatchObject([{ opcode: 'lookup', unique: 2, errno: 'ENOENT', path: null }])
})

test('the dialect says what it can show when it has seen it', () => {
  const trace = new NamedTrace()
  expect(trace.interpreter.capabilities).toMatchObject({ path: 'none', lookupNames: false })
  trace.ask('getattr', 1, '')
  expect(trace.interpreter.capabilities).toMatchObject({ path: 'all', lookupNames: true, pid: true })
})
