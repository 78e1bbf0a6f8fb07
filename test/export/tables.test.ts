import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { describe, expect, test } from 'vitest'
import { fusetrace, objects } from '../cli/run.js'
import { asking, QUERIES } from './duckdb.js'
import { directory, HOSTILE, hostile, operation, written } from './made.js'

async function exported(format: string, ...files: string[]): Promise<string> {
  const out = join(directory(), `operations.${format}`)
  expect(await fusetrace('export', ...files, '--format', format, '-o', out)).toMatchObject({ code: 0, stdout: '' })
  return out
}

/** RFC 4180, read strictly. */
function csv(text: string): string[][] {
  const rows: string[][] = [[]]
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y
  for (let at = 0; at < text.length; at = field.lastIndex) {
    field.lastIndex = at
    const found = field.exec(text)
    if (!found) throw new Error(`no field at ${at}: ${JSON.stringify(text.slice(at, at + 40))}`)
    rows.at(-1)?.push(found[1]?.replaceAll('""', '"') ?? found[2] ?? '')
    if (found[3] !== ',' && field.lastIndex < text.length) rows.push([])
  }
  return rows
}

const objectsOf = ([head = [], ...rows]: string[][]): Record<string, string>[] =>
  rows.map((row) => Object.fromEntries(head.map((name, i) => [name, row[i] ?? ''])))

describe('export --format csv', () => {
  test('has what show has, in the order of the starts', async () => {
    const file = 'recordings/mergerfs-rs-trace.fusetrace'
    const rows = objectsOf(csv(readFileSync(await exported('csv', file), 'utf8')))
    const shown = objects((await fusetrace('show', file, '--operations', '--json')).stdout).filter(({ own }) => !own)
    const text = (value: unknown): string => (value === null || value === undefined ? '' : String(value))
    expect(
      rows.map(({ opcode, path, start_ns, end_ns, errno, pid }) => [opcode, path, start_ns, end_ns, errno, pid]),
    ).toEqual(
      shown.map(({ opcode, path, startNs, endNs, errno, pid }) => [opcode, path, startNs, endNs, errno, pid].map(text)),
    )
  })

  test('every row has all fields, whatever names hold, and none that a spreadsheet runs', async () => {
    const rows = csv(readFileSync(await exported('csv', hostile(join(directory(), 'a.fusetrace'))), 'utf8'))
    expect(new Set(rows.map((row) => row.length))).toEqual(new Set([27]))
    const found = objectsOf(rows)
    expect(found.map(({ path }) => path)).toEqual(expect.arrayContaining(HOSTILE.map((name) => `/${name}`)))
    const texts = rows.slice(1).flatMap((row, i) => row.filter((_, at) => !/_ns$/.test(rows[0]?.[at] ?? '') && i >= 0))
    expect(texts.filter((text) => /^[=+\-@\t\r\n]/.test(text))).toEqual([])
    expect(found.map(({ step }) => step)).toContain('\'=HYPERLINK("http://x","y")')
    expect(found.find(({ size }) => size !== '')?.size).toBe('18446744073709551615')
    expect(found[0]?.started_at).toMatch(/^2026-11-24T03:35:07\.\d{9}Z$/)
  })
})

describe('export --format parquet', () => {
  test('is one table with a row group a recording, typed, null where nothing is known', async () => {
    const made = hostile(join(directory(), 'a.fusetrace'))
    const buffer = await asyncBufferFromFile(await exported('parquet', made, 'recordings/bindfs.fusetrace'))
    const metadata = await parquetMetadataAsync(buffer)
    expect(metadata.row_groups).toHaveLength(2)
    const rows = (await parquetReadObjects({ file: buffer })) as Record<string, unknown>[]
    expect(rows).toHaveLength(Number(metadata.num_rows))
    const [first] = rows.filter(({ opcode }) => opcode === 'symlink')
    expect(first).toMatchObject({
      start_ns: 1002n,
      duration_ns: 698n,
      size: 2n ** 64n - 1n,
      pid: 7,
      own: false,
      fh: 1n,
    })
    expect(first?.step_path).toBe(`outer / ${HOSTILE[0]}`)
    expect(rows.filter(({ file }) => file === made).map(({ path }) => path)).toEqual(
      expect.arrayContaining(HOSTILE.map((name) => `/${name}`)),
    )
    expect(rows.find(({ status }) => status === 'unfinished')).toMatchObject({ end_ns: null, ended_by: null })
  })

  test('DuckDB answers the queries of the page over all recordings here', async () => {
    const out = await exported('parquet', 'recordings', hostile(join(directory(), 'made.fusetrace')))
    expect(QUERIES).toHaveLength(5)
    await asking(out, async (query) => {
      const answers = []
      for (const sql of QUERIES) answers.push(await query(sql))
      const [opcodes = [], failures = [], steps = [], open = [], bytes = []] = answers
      expect(failures).toContainEqual(
        expect.objectContaining({ opcode: 'lookup', errno: 'ENOENT', dialect: 'libfuse' }),
      )
      expect(steps.length).toBe(20)
      expect(open).toEqual([
        { file: expect.stringContaining('made.fusetrace'), open: [expect.stringMatching(/^lookup /)] },
      ])
      expect(bytes.map(({ opcode }) => opcode)).toContain('write')
      const types = await query(
        "SELECT typeof(start_ns) a, typeof(size) b, typeof(mode) c, typeof(started_at) d, typeof(own) e FROM 'operations.parquet' LIMIT 1",
      )
      expect(types).toEqual([
        { a: 'BIGINT', b: 'UBIGINT', c: 'UINTEGER', d: expect.stringMatching(/^TIMESTAMP/), e: 'BOOLEAN' },
      ])
      // The same count as stats gives.
      const file = 'recordings/bindfs.fusetrace'
      const stats = JSON.parse((await fusetrace('stats', file, '--json')).stdout)
      const [{ n } = {}] = await query(`SELECT count(*) AS n FROM 'operations.parquet' WHERE file = '${file}'`)
      expect(Number(n)).toBe(stats.operations)
      const [{ all } = {}] = await query(`SELECT count(*) AS "all" FROM 'operations.parquet'`)
      expect(opcodes.reduce((sum, { operations }) => sum + Number(operations), 0)).toBe(Number(all))
    })
  })
})

describe('export --format folded', () => {
  const lines = async (...files: string[]): Promise<string[]> =>
    readFileSync(await exported('folded', ...files), 'utf8')
      .split('\n')
      .slice(0, -1)

  test('adds up what each opcode took in each step', async () => {
    const file = 'recordings/bindfs.fusetrace'
    const rows = objectsOf(csv(readFileSync(await exported('csv', file), 'utf8')))
    const wanted = rows
      .filter(
        (row) => row.step_path === 'workload / create and write' && row.opcode === 'create' && row.ended_by === 'reply',
      )
      .reduce((sum, row) => sum + Number(row.duration_ns), 0)
    const found = (await lines(file)).filter((line) => /^workload;create and write;pid \d+;create \d+$/.test(line))
    expect(found.reduce((sum, line) => sum + Number(/\d+$/.exec(line)?.[0]), 0)).toBe(Math.round(wanted / 1000))
  })

  test('a frame holds no separator, and several recordings have each their own', async () => {
    const a = hostile(join(directory(), 'a.fusetrace'))
    const b = written(join(directory(), 'b.fusetrace'), [operation(0, { endNs: 5000, pid: null })])
    const found = await lines(a, b)
    for (const line of found) expect(line).toMatch(/^a;outer;(?:[^;\p{Cc}]+;)*(?:lookup|symlink) \d+$|^b;lookup 5$/u)
    expect(found).toContain('b;lookup 5')
  })

  test('says when there is nothing to draw', async () => {
    const file = written(join(directory(), 'a.fusetrace'), [operation(0, { endNs: null, endedBy: null })])
    const out = join(directory(), 'out')
    const ran = await fusetrace('export', file, '--format', 'folded', '-o', out)
    expect(ran.stderr).toContain('nothing to draw')
    expect(readFileSync(out, 'utf8')).toBe('')
  })
})
