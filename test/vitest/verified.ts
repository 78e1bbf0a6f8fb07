import { type Project, project, type Ran } from './project.js'

const FILES = `
import { readFileSync } from 'node:fs'
let turns = 0
const test = fuseTest({
  daemon: async ({ mountpoint, branches }) => ['bindfs', '-f', '-d', branches[0], mountpoint],
  setup: async ({ branches, exec, live, directory }) => {
    const { stdout } = await exec(['sh', '-c', 'echo $$ > "$1"/pid; cat; pwd', 'sh', branches[0].path], { input: 'in\\n', cwd: branches[0].path })
    if (stdout !== 'in\\n' + branches[0].path + '\\n') throw new Error('unexpected: ' + stdout)
    if (!live && ++turns > 100) throw new Error('never')
    if (live) await exec(['true'])
  },
})
test('replays', async ({ mount, step, waitFor, annotate }) => {
  await annotate('in both turns')
  await step('create', () => mount.exec(['sh', '-c', 'echo content > "$1"', 'sh', mount.path + '/a.txt']))
  const { operation } = await waitFor.fileVisible('a.txt')
  expect(operation?.status).toBe('ok')
  expect(await mount.fs.readFile('pid', 'utf8')).toMatch(/^[0-9]+\\n$/)
  await expect(mount.exec(['ls', mount.path + '/none'])).rejects.toThrow(/exit code 2: ls: .*none/)
  expect((await mount.exec(['false'], { reject: false })).exitCode).toBe(1)
  await expect(mount.exec(['no-such-command'])).rejects.toMatchObject({ code: 'ENOENT' })
  await expect(mount.exec(['true'], { timeuot: 1 } as never)).rejects.toThrow('did you mean timeoutMs')
})
test('chooses a name by chance', { timeout: 60_000 }, async ({ mount }) => {
  await mount.fs.writeFile('f' + Math.random(), 'x')
})
test('fails before', async ({ mount }) => {
  await mount.fs.writeFile('a', 'x')
  throw new Error('of its own')
})
test.for([1, 2])('each %i', async (n, { mount }) => {
  expect(await mount.fs.exists('none' + n)).toBe(false)
})
test('reads with node:fs', async ({ mount }) => {
  await mount.fs.writeFile('a.txt', 'x')
  expect(readFileSync(mount.path + '/a.txt', 'utf8')).toBe('x')
})
test.fails('is to fail', async ({ mount }) => {
  expect(await mount.fs.exists('none')).toBe(true)
})
test('skips itself', async ({ mount, skip }) => {
  await mount.fs.writeFile('a.txt', 'x')
  skip('lacks a tool')
})
`
const HOOKS = `
const test = fuseTest({ daemon, scope: 'file' })
test.beforeAll(async ({ mount, step, waitFor }) => {
  await step('fill', () => mount.fs.mkdir('d'))
  expect((await waitFor.dirVisible('d')).operation?.path).toBe('/d')
})
test('finds it', async ({ mount }) => expect(await mount.fs.readdir('/')).toEqual(['d']))
test('skips', async ({ mount, skip }) => {
  await mount.fs.mkdir('d/only-live')
  skip(true, 'not here')
})
describe('inner', () => {
  test.beforeAll(async ({ mount }) => mount.fs.writeFile('d/inner', 'x'))
  test('finds both', async ({ mount }) => expect((await mount.fs.readdir('d')).sort()).toEqual(['inner', 'only-live']))
})
test.afterAll(async ({ mount }) => expect(await mount.fs.exists('d/inner')).toBe(true))
`
const QUIET = `
const test = fuseTest({ daemon: ({ mountpoint, branches }) => ['bindfs', '-f', branches[0], mountpoint] })
for (const name of ['one', 'two']) {
  test('polls ' + name, async ({ mount, step, waitFor }) => {
    await step('write', () => mount.fs.writeFile(name, 'x'))
    await waitFor.fileVisible(name)
  })
}
`
/** A project whose tests replay, or do not, in every way; each was recorded and replayed at once. */
export async function recordVerified(): Promise<{ made: Project; recorded: Ran }> {
  const made = project({
    'files.test.ts': FILES,
    'hooks.test.ts': HOOKS,
    'quiet.test.ts': QUIET,
  })
  return { made, recorded: await made.run([], { FUSETRACE: 'record' }) }
}
