import { expect, test } from 'vitest'
import { lineMutations } from './line-mutations.js'
import { moreMutations } from './more-mutations.js'
import { type Outcome, tryMutation } from './mutate.js'
import { EXCEPTIONS } from './mutation-exceptions.js'
import { grammars, mutations } from './mutations.js'
import { partialMutations } from './partial-mutations.js'
import { tableOf } from './table.js'

/** Each kind of change on one capture; `npm run test:slow` has all of them on a capture of each dialect. */
test('a change of the format is found when it loses something, and is cosmetic when not', () => {
  const all = [...mutations, ...moreMutations, ...lineMutations, ...partialMutations]
  const outcomes: Outcome[] = []
  for (const [i, mutation] of all.entries()) {
    for (let k = 0; k < grammars.length; k++) {
      const grammar = grammars[(i + k) % grammars.length]
      const outcome = grammar ? tryMutation(grammar, mutation) : null
      if (outcome === null) continue
      outcomes.push(outcome)
      break
    }
  }
  console.log(tableOf(all, outcomes))
  const bad = outcomes
    .filter(
      ({ mutation, capture, verdict }) => verdict !== 'hit' && !(`${mutation} | ${capture}: ${verdict}` in EXCEPTIONS),
    )
    .map(
      ({ mutation, capture, verdict, lost, comparison }) =>
        `${mutation} | ${capture}: ${verdict}; lost ${lost.slice(0, 6)}; said ${comparison.findings
          .map((f) => `${f.severity} ${f.code} (${f.title})`)
          .slice(0, 4)
          .join(' / ')}`,
    )
  expect(bad).toEqual([])
})
