import { afterAll, beforeAll, expect, test } from 'vitest'
import { whyNoNamespace } from '../../src/transport/namespace.js'
import { installed } from '../transport/tools.js'
import type { Project } from './project.js'
import { wiredProject } from './wired.js'

let made: Project

beforeAll(() => {
  made = wiredProject()
})

afterAll(() => made.remove())

// In a run of its own: test/slow/replayed.test.ts.
test('FUSETRACE=wire,record: what goes through mount.fs is replayed at once and kept, what needs the path of its mount is skipped and says why', async ({
  skip,
}) => {
  if (!installed('bindfs')) skip('bindfs is not installed')
  if ((await whyNoNamespace('namespace')) && (await whyNoNamespace('user-namespace'))) skip('no namespace can be made')
  const { tests, output } = await made.run(['--reporter=verbose'], { FUSETRACE: 'wire,record' })
  expect(tests['goes through mount.fs']).toEqual({ state: 'passed', messages: '' })
  expect(tests['reads its mount with node:fs']?.state).toBe('skipped')
  expect(output).toContain('mount.path: with FUSETRACE=wire nothing is mounted')
  expect(made.exists('recordings/files/goes through mount.fs.fusetrace')).toBe(true)
})
