import type { Outcome } from './mutate.js'

type Row = Record<string, string | number>

/** How each kind of change came out, over all captures. */
export function tableOf(mutations: readonly { name: string }[], outcomes: readonly Outcome[]): string {
  const rows = mutations.map(({ name }): Row => {
    const of = outcomes.filter((one) => one.mutation === name)
    const count = (verdict: Outcome['verdict']): number => of.filter((one) => one.verdict === verdict).length
    return {
      name,
      tried: of.length,
      harmful: of.filter((one) => one.lost.length > 0).length,
      hit: count('hit'),
      miss: count('miss'),
      code: count('wrong code'),
      line: count('wrong line'),
      alarm: count('false alarm'),
    }
  })
  const keys = Object.keys(rows[0] ?? {})
  const width = (key: string): number => Math.max(key.length, ...rows.map((row) => String(row[key]).length))
  const line = (row: Row): string =>
    keys
      .map((key, i) => (i === 0 ? String(row[key]).padEnd(width(key)) : String(row[key]).padStart(width(key))))
      .join('  ')
  return [line(Object.fromEntries(keys.map((key) => [key, key]))), ...rows.map(line)].join('\n')
}
