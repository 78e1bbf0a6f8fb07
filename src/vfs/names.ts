import type { Raw } from '../line/line.js'
import type { Input, Opcode, RequestBody, Struct } from '../wire/index.js'
import { checkPermission, invalidate, MAY } from './attributes.js'
import { type Core, type Dentry, dropDentry, type Inode, S_IFDIR, S_IFREG, STATX } from './core.js'
import { Errno, isErrno } from './errno.js'
import { bytes, inodeOf, instantiate, lookup, moveDentry, unlinkDentry } from './lookup.js'
import { type Place, walk, walkToParent } from './walk.js'

/** Makes a name that must not be there yet: the directory is locked, the name looked up anew, then `make` asks the daemon. */
async function makeName(
  core: Core,
  place: Place,
  make: (dir: Inode, name: Buffer) => Promise<Struct<'entry'>>,
): Promise<Dentry> {
  const { dir, name } = place
  if (name === '') throw new Errno('EEXIST')
  const parent = inodeOf(dir)
  return parent.lock.exclusive(async () => {
    const found = await lookup(core, dir, name, { force: true, locked: true })
    if (found.inode) throw new Errno('EEXIST')
    await checkPermission(core, parent, MAY.WRITE | MAY.EXEC)
    try {
      const entry = await make(parent, bytes(name))
      const made = instantiate(core, dir, name, entry)
      invalidate(parent)
      return made
    } catch (error) {
      if (isErrno(error, 'EEXIST')) dropDentry(core, found)
      throw error
    }
  })
}

const masked = (core: Core, mode: number): number => (core.features.dontMask ? mode : mode & ~core.credentials.umask)

/** mkdir(2). @throws Errno */
export async function makeDirectory(core: Core, path: Raw, mode: number): Promise<void> {
  await makeName(core, await walkToParent(core, path), async (dir, name) => {
    const body = { mode: masked(core, mode & 0o1777), umask: core.credentials.umask, name }
    const { entry } = await core.connection.ask('mkdir', dir.nodeId, body)
    return ofType(entry, S_IFDIR)
  })
}

/** An answer to a request that makes a node must be one of that type. */
function ofType(entry: Struct<'entry'>, type: number): Struct<'entry'> {
  if ((entry.attr.mode & 0o170000) !== type) throw new Errno('EIO')
  return entry
}

/** mknod(2). @throws Errno */
export async function makeNode(core: Core, path: Raw, mode: number, rdev = 0): Promise<void> {
  const place = await walkToParent(core, path)
  if (place.slash) throw new Errno('ENOENT')
  await makeName(core, place, (dir, name) => askMknod(core, dir, name, mode, rdev))
}

/** Asks for a node of any type but a directory; without a type it is a file. */
export async function askMknod(core: Core, dir: Inode, name: Buffer, mode: number, rdev = 0): Promise<Struct<'entry'>> {
  const whole = (mode & 0o170000) === 0 ? mode | S_IFREG : mode
  const body = { mode: masked(core, whole), rdev, umask: core.credentials.umask, name }
  return (await core.connection.ask('mknod', dir.nodeId, body)).entry
}

/** symlink(2). @throws Errno */
export async function makeSymlink(core: Core, target: Raw, path: Raw): Promise<void> {
  if (target === '') throw new Errno('ENOENT')
  const place = await walkToParent(core, path)
  if (place.slash) throw new Errno('ENOENT')
  await makeName(
    core,
    place,
    async (dir, name) => (await core.connection.ask('symlink', dir.nodeId, { name, target: bytes(target) })).entry,
  )
}

/** Gives a file one more name. A symbolic link itself gets it, unless it is to be followed. */
export async function makeLink(
  core: Core,
  from: Raw,
  to: Raw,
  { follow = false }: { follow?: boolean } = {},
): Promise<void> {
  const inode = inodeOf(await walk(core, from, { follow }))
  const place = await walkToParent(core, to)
  if (place.slash) throw new Errno('ENOENT')
  await makeName(core, place, async (dir, name) => {
    if (inode.isDirectory) throw new Errno('EPERM')
    return (await core.connection.ask('link', dir.nodeId, { oldNodeId: inode.nodeId, name })).entry
  })
}

/** Only its owner, the directory's, or root may remove a name from a sticky directory. */
function checkSticky(core: Core, dir: Inode, inode: Inode): void {
  const { uid } = core.credentials
  if (uid === 0 || (dir.attributes.mode & 0o1000) === 0) return
  if (inode.attributes.uid !== uid && dir.attributes.uid !== uid) throw new Errno('EPERM')
}

async function checkRemoval(core: Core, dir: Inode, inode: Inode, directory: boolean): Promise<void> {
  await checkPermission(core, dir, MAY.WRITE | MAY.EXEC)
  checkSticky(core, dir, inode)
  if (directory && !inode.isDirectory) throw new Errno('ENOTDIR')
  if (!directory && inode.isDirectory) throw new Errno('EISDIR')
}

async function remove(core: Core, path: Raw, opcode: 'unlink' | 'rmdir'): Promise<void> {
  const { dir, name, slash } = await walkToParent(core, path)
  if (name === '') throw new Errno(opcode === 'rmdir' ? 'EBUSY' : 'EISDIR')
  const parent = inodeOf(dir)
  await parent.lock.exclusive(async () => {
    const found = await lookup(core, dir, name, { locked: true })
    if (!found.inode) throw new Errno('ENOENT')
    if (opcode === 'unlink' && slash) throw new Errno(found.inode.isDirectory ? 'EISDIR' : 'ENOTDIR')
    await checkRemoval(core, parent, found.inode, opcode === 'rmdir')
    try {
      await core.connection.ask(opcode, parent.nodeId, { name: bytes(name) } as Input<RequestBody<'unlink'>>)
    } catch (error) {
      if (isErrno(error, 'EINTR', 'ENOENT')) dropDentry(core, found)
      throw error
    }
    invalidate(parent)
    invalidate(found.inode, STATX.CTIME)
    unlinkDentry(core, found)
  })
}

/** unlink(2). @throws Errno */
export const removeFile = (core: Core, path: Raw): Promise<void> => remove(core, path, 'unlink')
/** rmdir(2). @throws Errno */
export const removeDirectory = (core: Core, path: Raw): Promise<void> => remove(core, path, 'rmdir')

/** `flags` of renameat2(2). */
const RENAME = { NOREPLACE: 1, EXCHANGE: 2, WHITEOUT: 4 } as const

/** rename(2), with flags renameat2(2). @throws Errno */
export async function rename(core: Core, from: Raw, to: Raw, flags = 0): Promise<void> {
  const source = await walkToParent(core, from)
  const target = await walkToParent(core, to)
  if (source.name === '' || target.name === '') throw new Errno('EBUSY')
  const locks = [...new Set([inodeOf(source.dir), inodeOf(target.dir)])].sort((a, b) => Number(a.nodeId - b.nodeId))
  const locked = (fn: () => Promise<void>): Promise<void> =>
    locks.reduceRight((inner, inode) => () => inode.lock.exclusive(inner), fn)()
  await locked(() => renameLocked(core, source, target, flags))
}

async function renameLocked(core: Core, source: Place, target: Place, flags: number): Promise<void> {
  const [fromDir, toDir] = [inodeOf(source.dir), inodeOf(target.dir)]
  const old = await lookup(core, source.dir, source.name, { locked: true })
  if (!old.inode) throw new Errno('ENOENT')
  const inode = old.inode
  const before = await lookup(core, target.dir, target.name, { locked: true, force: true })
  checkTarget(inode, before.inode, source, target, flags)
  for (let at: Dentry | null = target.dir; at; at = at.parent) if (at === old) throw new Errno('EINVAL')
  if (inode === before.inode) return
  await checkPermission(core, fromDir, MAY.WRITE | MAY.EXEC)
  checkSticky(core, fromDir, inode)
  await checkPermission(core, toDir, MAY.WRITE | MAY.EXEC)
  if (before.inode) {
    checkSticky(core, toDir, before.inode)
    if ((flags & RENAME.EXCHANGE) === 0) {
      if (before.inode.isDirectory && !inode.isDirectory) throw new Errno('EISDIR')
      if (!before.inode.isDirectory && inode.isDirectory) throw new Errno('ENOTDIR')
    }
  }
  if (inode.isDirectory && fromDir !== toDir) await checkPermission(core, inode, MAY.WRITE)
  try {
    await askRename(core, fromDir, toDir, source.name, target.name, flags)
  } catch (error) {
    if (isErrno(error, 'EINTR')) for (const dentry of [old, before]) dropDentry(core, dentry)
    throw error
  }
  invalidate(inode, STATX.CTIME)
  invalidate(fromDir)
  invalidate(toDir)
  if ((flags & RENAME.EXCHANGE) !== 0 && before.inode) {
    dropDentry(core, old)
    dropDentry(core, before)
    return
  }
  if (before.inode) {
    invalidate(before.inode, STATX.CTIME)
    unlinkDentry(core, before)
  }
  moveDentry(core, old, target.dir, target.name)
}

function checkTarget(inode: Inode, before: Inode | null, source: Place, target: Place, flags: number): void {
  if ((flags & RENAME.NOREPLACE) !== 0 && before) throw new Errno('EEXIST')
  if ((flags & RENAME.EXCHANGE) !== 0 && !before) throw new Errno('ENOENT')
  if (!inode.isDirectory && (source.slash || target.slash)) throw new Errno('ENOTDIR')
}

async function askRename(core: Core, from: Inode, to: Inode, name: Raw, newName: Raw, flags: number): Promise<void> {
  const names = { newDir: to.nodeId, name: bytes(name), newName: bytes(newName) }
  if (flags === 0) {
    await core.connection.ask('rename', from.nodeId, names)
    return
  }
  const rename2: Opcode = 'rename2'
  if (core.features.minor < 23 || core.unsupported.has(rename2)) throw new Errno('EINVAL')
  try {
    await core.connection.ask('rename2', from.nodeId, { ...names, flags })
  } catch (error) {
    if (!isErrno(error, 'ENOSYS')) throw error
    core.unsupported.add(rename2)
    throw new Errno('EINVAL')
  }
}
