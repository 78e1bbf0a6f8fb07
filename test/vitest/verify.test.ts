import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lacks } from '../live/machine.js'
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
const why = lacks('bindfs')

describe.skipIf(why !== '')('what is recorded is replayed at once', { timeout: 600_000 }, () => {
  let made: Project
  let recorded: Ran
  beforeAll(async () => {
    made = project({
      'files.test.ts': FILES,
      'hooks.test.ts': HOOKS,
      'quiet.test.ts': QUIET,
    })
    recorded = await made.run([], { FUSETRACE: 'record' })
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

  test('without verification all is kept', async () => {
    const { tests } = await made.run(['-t', 'chooses'], { FUSETRACE: 'record', FUSETRACE_VERIFY: '0' })
    expect(tests['chooses a name by chance']?.state).toBe('passed')
    expect(has('chooses a name by chance')).toBe(true)
  })

  test('the command of a hint records that test and no other; vitest -u records anew', async () => {
    const missing = await made.run(['-t', 'fails before'], { FUSETRACE: 'replay' })
    const { messages = '' } = missing.tests['fails before'] ?? {}
    expect(messages).toContain("record it: FUSETRACE=record npx vitest run files.test.ts -t '^fails before$'")
    const exact = await made.run(['hooks', '-t', '^finds it$'], { FUSETRACE: 'replay' })
    expect(exact.tests['finds it']?.state).toBe('passed')
    const before = made.read('recordings/files/each 1.fusetrace')
    const once = await made.run(['files', '-t', '^each 1$'])
    expect(once.tests['each 1']?.state).toBe('passed')
    expect(made.read('recordings/files/each 1.fusetrace')).toEqual(before)
    const updated = await made.run(['files', '-t', '^each 1$', '-u'])
    expect(updated.tests['each 1']?.state).toBe('passed')
    expect(made.read('recordings/files/each 1.fusetrace')).not.toEqual(before)
  })

  test('off: a test that asks for the operation of a wait is skipped', async () => {
    const { tests } = await made.run(['files', '-t', '^replays$'], { FUSETRACE: 'off' })
    expect(tests.replays?.state).toBe('skipped')
  })
})
