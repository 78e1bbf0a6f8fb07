import { type Project, project } from './project.js'

const MOUNTS = `
const torn = []
const test = fuseTest({
  daemon,
  teardown: async ({ branches }) => {
    // The mount is down: what was written through it is here, and nothing else.
    const names = await branches[0].fs.readdir('.')
    if (names.includes('tear')) throw new Error('torn')
    torn.push(names)
  },
})
test('unmounts and mounts again', async ({ mount, waitFor, step, monitor }) => {
  await step('one', () => mount.fs.writeFile('a.txt', 'content'))
  await waitFor.writeComplete('a.txt')
  const pending = waitFor.fileVisible('never').then(() => 'seen', ({ code }) => code)
  await mount.unmount()
  expect(await pending).toBe('FT_STREAM_ENDED')
  await waitFor.unmounted()
  expect(monitor.state).toBe('ended')
  await mount.branches[0].fs.writeFile('b.txt', 'below')

  await mount.remount()
  await waitFor.mountReady()
  expect([monitor.state, monitor.phases.has('unmounted')]).toEqual(['running', false])
  await step('two', () => mount.fs.mkdir('d'))
  const { operation } = await waitFor.dirVisible('d')
  expect(operation?.opcode).toBe('mkdir')
  expect(await mount.fs.readFile('b.txt', 'utf8')).toBe('below')

  await mount.kill('SIGKILL')
  await mount.remount()
  await step('three', () => mount.fs.writeFile('d/c.txt', 'x'))
  await waitFor.fileVisible('d/c.txt')
  expect(monitor).toHaveCompleted({ opcode: 'create', path: 'd/c.txt' })
  expect(monitor).toHaveCompleted({ opcode: 'create', path: 'a.txt' })
})
test('mounts once more beside it', async ({ mount, another, waitFor, step }) => {
  expect(torn[0]).toEqual(expect.arrayContaining(['a.txt', 'b.txt', 'd']))
  const branch = mount.branches[0]
  expect([String(branch), String(mount)]).toEqual([branch.path, mount.path])
  const second = await another({ daemon: ({ mountpoint }) => ['bindfs', '-f', '-d', branch, mountpoint], teardown: () => {} })
  await step('write', () => mount.fs.writeFile('a.txt', 'x'))
  await waitFor.writeComplete('a.txt')
  expect(await second.mount.fs.readFile('a.txt', 'utf8')).toBe('x')
  await second.step('mkdir', () => second.mount.fs.mkdir('d'))
  await second.waitFor.dirVisible('d')
  expect(second.monitor.recentOperations().some(({ opcode }) => opcode === 'create')).toBe(false)
  await second.mount.unmount()
  expect(await mount.fs.exists('d')).toBe(true)
  await expect(another({ brnches: 2 })).rejects.toThrow('did you mean branches?')
})
test('a tear-down that throws fails its test', async ({ mount }) => {
  await mount.fs.writeFile('tear', 'x')
})
`

/** A project whose tests unmount, mount again, and mount beside. */
export const mountingProject = (): Project => project({ 'mounts.test.ts': MOUNTS })
