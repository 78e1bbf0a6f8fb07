import { cpSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Project, project, type Ran } from './project.js'

const FILES = `
import { readFileSync } from 'node:fs'
const test = fuseTest({ daemon })
const create = async ({ mount, step, waitFor }, name = 'a.txt') => {
  await step('create', () => mount.fs.writeFile(name, 'content'))
  await waitFor.fileVisible(name)
}
describe('outer', () => {
  describe('inner', () => {
    test('passes', async ({ mount, step, waitFor }) => create({ mount, step, waitFor }))
  })
})
test('asserts wrongly', async ({ mount, step, waitFor }) => {
  await create({ mount, step, waitFor })
  waitFor.fileVisible('later.txt')
  expect(1).toBe(2)
})
describe('late', () => {
  // All that takes time is done when the test's own begins.
  test.beforeEach(async ({ mount, step, waitFor }) => create({ mount, step, waitFor }, 'b.txt'))
  test('runs out of time', { timeout: 1500 }, async ({ waitFor }) => {
    await waitFor.fileVisible('c.txt', { timeoutMs: 600_000 })
  })
})
test('its daemon dies', async ({ mount, step, waitFor }) => {
  await create({ mount, step, waitFor })
  await mount.kill('SIGKILL')
  await waitFor.fileVisible('late.txt')
})
test('fails once', { retry: 1 }, async ({ mount, step, waitFor, task }) => {
  await create({ mount, step, waitFor })
  if (task.result?.retryCount !== 0) return
  await mount.fs.writeFile('only-the-first.txt', 'x')
  throw new Error('the first time')
})
test.fails('should fail', async ({ mount, step, waitFor }) => {
  await create({ mount, step, waitFor })
  expect(await mount.fs.readFile('a.txt', 'utf8')).toBe('other')
})
test('is skipped (half-way)', async ({ mount, step, waitFor, skip }) => {
  await create({ mount, step, waitFor })
  skip()
})
for (const name of ['one', 'two', 'three']) {
  test.concurrent('at once ' + name, async ({ mount, step, waitFor }) => create({ mount, step, waitFor }, name))
}
for (const name of ['one.txt', 'two.txt']) {
  test('has a namesake', async ({ mount, step, waitFor }) => create({ mount, step, waitFor }, name))
}
test('has a Namesake', async ({ mount, step, waitFor }) => create({ mount, step, waitFor }, 'three.txt'))
describe('outer inner', () => {
  test('passes', async ({ mount, step, waitFor }) => create({ mount, step, waitFor }, 'four.txt'))
})
test('fakes its timers', async ({ mount, step, waitFor, fence }) => {
  vi.useFakeTimers()
  try {
    await create({ mount, step, waitFor })
    await fence()
    await waitFor.never('unlink', { during: 5 })
    await expect(waitFor.fileVisible('b.txt', { timeoutMs: 5 })).rejects.toThrow('not satisfied within 5 ms')
  } finally {
    vi.useRealTimers()
  }
})
test('reads its mount with node:fs', async ({ mount, step, waitFor }) => {
  await create({ mount, step, waitFor })
  expect(readFileSync(mount.path + '/a.txt', 'utf8')).toBe('content')
})
test('asks its trace', async ({ mount, step, waitFor, monitor }) => {
  const never = waitFor.never('unlink', { during: 5 })
  await create({ mount, step, waitFor })
  expect(monitor).toHaveCompleted({ opcode: 'create', path: 'a.txt' })
  await never
})
test('calls after its end', async ({ mount, step, waitFor, onTestFinished }) => {
  onTestFinished(() => expect(mount.fs.readdir('/')).rejects.toThrow('came after the end of its test'))
  await create({ mount, step, waitFor })
})
test('forgets its waits', async ({ mount, step, waitFor }) => {
  await create({ mount, step, waitFor })
  waitFor.fileVisible('never.txt')
  waitFor.until(() => false)
  mount.fs.readFile('a.txt')
})
`

const UNMOUNTABLE = `
fuseTest({ daemon: () => ['sleep', '100'] })('never mounts', { timeout: 1000 }, ({ mount }) => {})
fuseTest({ daemon: () => ['no-such-daemon'] })('is not installed', ({ mount }) => {})
fuseTest({ daemon: () => ['sh', '-c', 'echo broken >&2; exit 3'] })('ends at once', ({ mount }) => {})
fuseTest({ daemon, setup: async () => { throw new Error('from setup') } })('cannot be set up', ({ mount }) => {})
`

const SHARED = `
const test = fuseTest({ daemon, scope: 'file' })
test('makes a file', async ({ mount, step, waitFor }) => {
  expect(await mount.fs.readdir('/')).toEqual([])
  await step('create', () => mount.fs.writeFile('a.txt', 'from the first'))
  await waitFor.fileVisible('a.txt')
})
describe('later', () => {
  test('finds it', async ({ mount, step, waitFor, monitor }) => {
    expect(await mount.fs.readFile('a.txt', 'utf8')).toBe('from the first')
    await step('delete', () => mount.fs.unlink('a.txt'))
    await waitFor.deleted('a.txt')
    expect(monitor).toHaveCompleted({ opcode: 'create', path: 'a.txt' })
  })
})
test('makes another', async ({ mount, step, waitFor }) => {
  await step('create', () => mount.fs.writeFile('b.txt', 'x'))
  await waitFor.fileVisible('b.txt')
  expect(await mount.fs.readdir('/')).toEqual(['b.txt'])
})
`

/** A project with tests of every kind, and recordings that none of them uses; what of it can be recorded is. */
export async function recordKinds(): Promise<{ made: Project; recorded: Ran }> {
  const made = project({
    'files.test.ts': FILES,
    'shared.test.ts': SHARED,
    'unmountable.test.ts': UNMOUNTABLE,
    'recordings/files/of old.fusetrace': 'x',
  })
  const anyRecording = fileURLToPath(new URL('../../recordings/test/suite/bindfs', import.meta.url))
  cpSync(anyRecording, `${made.directory}/recordings/lib/deleted`, { recursive: true })
  return { made, recorded: await made.run([], { FUSETRACE: 'record', FUSETRACE_VERIFY: '0' }) }
}
