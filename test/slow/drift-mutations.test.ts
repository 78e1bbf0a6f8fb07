import { expect, test } from 'vitest'
import { lineMutations } from '../drift/line-mutations.js'
import { moreGrammars } from '../drift/more-grammars.js'
import { moreMutations } from '../drift/more-mutations.js'
import { type Outcome, tryMutation } from '../drift/mutate.js'
import { EXCEPTIONS } from '../drift/mutation-exceptions.js'
import { grammars, mutations } from '../drift/mutations.js'
import { partialMutations } from '../drift/partial-mutations.js'
import { tableOf } from '../drift/table.js'

const all = [...mutations, ...moreMutations, ...lineMutations, ...partialMutations]
const outcomes: Outcome[] = []

test.each([...grammars, ...moreGrammars].map((grammar) => [grammar.capture, grammar] as const))(
  'every change of the format of %s that loses something is found; what loses nothing is cosmetic',
  (_, grammar) => {
    const bad: string[] = []
    const tried = outcomes.length
    for (const mutation of all) {
      const outcome = tryMutation(grammar, mutation)
      if (outcome === null) continue
      outcomes.push(outcome)
      const which = `${outcome.mutation} | ${outcome.capture}: ${outcome.verdict}`
      if (outcome.verdict !== 'hit' && !(which in EXCEPTIONS)) bad.push(which)
    }
    expect(
      bad,
      'neither found nor explained: mend src/drift, or say why not in test/drift/mutation-exceptions.ts',
    ).toEqual([])
    expect(outcomes.length - tried).toBeGreaterThanOrEqual(80)
  },
)

test('the table', () => {
  console.log(tableOf(all, outcomes))
  for (const [which, why] of Object.entries(EXCEPTIONS)) console.log(`${which}\n    ${why}`)
  expect(all.length).toBeGreaterThanOrEqual(80)
})
