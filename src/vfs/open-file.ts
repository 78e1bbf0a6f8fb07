import { constants } from 'node:fs'
import type { Raw } from '../line/line.js'
import { FOPEN, OPEN, RELEASE } from '../wire/index.js'
import { checkPermission, invalidate, MAY, RESIZED } from './attributes.js'
import { type Core, type Dentry, dropDentry, evictUnused, type Inode, lockOwner, S_IFLNK, S_IFREG } from './core.js'
import { Errno, isErrno } from './errno.js'
import { bytes, inodeOf, instantiate, lookup, lookupKnown } from './lookup.js'
import { askMknod } from './names.js'
import { Readahead } from './readahead.js'
import { openTruncate } from './set-attributes.js'
import { followLast, type Place, walkToParent } from './walk.js'

const O_LARGEFILE = 0o100000
const { O_ACCMODE, O_APPEND, O_CREAT, O_DIRECTORY, O_EXCL, O_NOCTTY, O_NOFOLLOW, O_TRUNC, O_RDONLY, O_RDWR } = {
  O_ACCMODE: 3,
  ...constants,
}
const O_CLOEXEC = 0o2000000

/** An open file or directory. */
export class OpenFile {
  readonly dentry: Dentry
  readonly inode: Inode
  /** The daemon's number of it. */
  readonly fh: bigint
  /** As open(2) had them, without those that only say how to open. */
  readonly flags: number
  /** What the daemon said of it when it was opened. */
  readonly openFlags: number
  /** Where the next read or write without a position is. In a directory: what the daemon gave to go on from. */
  position: bigint = 0n
  readonly readahead: Readahead = new Readahead()
  closed = false
  /** It holds a lock of flock(2). */
  flocked = false

  constructor(dentry: Dentry, fh: bigint, flags: number, openFlags: number) {
    this.dentry = dentry
    this.inode = inodeOf(dentry)
    this.fh = fh
    this.flags = flags & ~(O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC)
    this.openFlags = openFlags
    this.inode.opens++
  }

  get readable(): boolean {
    return (this.flags & O_ACCMODE) === O_RDONLY || (this.flags & O_ACCMODE) === O_RDWR
  }

  get writable(): boolean {
    return (this.flags & O_ACCMODE) !== O_RDONLY
  }

  get appends(): boolean {
    return (this.flags & O_APPEND) !== 0
  }

  /** Contents are neither kept nor read ahead. */
  get direct(): boolean {
    return (this.openFlags & FOPEN.DIRECT_IO) !== 0 && !this.inode.isDirectory
  }
}

/** Opens what a path names, or makes it, as open(2) does. */
export async function openPath(core: Core, path: Raw, given: number, mode: number): Promise<OpenFile> {
  const flags = (given & ~O_CLOEXEC) | O_LARGEFILE
  const place = await walkToParent(core, path)
  if (place.name === '') return openExisting(core, place.dir, flags)
  if (place.slash && (flags & O_CREAT) !== 0) throw new Errno('EISDIR')
  if ((flags & O_CREAT) !== 0) {
    const made = await create(core, place, flags, mode)
    if (made instanceof OpenFile) return made
    return openFound(core, made, flags)
  }
  return openFound(core, await lookup(core, place.dir, place.name), place.slash ? flags | O_DIRECTORY : flags)
}

async function openFound(core: Core, found: Dentry, flags: number): Promise<OpenFile> {
  if (found.inode && (flags & (O_CREAT | O_EXCL)) === (O_CREAT | O_EXCL)) throw new Errno('EEXIST')
  const dentry = (flags & O_NOFOLLOW) !== 0 ? found : await followLast(core, found)
  if (!dentry.inode) throw new Errno('ENOENT')
  return openExisting(core, dentry, flags)
}

/** Makes a file where there is none; else returns what there is. */
function create(core: Core, { dir, name }: Place, flags: number, mode: number): Promise<OpenFile | Dentry> {
  const parent = inodeOf(dir)
  const exclusive = (flags & O_EXCL) !== 0
  return parent.lock.exclusive(async () => {
    const known = await lookupKnown(core, dir, name, exclusive)
    if (known?.inode) return known
    let refusal: unknown = null
    await checkPermission(core, parent, MAY.WRITE | MAY.EXEC).catch((error: unknown) => {
      refusal = error
    })
    const found = known ?? (await lookup(core, dir, name, { locked: true }))
    if (found.inode) return found
    if (refusal !== null) throw refusal
    const wanted = exclusive ? flags & ~O_TRUNC : flags
    const made = await askCreate(core, found, wanted, mode)
    if (made) return made
    const entry = await askMknod(core, parent, bytes(name), S_IFREG | (mode & 0o7777))
    const dentry = instantiate(core, dir, name, entry)
    invalidate(parent)
    return openExisting(core, dentry, wanted & ~(O_TRUNC | O_EXCL), true)
  })
}

/** Null when the daemon does not know CREATE. */
async function askCreate(core: Core, found: Dentry, flags: number, mode: number): Promise<OpenFile | null> {
  const { parent, name } = found
  if (core.unsupported.has('create') || !parent) return null
  const { umask } = core.credentials
  const whole = S_IFREG | (mode & 0o7777)
  const body = {
    flags: flags & ~O_NOCTTY,
    mode: core.features.dontMask ? whole : whole & ~umask,
    umask,
    openFlags: killFlag(core, flags),
    name: bytes(name),
  }
  try {
    const { entry, open } = await core.connection.ask('create', inodeOf(parent).nodeId, body)
    if ((entry.attr.mode & 0o170000) !== S_IFREG) throw new Errno('EIO')
    const dentry = instantiate(core, parent, name, entry)
    invalidate(inodeOf(parent))
    return finishOpen(core, new OpenFile(dentry, open.fh, flags, open.openFlags), flags)
  } catch (error) {
    if (isErrno(error, 'EEXIST')) dropDentry(core, found)
    if (!isErrno(error, 'ENOSYS')) throw error
    core.unsupported.add('create')
    return null
  }
}

const killFlag = (core: Core, flags: number): number =>
  core.features.killPrivilegesV2 && (flags & O_TRUNC) !== 0 && core.credentials.uid !== 0 ? OPEN.KILL_SUIDGID : 0

async function openExisting(core: Core, dentry: Dentry, flags: number, made = false): Promise<OpenFile> {
  const inode = inodeOf(dentry)
  const access = flags & O_ACCMODE
  if (inode.isDirectory && ((flags & O_CREAT) !== 0 || access !== O_RDONLY)) throw new Errno('EISDIR')
  if ((flags & O_DIRECTORY) !== 0 && !inode.isDirectory) throw new Errno('ENOTDIR')
  if (inode.type === S_IFLNK) throw new Errno('ELOOP')
  // A FIFO or a device is opened by the kernel itself: the daemon sees nothing of it.
  if (!inode.isDirectory && inode.type !== S_IFREG) throw new Errno('ENXIO')
  if (!made) {
    const truncates = (flags & O_TRUNC) !== 0
    const mask = access === O_RDONLY ? MAY.READ : access === O_RDWR ? MAY.READ | MAY.WRITE : MAY.WRITE
    await checkPermission(core, inode, truncates ? mask | MAY.WRITE : mask)
  }
  const file = finishOpen(core, await askOpen(core, dentry, flags), flags)
  try {
    if (!made && (flags & O_TRUNC) !== 0) await openTruncate(core, inode)
  } catch (error) {
    await closeFile(core, file)
    throw error
  }
  return file
}

async function askOpen(core: Core, dentry: Dentry, flags: number): Promise<OpenFile> {
  const inode = inodeOf(dentry)
  const opcode = inode.isDirectory ? 'opendir' : 'open'
  const without = FOPEN.KEEP_CACHE | (inode.isDirectory ? FOPEN.CACHE_DIR : 0)
  if (core.unsupported.has(opcode)) return new OpenFile(dentry, 0n, flags, without)
  const sent = flags & ~(O_CREAT | O_EXCL | O_NOCTTY | (core.features.atomicTruncate ? 0 : O_TRUNC))
  try {
    const { fh, openFlags } = await core.connection.ask(opcode, inode.nodeId, {
      flags: sent,
      openFlags: killFlag(core, sent),
    })
    return new OpenFile(dentry, fh, flags, openFlags)
  } catch (error) {
    if (!isErrno(error, 'ENOSYS')) throw error
    core.unsupported.add(opcode)
    return new OpenFile(dentry, 0n, flags, without)
  }
}

/** What is known of the contents may not hold any more. */
function finishOpen(core: Core, file: OpenFile, flags: number): OpenFile {
  const { inode } = file
  const truncates = (flags & O_TRUNC) !== 0 && core.features.atomicTruncate && !inode.isDirectory
  if (truncates) {
    inode.attributes.size = 0n
    invalidate(inode, RESIZED)
  }
  if (truncates || (file.openFlags & FOPEN.KEEP_CACHE) === 0) inode.pages.clear()
  return file
}

/** Closes: FLUSH is waited for, RELEASE is not. @throws {Errno} what FLUSH is answered with; it is closed all the same */
export async function closeFile(core: Core, file: OpenFile): Promise<void> {
  if (file.closed) throw new Errno('EBADF')
  file.closed = true
  try {
    if (!file.inode.isDirectory && (file.openFlags & FOPEN.NOFLUSH) === 0) await flush(core, file)
  } finally {
    release(core, file)
  }
}

async function flush(core: Core, file: OpenFile): Promise<void> {
  if (core.unsupported.has('flush')) return
  try {
    await core.connection.ask('flush', file.inode.nodeId, { fh: file.fh, lockOwner: lockOwner(core) })
  } catch (error) {
    if (!isErrno(error, 'ENOSYS')) throw error
    core.unsupported.add('flush')
  }
}

function release(core: Core, file: OpenFile): void {
  const opcode = file.inode.isDirectory ? 'releasedir' : 'release'
  const opened = file.inode.isDirectory ? 'opendir' : 'open'
  if (!core.unsupported.has(opened)) {
    core.connection.post(opcode, file.inode.nodeId, {
      fh: file.fh,
      flags: file.flags,
      releaseFlags: file.flocked ? RELEASE.FLOCK_UNLOCK : 0,
      lockOwner: file.flocked ? lockOwner(core) : 0n,
    })
  }
  file.inode.opens--
  evictUnused(core, file.inode)
}
