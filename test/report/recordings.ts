import { join } from 'node:path'
import type { Operation } from '../../src/operation/operation.js'
import { makeHeader } from '../../src/recording/header.js'
import { openRecording } from '../../src/recording/reader.js'
import type { Row } from '../../src/recording/row.js'
import { RecordingWriter } from '../../src/recording/writer.js'
import { makeReport } from '../../src/report/page.js'

/** An operation that says only what matters. */
export function operation(id: number, facts: Partial<Operation>): Operation {
  const startNs = facts.startNs ?? id * 1_000_000
  return {
    id,
    opcode: 'lookup',
    unique: id * 2 + 2,
    path: '/a.txt',
    newPath: null,
    name: null,
    endNs: startNs + 50_000,
    endedBy: 'reply',
    status: 'ok',
    errno: null,
    pid: 100 + (id % 3),
    lines: [id, id],
    ...facts,
    startNs,
  }
}

export const line = (atNs: number, text: string): Row => ({
  kind: 'line',
  atNs,
  stream: 'stderr',
  raw: Buffer.from(text, 'utf8').toString('latin1'),
  terminated: true,
})

/** Writes a recording, and says where. */
export function recordingOf(directory: string, name: string, rows: readonly Row[], facts: object = {}): string {
  const path = join(directory, `${name}.fusetrace`)
  const header = makeHeader({
    fusetraceVersion: '1',
    nodeVersion: '20',
    origin: 'test',
    originNs: 0n,
    dialect: 'libfuse',
    ...facts,
  })
  const writer = RecordingWriter.create(path, header, { force: true })
  for (const row of rows) writer.write(row)
  writer.finish({ unparsed: 0 })
  return path
}

/** The page of recordings. */
export function reportOf(...paths: readonly string[]): string {
  const readers = paths.map((path) => openRecording(path))
  const html = makeReport(readers.map((reader, i) => ({ reader, name: `${i}.fusetrace` }))).html
  for (const reader of readers) reader.close()
  return html
}
