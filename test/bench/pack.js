import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, inflateRawSync } from 'node:zlib'
import { dialects } from '../../.bench/dialect/builtin.js'
import { importLog } from '../../.bench/input/import-log.js'
import { readLog } from '../../.bench/input/log-file.js'
import { BLOCK, BLOCK_HEAD_BYTES, block } from '../../.bench/recording/format.js'
import { pack } from '../../.bench/recording/pack.js'
import { BlockPacker } from '../../.bench/recording/packed/block.js'
import { unpackBlock } from '../../.bench/recording/packed/unpack-block.js'
import { openRecording } from '../../.bench/recording/reader.js'
import { decodeRow, encodeRow } from '../../.bench/recording/row-codec.js'
import { unpack } from '../../.bench/recording/unpack.js'
import { CAPTURES } from './heavy-log.js'
import { median } from './measure.js'

const ROWS = 16_384

/** Processor time of a task, ms. */
function cpu(task) {
  const from = process.cpuUsage()
  task()
  const { user, system } = process.cpuUsage(from)
  return (user + system) / 1000
}

const chunks = (rows, size) =>
  Array.from({ length: Math.ceil(rows.length / size) }, (_, i) => rows.slice(i * size, (i + 1) * size))

/** What packing costs, against MessagePack deflated as it is written first: the same rows, one right after the other. */
export async function packBench() {
  const directory = mkdtempSync(join(tmpdir(), 'fusetrace-bench-'))
  console.log('pack: processor time of rows packed, against MessagePack deflated; medians of 7 pairs')
  console.log('| capture | rows | write µs/row | packed | × | read µs/row | packed | × | without operations × |')
  console.log('| --- | --: | --: | --: | --: | --: | --: | --: | --: |')
  for (const [dialect, capture] of Object.entries(CAPTURES)) {
    const log = join(directory, 'log.tsv')
    const recording = join(directory, `${dialect}.fusetrace`)
    writeFileSync(log, gunzipSync(readFileSync(new URL(`../captures/${capture}/log.tsv.gz`, import.meta.url))))
    await importLog(readLog(log), { output: recording, stamped: true, candidates: dialects, fusetraceVersion: '0' })
    const reader = openRecording(recording)
    const once = [...reader.rows()]
    reader.close()
    const rows = []
    while (rows.length < ROWS) rows.push(...once)
    report(capture, rows, Array.from({ length: 9 }, () => round(rows)).slice(2))
  }
  rmSync(directory, { recursive: true })
}

function round(rows) {
  let blocks = []
  let packed = []
  const write = cpu(() => {
    blocks = chunks(rows, 4096).map((part) => block(BLOCK.rows, pack(part.map(encodeRow))))
  })
  const writePacked = cpu(() => {
    packed = chunks(rows, ROWS).map((part) => {
      const packer = new BlockPacker(0)
      for (const row of part) packer.add(row)
      return packer.end('fast')
    })
  })
  const read = cpu(() => {
    for (const one of blocks)
      unpack(inflateRawSync(one.subarray(BLOCK_HEAD_BYTES)))
        .map(decodeRow)
        .forEach(touch)
  })
  const unpacked = (wanted) =>
    cpu(() => {
      for (const { stored, plainBytes } of packed) {
        const rows = unpackBlock(stored, plainBytes, { wanted, maxItems: 1e7 })
        for (let row = rows.next(); row !== null; row = rows.next()) touch(row)
      }
    })
  return { write, writePacked, read, readPacked: unpacked(), readLines: unpacked((kind) => kind !== 'operation') }
}

/** A line's text is not put together before it is looked at. */
const touch = (row) => row.kind === 'line' && row.raw.charCodeAt(row.raw.length >> 1)

function report(capture, rows, rounds) {
  const of = (pick) => median(rounds.map(pick))
  const each = (pick) => ((of(pick) * 1000) / rows.length).toFixed(1)
  const cells = [
    ...[
      capture,
      rows.length,
      each((r) => r.write),
      each((r) => r.writePacked),
      of((r) => r.writePacked / r.write).toFixed(1),
    ],
    ...[each((r) => r.read), each((r) => r.readPacked), of((r) => r.readPacked / r.read).toFixed(1)],
    of((r) => r.readLines / r.read).toFixed(1),
  ]
  console.log(`| ${cells.join(' | ')} |`)
}
