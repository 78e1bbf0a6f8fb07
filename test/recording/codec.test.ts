import { describe, expect, test } from 'vitest'
import { decodeFooter, NO_COUNTS } from '../../src/recording/footer.js'
import { decodeHeader, encodeHeader, makeHeader } from '../../src/recording/header.js'
import { pack } from '../../src/recording/pack.js'
import { decodeRow, encodeRow, isRow, kindOf } from '../../src/recording/row-codec.js'
import { TooManyItems, unpack } from '../../src/recording/unpack.js'
import { SAMPLE } from './sample.js'

/** Values of every kind, by a letter each. */
const VALUES: readonly (readonly [string, unknown])[] = [
  ['n', null],
  ['u', undefined],
  ['z', 0],
  ['c', 7],
  ['m', -1],
  ['f', 0.5],
  ['h', 2 ** 53],
  ['s', 'x'],
  ['d', '7'],
  ['b', true],
  ['B', Buffer.from('x')],
  ['a', []],
  ['A', ['x']],
  ['C', [1, 2]],
  ['o', {}],
]

/** The letters of the values that something takes. */
const taken = (takes: (value: unknown) => boolean): string =>
  VALUES.filter(([, value]) => takes(value))
    .map(([letter]) => letter)
    .join('')

const [TIME, COUNT, TEXT, TEXT_OR_NULL, INT_OR_NULL] = ['zcm', 'zc', 'sd', 'nsd', 'nzcm']
const NAMES = [TEXT_OR_NULL, TEXT_OR_NULL, TEXT_OR_NULL]
const OPERATION = [
  ...[COUNT, TEXT, INT_OR_NULL, ...NAMES, TIME, INT_OR_NULL, 'n', '', TEXT_OR_NULL, INT_OR_NULL],
  ...['C', 'aA', ''],
]
const DETAILS = ['d', COUNT, COUNT, COUNT, COUNT, 'b', 'B']
const KERNEL = [TIME, '', COUNT, TEXT_OR_NULL, INT_OR_NULL]

/** What is taken in each place of a packed row, by its kind and length; nothing but the names in a list where it is empty. */
const ROWS: Readonly<Record<string, readonly string[]>> = {
  'line 5': [TIME, 'z', 'B', 'b'],
  'line 6': [TIME, 'z', 'B', 'b', `u${COUNT}`],
  'mark 4': [TIME, '', TEXT],
  'probe 6': [TIME, TEXT, 'aA', 'nzcmfhsdb', TEXT_OR_NULL],
  'call 8': [TIME, TIME, TEXT, TEXT, 'aAC', 'nuzcmfhsdbBaACo', 'n'],
  'kernel 6': KERNEL,
  'kernel 13': [...KERNEL, ...DETAILS],
  'operation 16': OPERATION,
  'operation 17': [...OPERATION, 'uaAC'],
  'mount 4': [TIME, '', TEXT_OR_NULL],
  'exit 4': [TIME, INT_OR_NULL, TEXT_OR_NULL],
  'loss 4': [TIME, TEXT, COUNT],
  'request 5': [TIME, 'B', COUNT, TEXT_OR_NULL],
  'reply 6': [TIME, 'B', COUNT, TEXT_OR_NULL, ''],
  'fault 7': [TIME, COUNT, TEXT, TEXT, TEXT, TEXT_OR_NULL],
  'wait 11': [TIME, TIME, TEXT, TEXT, TIME, '', 'n', 'aC', 'a', TEXT_OR_NULL],
}

const tuples = SAMPLE.map((row) => ({ row, tuple: encodeRow(row) }))
const like = (name: string): unknown[] => {
  const found = tuples.find(({ row, tuple }) => `${row.kind} ${tuple.length}` === name)
  return [...(found?.tuple ?? [])]
}
const replaced = (tuple: readonly unknown[], at: number, value: unknown): unknown[] => tuple.with(at, value)

describe('a packed row', () => {
  test.each(Object.entries(ROWS))('of %s values has in each place what a row may have', (name, expected) => {
    const tuple = like(name)
    const places = tuple.map((_, at) => taken((value) => decodeRow(replaced(tuple, at, value)) !== null))
    expect(places.slice(1)).toEqual(expected)
  })

  test('is a list that begins with a kind; of a kind to come it is one all the same', () => {
    expect([[], {}, null, 'line', ['line'], [-1]].map(decodeRow)).toEqual([null, null, null, null, null, null])
    expect([[99], [0], [-1], 'x'].map(isRow)).toEqual([true, true, false, false])
    expect([[99], [0], [12], 'x'].map(kindOf)).toEqual([undefined, 'line', 'wait', undefined])
  })

  test.each([
    ['line 5', 2, [0, 1, 2], [3, -1]],
    ['mark 4', 2, ['begin', 'end', 'moment'], ['step']],
    ['mount 4', 2, ['spawned', 'mountinfo', 'device', 'answered', 'lost', 'unmounted'], ['gone']],
    ['kernel 6', 2, ['send', 'end', 'taken', 'forget', 'entry'], ['loss']],
    ['kernel 13', 6, ['18446744073709551615', '0'], ['-1', '1'.repeat(21), '', '7x', 'x7']],
    ['operation 16', 9, ['reply', 'span', 'wire', 'last-event', 'next-request', null], ['x', undefined]],
    ['operation 16', 10, ['ok', 'error', 'unknown', 'unfinished'], [null]],
    ['operation 16', 13, [[0, 0]], [[0], [0, 1, 2], [-1, 0], [0, 0.5]]],
    ['operation 16', 14, [[], [null], ['/t']], [['/t', '/t'], [7]]],
    ['operation 16', 15, [['a', null, 'b', null]], [[null], ['a', 'b', 'c', 'd', 'e'], [1, null, null, null]]],
    ['operation 17', 16, [[], Array(32).fill('x')], [Array(33).fill('x')]],
    ['reply 6', 5, ['passed', 'made', 'lost', 'late', 'refused'], ['kept']],
    ['request 5', 3, [64 * 1024 * 1024 - 6], [64 * 1024 * 1024 - 5]],
    ['wait 11', 6, ['satisfied', 'timeout', 'stream-ended', 'mount-lost', 'impossible', 'aborted', 'error'], ['ok']],
    ['wait 11', 7, ['trace', 'probe', 'poll', null], ['log']],
    ['wait 11', 8, [Array(1000).fill(1)], [Array(1001).fill(1), [-1]]],
    ['wait 11', 9, [[[3]], [[3, 'x']], Array(1000).fill([1])], [Array(1001).fill([1]), [[]], [[3, 4]], [['x']]]],
    [
      ...(['call 8', 7] as const),
      [
        { code: 'X', errno: null, syscall: null, message: 'x' },
        { code: 'X', errno: -2, syscall: 'x', message: 'x', path: '/a', dest: '/b' },
      ],
      [
        { code: 1, errno: null, syscall: null, message: 'x' },
        { code: 'X', errno: 'x', syscall: null, message: 'x' },
        { code: 'X', errno: null, syscall: 5, message: 'x' },
        { code: 'X', errno: null, syscall: null },
        { code: 'X', errno: null, syscall: null, message: 'x', path: 5 },
        { code: 'X', errno: null, syscall: null, message: 'x', dest: 5 },
      ],
    ],
  ] as const)('%s: item %i is one of what there is', (name, at, good, bad) => {
    for (const [values, right] of [[good, true] as const, [bad, false] as const]) {
      for (const value of values) {
        expect(decodeRow(replaced(like(name), at, value)) !== null, JSON.stringify(value)).toBe(right)
      }
    }
  })

  test('of an operation keeps of what is extra only what is known', () => {
    const extra = (...items: unknown[]): unknown => {
      const row = decodeRow(replaced(like('operation 17'), 16, items))
      const { size, fh, paths, negative, ...rest } = (row?.kind === 'operation'
        ? row.operation
        : {}) as never as Record<string, unknown>
      expect(Object.keys(rest)).not.toContain('colour')
      return { size, fh, paths, negative }
    }
    const nothing = { size: undefined, fh: undefined, paths: undefined, negative: undefined }
    expect(extra('size', 7, 'fh', '18446744073709551615', 'paths', ['/a'], 'negative', true)).toEqual({
      ...{ size: 7, fh: '18446744073709551615', paths: ['/a'], negative: true },
    })
    expect(extra('size', 0.5, 'fh', 'x7', 'paths', [7], 'negative', false, 'colour', 7)).toEqual(nothing)
    expect(extra('size', '1'.repeat(21), 'fh', '7x', 'paths', '/a', 'size')).toEqual(nothing)
  })
})

describe('a header', () => {
  const header = makeHeader({
    ...{ fusetraceVersion: '1', nodeVersion: '20', kernel: '6.1', origin: 'record', originNs: 5n, originWallNs: -7n },
    ...{ dialect: 'tiny', dialectVersion: 3, command: ['x'], mountpoint: '/m', branches: ['/b'], daemonVersion: '1.0' },
    ...{ environment: { RUST_LOG: 'debug' }, wire: true },
  })

  test('is what was written', () => {
    const all = { ...header, redacted: { home: 2 } }
    expect(decodeHeader(unpack(pack(encodeHeader(all))))).toEqual(all)
    const least = makeHeader({ fusetraceVersion: '1', nodeVersion: '20', origin: 'test', originNs: 0n })
    expect(decodeHeader(encodeHeader(least))).toEqual(least)
    expect(least).toMatchObject({ command: null, mountpoint: null, branches: [], originWallNs: null, dialect: 'none' })
    expect([least.dialectVersion, 'wire' in least, 'redacted' in least]).toEqual([1, false, false])
    expect([header.format, least.format]).toEqual([2, 1])
  })

  test('is refused without what has to be known; what else is not as it should be is left out', () => {
    const packed = encodeHeader(header)
    const read = (key: string, value: unknown): Record<string, unknown> | null =>
      decodeHeader({ ...packed, [key]: value }) as Record<string, unknown> | null
    const refused = (key: string): string => taken((value) => read(key, value) === null)
    expect(['originNs', 'dialect', 'dialectVersion'].map(refused)).toEqual([
      'nuzcmfhsbBaACo',
      'nuzcmfhbBaACo',
      'nufhsdbBaACo',
    ])
    expect(refused('origin')).toBe(taken(() => true))
    expect(['record', 'import', 'test'].map((origin) => read('origin', origin)?.origin)).toHaveLength(3)
    for (const key of ['kernel', 'mountpoint', 'daemonVersion']) {
      expect(taken((value) => read(key, value)?.[key] === value && value !== null)).toBe(TEXT)
      expect(taken((value) => read(key, value)?.[key] === null)).toBe('nuzcmfhbBaACo')
    }
    expect(taken((value) => read('originWallNs', value)?.originWallNs !== null)).toBe('d')
    expect(read('originNs', '1'.repeat(21))).toBeNull()
    expect([read('originNs', 'x1'), read('originNs', '1x')]).toEqual([null, null])
    expect(taken((value) => read('command', value)?.command !== null)).toBe('aAC')
    expect([read('command', ['a', 5])?.command, read('branches', ['a', 5])?.branches]).toEqual([['a'], ['a']])
    expect(taken((value) => (read('branches', value)?.branches as string[] | undefined)?.length !== 0)).toBe('A')
    expect(read('environment', { A: 'x', B: 5 })?.environment).toEqual({ A: 'x' })
    expect([read('environment', null)?.environment, read('environment', 'x')?.environment]).toEqual([{}, {}])
    expect(taken((value) => read('wire', value)?.wire === true)).toBe('b')
    expect(read('redacted', { home: 2, token: 0, 'a b': 1, '1x': 1, x: 0.5 })?.redacted).toEqual({ home: 2 })
    expect([read('redacted', null)?.redacted, read('redacted', 'x')?.redacted]).toEqual([{}, {}])
    expect(
      Object.keys(read('redacted', { [`a${'b'.repeat(64)}`]: 1, [`a${'b'.repeat(63)}`]: 1 })?.redacted ?? {}),
    ).toHaveLength(1)
    const many = Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`a${i}`, 1]))
    expect(Object.keys(read('redacted', many)?.redacted ?? {})).toHaveLength(1000)
    expect(VALUES.map(([, value]) => decodeHeader(value))).toEqual(VALUES.map(() => null))
  })

  test('has stable names for directories wherever they stand in an argument', () => {
    const made = (command: string[], more: object = {}): readonly string[] | null =>
      makeHeader({
        ...{ fusetraceVersion: '1', nodeVersion: '20', origin: 'record', originNs: 0n, command },
        ...{ home: '/home/ann', temporary: '/tmp', mountpoint: '/tmp/m', branches: ['/tmp/m/b'] },
        ...more,
      }).command
    expect(
      made(['/tmp/m', '/tmp/m/b/x', '-o=/tmp/m,/tmp/m', '/tmp/m2', '/tmp/m.x', '/tmp/m-x', 'x/tmp/m', '/tmp/m/']),
    ).toEqual(['$MOUNT', '$BRANCH0/x', '-o=$MOUNT,$MOUNT', '$TMP/m2', '$TMP/m.x', '$TMP/m-x', 'x/tmp/m', '$MOUNT/'])
    expect(made(['/home/ann/x', '/home/anna', '/tmp/run-aB3dE9', '/tmp/a.b-aB3dE9/c', '/tmp/run-aB3dE99'])).toEqual([
      ...['~/x', '/home/anna', '$TMP/run-XXXXXX', '$TMP/a.b-XXXXXX/c', '$TMP/run-aB3dE99'],
    ])
    expect(made(['/tmp', 'm/x', '/x'], { temporary: 'm', home: '/', mountpoint: null, branches: [] })).toEqual([
      ...['/tmp', 'm/x', '/x'],
    ])
  })
})

test('a footer counts rows of each kind, and says where the blocks are', () => {
  const footer = { counts: NO_COUNTS, unparsed: 1, durationNs: 2, index: [[10, -5, 0]] }
  expect(decodeFooter(unpack(pack(footer)))).toEqual(footer)
  expect(decodeFooter({ ...footer, counts: { line: 3 } })?.counts).toEqual({ ...NO_COUNTS, line: 3 })
  const read = (key: string, value: unknown): boolean => decodeFooter({ ...footer, [key]: value }) !== null
  expect(taken((value) => read('unparsed', value))).toBe('zc')
  expect(taken((value) => read('durationNs', value))).toBe('zcm')
  expect(taken((value) => read('counts', value))).toBe('BaACo')
  expect(taken((value) => read('counts', { wait: value }))).toBe('uzc')
  expect(taken((value) => read('index', value))).toBe('a')
  const indexes = [[[1, 2, 3]], [[1, 2]], [[1, 2, 3, 4]], [[1, 2, 0.5]], [5], [[1, 2, 3], 'x']]
  expect(indexes.map((index) => read('index', index))).toEqual([true, false, false, false, false, false])
  expect(VALUES.map(([, value]) => decodeFooter(value))).toEqual(VALUES.map(() => null))
})

describe('MessagePack', () => {
  const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')
  const SOUND: readonly [string, unknown][] = [
    ...Object.entries({ '00': 0, '7f': 127, ff: -1, e0: -32, c0: null, c2: false, c3: true }),
    ...Object.entries({ cc80: 128, cd0100: 256, ce00010000: 65_536, cf0000000100000000: 2n ** 32n }),
    ...Object.entries({ d080: -128, d18000: -32_768, d280000000: -(2 ** 31), d3ffffffffffffffff: -1n }),
    ...Object.entries({ ca3f000000: 0.5, cb3fe0000000000000: 0.5 }),
    ...Object.entries({ a0: '', a161: 'a', d90161: 'a', da000161: 'a', db0000000161: 'a' }),
    ...Object.entries({ '90': [], '9101': [1], dc000101: [1], dd0000000101: [1], '9290c0': [[], null] }),
    ...Object.entries({ '80': {}, '81a16101': { a: 1 }, de0001a16101: { a: 1 }, df00000001a16101: { a: 1 } }),
    ['82a16101a1629101', { a: 1, b: [1] }],
  ]

  test.each(SOUND)('%s is read, and neither with a byte less nor with one more', (bytes, value) => {
    const all = hex(bytes)
    expect(unpack(all)).toEqual(value)
    for (let length = 0; length < all.length; length++) expect(unpack(all.subarray(0, length))).toBeUndefined()
    expect(unpack(Buffer.concat([all, hex('00')]))).toBeUndefined()
  })

  test.each(['c40161', 'c5000161', 'c60000000161'])('%s is bytes', (bytes) => {
    expect(Buffer.from(unpack(hex(bytes)) as Uint8Array).toString()).toBe('a')
    for (let length = 0; length < bytes.length / 2; length++)
      expect(unpack(hex(bytes).subarray(0, length))).toBeUndefined()
  })

  test.each([
    ...['c1', 'c70100ff', 'c8000100ff', 'c90000000100ff', 'd400ff', 'd5000000', 'd600ffffffff', 'd7000000000000000000'],
    ...['d800000000000000000000000000000000ff', '8101a161', '81c0a161', '81c40161a161', '8190a161'],
    ...['81a95f5f70726f746f5f5f80', '9181d9095f5f70726f746f5f5f80', '82a16101a95f5f70726f746f5f5f80'],
  ])('%s is refused: extensions, keys that are no text, prototypes', (bytes) => {
    expect(unpack(hex(bytes))).toBeUndefined()
  })

  test('names that only look like the prototype’s are names', () => {
    expect(unpack(pack({ __prot0__: 1, x: '__proto__' }))).toEqual({ __prot0__: 1, x: '__proto__' })
    expect(unpack(pack(['__proto__']))).toEqual(['__proto__'])
  })

  test('is taken up to a depth and a number of values', () => {
    const deep = (depth: number): Buffer => Buffer.concat([Buffer.alloc(depth, 0x91), hex('c0')])
    expect(unpack(deep(63))).toBeDefined()
    expect(unpack(deep(64))).toBeUndefined()
    expect(unpack(hex('9301 02 03'), 3)).toEqual([1, 2, 3])
    expect(() => unpack(hex('9301 02 03'), 2)).toThrow(TooManyItems)
    expect(unpack(hex('81a16101'), 2)).toEqual({ a: 1 })
    expect(() => unpack(hex('81a16101'), 1)).toThrow(TooManyItems)
    expect(() => unpack(hex('92 9101 9101'), 3)).toThrow(TooManyItems)
  })
})
