import { expect, test } from 'vitest'
import { dialects } from '../../src/dialect/builtin.js'
import { captured } from './captures.js'
import { moreGrammars } from './more-grammars.js'
import { profile } from './mutate.js'
import { grammars } from './mutations.js'

test('every dialect has a log that changes are tried on', () => {
  const tried = [...grammars, ...moreGrammars].map(({ capture }) => profile(captured(capture).slice(0, 300)).dialect)
  const missing = dialects.map(({ name }) => name).filter((name) => !tried.includes(name))
  // The kernel's events are no daemon's log.
  expect(missing, 'a log in test/drift/made.ts (or a capture), its grammar in test/drift/more-grammars.ts').toEqual([
    'kernel',
  ])
})
