import type { Reader, Writer } from './cursor.js'
import { ENTRY_LAYOUT, layoutBytes } from './layout.js'
import type { Dirent, DirentPlus, Input, Struct } from './layout-types.js'
import { BEFORE_INIT } from './protocol.js'
import type { ReadFields, WriteFields } from './values.js'
import { WireError } from './wire-error.js'

/** Bytes of an entry before its name. */
const HEAD_BYTES = 24
/** The kernel takes names up to PATH_MAX without its NUL. */
const MAX_NAME_BYTES = 4095

/** Entries begin at multiples of eight bytes. */
const align = (bytes: number): number => (bytes + 7) & ~7

/**
 * Reads the entries of a listing. As the kernel does, it stops before an entry that the message does not hold whole; what is
 * left is for the caller.
 */
export function readDirents(reader: Reader, plus: boolean, readFields: ReadFields): (Dirent | DirentPlus)[] {
  const entries: (Dirent | DirentPlus)[] = []
  const before = plus ? layoutBytes(ENTRY_LAYOUT, reader.protocol) : 0
  while (reader.left >= before + HEAD_BYTES) {
    const namelen = reader.peekU32(before + 16)
    if (namelen === 0 || namelen > MAX_NAME_BYTES) {
      throw new WireError('name', reader.offset + before + 16, `a directory entry with a name of ${namelen} bytes`)
    }
    if (before + align(HEAD_BYTES + namelen) > reader.left) break
    const entry = plus ? { entry: readFields(ENTRY_LAYOUT, reader) as unknown as Struct<'entry'> } : {}
    const [ino, off] = [reader.scalar('u64', 'ino') as bigint, reader.scalar('u64', 'off') as bigint]
    reader.scalar('u32', 'namelen')
    const type = reader.scalar('u32', 'type') as number
    const name = reader.take(namelen, 'name')
    const padding = reader.pad(align(namelen) - namelen, 'padding')
    entries.push({ ...entry, ino, off, type, name, ...(padding && { padding }) })
  }
  return entries
}

/** Writes a listing's entries, each filled up to a multiple of eight bytes. */
export function writeDirents(
  writer: Writer,
  entries: readonly Input<DirentPlus>[],
  plus: boolean,
  writeFields: WriteFields,
): void {
  for (const { entry, ino = 0n, off = 0n, type = 0, name, padding } of entries) {
    const bytes = name ?? new Uint8Array()
    if (bytes.length === 0 || bytes.length > MAX_NAME_BYTES) {
      throw new WireError('name', writer.length, `a directory entry with a name of ${bytes.length} bytes`)
    }
    if (plus) writeFields(ENTRY_LAYOUT, entry ?? {}, writer)
    writer.scalar('u64', ino, 'ino')
    writer.scalar('u64', off, 'off')
    writer.scalar('u32', bytes.length, 'namelen')
    writer.scalar('u32', type, 'type')
    writer.raw(bytes)
    writer.pad(align(bytes.length) - bytes.length, padding, 'padding')
  }
}

/** The bytes that an entry takes in a listing: what has to fit into the size that was asked for. */
export function direntBytes(name: Uint8Array, plus: boolean): number {
  return (plus ? layoutBytes(ENTRY_LAYOUT, BEFORE_INIT) : 0) + align(HEAD_BYTES + name.length)
}
