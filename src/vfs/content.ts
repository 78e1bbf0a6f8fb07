import { WRITE } from '../wire/index.js'
import { invalidate, MODIFIED, refreshAttributes, truncatePages } from './attributes.js'
import { type Core, type Inode, STATX } from './core.js'
import { Errno } from './errno.js'
import { PAGE } from './init.js'
import type { OpenFile } from './open-file.js'
import { checkCapabilities } from './set-attributes.js'

/** Reads up to `length` bytes from `offset`; fewer at the end of the file. */
export async function readContent(core: Core, file: OpenFile, offset: number, length: number): Promise<Buffer> {
  if (!file.readable) throw new Errno('EBADF')
  if (file.inode.isDirectory) throw new Errno('EISDIR')
  if (length === 0) return Buffer.alloc(0)
  if (file.direct) return readDirect(core, file, offset, length)
  const { inode } = file
  // Only who wants to read beyond the end asks where that is, unless the daemon changes sizes behind our back.
  if (core.features.autoInvalidate || offset + length > inode.size) {
    await refreshAttributes(core, inode, STATX.SIZE, file.fh)
  }
  return readCached(core, file, offset, length)
}

async function readDirect(core: Core, file: OpenFile, offset: number, length: number): Promise<Buffer> {
  const pieces: Buffer[] = []
  const most = maxRead(core)
  for (let done = 0; done < length; ) {
    const size = Math.min(length - done, most)
    const data = await askRead(core, file, offset + done, size)
    pieces.push(data)
    done += data.length
    if (data.length < size) break
  }
  return Buffer.concat(pieces)
}

const maxRead = (core: Core): number =>
  Math.max(PAGE, Math.min(core.settings.maxRead ?? Number.POSITIVE_INFINITY, core.features.maxPages * PAGE))

async function askRead(core: Core, file: OpenFile, offset: number, size: number): Promise<Buffer> {
  const body = { fh: file.fh, offset: BigInt(offset), size, readFlags: 0, lockOwner: 0n, flags: file.flags }
  const { data } = await core.connection.ask('read', file.inode.nodeId, body)
  if (data.length > size) throw new Errno('EIO')
  return data
}

async function readCached(core: Core, file: OpenFile, offset: number, length: number): Promise<Buffer> {
  const { inode, readahead } = file
  const pieces: Buffer[] = []
  const known = (index: number): boolean => inode.pages.has(index)
  for (let at = offset; at < offset + length && at < inode.size; ) {
    const index = Math.floor(at / PAGE)
    const end = Math.min(offset + length, (index + 1) * PAGE)
    if (!known(index)) {
      const wanted = Math.ceil((offset + length) / PAGE) - index
      const [first, count] = readahead.miss(index, wanted, core.features.readaheadPages, known)
      await readPages(core, file, first, count)
    } else {
      const ahead = readahead.hit(index, core.features.readaheadPages)
      // What is read ahead is nobody's error.
      if (ahead) await readPages(core, file, ...ahead).catch(() => undefined)
    }
    readahead.last = index
    const page = inode.pages.get(index)
    const size = Math.min(end, inode.size)
    if (!page || size <= at) break
    pieces.push(Buffer.from(page.subarray(at - index * PAGE, size - index * PAGE)))
    at = size
  }
  return Buffer.concat(pieces)
}

/** Reads the pages that are not there, neighbours together, up to the end of the file. */
async function readPages(core: Core, file: OpenFile, first: number, count: number): Promise<void> {
  const { inode } = file
  const end = Math.min(first + count, Math.ceil(inode.size / PAGE))
  const most = Math.floor(maxRead(core) / PAGE)
  const runs: [number, number][] = []
  for (let index = first; index < end; index++) {
    if (inode.pages.has(index)) continue
    const run = runs.at(-1)
    if (run && run[0] + run[1] === index && run[1] < most) run[1]++
    else runs.push([index, 1])
  }
  await Promise.all(runs.map(([index, pages]) => fillPages(core, file, index, pages)))
}

async function fillPages(core: Core, file: OpenFile, index: number, count: number): Promise<void> {
  const { inode } = file
  const data = await askRead(core, file, index * PAGE, count * PAGE)
  invalidate(inode, STATX.ATIME)
  // An answer that is short says where the file ends.
  const end = index * PAGE + data.length
  if (data.length < count * PAGE && end < inode.size) {
    inode.attributes.size = BigInt(end)
    truncatePages(inode, end)
  }
  for (let i = 0; i * PAGE < data.length; i++) {
    const page = Buffer.alloc(PAGE)
    data.copy(page, 0, i * PAGE, (i + 1) * PAGE)
    inode.pages.set(index + i, page)
  }
}

/**
 * Writes at `offset`, or at the end of a file that was opened to append.
 *
 * @returns how many bytes were written, and where the last one is
 * @throws {Errno} when none was
 */
export async function writeContent(
  core: Core,
  file: OpenFile,
  data: Uint8Array,
  offset: number,
): Promise<{ written: number; end: number }> {
  if (!file.writable) throw new Errno('EBADF')
  const { inode } = file
  return inode.lock.exclusive(async () => {
    const start = file.appends ? inode.size : offset
    if (data.length === 0) return { written: 0, end: start }
    if (!file.direct) await checkCapabilities(core, inode)
    let written = 0
    try {
      while (written < data.length) {
        const count = pieceAt(core, file, start + written, data.length - written)
        const piece = data.subarray(written, written + count)
        const taken = await askWrite(core, file, piece, start + written)
        written += taken
        if (taken < count) break
      }
    } catch (error) {
      if (written === 0) throw error
    } finally {
      wrote(inode, start + written, written)
    }
    if (written === 0) throw new Errno('EIO')
    return { written, end: start + written }
  })
}

/** Bytes that go into one WRITE. */
function pieceAt(core: Core, file: OpenFile, offset: number, left: number): number {
  const { maxWrite, maxPages, bigWrites } = core.features
  if (file.direct) return Math.min(left, maxWrite, maxPages * PAGE)
  const within = PAGE - (offset % PAGE)
  if (!bigWrites) return Math.min(left, within)
  return Math.min(left, maxWrite, (maxPages - 1) * PAGE + within)
}

async function askWrite(core: Core, file: OpenFile, data: Uint8Array, offset: number): Promise<number> {
  const { inode } = file
  const kills = core.features.killPrivilegesV2 && core.credentials.uid !== 0
  const { size } = await core.connection.ask('write', inode.nodeId, {
    fh: file.fh,
    offset: BigInt(offset),
    writeFlags: kills ? WRITE.KILL_SUIDGID : 0,
    lockOwner: 0n,
    flags: file.flags,
    data: Buffer.from(data.buffer, data.byteOffset, data.byteLength),
  })
  if (size > data.length) throw new Errno('EIO')
  if (file.direct) dropPages(inode, offset, size)
  else keepPages(inode, data.subarray(0, size), offset)
  return size
}

/** Whole pages that were written are known; of others only what was known before. */
function keepPages(inode: Inode, data: Uint8Array, offset: number): void {
  for (let done = 0; done < data.length; ) {
    const at = offset + done
    const index = Math.floor(at / PAGE)
    const count = Math.min(data.length - done, (index + 1) * PAGE - at)
    const page = inode.pages.get(index) ?? (count === PAGE ? Buffer.alloc(PAGE) : null)
    if (page) {
      page.set(data.subarray(done, done + count), at - index * PAGE)
      inode.pages.set(index, page)
    }
    done += count
  }
}

/** What is known of a range does not hold any more. */
export function dropPages(inode: Inode, offset: number, length: number): void {
  const last = Math.floor((offset + length - 1) / PAGE)
  for (const index of [...inode.pages.keys()]) {
    if (index >= Math.floor(offset / PAGE) && index <= last) inode.pages.delete(index)
  }
}

/** A write has ended: the file is at least so long, and its times are others. */
export function wrote(inode: Inode, end: number, written: number): void {
  if (written > 0 && end > inode.size) inode.attributes.size = BigInt(end)
  invalidate(inode, MODIFIED)
}
