import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { FORMATS } from '../../src/export/exporter.js'
import { fusetrace } from '../cli/run.js'
import { asking, QUERIES } from '../export/duckdb.js'
import { directory } from '../export/made.js'

const SOURCES = ['bindfs', 'unionfs', 'demo', 'mergerfs-rs-debug', 'mergerfs-rs-trace'].map(
  (name) => `recordings/${name}.fusetrace`,
)

/** So many copies, in a directory. */
function fleet(count: number): string {
  const path = join(directory(), 'fleet')
  mkdirSync(path)
  for (let i = 0; i < count; i++) {
    copyFileSync(SOURCES[i % SOURCES.length] as string, join(path, `${String(i).padStart(4, '0')}.fusetrace`))
  }
  return path
}

test('DuckDB answers the queries of the page over 1,000 recordings', async () => {
  const out = join(directory(), 'operations.parquet')
  expect((await fusetrace('export', fleet(1000), '--format', 'parquet', '-o', out)).code).toBe(0)
  await asking(out, async (query) => {
    const [files] = await query(`SELECT count(DISTINCT file) AS files, count(*) AS n FROM 'operations.parquet'`)
    expect(Number(files?.files)).toBe(1000)
    for (const sql of QUERIES.slice(0, 3)) expect((await query(sql)).length).toBeGreaterThan(0)
    console.log(`1,000 recordings: ${files?.n} operations, ${statSync(out).size} bytes of Parquet`)
  })
})

const REPORT = "process.on('exit', () => process.stderr.write('maxRSS ' + process.resourceUsage().maxRSS + '\\n'))"

/** The most memory that an export took, in MiB. */
function memory(format: string, files: string): number {
  const args = ['--import', `data:text/javascript,${encodeURIComponent(REPORT)}`, 'bin/fusetrace.js', 'export', files]
  const ran = spawnSync(process.execPath, [...args, '--format', format, '-o', join(directory(), 'out')], {
    encoding: 'utf8',
  })
  expect(ran.status, ran.stderr).toBe(0)
  return Number(/maxRSS (\d+)/.exec(ran.stderr)?.[1]) / 1024
}

test.each(FORMATS)('%s: a hundred recordings take no more memory than one', (format) => {
  const [one, hundred] = [memory(format, 'recordings/bindfs.fusetrace'), memory(format, fleet(100))]
  console.log(`${format}: ${one.toFixed(0)} MiB for one recording, ${hundred.toFixed(0)} MiB for a hundred`)
  // What V8 leaves lying about grows with the time that it has; recordings kept would be far more.
  expect(hundred).toBeLessThan(one + 80)
})
