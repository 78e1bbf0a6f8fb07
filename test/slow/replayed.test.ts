import { describe, expect, onTestFinished, test } from 'vitest'
import { whyNoNamespace } from '../../src/transport/namespace.js'
import { lacks } from '../live/machine.js'
import { faultTests } from '../relay/fault-tests.js'
import { lacksRelay } from '../relay/machine.js'
import { mountingProject } from '../vitest/mounts.js'
import type { Project } from '../vitest/project.js'
import { wiredProject } from '../vitest/wired.js'

/** Records a project's tests, and those that are named again where nothing can be mounted: their states. */
async function replayed(made: Project, mode: string, names: string): Promise<Record<string, string>> {
  onTestFinished(() => made.remove())
  await made.run(['-t', names], { FUSETRACE: mode, FUSETRACE_VERIFY: '0' })
  const { tests } = await made.run(['-t', names], { FUSETRACE: 'replay', PATH: '/nowhere' })
  const states = Object.entries(tests).map(([name, { state }]) => [name, state])
  return Object.fromEntries(states.filter(([, state]) => state !== 'skipped'))
}

describe('what was recorded is replayed in another run, where nothing can be mounted', () => {
  test.skipIf(lacks('bindfs'))('mounts within a test', async () => {
    expect(await replayed(mountingProject(), 'record', 'mounts')).toEqual({
      'unmounts and mounts again': 'passed',
      'mounts once more beside it': 'passed',
    })
  })

  test.skipIf(lacksRelay('bindfs'))('faults and gates', async () => {
    const passed = { 'an error instead': 'passed', 'a gate': 'passed' }
    expect(await replayed(faultTests(), 'record', 'an error|a gate')).toEqual(passed)
  })

  test.skipIf(lacks('bindfs'))('a daemon that was driven without a mount', async ({ skip }) => {
    if ((await whyNoNamespace('namespace')) && (await whyNoNamespace('user-namespace')))
      skip('no namespace can be made')
    expect(await replayed(wiredProject(), 'wire,record', 'goes through')).toEqual({ 'goes through mount.fs': 'passed' })
  })
})
