import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { Raw, Stream } from '../line/line.js'

/*
 * Beside an unfinished recording: what was read from the daemon's streams, as it came, written by the thread that reads before
 * anybody parses it. Segments NAME.partial.raw0, NAME.partial.raw1, …; those whose lines are all in NAME.partial are removed.
 *
 * segment: magic (8 bytes) · pid (u32) · start time of that process, decimal, padded with blanks (20 bytes) · frames …
 * frame: length (u32) · pipe (u8) · arrival, ns since the origin (f64) · bytes of this pipe before these (f64)
 *        · CRC-32 of what is before it and of the bytes (u32) · bytes. A frame of length 0: the pipe has ended.
 */

const JOURNAL_MAGIC = '\x89FTRAW\r\n'
export const JOURNAL_HEAD_BYTES = 32
const FRAME_HEAD_BYTES = 25
/** A frame holds one read of a pipe. */
const MAX_FRAME_BYTES = 1 << 20

/** The pipes that are streams of the daemon. */
export const JOURNAL_STREAMS: readonly Stream[] = ['stdout', 'stderr']

/** Bytes that were read from one pipe at one time. */
export interface Frame {
  readonly pipe: number
  readonly atNs: number
  /** Bytes of the pipe before these. */
  readonly offset: number
  /** Null: the pipe has ended. */
  readonly bytes: Raw | null
}

/** The name of a segment. */
export const journalFile = (path: string, segment: number): string => `${path}.partial.raw${segment}`

/** The segments of the journal of an unfinished recording, in order. `path` is the name of the finished one. */
export function journalFiles(path: string): string[] {
  const prefix = `${basename(path)}.partial.raw`
  try {
    return readdirSync(dirname(path) || '.')
      .filter((name) => name.startsWith(prefix) && /^\d{1,9}$/.test(name.slice(prefix.length)))
      .sort((a, b) => Number(a.slice(prefix.length)) - Number(b.slice(prefix.length)))
      .map((name) => join(dirname(path), name))
  } catch {
    return []
  }
}

/** The living process that writes this recording; null when there is none, or that cannot be known. */
export function journalOwner(path: string): number | null {
  for (const file of journalFiles(path)) {
    const head = readHead(file)
    if (head !== null && startOf(head.pid) === head.start) return head.pid
  }
  return null
}

/** Reads a segment from a position, until its end or the first frame that is not whole. */
export function* readFrames(
  file: string,
  from: number = JOURNAL_HEAD_BYTES,
): Generator<Frame & { readonly end: number }> {
  const fd = openPlain(file)
  if (fd === null) return
  try {
    const head = Buffer.alloc(FRAME_HEAD_BYTES)
    for (let at = from; ; ) {
      if (readSync(fd, head, 0, FRAME_HEAD_BYTES, at) < FRAME_HEAD_BYTES) return
      const length = head.readUInt32LE(0)
      if (length > MAX_FRAME_BYTES) return
      const bytes = Buffer.allocUnsafe(length)
      if (readSync(fd, bytes, 0, length, at + FRAME_HEAD_BYTES) < length) return
      if (crc32(bytes, crc32(head.subarray(0, 21))) !== head.readUInt32LE(21)) return
      at += FRAME_HEAD_BYTES + length
      yield {
        pipe: head.readUInt8(4),
        atNs: head.readDoubleLE(5),
        offset: head.readDoubleLE(13),
        bytes: length === 0 ? null : bytes.toString('latin1'),
        end: at,
      }
    }
  } finally {
    closeSync(fd)
  }
}

/** The first bytes of a segment that this process writes. */
export function journalHead(): Buffer {
  const head = Buffer.alloc(JOURNAL_HEAD_BYTES, ' ')
  head.write(JOURNAL_MAGIC, 0, 'latin1')
  head.writeUInt32LE(process.pid, 8)
  head.write(startOf(process.pid) ?? '', 12, 'latin1')
  return head
}

function readHead(file: string): { pid: number; start: string } | null {
  const fd = openPlain(file)
  if (fd === null) return null
  try {
    const bytes = Buffer.alloc(JOURNAL_HEAD_BYTES)
    if (readSync(fd, bytes, 0, bytes.length, 0) < bytes.length) return null
    if (bytes.toString('latin1', 0, 8) !== JOURNAL_MAGIC) return null
    return { pid: bytes.readUInt32LE(8), start: bytes.toString('latin1', 12, 32).trim() }
  } finally {
    closeSync(fd)
  }
}

/** A file and nothing else; a link or a pipe in its place is none. */
function openPlain(file: string): number | null {
  try {
    const fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    if (fstatSync(fd).isFile()) return fd
    closeSync(fd)
  } catch {
    // It has gone, or is not ours to read.
  }
  return null
}

function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? null : (fields[19] ?? null)
  } catch {
    return null
  }
}
