import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openRecording } from '../../src/recording/reader.js'
import { fusetrace, lacks, placeEach, until } from './machine.js'

const lacking = lacks('bindfs')

const here = placeEach()

/** Serves a mount while a file is made in it; the texts of what was recorded. */
async function served(...options: string[]): Promise<string> {
  const file = here.file(`${options.length}.fusetrace`)
  const socket = here.file('s.sock')
  const mount = ['--mountpoint', here.mount, '--', 'bindfs', '-f', '-d', here.source, here.mount]
  const server = fusetrace('serve', '--socket', socket, '-o', file, ...options, ...mount)
  await until(() => existsSync(socket) && here.mounts().length > 0)
  await writeFile(join(here.mount, 'secret-4711'), 'x')
  expect((await fusetrace('stop', '--socket', socket)).exitCode).toBe(0)
  expect((await server).exitCode).toBe(0)
  const reader = openRecording(file)
  const text = [...reader.rows({ kinds: ['line'] })].map((row) => (row.kind === 'line' ? row.raw : '')).join('\n')
  reader.close()
  return text
}

test.skipIf(lacking)(`what serve records is redacted as it is asked to be (${lacking || 'bindfs'})`, async () => {
  expect(await served()).toContain('secret-4711')
  const text = await served('--redact', 'secret-\\d+')
  expect(text).toContain('opcode: WRITE')
  expect(text).not.toContain('4711')
})

test('redaction without a recording, or both kinds of it, is told', async () => {
  const alone = await fusetrace('serve', '--raw', 'some.log')
  expect(alone).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('-o FILE') })
  const both = await fusetrace('serve', '-o', here.file('x'), '--raw', '--redact', 'x', '--', 'bindfs')
  expect(both).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('exclude each other') })
})
