import { describe, expect, test } from 'vitest'
import { brief, readLog } from './read-log.js'

describe('go-fuse until 2018, whose names are raw', () => {
  const log = (...lines: string[]) => readLog(`${lines.join('\n')}\n`)
  const lookup = (id: number, name: string, parent = 1) =>
    `Dispatch ${id}: LOOKUP, NodeId: ${parent}. names: [${name}] ${Buffer.byteLength(name) + 1} bytes`
  const rename = (id: number, from: string, to: string) =>
    `Dispatch ${id}: RENAME, NodeId: 1. data: {1} names: [${from} ${to}] ${from.length + to.length + 2} bytes`

  test('two names with spaces are distinguished by what was looked up', () => {
    const { operations } = log(lookup(4, 'a b'), lookup(6, 'c d'), rename(8, 'a b', 'c d'))
    expect(brief(operations)).toEqual(['lookup /a b', 'lookup /c d', 'rename /a b -> /c d'])
  })

  test('and are unknown where nothing shows', () => {
    const { operations } = log(lookup(4, 'x'), rename(6, 'a b', 'c d'))
    expect(brief(operations)).toEqual(['lookup /x', 'rename null'])
  })

  test.each([
    'new\nline',
    'f\nDispatch 99: STATFS, NodeId: 1. ',
    'x] 3 bytes',
    'f\n20:00:35.6 rx 40: STATFS n1 ',
    '[\n\n]',
    'a names: [b] 2 bytes',
  ])('a name %j is a name', (name) => {
    const { operations, unparsed } = log(lookup(4, name), 'Serialize 4: LOOKUP code: OK value: ', lookup(6, 'b'))
    expect(unparsed).toBe(0)
    expect(brief(operations)).toEqual([`lookup /${name}`, 'lookup /b'])
  })

  test('a name that never ends takes no more than its line', () => {
    const rest = Array.from({ length: 100 }, (_, i) => lookup(2 * i + 6, `n${i}`))
    const { operations } = log('Dispatch 4: LOOKUP, NodeId: 1. names: [cut', ...rest)
    expect(operations).toHaveLength(101)
    expect(brief(operations).at(-1)).toBe('lookup /n99')
  })
})

test('macOS: ids that come again at once, other error numbers, and spaces that a web page has swallowed', () => {
  const once = (name: string, node: number) => [
    `2020/05/10 10:16:07 rx 3: LOOKUP i1 ["${name}"] 5b`,
    `2020/05/10 10:16:07 tx 3: OK, {i${node} g1 tE=1s tA=1s {M0100644 SZ=22158}}`,
    `2020/05/10 10:16:07 rx 4: ACCESS i${node} {u=0 g=0 }`,
    '2020/05/10 10:16:07 tx 4: OK',
    `2020/05/10 10:16:07 rx 2: GETXATTR i${node} {sz 0} ["com.apple.ResourceFork"] 23b`,
    '2020/05/10 10:16:07 tx 2: 93=attribute not found',
  ]
  const names = ['a', 'b', 'c', 'd', 'e']
  const { operations } = readLog(`${names.flatMap((name, i) => once(name, 1024 + i)).join('\n')}\n`)
  // Some that came again and were answered tell that ids do.
  const later = names.slice(3).flatMap((name) => [`lookup /${name}`, `access /${name}`, `getxattr /${name}`])
  expect(brief(operations).slice(-later.length)).toEqual(later)
})
