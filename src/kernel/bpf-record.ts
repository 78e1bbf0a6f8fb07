import type { Raw } from '../line/line.js'

/** What a record reports. */
export type BpfEdge = 'send' | 'end' | 'taken' | 'forget' | 'entry'

/** One record of the ring, as fuse.bpf.c wrote it. */
export interface BpfRecord {
  readonly edge: BpfEdge
  readonly connection: number
  /** CLOCK_MONOTONIC, ns. */
  readonly atNs: bigint
  /** The request's id; for `forget` the number of lookups that are given back. */
  readonly unique: number
  /** Decimal; for `entry` the node that is answered. */
  readonly nodeId: string
  readonly opcode: number
  /** 0 or a negative errno number. */
  readonly error: number
  /** Bytes of the whole request or answer. */
  readonly len: number
  readonly uid: number
  readonly gid: number
  readonly pid: number
  /** The arguments are not all in the body. */
  readonly cut: boolean
  /** The answer's arguments could not be read safely, and are left out. */
  readonly unsure: boolean
  /** Entries of a READDIRPLUS are missing. */
  readonly entriesMissing: boolean
  /** Arguments as on the wire, without data. */
  readonly body: Raw
}

/** Bytes before the body. */
export const HEAD_BYTES = 64
/** More than this no record of ours has. */
const MAX_RECORD_BYTES: number = HEAD_BYTES + 8191

/** What a record is of, by the numbers of `enum kind` in fuse.bpf.c. */
export const KIND: Readonly<Record<BpfEdge, number>> = { send: 1, end: 2, taken: 3, forget: 4, entry: 5 }
const EDGES: readonly (BpfEdge | undefined)[] = [undefined, ...(Object.keys(KIND) as BpfEdge[])]
/** Places in `struct record` of fuse.bpf.c that are read without the rest. */
export const AT = { kind: 0, unique: 16, opcode: 32, error: 36, flags: 56 } as const

/** Reads the record at `at`, `length` bytes long; null when it is none of ours. */
export function readBpfRecord(bytes: Buffer, at: number, length: number): BpfRecord | null {
  if (length < HEAD_BYTES || length > MAX_RECORD_BYTES || at + length > bytes.length) return null
  const edge = EDGES[bytes.readUInt32LE(at + AT.kind)]
  const size = bytes.readUInt32LE(at + 60)
  if (edge === undefined || size !== length - HEAD_BYTES) return null
  const flags = bytes.readUInt32LE(at + AT.flags)
  return {
    edge,
    connection: bytes.readUInt32LE(at + 4),
    atNs: bytes.readBigUInt64LE(at + 8),
    unique: readNumber(bytes, at + AT.unique),
    nodeId: readDecimal(bytes, at + 24),
    opcode: bytes.readUInt32LE(at + AT.opcode),
    error: bytes.readInt32LE(at + AT.error),
    len: bytes.readUInt32LE(at + 40),
    uid: bytes.readUInt32LE(at + 44),
    gid: bytes.readUInt32LE(at + 48),
    pid: bytes.readUInt32LE(at + 52),
    cut: (flags & 1) !== 0,
    unsure: (flags & 2) !== 0,
    entriesMissing: (flags & 4) !== 0,
    body: size === 0 ? '' : bytes.toString('latin1', at + HEAD_BYTES, at + length),
  }
}

/** 64 bits; above 2^53 only as near as can be. */
export function readNumber(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32
}

function readDecimal(bytes: Buffer, at: number): string {
  const high = bytes.readUInt32LE(at + 4)
  return high < 2 ** 21 ? String(readNumber(bytes, at)) : String(bytes.readBigUInt64LE(at))
}
