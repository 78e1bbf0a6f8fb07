import { describe, expect, test } from 'vitest'
import { dialects } from '../../src/dialect/builtin.js'
import { checkDialect } from '../../src/dialect/core/check-dialect.js'
import type { Dialect } from '../../src/dialect/core/dialect.js'
import { type Rewriting, rewritten } from '../../src/dialect/text/rewritten.js'
import { linesOf } from '../../src/line/splitter.js'
import { suggest } from '../../src/suggest/suggest.js'
import { captured, numbered } from './captures.js'
import { moreGrammars } from './more-grammars.js'
import { moreMutations } from './more-mutations.js'
import { grammars, mutations } from './mutations.js'
import { loaded, operations, tryRepair } from './repairs.js'

const libfuse = dialects.find(({ name }) => name === 'libfuse') as Dialect

/** One of each sort of change; `npm run test:slow -- drift-repairs` tries all of them on all captures. */
const REPAIRED: readonly (readonly [mutation: string, capture: string])[] = [
  ['a field renamed', 'virtiofsd'],
  ['two fields swapped', 'fuser-simple-debug'],
  ['opcode spelled differently', 'fuser-simple-debug'],
  ['a number in brackets', 'virtiofsd'],
  ['error worded differently', 'fuse3'],
  ['logfmt', 'loggedfs'],
  ['wrapped in JSON', 'loggedfs'],
  ['requests logged twice', 'winfsp'],
]

test.each(REPAIRED)('%s, on %s: what is suggested reads the operations again', async (mutationName, capture) => {
  const grammar = [...grammars, ...moreGrammars].find((one) => one.capture === capture)
  const mutation = [...mutations, ...moreMutations].find(({ name }) => name === mutationName)
  if (!grammar || !mutation) throw new Error('there is no such change or capture')
  const repair = await tryRepair(grammar, mutation)
  expect(repair?.lost).not.toEqual([])
  expect(repair?.still).toEqual([])
  expect(repair?.same).toBe(1)
  expect(checkDialect(await loaded(repair?.text ?? ''))).toEqual([])
})

test('a log of another workload: opcodes that the rewriting was not made from are read with it too', async () => {
  const lines = captured('virtiofsd')
  const virtiofsd = dialects.find(({ name }) => name === 'virtiofsd') as Dialect
  const half = Math.floor(lines.length / 4) * 2
  const old = numbered(lines.slice(0, half))
  const change = (raw: string): string => raw.replace('inode=', 'node=').replace('unique=', 'id=')
  const now = numbered(lines.slice(half).map((line) => ({ ...line, raw: change(line.raw) })))
  const dialect = await loaded(suggest(old, now, virtiofsd) ?? '')
  const expected = operations(numbered(lines.slice(half)), virtiofsd)
  expect(expected.length).toBeGreaterThan(100)
  expect(operations(now, dialect)).toEqual(expected)
  const [unseen] = linesOf(
    '[2024-01-02T03:04:05Z DEBUG virtiofsd::server] Received request: opcode=Fsync (20), node=7, id=900, pid=836',
  )
  const events: unknown[] = []
  dialect.parser({}).line(unseen as never, (event) => events.push(event))
  expect(events).toMatchObject([{ kind: 'request', opcode: 'fsync', unique: 900 }])
})

test('a log that lost nothing, or of which the facts are gone, gets no suggestion', () => {
  const lines = captured('virtiofsd')
  const virtiofsd = dialects.find(({ name }) => name === 'virtiofsd') as Dialect
  expect(suggest(lines, lines, virtiofsd)).toBeNull()
  const without = lines.filter(({ raw }) => !raw.includes('Replying'))
  expect(suggest(lines, numbered(without), virtiofsd)).toBeNull()
})

describe('a rewritten dialect', () => {
  const read = (rewriting: Partial<Rewriting>, text: string): unknown[] => {
    const events: unknown[] = []
    const parser = rewritten(libfuse, { samples: [], ...rewriting }).parser({})
    for (const line of linesOf(text)) parser.line(line, (event) => events.push(event))
    parser.end((event) => events.push(event))
    return events
  }
  const request = 'unique: 6, opcode: LOOKUP (1), nodeid: 1, insize: 46, pid: 9'

  test('takes off what stands around lines, and puts back what they were', () => {
    const rules: Rewriting['rules'] = [
      [
        /^op=(\w+) id=0x(\w+)$/,
        ['unique: ', [2, 'fromHex'], ', opcode: ', [1, 'upper'], ' (1), nodeid: 1, insize: 46, pid: 9'],
      ],
    ]
    const events = read(
      { around: [[/^\{"msg":"(.*)"\}$/, [[1, 'unescaped']]]], rules },
      '{"msg":"op=lookup id=0x1f"}\n',
    )
    expect(events).toMatchObject([{ kind: 'request', opcode: 'lookup', unique: 31 }])
  })

  test('takes an escaped character for a character, not for a byte', () => {
    const around: Rewriting['around'] = [[/^\{"msg":"(.*)"\}$/, [[1, 'unescaped']]]]
    const named = read({ around }, `{"msg":"${request}"}\n{"msg":"LOOKUP /\\u00e9"}\n`)
    expect(named).toContainEqual(expect.objectContaining({ path: '/\xc3\xa9' }))
  })

  test('leaves out repeated lines and what stands between', () => {
    expect(read({ once: true }, `${request}\n${request}\n`)).toHaveLength(1)
    expect(read({ drop: [/^unique: 6,/] }, `${request}\n`)).toEqual([])
  })

  test('looks values up, and leaves what is not in the table', () => {
    const rules: Rewriting['rules'] = [
      [/^(\w+) (\d+)$/, ['unique: ', 2, ', opcode: ', [1, { L: 'LOOKUP' }], ' (1), nodeid: 1, insize: 46, pid: 9']],
    ]
    expect(read({ rules }, 'L 8\n')).toMatchObject([{ opcode: 'lookup', unique: 8 }])
    expect(read({ rules }, 'toString 8\n').filter((one) => JSON.stringify(one).includes('native'))).toEqual([])
  })
})
