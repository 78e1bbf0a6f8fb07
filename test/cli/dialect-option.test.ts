import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { resolveDialect } from '../../src/cli/dialect-option.js'
import { readWith } from '../../src/dialect/core/check-dialect.js'

const example = new URL('../dialect/my-dialect.js', import.meta.url).pathname
let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ft-dialect-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

test('the documented example is sound, short and works', async () => {
  const dialect = await resolveDialect(example)
  expect(dialect.name).toBe('my-dialect')
  const { events, strange } = readWith(dialect, '7 > unlink /x > y\nprose\n7 < ENOENT\n')
  expect(events).toMatchObject([
    { kind: 'request', unique: 7, opcode: 'unlink', path: '/x > y' },
    { kind: 'reply', key: 7, status: 'error', errno: 'ENOENT' },
  ])
  expect(strange).toEqual([1])
})

test('an unknown name is an error that names the near ones', async () => {
  await expect(resolveDialect('kernal')).rejects.toMatchObject({
    code: 'FT_DIALECT',
    message: 'there is no dialect "kernal"',
    hint: expect.stringContaining('did you mean kernel'),
  })
  await expect(resolveDialect('something-else-entirely')).rejects.toMatchObject({
    code: 'FT_DIALECT',
    hint: expect.stringContaining('known are:'),
  })
})

test('a built-in name is the built-in dialect', async () => {
  expect((await resolveDialect('kernel')).name).toBe('kernel')
})

test('a file that is not there', async () => {
  await expect(resolveDialect('./nowhere.js')).rejects.toMatchObject({
    code: 'FT_DIALECT',
    message: 'there is no dialect file ./nowhere.js',
  })
})

test('a file that cannot be imported says why, in one line', async () => {
  const path = file('broken.mjs', 'export default {')
  const error = await resolveDialect(path).catch((e) => e)
  expect(error.code).toBe('FT_DIALECT')
  expect(error.message).toMatch(/cannot be loaded: /)
  expect(error.message).not.toContain('\n')
})

test('a file without a default export', async () => {
  await expect(resolveDialect(file('none.mjs', 'export const a = 1'))).rejects.toMatchObject({
    code: 'FT_DIALECT',
    message: expect.stringContaining('no default export'),
  })
})

test('a dialect that fails its own sample says which and how', async () => {
  const path = file(
    'wrong.mjs',
    `import good from ${JSON.stringify(example)}
export default { ...good, samples: [...good.samples, { lines: '5 > rmdir /d', events: [{ opcode: 'mkdir' }] }] }`,
  )
  await expect(resolveDialect(path)).rejects.toMatchObject({
    code: 'FT_DIALECT',
    message: expect.stringContaining('sample 3: event 1: opcode is "rmdir", "mkdir" expected'),
  })
})

test('what is no dialect says what is missing', async () => {
  await expect(resolveDialect(file('shape.mjs', 'export default { name: "x" }'))).rejects.toMatchObject({
    code: 'FT_DIALECT',
    message: expect.stringMatching(/is not sound: .*\(and \d+ more\)/),
  })
})
