import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { dialects } from '../../.bench/dialect/builtin.js'
import { importLog } from '../../.bench/input/import-log.js'
import { readLog } from '../../.bench/input/log-file.js'
import { BASIC_FORMAT, BLOCK, block, preamble } from '../../.bench/recording/format.js'
import { pack } from '../../.bench/recording/pack.js'
import { openRecording } from '../../.bench/recording/reader.js'
import { encodeRow } from '../../.bench/recording/row-codec.js'
import { RecordingWriter } from '../../.bench/recording/writer.js'
import { median } from './measure.js'

const bytesOf = (program, file) => execFileSync(program, ['-9', '-c', file], { maxBuffer: 2 ** 30 }).length

/** Bytes of rows as they are written before they are packed: MessagePack, deflated. */
function journalBytes(rows) {
  let bytes = preamble(BASIC_FORMAT).length
  for (let at = 0; at < rows.length; at += 4096) {
    bytes += block(BLOCK.rows, pack(rows.slice(at, at + 4096).map(encodeRow))).length
  }
  return bytes
}

/** Recordings against what `xz -9` and `gzip -9` make of the same stamped capture, and those of the repository's tests. */
export async function sizeBench() {
  const directory = mkdtempSync(join(tmpdir(), 'fusetrace-bench-'))
  const captures = new URL('../captures/', import.meta.url).pathname
  console.log('size: a recording, lines and operations, against its stamped capture, which has lines alone, compressed')
  console.log('| capture | log | recording | before packing | xz -9 | of xz -9 | of gzip -9 |')
  console.log('| --- | --: | --: | --: | --: | --: | --: |')
  for (const capture of readdirSync(captures)) {
    if (!statSync(join(captures, capture)).isDirectory()) continue
    const log = join(directory, 'log.tsv')
    const recording = join(directory, `${capture}.fusetrace`)
    writeFileSync(log, gunzipSync(readFileSync(join(captures, capture, 'log.tsv.gz'))))
    await importLog(readLog(log), { output: recording, stamped: true, candidates: dialects, fusetraceVersion: '0' })
    const { size } = statSync(recording)
    const reader = openRecording(recording)
    const before = journalBytes([...reader.rows()])
    reader.close()
    const [xz, gzip] = ['xz', 'gzip'].map((program) => bytesOf(program, log))
    const cells = [capture, statSync(log).size, size, before, xz, (size / xz).toFixed(2), (size / gzip).toFixed(2)]
    console.log(`| ${cells.join(' | ')} |`)
  }
  ofTests(directory)
  rmSync(directory, { recursive: true })
}

/** The recordings of this repository's tests, as they would be written now. */
function ofTests(directory) {
  const recordings = new URL('../../recordings/test', import.meta.url).pathname
  const found = readdirSync(recordings, { recursive: true }).filter((name) => name.endsWith('.fusetrace'))
  const sizes = found.map((name, i) => {
    const reader = openRecording(join(recordings, name))
    const output = join(directory, `test-${i}.fusetrace`)
    const writer = RecordingWriter.create(output, reader.header)
    const rows = [...reader.rows()]
    for (const row of rows) writer.write(row)
    writer.finish({ unparsed: reader.footer?.unparsed ?? 0 })
    reader.close()
    return [statSync(output).size, journalBytes(rows)]
  })
  const packed = sizes.map(([size]) => size)
  const before = median(sizes.map(([, bytes]) => bytes))
  console.log(`${found.length} recordings of tests: median ${median(packed)} bytes, at most ${Math.max(...packed)}`)
  console.log(`rows alone before packing, in blocks of 4096: median ${before} bytes`)
}
