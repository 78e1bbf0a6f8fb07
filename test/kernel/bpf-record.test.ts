import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BpfQueue } from '../../src/kernel/bpf-queue.js'
import { HEAD_BYTES, readBpfRecord } from '../../src/kernel/bpf-record.js'
import { BpfRing } from '../../src/kernel/bpf-ring.js'
import { FakeRing, record } from './fake-ring.js'

describe('a record', () => {
  test('is read as fuse.bpf.c lays it out', () => {
    const bytes = record({ kind: 1, connection: 40, ns: 5n, unique: 8n, node: 2n ** 64n - 1n, body: 'a.txt\0' })
    expect(readBpfRecord(bytes, 0, bytes.length)).toEqual({
      edge: 'send',
      connection: 40,
      atNs: 5n,
      unique: 8,
      nodeId: '18446744073709551615',
      opcode: 1,
      error: -2,
      len: 46,
      uid: 1,
      gid: 2,
      pid: 3,
      cut: false,
      unsure: false,
      entriesMissing: false,
      body: 'a.txt\0',
    })
  })

  test('that is shorter than it says, of no known kind, or beyond the memory is none', () => {
    const bytes = record({ kind: 1, body: 'name\0' })
    expect(readBpfRecord(bytes, 0, bytes.length - 1)).toBeNull()
    expect(readBpfRecord(bytes, 0, HEAD_BYTES - 1)).toBeNull()
    expect(readBpfRecord(bytes, 0, bytes.length + 1)).toBeNull()
    expect(readBpfRecord(bytes, 8, bytes.length)).toBeNull()
    const unknown = record({ kind: 9 })
    expect(readBpfRecord(unknown, 0, unknown.length)).toBeNull()
  })

  test('of any bytes is read or refused, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(320), fc.nat(320), (bytes, at, length) => {
        const read = readBpfRecord(Buffer.from(bytes), at, length)
        return read === null || read.body.length === length - HEAD_BYTES
      }),
    )
  })
})

describe('a ring', () => {
  test('gives records in order, over its end, and gives their room back', () => {
    const ring = new FakeRing(4096)
    const reader = new BpfRing(ring.memory)
    const seen: string[] = []
    const read = (): number =>
      reader.read(100, (bytes, at, length) => void seen.push(readBpfRecord(bytes, at, length)?.body ?? '?'))
    const wanted: string[] = []
    for (let i = 0; i < 200; i++) {
      wanted.push(`name ${i} ${'x'.repeat(i % 50)}`)
      ring.write(record({ kind: 2, body: wanted.at(-1) ?? '' }))
      if (i % 7 === 0) read()
    }
    read()
    expect(seen).toEqual(wanted)
    expect(ring.free).toBe(4096)
  })

  test('stops before a record that is being written, and leaves out one that was given up', () => {
    const ring = new FakeRing(4096)
    const reader = new BpfRing(ring.memory)
    const seen: string[] = []
    const read = (): number =>
      reader.read(100, (bytes, at, length) => void seen.push(bytes.toString('latin1', at, at + length)))
    ring.write(Buffer.from('first'))
    ring.write(Buffer.from('gone'), 'discarded')
    const busy = ring.write(Buffer.from('second'), 'busy')
    ring.write(Buffer.from('third'))
    read()
    expect(seen).toEqual(['first'])
    ring.commit(busy)
    read()
    expect(seen).toEqual(['first', 'second', 'third'])
  })

  test('gives no more than it is asked for', () => {
    const ring = new FakeRing(4096)
    const reader = new BpfRing(ring.memory)
    for (let i = 0; i < 5; i++) ring.write(Buffer.from(`${i}`))
    const seen: string[] = []
    const take = (bytes: Buffer, at: number, length: number): void =>
      void seen.push(bytes.toString('latin1', at, at + length))
    expect(reader.read(2, take)).toBe(2)
    expect(reader.read(9, take)).toBe(3)
    expect(seen.join('')).toBe('01234')
  })

  test('goes on after a reader that throws', () => {
    const ring = new FakeRing(4096)
    const reader = new BpfRing(ring.memory)
    ring.write(Buffer.from('a'))
    ring.write(Buffer.from('b'))
    expect(() =>
      reader.read(9, () => {
        throw new Error('mine')
      }),
    ).toThrow('mine')
    const seen: string[] = []
    reader.read(9, (bytes, at, length) => void seen.push(bytes.toString('latin1', at, at + length)))
    expect(seen).toEqual(['b'])
  })

  test('whose record is longer than what was written is not believed', () => {
    const ring = new FakeRing(4096)
    const reader = new BpfRing(ring.memory)
    ring.write(Buffer.from('abc'), 3000)
    expect(() => reader.read(9, () => undefined)).toThrow(RangeError)
  })
})

describe('records that wait', () => {
  function queue() {
    const ring = new FakeRing(4096)
    const seen: string[] = []
    let dropped = 0
    const waiting = new BpfQueue({
      ring: new BpfRing(ring.memory),
      dropped: () => dropped,
      onLoss: (count) => void seen.push(`${count} lost`),
    })
    const take = (bytes: Buffer, at: number, length: number): void =>
      void seen.push(bytes.toString('latin1', at, at + length))
    return { ring, seen, waiting, take, drop: (count: number) => (dropped += count) }
  }

  test('come in their order, a loss where it was noticed, and give the ring its room back', () => {
    const { ring, seen, waiting, take, drop } = queue()
    ring.write(Buffer.from('a'))
    ring.write(Buffer.from('b'))
    drop(3)
    waiting.copy()
    expect(ring.free).toBe(4096)
    ring.write(Buffer.from('c'))
    expect(waiting.read(1, take)).toBe(1)
    expect(waiting.read(9, take)).toBe(2)
    drop(2)
    expect(waiting.read(9, take)).toBe(0)
    expect(seen).toEqual(['a', 'b', '3 lost', 'c', '2 lost'])
    expect(waiting.copiedBytes).toBe(0)
  })

  test('without one that was given up, also among copies; the kernel’s count of losses goes round at 2^32', () => {
    const { ring, seen, waiting, take, drop } = queue()
    ring.write(Buffer.from('gone'), 'discarded')
    ring.write(Buffer.from('a'))
    waiting.copy()
    expect(waiting.read(9, take)).toBe(2)
    drop(2 ** 32 - 2)
    waiting.read(9, take)
    drop(5 - 2 ** 32)
    waiting.read(9, take)
    expect(seen).toEqual(['a', `${2 ** 32 - 2} lost`, '5 lost'])
  })

  test('are left to somebody else, the oldest first, without those that were read', () => {
    const { ring, seen, waiting, take } = queue()
    for (const name of ['a', 'b']) ring.write(Buffer.from(name))
    waiting.copy()
    ring.write(Buffer.from('c'))
    waiting.copy()
    waiting.read(1, take)
    waiting.passOldest((records) =>
      records.read(9, (bytes, at) => void seen.push(`passed ${String.fromCharCode(bytes[at] ?? 0)}`)),
    )
    waiting.read(9, take)
    expect(seen).toEqual(['a', 'passed b', 'c'])
  })

  test('one that is being written is left in the ring', () => {
    const { ring, seen, waiting, take } = queue()
    ring.write(Buffer.from('a'))
    const busy = ring.write(Buffer.from('b'), 'busy')
    waiting.copy()
    waiting.read(9, take)
    expect(seen).toEqual(['a'])
    ring.commit(busy)
    waiting.read(9, take)
    expect(seen).toEqual(['a', 'b'])
  })
})
