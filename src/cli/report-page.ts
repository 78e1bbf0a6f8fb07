import { basename } from 'node:path'
import { openRecording, type RecordingReader } from '../recording/reader.js'
import { makeReport, type Report } from '../report/page.js'
import { warnIfNotWhole } from './failure.js'
import { recovery } from './recovery.js'

/** Opens recordings and makes their page; what is not whole is shown as far as it goes, and said. */
export async function reportOf(files: readonly string[], { lines = true }: { lines?: boolean } = {}): Promise<Report> {
  const readers: RecordingReader[] = []
  try {
    for (const file of files) readers.push(openRecording(file, await recovery(file)))
    const names = namesOf(files)
    const report = makeReport(
      readers.map((reader, i) => ({ reader, name: names[i] ?? '', ...(lines ? {} : { noLines: true }) })),
    )
    for (const [i, reader] of readers.entries()) warnIfNotWhole(files[i] ?? '', reader.problem)
    return report
  } finally {
    for (const reader of readers) reader.close()
  }
}

/** The files' own names; where two have the same, all that was given. */
function namesOf(files: readonly string[]): string[] {
  const short = files.map((file) => (file === '-' ? 'stdin' : basename(file)))
  return new Set(short).size === files.length ? short : [...files]
}
