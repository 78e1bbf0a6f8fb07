import type { Raw } from '../line/line.js'
import { ROOT_ID, type Struct } from '../wire/index.js'
import { acceptAttributes } from './attributes.js'
import { addDentry, type Core, type Dentry, dropDentry, Inode, S_IFMT, validUntil } from './core.js'
import { Errno, isErrno } from './errno.js'

type Entry = Struct<'entry'>

export interface LookupOptions {
  /** Asks the daemon even where its last answer still holds: before something is made, or renamed over. */
  force?: boolean
  /** The caller holds the directory's lock alone: no other lookup in it is on its way, those that wait for the lock come after it. */
  locked?: boolean
}

/** Longest name, bytes. */
const MAX_NAME = 1024
/** Types that a node can have. */
const TYPES: ReadonlySet<number> = new Set([0o010000, 0o020000, 0o040000, 0o060000, 0o100000, 0o120000, 0o140000])

/**
 * What a directory has under a name: from memory while the daemon's last answer holds, else by LOOKUP.
 *
 * @returns a dentry without an inode when there is nothing
 */
export async function lookup(core: Core, dir: Dentry, name: Raw, options: LookupOptions = {}): Promise<Dentry> {
  if (name.length > MAX_NAME) throw new Errno('ENAMETOOLONG')
  for (;;) {
    const known = await lookupKnown(core, dir, name, options.force)
    if (known) return known
    if (options.locked) return askLookup(core, dir, name)
    const running = dir.lookups.get(name)
    if (!running) break
    await running.catch(() => undefined)
  }
  const fresh = lockFor(core, dir)(() => Promise.resolve(dir.children.get(name) ?? askLookup(core, dir, name)))
  dir.lookups.set(name, fresh)
  try {
    return await fresh
  } finally {
    if (dir.lookups.get(name) === fresh) dir.lookups.delete(name)
  }
}

/** What is remembered of a name, if it still holds: for that the daemon may have to be asked. What does not is forgotten. */
export async function lookupKnown(core: Core, dir: Dentry, name: Raw, force: boolean = false): Promise<Dentry | null> {
  for (;;) {
    const known = dir.children.get(name)
    if (!known) return null
    const valid = await revalidate(core, known, force)
    if (dir.children.get(name) !== known) continue
    if (valid) return lastUsed(known)
    dropDentry(core, known)
    return null
  }
}

/** Of several names of a node this one is used now. */
function lastUsed(dentry: Dentry): Dentry {
  const names = dentry.inode?.names
  if (names && names.size > 1) {
    names.delete(dentry)
    names.add(dentry)
  }
  return dentry
}

function lockFor(core: Core, dir: Dentry): <T>(fn: () => Promise<T>) => Promise<T> {
  const lock = inodeOf(dir).lock
  return core.features.parallelDirectories ? (fn) => lock.shared(fn) : (fn) => lock.exclusive(fn)
}

/** The inode of a name that is known to have one. */
export function inodeOf(dentry: Dentry): Inode {
  if (!dentry.inode) throw new Errno('ENOENT')
  return dentry.inode
}

async function askLookup(core: Core, dir: Dentry, name: Raw): Promise<Dentry> {
  const parent = inodeOf(dir)
  let entry: Entry | null = null
  try {
    entry = (await core.connection.ask('lookup', parent.nodeId, { name: bytes(name) })).entry
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error
  }
  const dentry = instantiate(core, dir, name, entry)
  parent.adviseReaddirplus = true
  return dentry
}

/** Whether what is remembered of a name still holds; asks the daemon when its time is over. */
async function revalidate(core: Core, dentry: Dentry, force: boolean): Promise<boolean> {
  const { inode, parent } = dentry
  if (!force && core.clock.nowNs() <= dentry.validUntilNs) {
    if (inode?.fromReaddirplus && parent?.inode) {
      inode.fromReaddirplus = false
      parent.inode.adviseReaddirplus = true
    }
    return true
  }
  if (!inode || !parent) return false
  let entry: Entry
  try {
    entry = (await core.connection.ask('lookup', inodeOf(parent).nodeId, { name: bytes(dentry.name) })).entry
  } catch (error) {
    if (!(error instanceof Errno) || error.code === 'EINTR' || error.code === 'ENOMEM') throw error
    return false
  }
  if (entry.nodeId === 0n) return false
  if (entry.nodeId !== inode.nodeId) {
    core.forget(entry.nodeId, 1n)
    return false
  }
  inode.nlookup++
  if (isOther(inode, entry)) return false
  acceptAttributes(core, inode, entry)
  dentry.validUntilNs = validUntil(core.clock, entry.entryValid, entry.entryValidNsec)
  return true
}

const isOther = (inode: Inode, { generation, attr }: Entry): boolean =>
  inode.generation !== generation || inode.type !== (attr.mode & S_IFMT)

/** The node that an answer names; it counts as one more lookup of it. */
export function nodeOf(core: Core, entry: Entry): Inode {
  if (!TYPES.has(entry.attr.mode & S_IFMT) || entry.nodeId === ROOT_ID || entry.nodeId === 0n) throw new Errno('EIO')
  let inode = core.inodes.get(entry.nodeId)
  if (inode && isOther(inode, entry)) {
    for (const name of [...inode.names]) dropDentry(core, name)
    core.inodes.delete(entry.nodeId)
    inode = undefined
  }
  if (!inode) {
    inode = new Inode(entry.nodeId, entry.generation, { ...entry.attr })
    core.inodes.set(entry.nodeId, inode)
  }
  inode.nlookup++
  acceptAttributes(core, inode, entry)
  return inode
}

/** Remembers what the daemon has said of a name; null and node 0 say that there is nothing. */
export function instantiate(core: Core, dir: Dentry, name: Raw, entry: Entry | null): Dentry {
  const inode = entry === null || entry.nodeId === 0n ? null : nodeOf(core, entry)
  const elsewhere = inode?.isDirectory ? [...inode.names][0] : undefined
  const dentry = elsewhere ? moveDentry(core, elsewhere, dir, name) : addDentry(core, dir, name, inode)
  dentry.validUntilNs = entry
    ? validUntil(core.clock, entry.entryValid, entry.entryValidNsec)
    : Number.NEGATIVE_INFINITY
  return dentry
}

/** Gives what is known under one name another; what was known under the other is gone. */
export function moveDentry(core: Core, dentry: Dentry, dir: Dentry, name: Raw): Dentry {
  for (let at: Dentry | null = dir; at; at = at.parent) if (at === dentry) throw new Errno('ELOOP')
  const before = dir.children.get(name)
  if (before && before !== dentry) dropDentry(core, before)
  if (dentry.parent?.children.get(dentry.name) === dentry) dentry.parent.children.delete(dentry.name)
  dentry.parent = dir
  dentry.name = name
  dir.children.set(name, dentry)
  return dentry
}

/** A name has been removed: it is known to be gone, and to be asked for again. */
export function unlinkDentry(core: Core, dentry: Dentry): void {
  const { inode, parent, name } = dentry
  if (inode?.isDirectory) inode.attributes.nlink = 0
  else if (inode && inode.attributes.nlink > 0) inode.attributes.nlink--
  dropDentry(core, dentry)
  if (parent) addDentry(core, parent, name, null)
}

/** The bytes of a name. */
export function bytes(name: Raw): Buffer {
  return Buffer.from(name, 'latin1')
}
