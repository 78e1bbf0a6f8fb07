import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lacks } from '../live/machine.js'
import type { Project, Ran } from './project.js'
import { recordVerified } from './verified.js'

const why = lacks('bindfs')

describe.skipIf(why !== '')('what is recorded is replayed at once', { timeout: 600_000 }, () => {
  let made: Project
  let recorded: Ran
  beforeAll(async () => {
    ;({ made, recorded } = await recordVerified())
  }, 600_000)
  afterAll(() => made.remove())
  const has = (name: string): boolean => made.exists(`recordings/files/${name}.fusetrace`)
  const states = ({ tests }: Ran): string[] => Object.entries(tests).map(([name, { state }]) => `${state} ${name}`)

  test('what replays is kept, what does not is not, and says so', () => {
    expect(states(recorded)).toEqual([
      'passed replays',
      'failed chooses a name by chance',
      'failed fails before',
      'passed each 1',
      'passed each 2',
      'failed reads with node:fs',
      'passed is to fail',
      'skipped skips itself',
      'passed finds it',
      'skipped skips',
      'passed inner finds both',
      'passed polls one',
      'passed polls two',
    ])
    // Said once, not for each test.
    expect(recorded.output.match(/the daemon logs nothing that is understood/g)).toHaveLength(1)
    expect([has('replays'), has('each 1'), has('is to fail'), has('skips itself')]).toEqual([true, true, true, true])
    expect([has('chooses a name by chance'), has('fails before')]).toEqual([false, false])
    const { messages = '' } = recorded.tests['chooses a name by chance'] ?? {}
    expect(messages).toMatch(/the test calls mount\.fs\.writeFile\("f0\.\d+", "x"\), its recording has/)
    expect(messages.match(/its recording, made just now, is not kept: names by chance/g)).toHaveLength(1)
    expect(messages).not.toContain('npx vitest')
    expect(recorded.tests['reads with node:fs']?.messages).toContain(
      'the test passed while it was recorded, and fails in replay: its recording, made just now, is not kept',
    )
    expect(recorded.tests['fails before']?.messages.match(/of its own/g)).toHaveLength(1)
    expect(made.exists('.fusetrace/unverified/files/chooses a name by chance.fusetrace')).toBe(false)
    expect(recorded.output).toContain("npx fusetrace show '.fusetrace/failed/files/chooses a name by chance.fusetrace'")
    expect(made.left()).toEqual([])
  })

  test('then a CI without FUSE is green: setup, hooks and commands come from recordings, skipped tests stay so', async () => {
    const replayed = await made.run(['-t', 'replays|each|is to|skips|finds'], { CI: 'true', PATH: '/nowhere' })
    expect(states(replayed).filter((state) => state.startsWith('failed'))).toEqual([])
    expect(replayed.tests['skips itself']?.state).toBe('skipped')
    expect(replayed.exitCode).toBe(0)
  })
})
