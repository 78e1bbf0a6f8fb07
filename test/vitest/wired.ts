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

/** A project of which one test can do without a mount, and one cannot. */
export const wiredProject = (): Project => project({ 'files.test.ts': FILES })
