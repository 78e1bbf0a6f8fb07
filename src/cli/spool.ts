import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { makeNotedDirectory } from '../mount/noted-directory.js'
import { pause } from '../recording/pause.js'
import { cannotWrite } from '../recording/target.js'

/**
 * Standard input as a file, for what reads a recording more than once.
 *
 * @returns its path, and what removes it
 */
export function spoolStdin(): { path: string; remove(): void } {
  const directory = makeNotedDirectory('stdin')
  const path = join(directory.path, 'stdin.fusetrace')
  const remove = (): void => directory.remove()
  const file = openSync(path, 'wx', 0o600)
  try {
    const buffer = Buffer.allocUnsafe(1 << 16)
    for (let bytes = read(buffer); bytes > 0; bytes = read(buffer)) {
      for (let from = 0; from < bytes; ) from += writeSync(file, buffer, from, bytes - from)
    }
  } catch (error) {
    remove()
    throw (error as NodeJS.ErrnoException).syscall === 'write' ? cannotWrite(path, error) : error
  } finally {
    closeSync(file)
  }
  return { path, remove }
}

function read(buffer: Buffer): number {
  for (;;) {
    try {
      return readSync(0, buffer)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EOF') return 0
      if (code !== 'EAGAIN') throw error
      pause()
    }
  }
}
