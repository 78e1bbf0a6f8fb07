import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Operation } from '../../src/operation/operation.js'
import { makeHeader } from '../../src/recording/header.js'
import type { Row } from '../../src/recording/row.js'
import { RecordingWriter } from '../../src/recording/writer.js'

/** A directory that goes with the test. */
export function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'fusetrace-export-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** A recording of these rows. */
export function written(path: string, rows: Iterable<Row>): string {
  const writer = RecordingWriter.create(
    path,
    makeHeader({
      fusetraceVersion: '0.0.0',
      nodeVersion: '20.19.0',
      origin: 'record',
      originNs: 5_000_000_000n,
      originWallNs: 1_795_491_307_844_980_581n,
      dialect: 'libfuse',
      command: ['/usr/bin/"daemon"', '=1+1', '-f'],
    }),
  )
  for (const row of rows) writer.write(row)
  writer.finish()
  return path
}

/** An operation of a recording. */
export function operation(id: number, facts: Partial<Operation> = {}): Row {
  const startNs = facts.startNs ?? id * 1000
  return {
    kind: 'operation',
    operation: {
      id,
      opcode: 'lookup',
      unique: 2 * id + 2,
      path: `/f${id}`,
      newPath: null,
      name: null,
      startNs,
      endNs: startNs + 500,
      endedBy: 'reply',
      status: 'ok',
      errno: null,
      pid: 7,
      lines: [0, 0],
      ...facts,
    },
  }
}

/** Names that somebody may have given a file, an attribute or a step. */
export const HOSTILE: readonly string[] = [
  '=HYPERLINK("http://x","y")',
  '+1',
  '-2+3',
  '@SUM(A1)',
  '\ttab',
  'a,b',
  'quote"quote',
  'line\nline',
  'cr\rlf\r\n',
  '</script><script>alert(1)</script>',
  '\u202egnp.exe',
  '\u0000nul',
  '\u2028separator',
  'semi;colon 12',
  ' blank ',
  '😀',
  '\\xFF',
  '"},"ph":"X',
  '',
]

/** A recording with all of them, and with what comes late, never ends, overlaps or is nowhere. */
export function hostile(path: string): string {
  const mark = (edge: 'begin' | 'end' | 'moment', name: string, atNs: number): Row => ({
    kind: 'mark',
    atNs,
    edge,
    name,
  })
  const rows: Row[] = [mark('begin', 'outer', 0)]
  let atNs = 1000
  for (const [i, name] of HOSTILE.entries()) {
    rows.push(mark('begin', name, atNs))
    rows.push(mark('moment', name, atNs + 1))
    const at = { startNs: atNs + 2, endNs: atNs + 700 }
    rows.push(operation(2 * i, { ...at, path: `/${name}`, name, pid: i % 3 === 0 ? null : i }))
    rows.push(
      operation(2 * i + 1, {
        ...at,
        opcode: 'symlink',
        target: name,
        newPath: name,
        status: 'error',
        errno: 'EEXIST',
        size: '18446744073709551615',
        fh: 1,
      }),
    )
    // The last is not ended.
    if (i < HOSTILE.length - 1) rows.push(mark('end', name, atNs + 900))
    atNs += 1000
  }
  const id = 2 * HOSTILE.length
  rows.push(operation(id, { startNs: atNs, endNs: atNs, endedBy: 'next-request', status: 'unknown', unique: null }))
  rows.push(operation(id + 1, { startNs: 3, endNs: null, endedBy: null, status: 'unfinished' }))
  rows.push({ kind: 'loss', atNs, what: 'log-bytes', count: 3 })
  rows.push({ kind: 'exit', atNs: atNs + 100, code: null, signal: 'SIGKILL' })
  return written(path, rows)
}
