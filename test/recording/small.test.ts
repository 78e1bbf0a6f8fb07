import { describe, expect, test, vi } from 'vitest'
import type { Operation } from '../../src/operation/operation.js'
import {
  describeCall,
  describeDifference,
  describeProbe,
  describeWait,
  isUndefined,
  outcomeOfCall,
} from '../../src/recording/describe-call.js'
import { kernelLine } from '../../src/recording/kernel-line.js'
import { limitsHere } from '../../src/recording/limits.js'
import { LineFeed } from '../../src/recording/line-feed.js'
import { OwnRequests } from '../../src/recording/own-requests.js'
import type { RecordingReader } from '../../src/recording/reader.js'
import type { CallRow, KernelRow, ProbeRow, ReplyRow, Row, WaitRow } from '../../src/recording/row.js'
import { RowLimits } from '../../src/recording/row-limits.js'
import { answerTaken, wireMessage } from '../../src/recording/wire-message.js'

const limitsWith = (text: string | undefined): ReturnType<typeof limitsHere> => {
  if (text !== undefined) vi.stubEnv('FUSETRACE_LIMITS', text)
  try {
    return limitsHere({ openSteps: 3 })
  } finally {
    vi.unstubAllEnvs()
  }
}

describe('for people', () => {
  const call = (args: unknown[], root = 'mount', method = 'write'): string => describeCall({ root, method, args })
  const long = 'x'.repeat(100)

  test('a call is as it stands in a test', () => {
    expect(call(['a.txt', 'b\n'])).toBe('mount.fs.write("a.txt", "b\\n")')
    expect(call([], 'daemon', 'exec')).toBe('mount.exec()')
    expect(call([], 'branch:12', 'stat')).toBe('mount.branches[12].fs.stat()')
    expect(call([1, undefined, { $: 'undefined' }, 2, undefined])).toBe('mount.fs.write(1, undefined, undefined, 2)')
    expect(call([Buffer.from([1, 255]), { $: 'bigint', value: '7' }, null])).toBe(
      'mount.fs.write(<2 bytes 01ff>, 7n, null)',
    )
    expect(
      call([
        { $: 'date', ms: 0 },
        { $: 'long', length: 9, sha256: 'a'.repeat(64) },
      ]),
    ).toBe(`mount.fs.write(1970-01-01T00:00:00.000Z, <9 bytes, sha256 ${'a'.repeat(16)}>)`)
    expect(call([{ mode: 7, deep: { a: { b: { c: 1 } } } }])).toBe(
      'mount.fs.write({ mode: 7, deep: { a: { b: [Object] } } })',
    )
    expect(call([{ list: Array(40).fill(7) }]).split('\n')).toHaveLength(1)
    expect(call([long])).toBe(`mount.fs.write("${'x'.repeat(59)}…")`)
    expect(call(['x'.repeat(58)])).toBe(`mount.fs.write("${'x'.repeat(58)}")`)
    expect(call([{ $: 'bigint', value: '7'.repeat(70) }])).toBe(`mount.fs.write(${'7'.repeat(60)}…)`)
    expect(call(['\u202e\x1b'], 'x\x1b', 'm\x1b')).toBe('x\\e.fs.m\\e("\\u{202e}\\u001b")')
    expect(describeCall({ root: 'mount', method: 'x', args: [long] }, 5)).toBe('mount.fs.x("xxxx…")')
    expect([undefined, { $: 'undefined' }, null, { $: 'date' }].map(isUndefined)).toEqual([true, true, false, false])
    expect([{ error: null }, { error: { code: 'EIO' } as never }].map(outcomeOfCall)).toEqual(['ok', 'EIO'])
  })

  test('two values that differ are cut around the first difference', () => {
    expect(describeDifference('abc', 'abd')).toEqual(['"abc"', '"abd"'])
    expect(describeDifference(`${long}1`, `${long}2`)).toEqual([`…${'x'.repeat(16)}1"`, `…${'x'.repeat(16)}2"`])
    expect(describeDifference(long, `${long}more`)).toEqual([`…${'x'.repeat(16)}"`, `…${'x'.repeat(16)}more"`])
    expect(describeDifference('x'.repeat(43), `${'x'.repeat(43)}y`)).toEqual([
      `"${'x'.repeat(43)}"`,
      `"${'x'.repeat(43)}y"`,
    ])
    expect(describeDifference('x'.repeat(44), `${'x'.repeat(44)}y`)).toEqual([
      `…${'x'.repeat(16)}"`,
      `…${'x'.repeat(16)}y"`,
    ])
    expect(describeDifference(7, 7)).toEqual(['7', '7'])
  })

  test('a probe and a wait say what came of them', () => {
    const probe = {
      kind: 'probe',
      atNs: 1,
      probe: 'xattr',
      args: ['/\xc3\xa4', 'user.x'],
      answer: 7,
      errno: null,
    } as const
    expect(describeProbe(probe)).toBe('probe xattr("/ä", "user.x"): 7')
    expect(describeProbe({ ...probe, answer: null, errno: 'EIO' })).toBe('probe xattr("/ä", "user.x"): EIO')
    expect(describeProbe({ ...probe, errno: 'ETIMEDOUT' })).toMatch(/: no answer in time$/)
    const wait = {
      title: 'idle',
      end: 'satisfied',
      by: 'poll',
      operations: [],
      beginNs: 1e6,
      endNs: 4.2e6,
    } as never as WaitRow
    expect(describeWait(wait)).toBe('waitFor.idle: poll after 3.2 ms')
    expect(describeWait({ ...wait, operations: [4] })).toBe('waitFor.idle: #4 after 3.2 ms')
    expect(describeWait({ ...wait, operations: [4, 5, 6] })).toBe('waitFor.idle: #4 and 2 more after 3.2 ms')
    expect(describeWait({ ...wait, end: 'timeout' })).toBe('waitFor.idle: timeout after 3.2 ms')
  })
})

describe('requests of fusetrace itself', () => {
  const operation = (opcode: string, path: string | null, startNs: number, pid: number | null = null): Operation =>
    ({ opcode, path, startNs, pid }) as Operation
  const row = (one: Operation): Row => ({ kind: 'operation', operation: one })
  const fence = (pid: number | null) => operation('lookup', '/.fusetrace-fence-1-1', 1, pid)
  const probe = (path: string, atNs: number): ProbeRow => {
    return { kind: 'probe', atNs, probe: 'exists', args: [path], answer: true, errno: null }
  }
  const call = (beginNs: number, endNs: number): CallRow => ({
    kind: 'call',
    beginNs,
    endNs,
    root: 'mount',
    method: 'stat',
    args: [],
    result: null,
    error: null,
  })
  const mount = (event: 'mountinfo' | 'answered' | 'lost', atNs: number): Row => ({
    kind: 'mount',
    atNs,
    event,
    detail: null,
  })
  const mark = (atNs: number): Row => ({ kind: 'mark', atNs, edge: 'begin', name: 'x' })
  const own = (rows: readonly Row[], change: { seekable?: boolean; origin?: string } = {}): OwnRequests => {
    const { seekable = true, origin = 'test' } = change
    const reader = {
      seekable,
      header: { origin },
      *rows({ kinds }: { kinds: string[] }) {
        for (const one of rows) if (kinds.includes(one.kind)) yield one
      },
    }
    return new OwnRequests(reader as never as RecordingReader)
  }

  test('are fences, and what their process asks', () => {
    const by = own([row(fence(9)), row(operation('lookup', '/b', 1, 5)), row(fence(0)), row(fence(null))])
    expect(by.has(fence(null))).toBe(true)
    const asked = ['lookup', 'getattr', 'statx', 'access', 'getxattr', 'listxattr', 'statfs', 'create', 'open']
    expect(asked.filter((opcode) => by.has(operation(opcode, '/a', 5, 9)))).toEqual(asked.slice(0, 7))
    const others = [null, 5, 8].map((pid) => operation('lookup', '/a', 5, pid))
    expect([...others, operation('lookup', '/a', 5, 0)].map((one) => by.has(one))).toEqual([false, false, false, false])
    expect(own([row(fence(9))], { seekable: false }).has(operation('lookup', '/a', 5, 9))).toBe(false)
  })

  test('are what a probe asks for, after what the test did last and while no call is under way', () => {
    const by = own([
      call(10, 20),
      probe('/\xc3\xa4', 30),
      mark(40),
      probe('/a', 50),
      mount('lost', 60),
      probe('/a', 70),
      mark(55),
      probe('/a', 80),
    ])
    const at = (path: string, ...times: number[]) => times.map((startNs) => by.has(operation('getattr', path, startNs)))
    expect(at('/ä', 19, 20, 21, 30, 31)).toEqual([false, false, true, true, false])
    expect(at('/a', 30, 40, 41, 50, 51, 60, 61, 70, 80, 81)).toEqual([
      ...[false, false, true, true, false, false, true, true, true, false],
    ])
    const during = own([probe('/a', 50), call(30, 60), call(5, 7)])
    expect([29, 30, 45, 50].map((startNs) => during.has(operation('getattr', '/a', startNs)))).toEqual([
      true,
      false,
      false,
      false,
    ])
    expect(during.calls.map(({ beginNs }) => beginNs)).toEqual([5, 30])
    expect(own([probe('/a', 50)], { origin: 'record' }).has(operation('getattr', '/a', 40))).toBe(false)
  })

  test('are the first request after the mount', () => {
    const by = own([mount('answered', 3), mount('mountinfo', 5), mount('answered', 9)])
    const times = [4, 5, 6, 9, 10]
    expect(times.map((startNs) => by.has(operation('getattr', '/', startNs)))).toEqual([
      false,
      false,
      true,
      true,
      false,
    ])
    expect(by.has(operation('getattr', '/a', 6))).toBe(false)
    expect(own([mount('answered', 9)]).has(operation('getattr', '/', 6))).toBe(false)
  })
})

describe('rows as lines of a log', () => {
  const kernel: KernelRow = {
    kind: 'kernel',
    atNs: 1_000_000_007,
    edge: 'send',
    unique: 4,
    opcode: 'lookup',
    error: null,
  }

  test('kernel events without details are as the tracepoints print them', () => {
    const raw = (change: Partial<KernelRow>): string => kernelLine({ ...kernel, ...change }, 3).raw
    expect(kernelLine(kernel, 3)).toMatchObject({ index: 3, atNs: 1_000_000_007, stream: 'stdout', terminated: true })
    expect(raw({})).toBe(' 1.000000007: fuse_request_send: connection 0 req 4 opcode 0 (FUSE_LOOKUP) len 0')
    expect(raw({ atNs: -5, opcode: 'opcode_52' })).toBe(
      ' 0.000000000: fuse_request_send: connection 0 req 4 opcode 52 (0x34) len 0',
    )
    expect(raw({ opcode: 'opcode_52x' })).toMatch(/opcode 0 \(FUSE_OPCODE_52X\)/)
    expect(raw({ opcode: 'x_opcode_5' })).toMatch(/opcode 0 /)
    expect(raw({ opcode: null })).toMatch(/opcode 0 \(FUSE_\) len 0$/)
    expect(raw({ edge: 'end', error: -2 })).toBe(' 1.000000007: fuse_request_end: connection 0 req 4 len 0 error -2')
    expect(raw({ edge: 'end' })).toMatch(/ error 0$/)
  })

  test('are numbered in one row; a loss counts where names could be wrong', () => {
    const details = { nodeId: '1', uid: 0, gid: 0, pid: 0, len: 0, incomplete: false, body: '' }
    const line: Row = { kind: 'line', atNs: 1, stream: 'tty', raw: 'x', terminated: false }
    const loss = (what: string): Row => ({ kind: 'loss', atNs: 1, what, count: 2 })
    const all = [
      line,
      kernel,
      loss('kernel-events'),
      { ...kernel, details },
      loss('line-bytes'),
      loss('kernel-events'),
      line,
      { kind: 'mark', atNs: 1, edge: 'end', name: '' },
    ] as Row[]
    const indexes = (isKernel: boolean) => {
      const feed = new LineFeed(() => isKernel)
      return all.map((one) => feed.line(one)?.index ?? null)
    }
    expect(indexes(true)).toEqual([0, 1, null, 2, null, 3, 4, null])
    expect(indexes(false)).toEqual([0, null, null, null, null, null, 1, null])
    expect(new LineFeed(() => false).line(line)).toEqual({
      index: 0,
      atNs: 1,
      stream: 'tty',
      raw: 'x',
      terminated: false,
    })
  })
})

describe('messages of the wire', () => {
  const reply = (error: number, length = 20, said = length): Buffer => {
    const bytes = Buffer.alloc(length, 7)
    bytes.writeUInt32LE(said, 0)
    bytes.writeInt32LE(error, 4)
    return bytes
  }
  const row = (bytes: Buffer, fate: ReplyRow['fate'], dataBytes = 0): ReplyRow => {
    return { kind: 'reply', atNs: 5, bytes, dataBytes, dataHash: null, fate }
  }

  test('are as the kernel saw them: whole, with zeros for data; none that was lost', () => {
    const bytes = reply(0)
    expect(wireMessage(row(bytes, 'passed'))).toEqual({ edge: 'reply', atNs: 5, bytes })
    expect(wireMessage(row(bytes, 'late', 3))?.bytes).toEqual(Buffer.concat([bytes, Buffer.alloc(3)]))
    expect(wireMessage(row(bytes, 'lost'))).toBeNull()
    const whole = new Uint8Array([1, ...bytes]).subarray(1)
    expect(wireMessage({ kind: 'request', atNs: 5, bytes: whole, dataBytes: 0, dataHash: null })?.bytes).toEqual(bytes)
  })

  test('that were refused end their request with EIO, if they name one and an error that can be one', () => {
    const eio = reply(-5, 16)
    expect(answerTaken(reply(-2), 'refused')).toEqual(eio)
    expect([reply(0), reply(-511), reply(-2, 16)].map((bytes) => answerTaken(bytes, 'refused'))).toEqual([
      eio,
      eio,
      eio,
    ])
    const others = [reply(1), reply(-512), reply(0, 20, 21), reply(0, 15)]
    expect(others.map((bytes) => answerTaken(bytes, 'refused'))).toEqual([null, null, null, null])
    expect(answerTaken(reply(1), 'made')).toEqual(reply(1))
  })
})

describe('limits', () => {
  test('are the defaults, what the environment says, what the caller says', () => {
    const defaults = limitsWith(undefined)
    expect(defaults).toMatchObject({ lineBytes: 16 * 2 ** 20, blockBytes: 80 * 2 ** 20, openSteps: 3, names: 10_000 })
    expect(limitsWith('')).toEqual(defaults)
    expect(limitsWith(' names=5 ,marks=7,openSteps=9')).toEqual({ ...defaults, names: 5, marks: 7 })
    for (const text of ['names', 'names=x', 'names=5x', 'x names=5', 'toString=5', ',', 'names=1234567890123456']) {
      expect(() => limitsWith(text), text).toThrow(
        expect.objectContaining({ code: 'FT_USAGE', hint: expect.stringMatching(/lineBytes, /) }),
      )
    }
  })

  test('bound what readers of rows have to remember', () => {
    const check = (limits: object) => {
      const one = new RowLimits('x', limitsHere(limits))
      return (row: object): string => {
        try {
          one.check(row as Row)
          return 'ok'
        } catch (error) {
          return (error as Error).message
        }
      }
    }
    const names = check({ names: 4 })
    const known = [
      { kind: 'operation', operation: { opcode: 'a' } },
      { kind: 'probe', probe: 'b' },
      { kind: 'loss', what: 'c' },
      { kind: 'call', method: 'd' },
      { kind: 'mark', edge: 'begin', name: 'e' },
      { kind: 'line' },
    ]
    expect([...known, ...known].map(names)).toEqual(Array(12).fill('ok'))
    for (const more of [
      { kind: 'operation', operation: { opcode: 'x' } },
      { kind: 'probe', probe: 'y' },
      { kind: 'loss', what: 'z' },
      { kind: 'call', method: 'v' },
    ]) {
      expect(names(more)).toBe('x holds more than 4 different names of requests')
    }
    const mark = (edge: string) => ({ kind: 'mark', edge })
    expect(['begin', 'moment', 'end'].map(mark).map(check({ marks: 2 }))).toEqual([
      'ok',
      'ok',
      'x holds more than 2 marks of steps',
    ])
    const open = check({ openSteps: 2 })
    expect(['end', 'end', 'begin', 'begin', 'moment', 'end', 'begin'].map(mark).map(open)).toEqual(Array(7).fill('ok'))
    expect(open(mark('begin'))).toBe('x holds more than 2 steps that are open at one time')
  })
})
