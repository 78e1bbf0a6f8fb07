import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { dialects } from '../../.bench/dialect/builtin.js'
import { importLog } from '../../.bench/input/import-log.js'
import { readLog } from '../../.bench/input/log-file.js'
import { CAPTURES } from './heavy-log.js'
import { row } from './table.js'

const bytesOf = (program, file) => execFileSync(program, ['-9', '-c', file], { maxBuffer: 2 ** 30 }).length

/** Recordings against what `xz -9` and `gzip -9` make of the same stamped capture. */
export async function sizeBench() {
  const directory = mkdtempSync(join(tmpdir(), 'fusetrace-bench-'))
  console.log('size: a recording against its stamped capture, compressed')
  for (const [dialect, capture] of Object.entries(CAPTURES)) {
    const log = join(directory, 'log.tsv')
    const recording = join(directory, `${dialect}.fusetrace`)
    writeFileSync(log, gunzipSync(readFileSync(new URL(`../captures/${capture}/log.tsv.gz`, import.meta.url))))
    await importLog(readLog(log), { output: recording, stamped: true, candidates: dialects, fusetraceVersion: '0' })
    const { size } = statSync(recording)
    const [xz, gzip] = ['xz', 'gzip'].map((program) => (size / bytesOf(program, log)).toFixed(2))
    row('size', dialect, `${size} bytes, ${xz} × xz -9, ${gzip} × gzip -9`)
  }
  rmSync(directory, { recursive: true })
}
