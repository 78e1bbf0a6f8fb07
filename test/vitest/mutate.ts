import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { dialects } from '../../src/dialect/builtin.js'
import { openRun } from '../../src/fixture/open-run.js'
import type { FuseTestOptions } from '../../src/fixture/options.js'
import type { Mount } from '../../src/fixture/run.js'
import { Interpreter } from '../../src/operation/interpreter.js'
import { openRecording } from '../../src/recording/reader.js'
import type { CallRow, LineRow, ProbeRow, Row } from '../../src/recording/row.js'
import { RecordingWriter } from '../../src/recording/writer.js'
import { VERSION } from '../../src/version.js'
import type { Session } from '../../src/wait/engine/session.js'

/** What a test is given, out of a run. */
export interface Given {
  mount: Mount
  session: Session
}

export const RECORD_COMMAND = 'FUSETRACE=record npx vitest run some.test.ts'

/** A recording of the suite with its rows changed, in a file that goes with the test. */
export function mutated(name: string, change: (rows: Row[]) => Row[]): string {
  const reader = openRecording(fileURLToPath(new URL(`../../recordings/test/suite/${name}.fusetrace`, import.meta.url)))
  const rows = change([...reader.rows()])
  const directory = mkdtempSync(join(tmpdir(), 'fusetrace-mutated-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const path = join(directory, 'changed.fusetrace')
  const writer = RecordingWriter.create(path, reader.header)
  for (const row of rows) writer.write(row)
  writer.finish()
  reader.close()
  return path
}

/** A recording of these lines of mergerfs-rs, and of what else there was between them; with the operations that they are read as. */
export function recorded(rows: readonly (LineRow | ProbeRow)[]): string {
  const reader = openRecording(fileURLToPath(new URL('../../recordings/mergerfs-rs-info.fusetrace', import.meta.url)))
  const { header } = reader
  reader.close()
  const directory = mkdtempSync(join(tmpdir(), 'fusetrace-recorded-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const path = join(directory, 'recorded.fusetrace')
  const writer = RecordingWriter.create(path, { ...header, fusetraceVersion: VERSION })
  const interpreter = new Interpreter({
    candidates: dialects,
    onEnd: (operation) => writer.write({ kind: 'operation', operation }),
  })
  let index = 0
  for (const row of rows) {
    writer.write(row)
    if (row.kind === 'line') interpreter.push({ ...row, index: index++ })
  }
  const atNs = 1e9
  interpreter.end(atNs)
  writer.write({ kind: 'exit', atNs, code: 0, signal: null })
  writer.finish()
  return path
}

/** Runs the body of a test in replay, as `fuseTest` would. */
export async function replay(
  recording: string,
  body: (given: Given) => Promise<void>,
  options: Partial<FuseTestOptions> = {},
): Promise<void> {
  const run = await openRun(
    {
      options: { daemon: () => ['never'], ...options },
      recording,
      failed: null,
      name: 'mutated',
      recordCommand: RECORD_COMMAND,
    },
    'replay',
  )
  try {
    await body({ mount: run.mount, session: run.session })
  } catch (error) {
    await run.finish('failed')
    throw error
  }
  await run.finish('passed')
}

/** Without an operation: its lines (found by their text) and the golden row are gone. */
export function withoutOperation(rows: Row[], first: RegExp): Row[] {
  const at = rows.findIndex((row) => row.kind === 'line' && first.test(row.raw))
  const unique = /unique: (\d+)/.exec((rows[at] as LineRow | undefined)?.raw ?? '')?.[1]
  if (unique === undefined) throw new Error(`no request has a line like ${first}`)
  const end = rows.findIndex((row, i) => i > at && row.kind === 'line' && row.raw.startsWith(`   unique: ${unique}, `))
  return rows.filter((row, i) => !(i >= at && i <= end && row.kind === 'line'))
}

/** With the lines that fit changed; at least one has to. */
export function withLine(rows: Row[], fits: RegExp, change: (raw: string) => string): Row[] {
  let changed = 0
  const out = rows.map((row) => {
    if (row.kind !== 'line' || !fits.test(row.raw)) return row
    changed++
    return { ...row, raw: change(row.raw) }
  })
  if (changed === 0) throw new Error(`no line is like ${fits}`)
  return out
}

/** With one call changed, or left out. */
export function withCall(rows: Row[], method: string, change: (call: CallRow) => CallRow | null): Row[] {
  const at = rows.findIndex((row) => row.kind === 'call' && row.method === method)
  if (at < 0) throw new Error(`no call of ${method}`)
  const call = change(rows[at] as CallRow)
  return call ? rows.with(at, call) : rows.toSpliced(at, 1)
}
