import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { trace } from '../../src/index.js'
import { RecordingWriter } from '../../src/recording/writer.js'
import { fusetrace } from '../cli/run.js'
import { directory } from '../export/made.js'

/** A recording of a few operations of several outcomes, without their own rows. */
const made = (): string => {
  const run = trace()
    .mkdir('/d')
    .ok()
    .mkdir('/d')
    .fail('EEXIST')
    .unlink('/x')
    .fail('ENOENT')
    .lookup('/y')
    .missing()
    .rename2('/d', '/e')
    .ok()
    .write('/e/f', { size: 3 })
  const path = join(directory(), 'made.fusetrace')
  const writer = RecordingWriter.create(path, run.header)
  for (const row of run.rows()) writer.write(row)
  writer.finish()
  return path
}

/** A trace has lines; what they are read as comes by importing them. */
export async function recorded(): Promise<string> {
  const [log, path] = [join(directory(), 'daemon.log'), join(directory(), 'daemon.fusetrace')]
  const lines = await fusetrace('replay', made(), '--speed', 'instant')
  writeFileSync(log, lines.stderr, 'latin1')
  expect((await fusetrace('import', log, '-o', path, '--dialect', 'libfuse')).code).toBe(0)
  return path
}
