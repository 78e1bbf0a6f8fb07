import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lacks } from '../live/machine.js'
import type { Project } from '../vitest/project.js'
import { recordVerified } from '../vitest/verified.js'

const why = lacks('bindfs')

describe.skipIf(why !== '')('what is recorded is replayed at once', { timeout: 600_000 }, () => {
  let made: Project
  beforeAll(async () => {
    ;({ made } = await recordVerified())
  }, 600_000)
  afterAll(() => made.remove())
  const has = (name: string): boolean => made.exists(`recordings/files/${name}.fusetrace`)

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
})
