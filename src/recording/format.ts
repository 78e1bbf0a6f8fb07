import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib'
import { FusetraceError } from '../errors.js'

/*
 * magic (8 bytes) · format version (u16) · blocks … · trailer
 * block: kind (u8) · stored length (u32) · plain length (u32) · CRC-32 of kind, lengths and stored bytes (u32) · stored bytes
 * trailer: offset of the footer block (u64) · end magic (8 bytes)
 * All numbers are little-endian. Stored bytes are MessagePack, deflated; or packed: see packed/block.ts and packed/pool.ts.
 */

/** What all versions of fusetrace read; recordings with messages of the wire are of the next one. */
export const BASIC_FORMAT = 1
export const WIRE_FORMAT = 2
/** Packed bit by bit, as finished recordings were for a time. */
export const MIXED_FORMAT = 3
/** Packed by columns: finished recordings. The newest that is read here. */
export const PACKED_FORMAT = 4
export const MAGIC: Buffer = Buffer.from('\x89FTRACE\n', 'latin1')
const END_MAGIC: Buffer = Buffer.from('\x89FTEND\r\n', 'latin1')
export const PREAMBLE_BYTES = 10
export const BLOCK_HEAD_BYTES = 13
export const TRAILER_BYTES = 16

/** Longest block that can be meant, stored or plain; readers take less (see limits.ts). */
const MAX_BLOCK_BYTES = 1024 * 1024 * 1024

export const BLOCK = {
  header: 0x48,
  rows: 0x43,
  footer: 0x46,
  packedHeader: 0x68,
  mixedRows: 0x50,
  packedRows: 0x52,
  packedFooter: 0x66,
} as const
export type BlockKind = (typeof BLOCK)[keyof typeof BLOCK]

export interface BlockHead {
  readonly kind: BlockKind
  readonly storedBytes: number
  readonly plainBytes: number
  readonly crc: number
}

/** Whether a file that begins with these bytes is a recording. */
export function isRecording(begin: Buffer): boolean {
  return begin.subarray(0, MAGIC.length).equals(MAGIC)
}

export function preamble(format: number = BASIC_FORMAT): Buffer {
  const bytes = Buffer.alloc(PREAMBLE_BYTES)
  MAGIC.copy(bytes)
  bytes.writeUInt16LE(format, MAGIC.length)
  return bytes
}

/**
 * Checks the first bytes of a file, and returns its format.
 *
 * @throws {FusetraceError} `FT_RECORDING` when it is no recording, `FT_RECORDING_VERSION` when it is of a newer format
 */
export function checkPreamble(bytes: Uint8Array, name: string): number {
  const given = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (given.length < PREAMBLE_BYTES || !given.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw new FusetraceError('FT_RECORDING', `${name} is not a fusetrace recording`, {
      hint: 'a log becomes one with: fusetrace import LOG -o FILE',
    })
  }
  const version = given.readUInt16LE(MAGIC.length)
  if (version > PACKED_FORMAT || version === 0) {
    throw new FusetraceError(
      'FT_RECORDING_VERSION',
      `${name} has format ${version}, this fusetrace reads up to ${PACKED_FORMAT}`,
      {
        hint: 'update fusetrace, or record again with this version',
      },
    )
  }
  return version
}

/** A whole block of MessagePack. */
export function block(kind: BlockKind, plain: Uint8Array): Buffer {
  return storedBlock(kind, deflateRawSync(plain, { level: 3 }), plain.length)
}

/** A whole block of bytes that are stored as they are; `plainBytes` is how much comes out of them. */
export function storedBlock(kind: BlockKind, stored: Uint8Array, plainBytes: number): Buffer {
  const head = Buffer.alloc(BLOCK_HEAD_BYTES)
  head.writeUInt8(kind, 0)
  head.writeUInt32LE(stored.length, 1)
  head.writeUInt32LE(plainBytes, 5)
  head.writeUInt32LE(crc32(stored, crc32(head.subarray(0, 9))), 9)
  return Buffer.concat([head, stored])
}

/** The head of a block; null when it cannot be one. */
export function readBlockHead(bytes: Buffer): BlockHead | null {
  if (bytes.length < BLOCK_HEAD_BYTES) return null
  const kind = bytes.readUInt8(0)
  const storedBytes = bytes.readUInt32LE(1)
  const plainBytes = bytes.readUInt32LE(5)
  if (!Object.values(BLOCK).includes(kind as BlockKind)) return null
  if (storedBytes > MAX_BLOCK_BYTES || plainBytes > MAX_BLOCK_BYTES) return null
  // Deflate makes at most 1032 bytes of one: a length beyond that is a lie, whatever it says.
  if (kind < BLOCK.mixedRows && plainBytes > storedBytes * 1032) return null
  return { kind: kind as BlockKind, storedBytes, plainBytes, crc: bytes.readUInt32LE(9) }
}

/** Whether the bytes of a block are those that were written. */
export function isWhole(head: BlockHead, headBytes: Buffer, stored: Buffer): boolean {
  return crc32(stored, crc32(headBytes.subarray(0, 9))) === head.crc
}

/** The packed bytes of a block that is whole; null when they are damaged all the same. */
export function readBlock(head: BlockHead, stored: Buffer): Buffer | null {
  try {
    const plain = inflateRawSync(stored, { maxOutputLength: Math.max(1, head.plainBytes) })
    return plain.length === head.plainBytes ? plain : null
  } catch {
    return null
  }
}

export function trailer(footerOffset: number): Buffer {
  const bytes = Buffer.alloc(TRAILER_BYTES)
  bytes.writeBigUInt64LE(BigInt(footerOffset))
  END_MAGIC.copy(bytes, 8)
  return bytes
}

/** Where the footer is; null when this is no trailer. */
export function readTrailer(bytes: Buffer): number | null {
  if (bytes.length !== TRAILER_BYTES || !bytes.subarray(8).equals(END_MAGIC)) return null
  const offset = bytes.readBigUInt64LE(0)
  return offset <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(offset) : null
}
