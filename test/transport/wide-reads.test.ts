import { expect, test } from 'vitest'
import { WideReads } from '../../src/transport/wide-reads.js'

function request(opcode: number, unique: bigint, size = 0): Buffer {
  const bytes = Buffer.alloc(80)
  bytes.writeUInt32LE(opcode, 4)
  bytes.writeBigUInt64LE(unique, 8)
  bytes.writeUInt32LE(size, 56)
  return bytes
}
const read = (unique: bigint, size: number) => request(15, unique, size)
function interrupt(unique: bigint): Buffer {
  const bytes = request(36, unique | 1n)
  bytes.writeBigUInt64LE(unique, 40)
  return bytes
}
function answer(unique: bigint, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  bytes.writeBigUInt64LE(unique, 8)
  return bytes
}

function started() {
  const sent: bigint[] = []
  const reads = new WideReads((bytes) => sent.push(bytes.readBigUInt64LE(8)))
  return { reads, sent: () => sent.splice(0) }
}

test('one long read waits for the answer to the one before, and nothing else waits', () => {
  const { reads, sent } = started()
  for (const bytes of [read(2n, 131_072), read(4n, 131_072), read(6n, 4096), request(1, 8n), read(10n, 131_072)]) {
    reads.request(bytes)
  }
  expect(sent()).toEqual([2n, 6n, 8n])
  reads.piece()
  reads.reply(answer(6n, 4112))
  expect(sent()).toEqual([])
  reads.reply(answer(2n, 131_088))
  expect(sent()).toEqual([4n])
  reads.reply(answer(4n, 16))
  expect(sent()).toEqual([10n])
})

test('one that is interrupted is waited for no longer', () => {
  const { reads, sent } = started()
  for (const bytes of [read(2n, 131_072), read(4n, 131_072), interrupt(6n), interrupt(2n)]) reads.request(bytes)
  expect(sent()).toEqual([2n, 7n, 3n, 4n])
})

test('a daemon that has answered long reads in one piece gets them as they come', () => {
  const { reads, sent } = started()
  for (let unique = 2n; unique <= 16n; unique += 2n) {
    reads.request(read(unique, 131_072))
    reads.reply(answer(unique, 131_088))
  }
  sent()
  for (const unique of [18n, 20n, 22n]) reads.request(read(unique, 131_072))
  expect(sent()).toEqual([18n, 20n, 22n])
})
