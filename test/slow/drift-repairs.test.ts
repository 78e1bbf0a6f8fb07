import { expect, test } from 'vitest'
import { checkDialect } from '../../src/dialect/core/check-dialect.js'
import { moreGrammars } from '../drift/more-grammars.js'
import { moreMutations } from '../drift/more-mutations.js'
import { grammars, mutations } from '../drift/mutations.js'
import { loaded, type Repair, tryRepair } from '../drift/repairs.js'

/** Changes after which what is lost is in the log no more: whole lines, or what they said. Nothing can bring it back. */
const GONE =
  /no longer logged|no request logged|nothing logged|prose instead|only requests logged|lines cut|(?:ids|pids|names) left out$|said to be successes|^a field gone$/
/** Of the changes whose facts are still in the log; the goal is two thirds. */
const LEAST_REPAIRED = 0.4

const all = [...mutations, ...moreMutations]
const repairs: Repair[] = []

test.each([...grammars, ...moreGrammars].map((grammar) => [grammar.capture, grammar] as const))(
  'what is suggested after changes of the format of %s is accepted as a dialect',
  async (_, grammar) => {
    for (const mutation of all) {
      const repair = await tryRepair(grammar, mutation)
      if (repair === null) continue
      repairs.push(repair)
      if (repair.text !== null) expect(checkDialect(await loaded(repair.text))).toEqual([])
    }
  },
)

test('the table', () => {
  const isRepaired = ({ text, still }: Repair): boolean => text !== null && still.length === 0
  const rows = all.map(({ name }) => {
    const of = repairs.filter(({ mutation }) => mutation === name)
    return { name, repaired: of.filter(isRepaired).length, of: of.length, gone: GONE.test(name) }
  })
  for (const { name, repaired, of, gone } of rows)
    console.log(
      `${name.padEnd(46)} ${String(repaired).padStart(3)} of ${String(of).padStart(3)}${gone ? '  (gone)' : ''}`,
    )
  const possible = rows.filter(({ gone }) => !gone)
  const sum = (key: 'repaired' | 'of'): number => possible.reduce((total, row) => total + row[key], 0)
  console.log(`${sum('repaired')} of ${sum('of')} whose facts are still in the log`)
  expect(sum('repaired') / sum('of')).toBeGreaterThanOrEqual(LEAST_REPAIRED)
})
