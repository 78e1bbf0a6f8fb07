import { expect, test } from 'vitest'
import { moreMutations } from '../drift/more-mutations.js'
import { type Outcome, tryMutation } from '../drift/mutate.js'
import { EXCEPTIONS } from '../drift/mutation-exceptions.js'
import { grammars, mutations } from '../drift/mutations.js'
import { tableOf } from '../drift/table.js'

const all = [...mutations, ...moreMutations]

test('every change of the format that loses something is found; what loses nothing is cosmetic', () => {
  const outcomes: Outcome[] = []
  for (const mutation of all) {
    for (const grammar of grammars) {
      const outcome = tryMutation(grammar, mutation)
      if (outcome) outcomes.push(outcome)
    }
  }
  console.log(tableOf(all, outcomes))
  const bad = outcomes
    .filter(({ verdict }) => verdict !== 'hit')
    .map(({ mutation, capture, verdict }) => `${mutation} | ${capture}: ${verdict}`)
  for (const [which, why] of Object.entries(EXCEPTIONS)) console.log(`${which}\n    ${why}`)
  expect(bad.filter((one) => !(one in EXCEPTIONS))).toEqual([])
  expect(all.length).toBeGreaterThanOrEqual(80)
})
