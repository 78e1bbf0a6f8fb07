import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'

const SRC = new URL('../../src/', import.meta.url).pathname

/**
 * A program of the source's own parts, to be run by node in a process of its own: one that can be killed.
 *
 * @param directory where it is put
 * @param source imports parts as `src/…`
 */
export async function compiled(directory: string, source: string): Promise<string> {
  const entry = join(directory, 'program.ts')
  writeFileSync(entry, source)
  const bundle = await rolldown({
    input: entry,
    platform: 'node',
    resolve: { alias: { src: SRC } },
    logLevel: 'silent',
  })
  // As the package has it: what it reads of itself is one level above.
  copyFileSync(join(SRC, '../package.json'), join(directory, 'package.json'))
  const file = join(directory, 'dist/program.mjs')
  await bundle.write({ file, format: 'esm', codeSplitting: false })
  await bundle.close()
  return file
}
