import { statSync } from 'node:fs'
import { FusetraceError } from '../errors.js'
import { recordingsIn } from './drift-input.js'

/**
 * The recordings that arguments name: files, and all below directories.
 *
 * @throws FT_INPUT when a directory has none
 */
export function recordingsOf(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    if (path === '-' || !statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [path]
    const found = recordingsIn(path)
    if (found.length === 0) {
      throw new FusetraceError('FT_INPUT', `there is no recording in ${path}`, {
        hint: 'their names end in .fusetrace',
      })
    }
    return found
  })
}

/** Refuses an output that is one of the inputs, under whatever name: it would be written over while it is read. */
export function refuseInput(inputs: readonly string[], output: string): void {
  const to = output === '-' ? undefined : statSync(output, { throwIfNoEntry: false })
  if (!to?.isFile()) return
  for (const input of inputs) {
    const from = input === '-' ? undefined : statSync(input, { throwIfNoEntry: false })
    if (from?.ino === to.ino && from.dev === to.dev) {
      throw new FusetraceError('FT_USAGE', `${output} is the recording itself`, {
        hint: 'give the output another name',
      })
    }
  }
}
