import fc from 'fast-check'
import { expect, test } from 'vitest'
import { virtualClock } from '../../src/clock.js'
import { namedKernel } from '../../src/dialect/kernel/kernel.js'
import { BpfFilter } from '../../src/kernel/bpf-filter.js'
import { BpfQueue } from '../../src/kernel/bpf-queue.js'
import { readBpfRecord } from '../../src/kernel/bpf-record.js'
import { BpfRing } from '../../src/kernel/bpf-ring.js'
import { kernelRow } from '../../src/kernel/bpf-source.js'
import { requestsFor } from '../../src/live/kernel-needs.js'
import { TraceMonitor } from '../../src/monitor/trace-monitor.js'
import { kernelLine } from '../../src/recording/kernel-line.js'
import { PendingWaits } from '../../src/wait/engine/pending.js'
import { createWaitFor, type WaitFor } from '../../src/wait/wait-for.js'
import { FakeRing, record } from './fake-ring.js'
import { NAMES, OPCODE, recordsOf, request } from './requests.js'

/** A monitor that is handed records as a session does it, and waits on it. */
function watched() {
  const fake = new FakeRing(1 << 18)
  const queue = new BpfQueue({ ring: new BpfRing(fake.memory), dropped: () => 0, onLoss: () => undefined })
  const monitor = new TraceMonitor({ clock: virtualClock(), dialect: namedKernel })
  const pending = new PendingWaits()
  const waitFor = createWaitFor({ monitor, prober: null, pending })
  let [lines, filter] = [0, new BpfFilter([], [])]
  const read = (): void => {
    queue.read(Number.POSITIVE_INFINITY, (bytes, at, length) => {
      filter.wants(bytes, at, length)
      const one = readBpfRecord(bytes, at, length)
      if (one !== null) monitor.push(kernelLine(kernelRow(one, { originNs: 0n }), lines++))
    })
  }
  return {
    monitor,
    waitFor,
    read,
    write: (records: readonly Buffer[]) => {
      for (const one of records) fake.write(one)
    },
    /** What a session does when a wait begins. */
    narrow() {
      const open = monitor.openOperations().flatMap(({ unique }) => unique ?? [])
      filter = new BpfFilter(requestsFor(pending.list()) ?? [], open)
    },
    /** Whether there was something to be read at once. */
    look() {
      const any = filter.anyOf(queue.copy())
      if (any) read()
      return any
    },
  }
}

const WAITS: Record<string, (waitFor: WaitFor, name: string) => Promise<unknown>> = {
  fileVisible: (waitFor, name) => waitFor.fileVisible(name),
  dirVisible: (waitFor, name) => waitFor.dirVisible(name),
  deleted: (waitFor, name) => waitFor.deleted(name),
  renamed: (waitFor, name) => waitFor.renamed(name, 'c'),
  lookup: (waitFor, name) => waitFor.operation({ opcode: 'lookup', path: name }),
  flush: (waitFor) => waitFor.operation('flush'),
  link: (waitFor, name) => waitFor.operation({ opcode: 'link', newPath: name }),
  glob: (waitFor) => waitFor.operation({ opcode: ['create', 'rename'], path: '/**' }),
}

/** After which chunk a wait ends; null when it does not. */
async function endOf(chunks: readonly Buffer[][], wait: string, name: string, all: boolean): Promise<number | null> {
  const { waitFor, narrow, look, read, write } = watched()
  const [first = [], ...others] = chunks
  write(first)
  read()
  let ended = false
  WAITS[wait]?.(waitFor, name).then(
    () => {
      ended = true
    },
    () => undefined,
  )
  narrow()
  for (let i = 0; i < others.length; i++) {
    write(others[i] ?? [])
    if (all) read()
    else look()
    await Promise.resolve()
    await Promise.resolve()
    await Promise.resolve()
    if (ended) return i
  }
  return null
}

test('a wait ends at the same moment when only what it needs is read at once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(request, { maxLength: 40 }),
      fc.array(fc.nat(6), { minLength: 12, maxLength: 12 }),
      fc.constantFrom(...Object.keys(WAITS)),
      fc.constantFrom(...NAMES),
      async (requests, sizes, wait, name) => {
        const records = recordsOf(requests)
        const chunks = [...sizes.map((size) => records.splice(0, size)), records]
        expect(await endOf(chunks, wait, name, false)).toBe(await endOf(chunks, wait, name, true))
      },
    ),
    { numRuns: 60 },
  )
})

test('requests for other names are left for later, and read in their order', () => {
  const { monitor, waitFor, narrow, look, read, write } = watched()
  void waitFor.fileVisible('wanted').catch(() => undefined)
  narrow()
  const create = (unique: bigint, name: string): Buffer[] =>
    ([1, 2] as const).map((kind) =>
      record({ kind, unique, opcode: OPCODE.create, error: 0, body: kind === 1 ? `${'\0'.repeat(16)}${name}\0` : '' }),
    )
  write(create(2n, 'other'))
  expect(look()).toBe(false)
  write(create(4n, 'wanted2'))
  expect(look()).toBe(false)
  expect(monitor.recentOperations()).toEqual([])
  const [send, end] = create(6n, 'wanted')
  write([send as Buffer])
  expect(look()).toBe(true)
  expect(monitor.recentOperations().map(({ path }) => path)).toEqual(['/other', '/wanted2'])
  write(create(8n, 'another'))
  expect(look()).toBe(false)
  write([end as Buffer])
  expect(look()).toBe(true)
  read()
  expect(monitor.recentOperations().map(({ path }) => path)).toEqual(['/other', '/wanted2', '/another', '/wanted'])
})

test('of a wait that may need anything, everything is read', () => {
  const needs = (begin: (waitFor: WaitFor) => Promise<unknown>): readonly unknown[] | null => {
    const pending = new PendingWaits()
    const monitor = new TraceMonitor({ clock: virtualClock(), dialect: namedKernel })
    void begin(createWaitFor({ monitor, prober: null, pending })).catch(() => undefined)
    return requestsFor(pending.list())
  }
  expect(needs((one) => one.idle({ forMs: 5 }))).toBeNull()
  expect(needs((one) => one.released('a'))).toBeNull()
  expect(needs((one) => one.writeComplete('a'))).toBeNull()
  expect(needs((one) => one.operation({ path: '/a' }))).toBeNull()
  expect(needs((one) => one.operation((operation) => operation.path === '/a'))).toBeNull()
  expect(needs((one) => one.operation({ opcode: 'rename', newPath: '/d/a' }))).toEqual([
    { opcode: 'rename', name: 'a' },
    { opcode: 'rename2', name: 'a' },
  ])
  // A byte that is not UTF-8, or a name with a backslash.
  expect(needs((one) => one.operation({ opcode: 'create', path: '/\\xff' }))).toEqual([
    { opcode: 'create', name: null },
  ])
})
