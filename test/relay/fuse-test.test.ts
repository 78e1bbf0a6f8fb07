import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openRecording } from '../../src/recording/reader.js'
import { type Project, project, type Ran } from '../vitest/project.js'
import { lacksRelay } from './machine.js'

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

const lacking = lacksRelay('bindfs')

describe.skipIf(lacking)(`fuseTest({ wire: true }) (${lacking || 'bindfs'})`, () => {
  let mine: Project
  let recorded: Ran
  let replayed: Ran
  let driven: Ran

  beforeAll(async () => {
    mine = project({ 'wire.test.ts': FILES, 'without.test.ts': WITHOUT })
    recorded = await mine.run([], { FUSETRACE: 'record', FUSETRACE_VERIFY: '0' })
    if (process.env.SHOW) console.log(recorded.output, Object.keys(recorded.tests))
    driven = await mine.run(['-t', 'an error|a gate|not fired'], { FUSETRACE: 'wire' })
    replayed = await mine.run(['-t', 'an error|a gate'], { FUSETRACE: 'replay' })
  })

  afterAll(() => mine?.remove())

  test('faults and gates take effect, and their tests pass live and in replay', () => {
    for (const name of ['an error instead', 'a gate']) {
      expect([name, recorded.tests[name]]).toEqual([name, { state: 'passed', messages: '' }])
      expect([name, replayed.tests[name]]).toEqual([name, { state: 'passed', messages: '' }])
    }
  })

  test('the same without a mount', () => {
    for (const name of ['an error instead', 'a gate'])
      expect([name, driven.tests[name]]).toEqual([name, { state: 'passed', messages: '' }])
    expect(driven.tests['not fired']?.messages).toContain('not fired: error EIO at a mkdir')
  })

  test('a fault that met no request fails its test, and says so', () => {
    expect(recorded.tests['not fired']?.state).toBe('failed')
    expect(recorded.tests['not fired']?.messages).toContain('not fired: error EIO at a mkdir')
    expect(mine.exists('recordings/wire/not fired.fusetrace')).toBe(false)
  })

  test('a fault that cannot be is a clear error, as is one without wire', () => {
    expect(recorded.tests['a wrong fault']?.messages).toContain('"mkdri" is no opcode')
    expect(recorded.tests['no wire']?.messages).toContain('faults and holds need us between kernel and daemon')
  })

  test('the recording holds messages, operations with exact ends, and the faults', () => {
    const reader = openRecording(`${mine.directory}/recordings/wire/an error instead.fusetrace`)
    const rows = [...reader.rows()]
    expect(reader.header.wire).toBe(true)
    expect(rows.filter(({ kind }) => kind === 'fault')).toMatchObject([{ opcode: 'write', path: '/a.txt' }])
    expect(rows.some((row) => row.kind === 'reply' && row.fate === 'made')).toBe(true)
    expect(rows.some((row) => row.kind === 'operation' && row.operation.endedBy === 'wire')).toBe(true)
    reader.close()
  })

  test('nothing is left behind', () => expect(mine.left()).toEqual([]))
})
