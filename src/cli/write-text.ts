import { writeSync } from 'node:fs'
import { FusetraceError } from '../errors.js'
import { pause } from '../recording/pause.js'
import { cannotWrite, openTarget } from '../recording/target.js'

/**
 * Writes a whole text: to `NAME.partial`, renamed when all is on disk, so that nothing half-written is ever under the name. `-` is
 * stdout.
 *
 * @throws {FusetraceError} `FT_USAGE` when something is there and `force` is not given, `FT_OUTPUT` when it cannot be written
 */
export function writeText(path: string, text: string, { force }: { force: boolean }): void {
  const target = openTarget(path, { force })
  try {
    const bytes = Buffer.from(text)
    for (let at = 0; at < bytes.length; ) at += writeSome(target.file, bytes, at)
    target.finish(true)
  } catch (error) {
    target.discard()
    throw error instanceof FusetraceError ? error : cannotWrite(path, error)
  }
}

/** As much as goes; of a pipe whose reader is slow that may be nothing yet. */
function writeSome(file: number, bytes: Buffer, at: number): number {
  try {
    return writeSync(file, bytes, at)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    pause()
    return 0
  }
}
