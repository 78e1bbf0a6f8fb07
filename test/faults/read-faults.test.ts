import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { readFaults } from '../../src/faults/read-faults.js'

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'fusetrace-test-'))
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const read = (name: string, text: string) => {
  const file = join(directory, name)
  writeFileSync(file, text)
  return readFaults(file)
}

test('a list, or a list with a seed, as YAML or JSON', async () => {
  const fault = { opcode: 'write', nth: 3, errno: 'ENOSPC' }
  expect(await read('a.yaml', '- { opcode: write, nth: 3, errno: ENOSPC }')).toEqual({ faults: [fault] })
  expect(await read('a.json', JSON.stringify({ seed: 4, faults: [fault] }))).toEqual({ faults: [fault], seed: 4 })
})

test.each([
  ['many keys', Array.from({ length: 90_000 }, (_, i) => `k${i}: 1`).join('\n'), /too long for a list of faults/],
  ['deep lists', '['.repeat(500_000), /too long for a list of faults/],
  ['lists as deep as may be', '['.repeat(60_000), /neither JSON nor YAML/],
  ['references', 'a: &a [x, x]\nfaults: [*a, *a]', /neither JSON nor YAML: Alias resolution is disabled/],
  ['no faults', '- 5', /fault 1: a fault must be an object/],
  ['a misspelt seed', '{ sed: 3, faults: [] }', /"sed" is not a field of .*bad\.yaml: did you mean seed\?/],
  ['a gate that nobody opens', '- { opcode: write, hold: true }', /fault 1: "hold" is for tests/],
  ['another key', '- { opcode: write, err: EIO }', /fault 1: "err" is not a field of a fault/],
])('a file of %s is one line', async (_, text, message) => {
  await expect(read('bad.yaml', text)).rejects.toMatchObject({
    code: expect.stringMatching(/^FT_(INPUT|USAGE)$/),
    message: expect.stringMatching(message),
  })
})

test('of what never ends no more is read than is taken', async () => {
  await expect(readFaults('/dev/zero')).rejects.toMatchObject({ code: 'FT_INPUT' })
})

test('a tag that YAML does not know is an error of ours alone', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
  await expect(read('tag.yaml', '- !!js/function "x"')).rejects.toMatchObject({ code: 'FT_USAGE' })
  expect(warned).not.toHaveBeenCalled()
  warned.mockRestore()
})
