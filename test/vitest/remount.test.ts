import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lacks } from '../live/machine.js'
import { mountingProject } from './mounts.js'
import type { Project, Ran } from './project.js'

const why = lacks('bindfs')

describe.skipIf(why !== '')('mounts within a test', { timeout: 600_000 }, () => {
  let made: Project
  let recorded: Ran
  beforeAll(async () => {
    made = mountingProject()
    recorded = await made.run([], { FUSETRACE: 'record' })
  }, 600_000)
  afterAll(() => made.remove())
  const has = (name: string): boolean => made.exists(`recordings/mounts/${name}.fusetrace`)
  const states = ({ tests }: Ran): string[] => Object.entries(tests).map(([name, { state }]) => `${state} ${name}`)

  // In a run of its own: test/slow/replayed.test.ts.
  test('are recorded and replayed at once, each mount in a recording of its own', () => {
    expect(states(recorded), recorded.output).toEqual([
      'passed unmounts and mounts again',
      'passed mounts once more beside it',
      'failed a tear-down that throws fails its test',
    ])
    expect(recorded.tests['a tear-down that throws fails its test']?.messages).toContain('torn')
    expect([has('unmounts and mounts again'), has('mounts once more beside it')]).toEqual([true, true])
    expect(has('mounts once more beside it (mount 2)')).toBe(true)
    expect(has('a tear-down that throws fails its test')).toBe(false)
    expect(recorded.output).not.toContain('uses these recordings')
    expect(made.left()).toEqual([])
  })
})
