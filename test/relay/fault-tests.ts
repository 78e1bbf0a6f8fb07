import { type Project, project } from '../vitest/project.js'

const FILES = `
const test = fuseTest({ daemon, wire: true })
test('an error instead', async ({ mount, monitor, fence }) => {
  const fault = mount.fault({ opcode: 'write', path: 'a.txt', errno: 'ENOSPC' })
  await expect(mount.fs.writeFile('a.txt', 'content')).rejects.toThrow('ENOSPC')
  expect(fault).toHaveFired(1)
  await fence()
  expect(monitor).toHaveFailed({ opcode: 'write', path: 'a.txt' })
})
test('a gate', async ({ mount, step, waitFor }) => {
  const gate = mount.hold({ opcode: 'release', path: 'a.txt' })
  await step('write', () => mount.fs.writeFile('a.txt', 'content'))
  expect((await gate.arrived).path).toBe('/a.txt')
  expect(await mount.branches[0].fs.readFile('a.txt', 'utf8')).toBe('content')
  gate.open()
  await waitFor.operation({ opcode: 'release', path: 'a.txt' })
  expect(gate).toHaveFired()
})
test('not fired', async ({ mount }) => {
  mount.fault({ opcode: 'mkdir', errno: 'EIO' })
  await mount.fs.writeFile('a.txt', 'content')
})
test('a wrong fault', async ({ mount }) => {
  mount.fault({ opcode: 'mkdri', errno: 'EIO' })
})
`
const WITHOUT = `
const test = fuseTest({ daemon })
test('no wire', async ({ mount }) => {
  mount.fault({ opcode: 'mkdir', errno: 'EIO' })
})
`

/** A project of a user's whose tests cause faults. */
export const faultTests = (): Project => project({ 'wire.test.ts': FILES, 'without.test.ts': WITHOUT })
