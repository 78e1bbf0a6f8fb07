import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dialects } from '../../src/dialect/builtin.js'
import { importLog } from '../../src/input/import-log.js'
import { openRecording } from '../../src/recording/reader.js'
import type { Row } from '../../src/recording/row.js'
import { isMore, tries } from '../tries.js'

const recordings = new URL('../../recordings/', import.meta.url)

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'fusetrace-import-log-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

/** A recording's lines as a stamped log. */
function stampedLog(name: string): Buffer {
  const reader = openRecording(new URL(name, recordings).pathname)
  const lines: string[] = []
  for (const row of reader.rows({ kinds: ['line'] })) {
    if (row.kind !== 'line') continue
    lines.push(`${reader.header.originNs + BigInt(row.atNs)}\t${row.stream}\t${row.raw}\n`)
  }
  reader.close()
  return Buffer.from(lines.join(''), 'latin1')
}

async function* cut(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function imported(log: Buffer, size: number, stamped: boolean): Promise<Buffer> {
  const output = join(directory, `${size}.fusetrace`)
  await importLog(cut(log, size), { output, stamped, candidates: dialects, force: true, fusetraceVersion: '1' })
  return readFileSync(output)
}

describe('an import', () => {
  test.each(['mergerfs-rs-trace', 'mergerfs-rs-debug'].slice(0, tries(1, 2)))(
    'of %s is the same however its bytes are cut',
    async (name) => {
      const log = stampedLog(`${name}.fusetrace`)
      for (const stamped of [true, false]) {
        const whole = await imported(log, log.length, stamped)
        for (const size of isMore ? [1, 13, 4096] : [13])
          expect((await imported(log, size, stamped)).equals(whole)).toBe(true)
      }
    },
  )

  test('of a recording’s stamped lines is that recording', async () => {
    const log = stampedLog('mergerfs-rs-trace.fusetrace')
    await imported(log, 65_536, true)
    const [again, before] = [
      join(directory, '65536.fusetrace'),
      new URL('mergerfs-rs-trace.fusetrace', recordings).pathname,
    ].map((path) => openRecording(path))
    // What is known of an operation may grow from version to version.
    const known = ({ kind, ...row }: Row): unknown =>
      kind === 'operation' && 'operation' in row ? [row.operation.id, row.operation.lines] : [kind, row]
    expect([...(again?.rows() ?? [])].map(known)).toEqual([...(before?.rows() ?? [])].map(known))
    const { dialectVersion, format } = again?.header ?? {}
    expect(again?.header).toEqual({
      ...before?.header,
      dialectVersion,
      format,
      fusetraceVersion: '1',
      nodeVersion: process.versions.node,
    })
    again?.close()
    before?.close()
  })
})
