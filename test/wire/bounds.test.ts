import { expect, test } from 'vitest'
import { BEFORE_INIT, decodeReply, decodeRequest, encodeReply, encodeRequest } from '../../src/wire/index.js'

const NEWEST = { ...BEFORE_INIT, minor: 45 }
const readdir = { opcode: 'readdir', body: { size: 8192 } } as const
const listing = (...names: string[]): Buffer =>
  encodeReply(
    { unique: 2n, body: { entries: names.map((name) => ({ ino: 7n, name: Buffer.from(name) })) } },
    readdir,
    NEWEST,
  )

test('a name ends before what stands behind the arguments', () => {
  const bytes = encodeRequest(
    { opcode: 'lookup', body: { name: Buffer.from('ab') }, extensions: [{ type: 'groups', groups: [5] }] },
    NEWEST,
  )
  bytes[bytes.indexOf('ab') + 2] = 0x63
  expect(() => decodeRequest(bytes, NEWEST)).toThrow(expect.objectContaining({ problem: 'name' }))
})

test.each([0, 4096])('a directory entry with a name of %s bytes is none', (length) => {
  const bytes = listing('a'.repeat(4095))
  bytes.writeUInt32LE(length, 16 + 16)
  expect(() => decodeReply(bytes, readdir, NEWEST)).toThrow(expect.objectContaining({ problem: 'name', offset: 32 }))
})

test('of a listing that is cut the whole entries are taken, the rest is left', () => {
  const whole = listing('first', 'second')
  const bytes = whole.subarray(0, whole.length - 8)
  bytes.writeUInt32LE(bytes.length, 0)
  const { body } = decodeReply(bytes, readdir, NEWEST)
  expect(body?.entries.map(({ name }) => name.toString())).toEqual(['first'])
  expect(body?.rest).toHaveLength(24)
})

test('a list is not longer than the message', () => {
  const bytes = encodeRequest({ opcode: 'batch_forget', body: { forgets: [{ nodeId: 5n, nlookup: 1n }] } }, NEWEST)
  bytes.writeUInt32LE(2, 40)
  expect(() => decodeRequest(bytes, NEWEST)).toThrow('2 forgets do not fit into 16 bytes')
})

test('groups of the caller are not more than there is room for', () => {
  const bytes = encodeRequest(
    { opcode: 'getattr', body: {}, extensions: [{ type: 'groups', groups: [5, 6] }] } as never,
    NEWEST,
  )
  bytes.writeUInt32LE(4, bytes.length - 16)
  expect(() => decodeRequest(bytes, NEWEST)).toThrow(expect.objectContaining({ problem: 'length' }))
})
