import { expect, test } from 'vitest'
import { scan } from '../../src/template/scan.js'
import { KIND, Tokens } from '../../src/template/tokens.js'
import { mined } from './templates.js'

const tokens = new Tokens()
const NAMES = Object.keys(KIND)

/** The pieces of a line that the run put there, each with its kind. */
function values(raw: string, ranges: readonly number[] = []): string[] {
  scan(raw, ranges, tokens)
  const all = Array.from({ length: tokens.count }, (_, i) => [tokens.kinds[i] ?? 0, tokens.text(i)] as const)
  return all.filter(([kind]) => kind > KIND.space).map(([kind, text]) => `${NAMES[kind]} ${text}`)
}

test.each([
  ['unique: 8, opcode: LOOKUP (1), pid: 12', ['slot 8', 'slot 1', 'slot 12']],
  ['   unique: 6, error: -2 (No such file or directory)', ['slot 6', 'slot -2', 'error No such file or directory']],
  [
    '20:00:35.640828 rx 18: CREATE n1 {0100644 [WRONLY,CREAT,0x8000]} ["a b"]',
    ['time 20:00:35.640828', 'slot 18', 'slot 1', 'slot 0100644', 'slot [WRONLY,CREAT,0x8000]', 'quoted "a b"'],
  ],
  [
    '2025-07-01T12:00:00.1Z DEBUG close time.busy=67.3\xc2\xb5s error=ENOENT',
    ['time 2025-07-01T12:00:00.1Z', 'level DEBUG', 'slot 67.3\xc2\xb5s', 'error ENOENT'],
  ],
  ["-> write /a.txt (b'it\\'s (1, 2)', 0, 4)", ['slot /a.txt', "slot b'it\\'s (1, 2)'", 'slot 0', 'slot 4']],
  [`LOOKUP names: [${'L'.repeat(255)}] 255 bytes`, [`slot [${'L'.repeat(255)}]`, 'slot 255']],
  ['{"message":"FUSE(  2) name \\"x\\"","n":5}', ['slot 2', 'quoted "x\\"', 'slot 5']],
])('%s', (raw, expected) => {
  expect(values(raw)).toEqual(expected)
})

test('a name that the dialect knows is one piece, whatever is in it', () => {
  const name = 'x}: y=1 "z"'
  const raw = `lookup{name=${name} parent=1}`
  expect(values(raw, [12, 12 + name.length])).toEqual([`slot ${name}`, 'slot 1'])
})

test('lines made to be slow are cut all the same', () => {
  for (const piece of ['"a\\', '(a(', 'Some(', '[a', "'b", 'A,', '1.', '0x', 'a=', '-rw-', '=(no such '])
    expect(() => scan(piece.repeat(4000), [], tokens)).not.toThrow()
})

test('lines that no dialect knows are one kind where a file, an attribute or a missing value differs', () => {
  const lines = [
    ['Failed to get xattr user.missing: NotFound', 'Failed to get xattr security.capability: NotFound'],
    ['setattr mode: Some(420), uid: None', 'setattr mode: None, uid: Some(0)'],
    [
      'name: a.txt, mode: 1',
      'name: r1.txt, mode: 2',
      ...['b', 'c', 'd', 'e', 'f'].map((name) => `name: ${name}, mode: 3`),
    ],
  ]
  const found = mined(lines.flat())
  expect(new Set(found).size).toBe(3)
})
