import { expect, test } from 'vitest'
import { lacksUser, runAs } from './other-users.js'

const TIMES = 10

test('the suite without a mount, as nobody, /dev/fuse hidden: ten times the same, and nothing fails', {
  timeout: 7_200_000,
}, ({ skip }) => {
  if (lacksUser('nobody') !== '') skip(lacksUser('nobody'))
  const run = () => {
    const outcomes = runAs('nobody', { FUSETRACE: 'wire' }, 'test/suite')
    expect(outcomes.filter(({ status }) => status === 'failed')).toEqual([])
    return outcomes.map(({ name, status }) => `${status} ${name}`).sort()
  }
  const first = run()
  expect(first.filter((outcome) => outcome.startsWith('passed')).length).toBeGreaterThan(50)
  for (let i = 1; i < TIMES; i++) expect(run()).toEqual(first)
})
