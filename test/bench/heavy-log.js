import { once } from 'node:events'
import { createWriteStream, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openRecording } from './dist/recording/reader.js'

/**
 * A log as heavy as a long run: the lines of a recorded mergerfs-rs trace again and again, request ids counted on.
 * @returns {Promise<{ file: string, lines: number, bytes: number }>}
 */
export async function heavyLog(lines) {
  const recording = openRecording(new URL('../../recordings/mergerfs-rs-trace.fusetrace', import.meta.url).pathname)
  const rows = [...recording.rows({ kinds: ['line'] })].map((row) => row.raw)
  recording.close()
  const file = join(mkdtempSync(join(tmpdir(), 'fusetrace-bench-')), 'heavy.log')
  const out = createWriteStream(file)
  let written = 0
  let bytes = 0
  let offset = 0
  while (written < lines) {
    let most = 0
    for (const raw of rows) {
      if (written++ === lines) break
      const line = Buffer.from(
        `${raw.replace(/FUSE\(\s*(\d+)\)/, (_, id) => {
          most = Math.max(most, Number(id))
          return `FUSE(${String(Number(id) + offset).padStart(3)})`
        })}\n`,
        'latin1',
      )
      bytes += line.length
      if (!out.write(line)) await once(out, 'drain')
    }
    offset += most
  }
  out.end()
  await once(out, 'finish')
  return { file, lines, bytes }
}
