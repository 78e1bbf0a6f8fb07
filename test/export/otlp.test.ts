import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { readTraceParent } from '../../src/export/traceparent.js'
import { fusetrace, objects } from '../cli/run.js'
import { directory, hostile, operation, written } from './made.js'
import { problemsOfLine } from './otlp-schema.js'

interface Span {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  kind: number
  flags?: number
  startTimeUnixNano: string
  endTimeUnixNano: string
  attributes: { key: string; value: Record<string, unknown> }[]
  status?: { code?: number; message?: string }
}

async function otlp(...files: string[]): Promise<{ lines: string[]; spans: Span[]; stderr: string }> {
  const out = join(directory(), 'out.jsonl')
  const ran = await fusetrace('export', ...files, '--format', 'otlp', '-o', out)
  expect(ran.code).toBe(0)
  const lines = readFileSync(out, 'utf8').trimEnd().split('\n')
  const spans = lines.flatMap((line) => JSON.parse(line).resourceSpans[0].scopeSpans[0].spans as Span[])
  return { lines, spans, stderr: ran.stderr }
}

const attribute = (span: Span, key: string): unknown =>
  Object.values(span.attributes.find((one) => one.key === key)?.value ?? {})[0]

afterEach(() => vi.unstubAllEnvs())

describe('export --format otlp', () => {
  test('every line is TracesData of the proto, ids are their own, and parents are there', async () => {
    const { lines, spans } = await otlp('recordings/test/suite/bindfs', 'recordings/mergerfs-rs-killed.fusetrace')
    expect(lines.flatMap(problemsOfLine)).toEqual([])
    const ids = new Set(spans.map(({ traceId, spanId }) => `${traceId} ${spanId}`))
    expect(ids.size).toBe(spans.length)
    for (const { traceId, parentSpanId } of spans) {
      if (parentSpanId !== undefined) expect(ids).toContain(`${traceId} ${parentSpanId}`)
    }
  })

  test('operations are children of the steps in which they began', async () => {
    const { spans } = await otlp('recordings/bindfs.fusetrace')
    const byId = new Map(spans.map((span) => [span.spanId, span]))
    const steps = objects((await fusetrace('show', 'recordings/bindfs.fusetrace', '--steps', '--json')).stdout)
    const wall = BigInt(spans[0]?.startTimeUnixNano ?? 0)
    for (const span of spans.filter(({ kind }) => kind === 2)) {
      const atNs = Number(BigInt(span.startTimeUnixNano) - wall)
      const inner = steps.findLast(({ beginNs, endNs }) => Number(beginNs) <= atNs && atNs < Number(endNs))
      expect(byId.get(span.parentSpanId ?? '')?.name).toBe(inner?.name ?? 'recording of bindfs')
    }
    const nested = spans.find(({ name }) => name === 'create and write')
    expect(byId.get(nested?.parentSpanId ?? '')?.name).toBe('workload')
  })

  test('an errno is the status, and its absence too', async () => {
    const { spans } = await otlp('recordings/bindfs.fusetrace')
    const failed = spans.filter(({ status }) => status?.code === 2)
    expect(failed.length).toBeGreaterThan(0)
    for (const span of failed) expect(attribute(span, 'error.type')).toBe(span.status?.message)
    expect(failed.map(({ name, status }) => `${name} ${status?.message}`)).toContain('lookup ENOENT')
    const fine = spans.find((span) => attribute(span, 'fuse.outcome') === 'ok')
    expect(fine?.status).toEqual({ code: 1 })
  })

  test('the same recording gives the same spans, another gives others', async () => {
    const copy = join(directory(), 'copy.fusetrace')
    copyFileSync('recordings/bindfs.fusetrace', copy)
    const [one, two, other] = [
      await otlp('recordings/bindfs.fusetrace'),
      await otlp(copy),
      await otlp('recordings/demo.fusetrace'),
    ]
    expect(two.spans).toEqual(one.spans)
    expect(other.spans[0]?.traceId).not.toBe(one.spans[0]?.traceId)
  })

  test('TRACEPARENT is the parent; what is none is ignored, and said', async () => {
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
    vi.stubEnv('TRACEPARENT', `00-${trace}-00f067aa0ba902b7-01`)
    const { lines, spans } = await otlp('recordings/bindfs.fusetrace', 'recordings/demo.fusetrace')
    expect(lines.flatMap(problemsOfLine)).toEqual([])
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([trace]))
    expect(
      spans.filter(({ parentSpanId }) => parentSpanId === '00f067aa0ba902b7').map(({ name }) => name),
    ).toHaveLength(2)
    expect(spans[0]?.flags).toBe(1)
    vi.stubEnv('TRACEPARENT', 'nonsense\x1b[31m')
    const plain = await otlp('recordings/bindfs.fusetrace')
    expect(plain.spans[0]?.parentSpanId).toBeUndefined()
    expect(plain.stderr).toContain('TRACEPARENT is not of the form')
    expect(plain.stderr).not.toContain('\x1b')
  })

  test('names that lie, numbers of 64 bits and what never ends leave it valid; long ones are in several lines', async () => {
    const one = await otlp(hostile(join(directory(), 'a.fusetrace')))
    expect(one.lines.flatMap(problemsOfLine)).toEqual([])
    expect(one.spans.some((span) => attribute(span, 'fusetrace.unfinished') === true)).toBe(true)
    const rows = Array.from({ length: 2000 }, (_, i) => operation(i))
    const long = await otlp(written(join(directory(), 'b.fusetrace'), rows))
    expect(long.lines.flatMap(problemsOfLine)).toEqual([])
    expect(long.lines.length).toBeGreaterThan(3)
    expect(long.spans).toHaveLength(2001)
  })
})

test.each([
  ['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', true],
  ['cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-later', true],
  ['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more', false],
  ['ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', false],
  ['00-00000000000000000000000000000000-00f067aa0ba902b7-01', false],
  ['00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01', false],
  ['00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01', false],
])('%s is a parent: %s', (text, is) => expect(readTraceParent(text) !== null).toBe(is))

test("the schema refuses what protobuf's own JSON form would have", () => {
  const span = {
    traceId: 'WTqtr7BlQGzwAyzVaQhnqA==',
    spanId: '00f067aa0ba902b7',
    name: 'a',
    kind: 'SPAN_KIND_SERVER',
    start_time_unix_nano: 1,
    startTimeUnixNano: 1,
    endTimeUnixNano: '2',
  }
  const problems = problemsOfLine(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }))
  expect(problems).toHaveLength(4)
})
