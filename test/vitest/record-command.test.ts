import { expect, test } from 'vitest'
import { recordCommandOf } from '../../src/vitest/record-command.js'

const task = (name: string, projectName?: string) => ({
  id: '1',
  name,
  suite: { name: 'outer' },
  file: { filepath: '/repo/a b.test.ts', name: 'a b.test.ts', projectName },
})

test('names one test of one project exactly, as a shell and vitest take it', () => {
  expect(recordCommandOf(task("it's (half-way) $1"), false)).toBe(
    `FUSETRACE=record npx vitest run 'a b.test.ts' -t '^outer it'\\''s \\(half-way\\) \\$1$'`,
  )
  expect(recordCommandOf(task('x', 'unit'), true)).toBe(`FUSETRACE=record npx vitest run 'a b.test.ts' --project unit`)
})
