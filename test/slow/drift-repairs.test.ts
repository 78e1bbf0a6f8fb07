import { expect, test } from 'vitest'
import { checkDialect } from '../../src/dialect/core/check-dialect.js'
import { erases } from '../drift/erased.js'
import { moreGrammars } from '../drift/more-grammars.js'
import { moreMutations } from '../drift/more-mutations.js'
import { grammars, mutations } from '../drift/mutations.js'
import { loaded, type Repair, tryRepair } from '../drift/repairs.js'

/** Of the changes whose facts are still in the log. */
const LEAST_REPAIRED = 2 / 3

const all = [...mutations, ...moreMutations]
const repairs: Repair[] = []

test.each([...grammars, ...moreGrammars].map((grammar) => [grammar.capture, grammar] as const))(
  'what is suggested after changes of the format of %s is accepted as a dialect',
  async (_, grammar) => {
    for (const mutation of all) {
      const repair = erases(grammar, mutation) ? null : await tryRepair(grammar, mutation)
      if (repair === null) continue
      repairs.push(repair)
      if (repair.text !== null) expect(checkDialect(await loaded(repair.text))).toEqual([])
    }
  },
)

test('the table', () => {
  const isRepaired = ({ text, still }: Repair): boolean => text !== null && still.length === 0
  for (const key of ['mutation', 'capture'] as const) {
    for (const name of new Set(repairs.map((repair) => repair[key]))) {
      const of = repairs.filter((repair) => repair[key] === name)
      const not = of.filter((repair) => !isRepaired(repair)).map((repair) => repair.capture)
      const rest = key === 'mutation' ? `  ${not.join(' ')}` : ''
      console.log(`${name.padEnd(46)} ${String(of.length - not.length).padStart(3)} of ${of.length}${rest}`)
    }
  }
  const repaired = repairs.filter(isRepaired).length
  console.log(`${repaired} of ${repairs.length} whose facts are still in the log`)
  expect(repaired / repairs.length).toBeGreaterThanOrEqual(LEAST_REPAIRED)
})
