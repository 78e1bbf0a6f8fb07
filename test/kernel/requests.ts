import fc from 'fast-check'
import { record } from './fake-ring.js'

export const OPCODE = {
  lookup: 1,
  getattr: 3,
  unlink: 10,
  rmdir: 11,
  rename: 12,
  link: 13,
  mkdir: 9,
  flush: 25,
  create: 35,
}
export const NAMES = ['a', 'b', 'c']
export const NODES = [1n, 2n, 3n, 4n]

/** A request and its answer as fuse.bpf.c writes them, in any mixture with others. */
export const request: fc.Arbitrary<Request> = fc.record({
  opcode: fc.constantFrom(...(Object.keys(OPCODE) as (keyof typeof OPCODE)[])),
  node: fc.constantFrom(...NODES),
  other: fc.constantFrom(...NODES),
  name: fc.constantFrom(...NAMES),
  newName: fc.constantFrom(...NAMES),
  error: fc.constantFrom(0, 0, 0, -2, -17),
  flags: fc.constantFrom(0, 0, 0, 0, 2),
  directory: fc.boolean(),
  /** How many other requests are sent before it is answered. */
  takes: fc.nat(3),
})
export interface Request {
  opcode: keyof typeof OPCODE
  node: bigint
  other: bigint
  name: string
  newName: string
  error: number
  flags: number
  directory: boolean
  takes: number
}

function argumentsOf({ opcode, other, name, newName }: Request): string {
  const node = Buffer.alloc(8)
  node.writeBigUInt64LE(other)
  if (opcode === 'getattr' || opcode === 'flush') return '\0'.repeat(16)
  if (opcode === 'rename') return `${node.toString('latin1')}${name}\0${newName}\0`
  if (opcode === 'link') return `${node.toString('latin1')}${name}\0`
  return `${'\0'.repeat(opcode === 'mkdir' ? 8 : opcode === 'create' ? 16 : 0)}${name}\0`
}

/** `struct fuse_entry_out` of the node `other`. */
function answerOf({ opcode, other, directory, error, flags }: Request): string {
  if (error !== 0 || flags !== 0 || !['lookup', 'mkdir', 'link', 'create'].includes(opcode)) return ''
  const entry = Buffer.alloc(opcode === 'create' ? 144 : 128)
  entry.writeBigUInt64LE(other + 1n)
  entry.writeUInt32LE(directory ? 0o040755 : 0o100644, 40 + 60)
  entry.writeUInt32LE(2, 40 + 64)
  return entry.toString('latin1')
}

/** The records of requests, each answered after as many others as it says. */
export function recordsOf(requests: readonly Request[]): Buffer[] {
  const records: Buffer[] = []
  let open: { left: number; end: Buffer }[] = []
  for (const [i, one] of requests.entries()) {
    const of = { unique: BigInt(2 * i + 2), node: one.node, opcode: OPCODE[one.opcode] }
    records.push(record({ ...of, kind: 1, error: 0, body: argumentsOf(one) }))
    const { error, flags } = one
    open.push({ left: one.takes, end: record({ ...of, kind: 2, error, flags, body: answerOf(one) }) })
    records.push(...open.filter(({ left }) => left === 0).map(({ end }) => end))
    open = open.filter(({ left }) => left > 0).map(({ left, end }) => ({ left: left - 1, end }))
  }
  return records
}
