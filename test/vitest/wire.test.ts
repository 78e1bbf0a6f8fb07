import { afterAll, beforeAll, expect, test } from 'vitest'
import { whyNoNamespace } from '../../src/transport/namespace.js'
import { installed } from '../transport/tools.js'
import { type Project, project } from './project.js'

const FILES = `
import { readFileSync } from 'node:fs'
const test = fuseTest({ daemon })
test('goes through mount.fs', async ({ mount, step, waitFor }) => {
  await step('create', () => mount.fs.writeFile('a.txt', 'content'))
  await waitFor.fileVisible('a.txt')
  expect(await mount.fs.readFile('a.txt', 'utf8')).toBe('content')
})
test('reads its mount with node:fs', async ({ mount, step, waitFor }) => {
  await step('create', () => mount.fs.writeFile('a.txt', 'content'))
  await waitFor.fileVisible('a.txt')
  expect(readFileSync(mount.path + '/a.txt', 'utf8')).toBe('content')
})
`

let made: Project

beforeAll(() => {
  made = project({ 'files.test.ts': FILES })
})

afterAll(() => made.remove())

test('FUSETRACE=wire,record: what goes through mount.fs is kept and replayed, what needs the path of its mount is skipped and says why', async ({
  skip,
}) => {
  if (!installed('bindfs')) skip('bindfs is not installed')
  if ((await whyNoNamespace('namespace')) && (await whyNoNamespace('user-namespace'))) skip('no namespace can be made')
  const { tests, output } = await made.run(['--reporter=verbose'], { FUSETRACE: 'wire,record' })
  expect(tests['goes through mount.fs']).toEqual({ state: 'passed', messages: '' })
  expect(tests['reads its mount with node:fs']?.state).toBe('skipped')
  expect(output).toContain('mount.path: with FUSETRACE=wire nothing is mounted')
  expect(made.exists('recordings/files/goes through mount.fs.fusetrace')).toBe(true)
  const replayed = await made.run(['-t', 'goes through'], { FUSETRACE: 'replay', PATH: '/nowhere' })
  expect(replayed.tests['goes through mount.fs']).toEqual({ state: 'passed', messages: '' })
})
