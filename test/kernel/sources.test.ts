import { describe, expect, test, vi } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { FusetraceError } from '../../src/errors.js'
import { align } from '../../src/kernel/align.js'
import type { BpfRecord } from '../../src/kernel/bpf-record.js'
import { BpfSource, kernelRow } from '../../src/kernel/bpf-source.js'
import { OneConnection } from '../../src/kernel/one-connection.js'
import { openKernelSource } from '../../src/kernel/open-source.js'
import { KernelRequests } from '../../src/kernel/requests.js'
import { KernelTraceText } from '../../src/kernel/trace.js'

describe('events of one connection', () => {
  const followed = () => {
    const items: string[] = []
    let lost = 0
    const one = new OneConnection<string>({
      onItem: (item) => items.push(item),
      onLoss: (count) => {
        lost += count
      },
    })
    return { one, items, lost: () => lost }
  }

  test('are held until it is known which: others go, and what came before its INIT', () => {
    const { one, items } = followed()
    one.push(7, false, 'of the mount before')
    one.push(7, true, 'init')
    one.push(8, false, 'of another')
    one.push(7, false, 'first')
    expect([one.current, items]).toEqual([false, []])
    one.follow(7)
    one.push(8, true, 'another begins')
    one.push(7, false, 'second')
    expect([one.current, items]).toEqual([true, ['init', 'first', 'second']])
  })

  test('end when another mount gets its number', () => {
    const { one, items } = followed()
    one.push(7, false, 'first')
    one.follow(7)
    one.push(7, true, 'of the mount after')
    one.push(7, false, 'its request')
    expect([one.current, items]).toEqual([false, ['first']])
  })

  test('are not held without an end, and what is not is counted', () => {
    const { one, items, lost } = followed()
    for (let i = 0; i < 100_002; i++) one.push(7, false, 'held')
    expect(lost()).toBe(2)
    one.follow(7)
    expect(items).toHaveLength(100_000)
  })
})

describe('where the kernel’s events come from', () => {
  const options = { clock: systemClock(), onEvent: () => undefined, onLoss: () => undefined }

  test('what is wrong with us is no reason for another source', async () => {
    vi.spyOn(BpfSource, 'open').mockRejectedValue(new Error('a bug'))
    await expect(openKernelSource(options)).rejects.toThrow('a bug')
    vi.spyOn(BpfSource, 'open').mockRejectedValue(new FusetraceError('FT_INPUT', 'of another kind'))
    await expect(openKernelSource(options)).rejects.toThrow('of another kind')
  })
})

test('ends without their requests are counted, and end no other', () => {
  const requests = new KernelRequests()
  const send = { edge: 'send', unique: 2, opcode: 'lookup', error: null, atNs: 1 } as const
  requests.push(send)
  requests.push({ ...send, edge: 'end', unique: 4, error: 0, atNs: 2 })
  requests.push({ ...send, edge: 'end', error: -2, atNs: 3 })
  requests.push({ ...send, edge: 'end', error: 0, atNs: 4 })
  expect([requests.strayEnds, requests.list]).toMatchObject([2, [{ unique: 2, endNs: 3, error: -2 }]])
})

test('what a saved trace says that it lost is counted', () => {
  const trace = new KernelTraceText(0n)
  trace.push(Buffer.from('CPU:1 [LOST 7 EVENTS]\nCPU:0 [LOST 2 EVENTS]\nno event\n'))
  trace.end()
  expect([trace.lost, trace.events]).toEqual([9, 0])
})

describe('the cheapest alignment', () => {
  const costs = { pair: (a: string, b: string) => (a === b ? 0 : Number.POSITIVE_INFINITY), aloneA: 5, aloneB: 1 }

  test('keeps the order of both', () => {
    expect(align([...'abcd'], [...'xbcayd'], costs)?.pairs).toEqual([
      [1, 1],
      [2, 2],
      [3, 5],
    ])
    expect(align([], [...'a'], costs)?.pairs).toEqual([])
  })

  test('is not looked for where that takes too much', () => {
    expect(align(Array(2000).fill('a'), Array(4100).fill('a'), costs)).toBeNull()
  })
})

test('of an answer that could not be read whole nothing is taken; of a request what there is', () => {
  const record = { edge: 'end', opcode: 1, atNs: 5n, error: 0, body: 'half', cut: false, unsure: false }
  const of = (more: object) => kernelRow({ ...record, ...more } as BpfRecord, { originNs: 2n })
  const facts = (more: object): unknown[] => {
    const { details } = of(more)
    return [details?.body, details?.incomplete]
  }
  expect(of({})).toMatchObject({ atNs: 3, opcode: 'lookup', error: 0 })
  expect(facts({})).toEqual(['half', false])
  expect(facts({ cut: true })).toEqual(['', true])
  expect(facts({ unsure: true })).toEqual(['', true])
  expect(facts({ edge: 'send', cut: true })).toEqual(['half', false])
  expect(facts({ edge: 'send', entriesMissing: true })).toEqual(['half', true])
})
