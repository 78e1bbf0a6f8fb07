import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { COLUMNS } from '../../src/export/columns.js'
import { CsvExporter } from '../../src/export/csv.js'
import { FoldedExporter } from '../../src/export/folded.js'
import { Heap } from '../../src/export/heap.js'
import { LateOperations } from '../../src/export/in-order.js'
import { FileSink } from '../../src/export/sink.js'
import type { Exported } from '../../src/export/source.js'
import { readTraceParent } from '../../src/export/traceparent.js'

const of = (operation: object, step: object | null = null) => ({ operation, step, own: false }) as never
const cell = (name: string, operation: object) =>
  COLUMNS.find((column) => column.name === name)?.of(of(operation), {} as never)
const recording = (...operations: object[]): Exported =>
  ({ file: 'r', header: { dialect: 'd', originWallNs: null }, steps: [], operations: () => operations }) as never

/** What an exporter writes. */
function texts(): { write(piece: string | Uint8Array): void; all: string } {
  return {
    all: '',
    write(piece) {
      this.all += String(piece)
    },
  }
}
const operation = { id: 0, opcode: 'create', unique: 2, path: '/a', newPath: null, name: null, startNs: 0, endNs: 5000 }
const whole = { ...operation, endedBy: 'reply', status: 'ok', errno: null, pid: null, lines: [0, 1] }

test('numbers that their columns cannot hold are left out', () => {
  expect(['18446744073709551615', '18446744073709551616', '-1', 7].map((size) => cell('size', { size }))).toEqual([
    ...[2n ** 64n - 1n, null, null, 7n],
  ])
  expect([2 ** 32 - 1, 2 ** 32, -1].map((mode) => cell('mode', { mode }))).toEqual([2 ** 32 - 1, null, null])
  expect([2 ** 31 - 1, 2 ** 31, -(2 ** 31) - 1].map((pid) => cell('pid', { pid }))).toEqual([2 ** 31 - 1, null, null])
})

test.each(['=1+1', '+1', '-1', '@x', '\t=1', '\r=1', '\n=1'])(
  'a text that a spreadsheet would run is text: %j',
  (name) => {
    const sink = texts()
    new CsvExporter(sink).recording(recording(of({ ...whole, name })))
    const found = sink.all.slice(sink.all.indexOf('\r\n') + 2)
    expect(found).toContain(/[\r\n]/.test(name) ? `,"'${name}",` : `,'${name},`)
  },
)

test('a carriage return or a quote in a name ends no line and no field', () => {
  const sink = texts()
  new CsvExporter(sink).recording(recording(of({ ...whole, path: '/a\rb', name: 'c"d' })))
  expect(sink.all).toContain(',"/a\rb",')
  expect(sink.all).toContain(',"c""d",')
})

test('a semicolon or a line feed in a name ends no frame and no stack', () => {
  const sink = texts()
  const exporter = new FoldedExporter(sink, false)
  exporter.recording(recording(of(whole, { name: 'a;b\nc', parent: null })))
  exporter.end()
  expect(sink.all).toMatch(/^a:b[ -~]*c;create 5\n$/)
})

test.each([
  'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  '00-00000000000000000000000000000000-b7ad6b7169203331-01',
  '00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01',
  '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more',
])('%s is no caller’s span', (text) => {
  expect(readTraceParent(text)).toBeNull()
})

test('what is equally small comes in the order in which it was pushed', () => {
  const heap = new Heap<string>()
  for (const [i, key] of [2, 1, 1, 2, 1, 1, 2].entries()) heap.push(key, `${key}${'abcdefg'[i]}`)
  const all: string[] = []
  while (heap.size > 0) all.push(heap.pop() as string)
  expect([all, heap.first, heap.pop()]).toEqual([
    ['1b', '1c', '1e', '1f', '2a', '2d', '2g'],
    Number.POSITIVE_INFINITY,
    undefined,
  ])
})

test('bytes that are changed by their owner later are written as they were', () => {
  const directory = mkdtempSync(join(tmpdir(), 'fusetrace-test-'))
  const sink = new FileSink(join(directory, 'out'), { force: false })
  const bytes = Buffer.from('first ')
  sink.write(bytes)
  bytes.fill('x')
  sink.write('second')
  sink.finish()
  expect([readFileSync(join(directory, 'out'), 'utf8'), sink.bytes]).toEqual(['first second', 12])
  rmSync(directory, { recursive: true })
})

test('an operation whose row comes long after those that began later is known beforehand', () => {
  const late = new LateOperations()
  for (let startNs = 10; startNs < 5000; startNs++) late.see({ startNs } as never)
  late.see({ startNs: 3 } as never)
  expect(late.found).toEqual([{ startNs: 3 }])
})
