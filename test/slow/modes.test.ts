import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lacks } from '../live/machine.js'
import { recordKinds } from '../vitest/kinds.js'
import type { Project } from '../vitest/project.js'

const why = lacks('bindfs')

describe.skipIf(why !== '')('a project with tests of every kind', () => {
  let made: Project
  beforeAll(async () => {
    ;({ made } = await recordKinds())
  })
  afterAll(() => made.remove())

  describe('afterwards', () => {
    test('one test of several that share a mount can be replayed alone', async () => {
      const { tests } = await made.run(['-t', 'makes another', 'shared'], { FUSETRACE: 'replay' })
      expect(tests['makes another']?.state).toBe('passed')
    })

    test('recording one of them leaves their recording as it was; one of others is replaced', async () => {
      const before = made.read('recordings/shared/(file).fusetrace')
      const other = made.read('recordings/files/at once one.fusetrace')
      const { tests, output } = await made.run(['-t', 'makes another|at once one'], { FUSETRACE: 'record' })
      expect([tests['makes another']?.state, tests['at once one']?.state]).toEqual(['passed', 'passed'])
      expect(output).toContain("shared.test.ts: its recording stays as it was, 'makes a file' did not run\n")
      expect(made.read('recordings/shared/(file).fusetrace')).toEqual(before)
      expect(made.read('recordings/files/at once one.fusetrace')).not.toEqual(other)
    })

    test('off with a summary: waits poll, what only a trace can show is skipped, the summary is printed', async () => {
      const env = { FUSE_TRACE: '0', FUSE_TRACE_SUMMARY: '1' }
      const { tests, output } = await made.run(['files', '-t', 'passes|asks|fakes'], env)
      expect(tests['outer inner passes']?.state).toBe('passed')
      expect(output).toContain('fusetrace: outer > inner > passes: 0 operations')
      expect([tests['asks its trace']?.state, tests['fakes its timers']?.state]).toEqual(['skipped', 'skipped'])
      expect(output).not.toContain('Unhandled')
    })
  })
})
