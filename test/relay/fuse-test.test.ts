import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openRecording } from '../../src/recording/reader.js'
import type { Project, Ran } from '../vitest/project.js'
import { faultTests } from './fault-tests.js'
import { lacksRelay } from './machine.js'

const lacking = lacksRelay('bindfs')

describe.skipIf(lacking)(`fuseTest({ wire: true }) (${lacking || 'bindfs'})`, () => {
  let mine: Project
  let recorded: Ran

  beforeAll(async () => {
    mine = faultTests()
    recorded = await mine.run([], { FUSETRACE: 'record' })
  })

  afterAll(() => mine?.remove())

  // In a run of its own: test/slow/replayed.test.ts.
  test('faults and gates take effect, and their tests pass live and in the replay right after it', () => {
    for (const name of ['an error instead', 'a gate']) {
      expect([name, recorded.tests[name]]).toEqual([name, { state: 'passed', messages: '' }])
      expect(mine.exists(`recordings/wire/${name}.fusetrace`)).toBe(true)
    }
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
