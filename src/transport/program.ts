import { accessSync, closeSync, constants, openSync, readSync, realpathSync, statSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'

/** What can be known of a program without running it. */
export interface Program {
  /** Where it is; null when no such program was found. */
  readonly path: string | null
  /** Libraries that it is linked against, `libfuse3.so.3`; none for scripts and static programs. */
  readonly libraries: readonly string[]
  /** It was built by Go, whose FUSE libraries look for fusermount along PATH. */
  readonly go: boolean
}

/** Looks at a program: where it is, along `PATH` when its name has no slash, and what it is linked against. */
export function inspectProgram(name: string, options: { path: string; cwd: string }): Program {
  const path = findProgram(name, options)
  const nothing = { path, libraries: [], go: false }
  if (path === null) return nothing
  try {
    return { path, ...readElf(path) }
  } catch {
    // Not an ELF file, a damaged one, or one that cannot be read: nothing is known of it.
    return nothing
  }
}

/** Where a program is that can be run; null when there is none of that name. */
export function findProgram(name: string, { path, cwd }: { path: string; cwd: string }): string | null {
  const candidates = name.includes('/')
    ? [resolve(cwd, name)]
    : path.split(delimiter).map((directory) => join(resolve(cwd, directory), name))
  for (const candidate of candidates) {
    try {
      accessSync(candidate, constants.X_OK)
      if (statSync(candidate).isFile()) return realpathSync(candidate)
    } catch {
      // The next one.
    }
  }
  return null
}

const PT_LOAD = 1
const PT_DYNAMIC = 2
const PT_NOTE = 4
const DT_NEEDED = 1
const DT_STRTAB = 5
const DT_STRSZ = 10
/** Longest table of strings, dynamic section or note that is looked at, bytes. */
const MAX_SECTION = 1024 * 1024
const MAX_HEADERS = 64

interface Segment {
  readonly type: number
  readonly offset: number
  readonly address: number
  readonly size: number
}

/** Reads what a 64-bit ELF file of this machine's byte order says of itself. */
function readElf(path: string): Omit<Program, 'path'> {
  const fd = openSync(path, 'r')
  try {
    const read = (offset: number, size: number): Buffer => {
      const buffer = Buffer.alloc(Math.min(size, MAX_SECTION))
      return buffer.subarray(0, readSync(fd, buffer, 0, buffer.length, offset))
    }
    const head = read(0, 64)
    const is64LittleEndian = head.readUInt32BE(0) === 0x7f454c46 && head[4] === 2 && head[5] === 1
    if (!is64LittleEndian) return { libraries: [], go: false }
    const segments = readSegments(head, read)
    const go = segments.some(
      ({ type, offset, size }) => type === PT_NOTE && read(offset, size).includes('Go\0\0', 0, 'latin1'),
    )
    return { libraries: readNeeded(segments, read), go }
  } finally {
    closeSync(fd)
  }
}

function readSegments(head: Buffer, read: (offset: number, size: number) => Buffer): Segment[] {
  const start = Number(head.readBigUInt64LE(32))
  const entry = head.readUInt16LE(54)
  const count = Math.min(head.readUInt16LE(56), MAX_HEADERS)
  const table = read(start, entry * count)
  return Array.from({ length: count }, (_, i) => {
    const at = i * entry
    return {
      type: table.readUInt32LE(at),
      offset: Number(table.readBigUInt64LE(at + 8)),
      address: Number(table.readBigUInt64LE(at + 16)),
      size: Number(table.readBigUInt64LE(at + 32)),
    }
  })
}

function readNeeded(segments: readonly Segment[], read: (offset: number, size: number) => Buffer): string[] {
  const dynamic = segments.find(({ type }) => type === PT_DYNAMIC)
  if (!dynamic) return []
  const entries = read(dynamic.offset, dynamic.size)
  const needed: number[] = []
  let strings = 0
  let stringBytes = 0
  for (let at = 0; at + 16 <= entries.length; at += 16) {
    const tag = Number(entries.readBigInt64LE(at))
    const value = Number(entries.readBigUInt64LE(at + 8))
    if (tag === DT_NEEDED) needed.push(value)
    if (tag === DT_STRTAB) strings = value
    if (tag === DT_STRSZ) stringBytes = value
  }
  const holder = segments.find(
    ({ type, address, size }) => type === PT_LOAD && strings >= address && strings < address + size,
  )
  if (!holder) return []
  const table = read(holder.offset + strings - holder.address, stringBytes)
  return needed.map((at) => table.toString('latin1', at, Math.max(at, table.indexOf(0, at))))
}
