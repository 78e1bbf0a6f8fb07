import { readdirSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { fusetrace } from '../cli/run.js'
import { lacks, place } from './machine.js'

const here = place()
const lacking = lacks('bindfs')
afterAll(() => here.remove())

test.skipIf(lacking)(
  `what sleeps and waits cost is measured, and nothing is left (${lacking || 'bindfs'})`,
  async () => {
    const daemon = ['bindfs', '-f', '-d', here.source, '{mountpoint}']
    const settings = ['--rounds', '1', '--sleep', '50', '--poll', '1']
    const ran = await fusetrace('bench', '--json', ...settings, '--', ...daemon)
    const { cases, ...given } = JSON.parse(ran.stdout) as { cases: Record<string, unknown>[] }
    expect(given).toEqual({ rounds: 1, sleepMs: 50, setupMs: 1000, pollMs: 1 })
    expect(cases.map(({ after }) => after)).toEqual([
      'startLive',
      'fileVisible',
      'writeComplete',
      'released',
      'dirVisible',
      'xattrSet',
      'renamed',
      'deleted',
    ])
    for (const { name, problem, sleepNs, waitNs, by } of cases) {
      // A file system below that keeps no attributes says so.
      if (name === 'set an attribute' && problem !== null) continue
      expect({ name, problem }).toEqual({ name, problem: null })
      expect(sleepNs).toBeGreaterThanOrEqual(50e6)
      expect(waitNs).toBeGreaterThan(0)
      expect(by).not.toContain('poll')
    }
    expect(readdirSync(here.source)).toEqual([])
  },
)

test.each([
  [['--rounds', '0'], 'It must be a whole number of at least 1'],
  [['--sleep', 'x'], 'It must be a whole number of at least 1'],
])('%s is refused', async (options, message) => {
  const ran = await fusetrace('bench', ...options, '--', 'bindfs', '{mountpoint}')
  expect(ran.code).toBe(2)
  expect(ran.stderr).toContain(message)
})
