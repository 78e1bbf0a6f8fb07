import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fusetrace, objects } from '../cli/run.js'
import { directory, HOSTILE, hostile, operation, written } from './made.js'
import { problemsOf } from './trace-events.js'

type Event = Record<string, unknown> & { args: Record<string, unknown> }

async function perfetto(...files: string[]): Promise<{ text: string; events: Event[] }> {
  const out = join(directory(), 'out.json')
  const ran = await fusetrace('export', ...files, '--format', 'perfetto', '-o', out)
  expect(ran).toMatchObject({ code: 0, stdout: '' })
  const text = readFileSync(out, 'utf8')
  return { text, events: (JSON.parse(text) as { traceEvents: Event[] }).traceEvents }
}

describe('export --format perfetto', () => {
  test('every committed recording is a valid trace', async () => {
    const { text, events } = await perfetto('recordings')
    expect(problemsOf(text)).toEqual([])
    const processes = events.filter(({ name }) => name === 'process_name')
    expect(processes.length).toBeGreaterThan(90)
    expect(new Set(processes.map(({ pid }) => pid)).size).toBe(processes.length)
  })

  test('has a slice for each operation, on a thread of the process that asked, and its step', async () => {
    const { events } = await perfetto('recordings/bindfs.fusetrace')
    const shown = objects((await fusetrace('show', 'recordings/bindfs.fusetrace', '--operations', '--json')).stdout)
    const wanted = shown.filter(({ own }) => !own)
    const slices = events.filter(({ ph, cat }) => ph === 'X' && cat === 'operation')
    const threads = new Map(events.filter(({ name }) => name === 'thread_name').map((e) => [e.tid, e.args.name]))
    const seen = slices.map((e) => [
      e.name,
      e.args.path ?? null,
      Math.round((e.ts as number) * 1000),
      threads.get(e.tid),
    ])
    for (const [i, { opcode, path, startNs, pid }] of wanted.entries()) {
      expect(seen[i]?.slice(0, 3)).toEqual([opcode, path, startNs])
      expect(seen[i]?.[3]).toMatch(new RegExp(`^pid ${pid}( \\(\\d+\\))?$`))
    }
    expect(slices.length).toBe(wanted.length)
    const steps = objects((await fusetrace('show', 'recordings/bindfs.fusetrace', '--steps', '--json')).stdout)
    expect(events.filter(({ cat }) => cat === 'step').map(({ name }) => name)).toEqual(steps.map(({ name }) => name))
  })

  test('names that lie, overlaps and what never ends leave it valid', async () => {
    const { text, events } = await perfetto(hostile(join(directory(), 'a.fusetrace')))
    expect(problemsOf(text)).toEqual([])
    const paths = events.filter(({ cat }) => cat === 'operation').map(({ args }) => args.path)
    for (const name of HOSTILE) expect(paths).toContain(`/${name}`)
    expect(text).not.toMatch(/[\u0000\u2028\u202e]/)
    // What did not end lasts until the recording does, and stays in flight.
    const last = events.findLast(({ ph }) => ph === 'C')
    expect(last?.args).toEqual({ requests: 1 })
  })

  test('counts the requests in flight, those that end last too', async () => {
    const rows = [
      ...Array.from({ length: 9000 }, (_, i) => operation(i + 1, { startNs: 10 + i * 10, endNs: 15 + i * 10 })),
      operation(0, { startNs: 1, endNs: 200_000, opcode: 'setlkw' }),
    ]
    const { text, events } = await perfetto(written(join(directory(), 'a.fusetrace'), rows))
    expect(problemsOf(text)).toEqual([])
    const counts = events.filter(({ ph }) => ph === 'C').map(({ args }) => args.requests)
    expect(Math.max(...(counts as number[]))).toBe(2)
    expect(counts.at(-1)).toBe(0)
    expect(events.find(({ ph }) => ph === 'X')?.name).toBe('setlkw')
  })
})

describe('the validator', () => {
  const valid = { ph: 'X', name: 'a', cat: 'c', ts: 1, dur: 2, pid: 1, tid: 1 }
  const named = { ph: 'M', name: 'thread_name', pid: 1, tid: 1, args: { name: 't' } }
  const file = (...traceEvents: unknown[]): string => JSON.stringify({ displayTimeUnit: 'ns', traceEvents })
  test.each([
    ['overlaps', [named, valid, { ...valid, ts: 2, dur: 5 }]],
    ['is out of order', [named, valid, { ...valid, ts: 0, dur: 0 }]],
    ['has no name', [valid]],
    ['does not end', [named, valid, { ph: 's', name: 'f', cat: 'c', id: 1, ts: 1, pid: 1, tid: 1 }]],
    ['no begin', [named, valid, { ph: 'f', bp: 'e', name: 'f', cat: 'c', id: 1, ts: 1, pid: 1, tid: 1 }]],
    ['no phase', [{ ...valid, ph: 'Q' }]],
  ])('finds what %s', (problem, events) => {
    expect(problemsOf(file(...events)).join('\n')).toContain(problem)
  })
})
