import { expect, test } from 'vitest'
import { lineMutations } from './line-mutations.js'
import { moreMutations } from './more-mutations.js'
import { type Outcome, tryMutation } from './mutate.js'
import { EXCEPTIONS } from './mutation-exceptions.js'
import { grammars, mutations } from './mutations.js'
import { partialMutations } from './partial-mutations.js'
import { tableOf } from './table.js'

/** Some kinds of change, on one capture each; `npm run test:slow` has all of them on a capture of each dialect. */
const EACH = 12
/** Captures that are tried first: to read one takes most of the time. */
const FEW = 3

test('a change of the format is found when it loses something, and is cosmetic when not', () => {
  const kinds = [...mutations, ...moreMutations, ...lineMutations, ...partialMutations]
  const all = kinds.filter((_, i) => i % EACH === 0)
  const outcomes: Outcome[] = []
  for (const [i, mutation] of all.entries()) {
    for (let k = 0; k < grammars.length; k++) {
      const grammar = grammars[((i % FEW) + k) % grammars.length]
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
