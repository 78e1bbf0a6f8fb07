import { expect, test } from 'vitest'
import { type Outcome, tryMutation } from './mutate.js'
import { grammars, mutations } from './mutations.js'

test('a change of the format is found when it loses something, and is cosmetic when not', () => {
  const outcomes: Outcome[] = []
  for (const mutation of mutations) {
    for (const grammar of grammars) {
      const outcome = tryMutation(grammar, mutation)
      if (outcome) outcomes.push(outcome)
    }
  }
  const rows = mutations.map(({ name }) => {
    const of = outcomes.filter((one) => one.mutation === name)
    const count = (verdict: Outcome['verdict']): number => of.filter((one) => one.verdict === verdict).length
    const harmful = of.filter((one) => one.lost.length > 0).length
    return {
      name,
      tried: of.length,
      harmful,
      hit: count('hit'),
      miss: count('miss'),
      code: count('wrong code'),
      line: count('wrong line'),
      alarm: count('false alarm'),
    }
  })
  console.log(tableOf(rows))
  const bad = outcomes
    .filter((one) => one.verdict !== 'hit')
    .map(
      (one) =>
        `${one.mutation} | ${one.capture}: ${one.verdict}; lost ${one.lost.slice(0, 6)}; said ${one.comparison.findings
          .map((f) => `${f.severity} ${f.code} (${f.title})`)
          .slice(0, 4)
          .join(' / ')}`,
    )
  expect(bad).toEqual([])
  expect(mutations.length).toBeGreaterThanOrEqual(30)
})

type Row = Record<string, string | number>

function tableOf(rows: readonly Row[]): string {
  const keys = Object.keys(rows[0] ?? {})
  const width = (key: string): number => Math.max(key.length, ...rows.map((row) => String(row[key]).length))
  const line = (row: Row): string =>
    keys
      .map((key, i) => (i === 0 ? String(row[key]).padEnd(width(key)) : String(row[key]).padStart(width(key))))
      .join('  ')
  return [line(Object.fromEntries(keys.map((key) => [key, key]))), ...rows.map(line)].join('\n')
}
