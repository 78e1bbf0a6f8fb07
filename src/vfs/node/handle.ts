import type { BigIntStats, Stats } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import type { OpenFile } from '../open-file.js'
import type { Vfs } from '../vfs.js'
import { asNode } from './errors.js'
import { modeOf, timeNs } from './paths.js'
import { statsOf } from './results.js'

/** Node reads and writes so many bytes at a time. */
const CHUNK = 512 * 1024
const UNKNOWN_SIZE = 64 * 1024

type EncodingOption = BufferEncoding | { encoding?: BufferEncoding | null } | null | undefined

const encodingOf = (options: unknown): BufferEncoding | null =>
  (typeof options === 'string' ? (options as BufferEncoding) : (options as { encoding?: BufferEncoding })?.encoding) ??
  null

/** Bytes of what is to be written. */
export function bytesOf(data: unknown, options?: unknown): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data, encodingOf(options) ?? 'utf8')
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  const error: NodeJS.ErrnoException = new TypeError(`data is a string or bytes, not ${typeof data}`)
  error.code = 'ERR_INVALID_ARG_TYPE'
  throw error
}

/** The part of Node's `FileHandle` that the stand-in has. */
export type StandInHandle = Pick<
  FileHandle,
  | 'appendFile'
  | 'chmod'
  | 'chown'
  | 'close'
  | 'datasync'
  | 'readFile'
  | 'stat'
  | 'sync'
  | 'truncate'
  | 'utimes'
  | 'writeFile'
> & {
  read(
    buffer: Uint8Array,
    offset?: number | null,
    length?: number | null,
    position?: number | bigint | null,
  ): Promise<{ bytesRead: number; buffer: Uint8Array }>
  write(data: string | Uint8Array, ...rest: unknown[]): Promise<{ bytesWritten: number; buffer: string | Uint8Array }>
}

/** Writes all of it where the file's position is. */
export async function writeAll(vfs: Vfs, file: OpenFile, data: Uint8Array): Promise<void> {
  for (let done = 0; done < data.length; ) {
    const piece = data.subarray(done, done + CHUNK)
    done += await asNode({ syscall: 'write' }, () => vfs.write(file, piece))
  }
}

/** Longest file that Node reads in one go. */
const MAX_FILE = 2 ** 31 - 1

/** Reads to the end, by the size that the file says it has. */
export async function readAll(vfs: Vfs, file: OpenFile, options: unknown): Promise<Buffer | string> {
  const encoding = encodingOf(options)
  const { mode, size } = await asNode({ syscall: 'fstat' }, () => vfs.stat(file))
  const known = (mode & 0o170000) === 0o100000 ? Number(size) : 0
  if (known > MAX_FILE) {
    const message = `File size (${known}) is greater than 2 GiB`
    throw Object.assign(new RangeError(message), { code: 'ERR_FS_FILE_TOO_LARGE' })
  }
  const length = (encoding === null ? known : Math.min(known, CHUNK)) || UNKNOWN_SIZE
  const pieces: Buffer[] = []
  let total = 0
  for (;;) {
    const data = await asNode({ syscall: 'read' }, () =>
      vfs.read(file, known > 0 ? Math.min(length, known - total) || length : length),
    )
    pieces.push(data)
    total += data.length
    if (data.length === 0 || (known > 0 && total === known)) break
  }
  const whole = Buffer.concat(pieces)
  return encoding === null ? whole : whole.toString(encoding)
}

/** Node's `FileHandle` on an open file of the stand-in. */
export function standInHandle(vfs: Vfs, file: OpenFile): StandInHandle {
  const call = <T>(syscall: string, run: () => Promise<T>): Promise<T> => asNode({ syscall }, run)
  const writeFile = async (data: unknown, options?: unknown): Promise<void> => {
    await writeAll(vfs, file, bytesOf(data, options))
  }
  return {
    appendFile: writeFile,
    writeFile,
    chmod: (mode) => call('fchmod', () => vfs.chmod(file, modeOf(mode, 0))),
    chown: (uid, gid) => call('fchown', () => vfs.chown(file, uid, gid)),
    close: () => call('close', () => vfs.close(file)),
    datasync: () => call('fdatasync', () => vfs.sync(file, true)),
    sync: () => call('fsync', () => vfs.sync(file)),
    readFile: ((options?: EncodingOption) => readAll(vfs, file, options)) as FileHandle['readFile'],
    stat: (async (options?: { bigint?: boolean }): Promise<Stats | BigIntStats> =>
      statsOf(await call('fstat', () => vfs.stat(file)), options)) as FileHandle['stat'],
    truncate: (length) => call('ftruncate', () => vfs.truncate(file, BigInt(Math.max(0, length ?? 0)))),
    utimes: (atime, mtime) => call('futime', () => vfs.utimes(file, timeNs(atime), timeNs(mtime))),
    async read(buffer, offset, length, position) {
      const from = offset ?? 0
      const most = length ?? buffer.byteLength - from
      const data = await call('read', () => vfs.read(file, most, positionOf(position)))
      buffer.set(data, from)
      return { bytesRead: data.length, buffer }
    },
    async write(data, ...rest) {
      const { bytes, position } = pieceOf(data, rest)
      const bytesWritten = await call('write', () => vfs.write(file, bytes, position))
      return { bytesWritten, buffer: data }
    },
  }
}

const positionOf = (position: unknown): number | null =>
  position === null || position === undefined || Number(position) < 0 ? null : Number(position)

/** `write(bytes, offset, length, position)` or `write(text, position, encoding)`. */
function pieceOf(data: string | Uint8Array, rest: unknown[]): { bytes: Uint8Array; position: number | null } {
  if (typeof data === 'string') return { bytes: bytesOf(data, rest[1]), position: positionOf(rest[0]) }
  const options = typeof rest[0] === 'object' && rest[0] !== null ? (rest[0] as Record<string, number | null>) : null
  const [offset, length, position] = options ? [options.offset, options.length, options.position] : rest
  const from = Number(offset ?? 0)
  const all = bytesOf(data)
  return { bytes: all.subarray(from, from + Number(length ?? all.length - from)), position: positionOf(position) }
}
