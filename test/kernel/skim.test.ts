import fc from 'fast-check'
import { expect, test } from 'vitest'
import { virtualClock } from '../../src/clock.js'
import { opcodeName } from '../../src/dialect/core/opcode.js'
import { namedKernel } from '../../src/dialect/kernel/kernel.js'
import { changeOf } from '../../src/dialect/kernel/named-parser.js'
import { type BpfRecord, readBpfRecord } from '../../src/kernel/bpf-record.js'
import { BpfRing } from '../../src/kernel/bpf-ring.js'
import { skim } from '../../src/kernel/bpf-skim.js'
import { kernelRow } from '../../src/kernel/bpf-source.js'
import { TraceMonitor } from '../../src/monitor/trace-monitor.js'
import { kernelLine } from '../../src/recording/kernel-line.js'
import { FakeRing, record } from './fake-ring.js'
import { NODES, OPCODE, recordsOf, request } from './requests.js'

/** A monitor that reads records as a session does. */
function reader() {
  const clock = virtualClock()
  const monitor = new TraceMonitor({ clock, dialect: namedKernel })
  let lines = 0
  const push = (one: BpfRecord): void => monitor.push(kernelLine(kernelRow(one, { originNs: 0n }), lines++))
  const read = (bytes: Buffer, at: number, length: number): BpfRecord => {
    const one = readBpfRecord(bytes, at, length)
    if (one === null) throw new Error('no record')
    return one
  }
  const ring = (records: readonly Buffer[]) => {
    const fake = new FakeRing(64 * 1024)
    for (const one of records) fake.write(one)
    return new BpfRing(fake.memory)
  }
  return {
    monitor,
    whole: (records: readonly Buffer[]) => void ring(records).read(10_000, (...place) => push(read(...place))),
    skimmed(records: readonly Buffer[]) {
      let skipped = 0
      skim(ring(records).copy(), {
        onRecord: (...place) => push(read(...place)),
        onChange(bytes, send, end) {
          const rows = [send, end].map(({ at, length }) => kernelRow(read(bytes, at, length), { originNs: 0n }))
          const change = rows[0] && rows[1] ? changeOf(rows[0], rows[1], lines) : null
          if (change) monitor.learn(change.request, change.reply)
        },
        onSkipped(events, requests) {
          skipped += events
          lines += events
          monitor.skip(events, requests)
        },
      })
      return skipped
    },
  }
}

test('names after requests of which only that was read are those after all of them', () => {
  fc.assert(
    fc.property(fc.array(request, { maxLength: 40 }), fc.array(request, { maxLength: 10 }), (before, then) => {
      const all = recordsOf([...before, ...then])
      const first = recordsOf(before).length
      const asked = NODES.map((node, i) => record({ kind: 1, unique: BigInt(10_000 + 2 * i), node, opcode: 3 }))
      const [one, other] = [reader(), reader()]
      one.whole(all)
      other.skimmed(all.slice(0, first))
      other.whole(all.slice(first))
      for (const { whole } of [one, other]) whole(asked)
      // Those that were in flight when the rest was left out have the names of that moment.
      const paths = ({ monitor }: typeof one) =>
        monitor.openOperations().flatMap(({ unique, path }) => ((unique ?? 0) >= 10_000 ? [`${unique} ${path}`] : []))
      expect(paths(other)).toEqual(paths(one))
      expect(other.monitor.lineCount).toBe(one.monitor.lineCount)
    }),
  )
})

test('requests that have been answered are skipped and counted, others are in the history', () => {
  const { monitor, skimmed } = reader()
  const name = { opcode: OPCODE.lookup, node: 1n, body: 'a\0' }
  const skipped = skimmed([
    record({ ...name, kind: 1, unique: 2n }),
    record({ ...name, kind: 2, unique: 2n, body: '' }),
    record({ ...name, kind: 1, unique: 4n }),
  ])
  expect(skipped).toBe(2)
  expect(monitor.recentOperations()).toEqual([])
  expect(monitor.openOperations().map(({ unique, path }) => [unique, path])).toEqual([[4, '/a']])
  expect(monitor.losses).toContainEqual({ what: 'history-operations', count: 1 })
  expect(monitor.forgottenSince({ name: 'begin', line: 0, atNs: 0 })).toBeGreaterThan(0)
})

test('opcodes are those of the kernel', () => {
  for (const [name, number] of Object.entries(OPCODE)) expect(opcodeName(number)).toBe(name)
})
