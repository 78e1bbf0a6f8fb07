import type { Raw } from '../line/line.js'
import type { Dirent, DirentPlus } from '../wire/index.js'
import { invalidate } from './attributes.js'
import { type Core, type Dentry, dropDentry, S_IFMT, STATX, validUntil } from './core.js'
import { Errno } from './errno.js'
import { PAGE } from './init.js'
import { instantiate, nodeOf } from './lookup.js'
import type { OpenFile } from './open-file.js'

/** A name in a directory. */
export interface DirectoryEntry {
  readonly name: Raw
  readonly ino: bigint
  /** `d_type`: 4 directory, 8 file, 10 link, 0 unknown. */
  readonly type: number
}

/** What the C library reads at a time, bytes. */
const BUFFER = 32_768
/** A directory's entries that are taken at most: a daemon can go on for ever. */
const MAX_ENTRIES = 4_000_000

/**
 * Reads a directory from where it was left off to its end, as readdir(3) does.
 *
 * @throws {Errno} ELOOP when the daemon goes round in circles, EOVERFLOW when it comes to no end
 */
export async function readDirectory(core: Core, file: OpenFile): Promise<DirectoryEntry[]> {
  const all: DirectoryEntry[] = []
  /** What came at each position: a daemon may give all entries one position, but not the same entries again. */
  const seen = new Map<bigint, string>()
  for (;;) {
    const { position } = file
    const some = await readSome(core, file)
    if (some.length === 0) return all
    const words = `${some[0]?.name}/${some.at(-1)?.name}/${some.length}`
    if (seen.get(position) === words) throw new Errno('ELOOP')
    seen.set(position, words)
    for (const entry of some) all.push(entry)
    if (all.length > MAX_ENTRIES) throw new Errno('EOVERFLOW')
  }
}

/** One getdents64(2): empty at the end. */
async function readSome(core: Core, file: OpenFile): Promise<DirectoryEntry[]> {
  const { inode } = file
  if (!inode.isDirectory) throw new Errno('ENOTDIR')
  return inode.lock.shared(async () => {
    const size = Math.min(Math.max(BUFFER, PAGE), core.features.maxPages * PAGE)
    const body = { fh: file.fh, offset: file.position, size, readFlags: 0, lockOwner: 0n, flags: file.flags }
    let entries: readonly Dirent[]
    if (wantsPlus(core, file)) {
      const { entries: plus } = await core.connection.ask('readdirplus', inode.nodeId, body)
      for (const entry of plus) link(core, file.dentry, entry)
      entries = plus
    } else entries = (await core.connection.ask('readdir', inode.nodeId, body)).entries
    invalidate(inode, STATX.ATIME)
    return take(file, entries)
  })
}

function wantsPlus(core: Core, file: OpenFile): boolean {
  if (!core.features.readdirplus) return false
  if (!core.features.readdirplusAuto) return true
  const advised = file.inode.adviseReaddirplus
  file.inode.adviseReaddirplus = false
  return advised || file.position === 0n
}

/** As many as fit into the reader's buffer. */
function take(file: OpenFile, entries: readonly Dirent[]): DirectoryEntry[] {
  const taken: DirectoryEntry[] = []
  let room = BUFFER
  for (const { name, ino, type, off } of entries) {
    const text = name.toString('latin1')
    if (text === '' || text.includes('/')) throw new Errno('EIO')
    room -= Math.ceil((19 + name.length + 1) / 8) * 8
    if (room < 0) break
    file.position = off
    taken.push({ name: text, ino, type })
  }
  return taken
}

/** Takes what a directory read says of a name's node: it counts as a lookup of it. */
function link(core: Core, dir: Dentry, { name, entry }: DirentPlus): void {
  const text = name.toString('latin1')
  // Of itself and of what is above it a daemon counts no lookup here.
  if (entry.nodeId === 0n || text === '.' || text === '..' || text.includes('/') || text === '') return
  const known = dir.children.get(text)
  const same =
    known?.inode && known.inode.nodeId === entry.nodeId && known.inode.type === (entry.attr.mode & S_IFMT)
      ? known.inode
      : null
  if (known && same) {
    nodeOf(core, entry)
    known.validUntilNs = validUntil(core.clock, entry.entryValid, entry.entryValidNsec)
    return
  }
  if (known) dropDentry(core, known)
  const made = instantiate(core, dir, text, entry)
  if (made.inode) made.inode.fromReaddirplus = true
}
