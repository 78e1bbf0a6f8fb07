import type { Clock } from '../clock.js'
import type { Raw } from '../line/line.js'
import { type Notification, type ReplyBody, ROOT_ID, type Struct } from '../wire/index.js'
import { checkPermission, MAY, refreshAttributes } from './attributes.js'
import type { Connection, Credentials } from './connection.js'
import { readContent, writeContent } from './content.js'
import { type Attributes, type Core, Dentry, Inode, type MountSettings, S_IFDIR, S_IFLNK, STATX } from './core.js'
import { type DirectoryEntry, readDirectory } from './directory.js'
import { Errno } from './errno.js'
import { allocate, control, copyRange, getLock, type LockRange, poll, seek, setLock, sync } from './file-calls.js'
import { Forgets } from './forget.js'
import type { Features } from './init.js'
import { inodeOf } from './lookup.js'
import * as names from './names.js'
import { notified } from './notifications.js'
import { closeFile, type OpenFile, openPath } from './open-file.js'
import { changeMode, changeOwner, changeSize, changeTimes, type Time } from './set-attributes.js'
import { type NamedPaths, subjectOf } from './subject.js'
import { readLink, walk } from './walk.js'
import { getXattr, listXattr, removeXattr, setXattr } from './xattrs.js'

export interface VfsOptions {
  connection: Connection
  features: Features
  settings: MountSettings
  clock: Clock
  credentials: Credentials & { readonly umask: number }
}

/** What a path or an open file names. */
type Target = Raw | OpenFile
interface Follow {
  /** False: a symbolic link itself instead of what it names. @default true */
  follow?: boolean
}

/**
 * A small VFS: the system calls of files and directories, carried out by requests to a FUSE daemon in the order in which Linux
 * sends them, with its caches. Paths are bytes in latin1, below the file system's root. All calls reject with `Errno`.
 */
export class Vfs {
  readonly #core: Core

  constructor({ connection, features, settings, clock, credentials }: VfsOptions) {
    const inode = new Inode(ROOT_ID, 0n, { ...NO_ATTRIBUTES, mode: S_IFDIR | 0o755 })
    const forgets = new Forgets(connection)
    this.#core = {
      connection,
      features,
      settings,
      clock,
      credentials,
      inodes: new Map([[ROOT_ID, inode]]),
      root: new Dentry(null, '', inode),
      unsupported: new Set(),
      forget: (nodeId, nlookup) => forgets.add(nodeId, nlookup),
    }
  }

  /** Takes what the daemon says unasked. */
  notified(notification: Notification): void {
    notified(this.#core, notification)
  }

  /** What a request that was sent for a call on it is about. */
  subjectOf(request: Buffer): NamedPaths {
    return subjectOf(this.#core, request)
  }

  async #inode(target: Target, options: Follow = {}): Promise<Inode> {
    if (typeof target === 'string') return inodeOf(await walk(this.#core, target, options))
    if (target.closed) throw new Errno('EBADF')
    return target.inode
  }

  /** @param mask attributes that are to be right, as statx(2) numbers them; default all, with the time of birth */
  async stat(target: Target, options: Follow & { mask?: number } = {}): Promise<Attributes> {
    const inode = await this.#inode(target, options)
    await refreshAttributes(this.#core, inode, options.mask ?? STATX.BASIC | STATX.BTIME)
    return { ...inode.attributes }
  }

  /** How many open files there are of what a path names. */
  async openCount(path: Raw): Promise<number> {
    return (await this.#inode(path, { follow: false })).opens
  }

  /** @param mode as of access(2): 4 read, 2 write, 1 execute, 0 whether it is there */
  async access(path: Raw, mode: number): Promise<void> {
    await checkPermission(this.#core, await this.#inode(path), (mode & 7) | MAY.ACCESS)
  }

  async readlink(path: Raw): Promise<Raw> {
    const inode = await this.#inode(path, { follow: false })
    if (inode.type !== S_IFLNK) throw new Errno('EINVAL')
    return (await readLink(this.#core, inode)).toString('latin1')
  }

  async chmod(target: Target, mode: number, options?: Follow): Promise<void> {
    await changeMode(this.#core, await this.#inode(target, options), mode, fileOf(target))
  }

  async chown(target: Target, uid: number, gid: number, options?: Follow): Promise<void> {
    await changeOwner(this.#core, await this.#inode(target, options), uid, gid, fileOf(target))
  }

  async utimes(target: Target, atime: Time, mtime: Time, options?: Follow): Promise<void> {
    await changeTimes(this.#core, await this.#inode(target, options), atime, mtime, fileOf(target))
  }

  async truncate(target: Target, size: bigint): Promise<void> {
    if (typeof target !== 'string' && !target.writable) throw new Errno('EINVAL')
    const inode = await this.#inode(target)
    if (typeof target === 'string') await checkPermission(this.#core, inode, MAY.WRITE)
    await changeSize(this.#core, inode, size, fileOf(target))
  }

  mkdir(path: Raw, mode: number): Promise<void> {
    return names.makeDirectory(this.#core, path, mode)
  }

  mknod(path: Raw, mode: number, rdev = 0): Promise<void> {
    return names.makeNode(this.#core, path, mode, rdev)
  }

  symlink(target: Raw, path: Raw): Promise<void> {
    return names.makeSymlink(this.#core, target, path)
  }

  link(from: Raw, to: Raw): Promise<void> {
    return names.makeLink(this.#core, from, to)
  }

  unlink(path: Raw): Promise<void> {
    return names.removeFile(this.#core, path)
  }

  rmdir(path: Raw): Promise<void> {
    return names.removeDirectory(this.#core, path)
  }

  /** @param flags as of renameat2(2): see `RENAME` */
  rename(from: Raw, to: Raw, flags = 0): Promise<void> {
    return names.rename(this.#core, from, to, flags)
  }

  /** @param flags as of open(2) */
  open(path: Raw, flags: number, mode = 0o666): Promise<OpenFile> {
    return openPath(this.#core, path, flags, mode)
  }

  /** FLUSH is waited for, RELEASE is not. */
  close(file: OpenFile): Promise<void> {
    return closeFile(this.#core, file)
  }

  /** Reads from `offset`; from where the last read or write ended when it is null. */
  async read(file: OpenFile, length: number, offset: number | null = null): Promise<Buffer> {
    const data = await readContent(this.#core, live(file), offset ?? Number(file.position), length)
    if (offset === null) file.position += BigInt(data.length)
    return data
  }

  /** Writes at `offset`; where the last read or write ended when it is null. Returns how many bytes were written. */
  async write(file: OpenFile, data: Uint8Array, offset: number | null = null): Promise<number> {
    const { written, end } = await writeContent(this.#core, live(file), data, offset ?? Number(file.position))
    if (offset === null) file.position = BigInt(end)
    return written
  }

  /** What is left of an open directory, with `.` and `..` if the daemon names them. */
  readdir(directory: OpenFile): Promise<DirectoryEntry[]> {
    return readDirectory(this.#core, live(directory))
  }

  async statfs(path: Raw): Promise<ReplyBody<'statfs'>> {
    return this.#core.connection.ask('statfs', (await this.#inode(path)).nodeId, {})
  }

  sync(file: OpenFile, dataOnly = false): Promise<void> {
    return sync(this.#core, live(file), dataOnly)
  }

  allocate(file: OpenFile, mode: number, offset: number, length: number): Promise<void> {
    return allocate(this.#core, live(file), mode, offset, length)
  }

  seek(file: OpenFile, offset: bigint, whence: number): Promise<bigint> {
    return seek(this.#core, live(file), offset, whence)
  }

  copyRange(from: OpenFile, fromOffset: number, to: OpenFile, toOffset: number, length: number): Promise<number> {
    return copyRange(this.#core, live(from), fromOffset, live(to), toOffset, length)
  }

  ioctl(
    file: OpenFile,
    command: number,
    input: Uint8Array,
    outputSize: number,
  ): Promise<{ result: number; data: Buffer }> {
    return control(this.#core, live(file), command, input, outputSize)
  }

  setLock(file: OpenFile, range: LockRange, options?: Parameters<typeof setLock>[3]): Promise<void> {
    return setLock(this.#core, live(file), range, options)
  }

  getLock(file: OpenFile, range: LockRange): Promise<Struct<'lock'> | null> {
    return getLock(this.#core, live(file), range)
  }

  poll(file: OpenFile, events: number): Promise<number> {
    return poll(this.#core, live(file), events)
  }

  async getXattr(path: Raw, name: string, options?: Follow): Promise<Buffer> {
    return getXattr(this.#core, await this.#inode(path, options), name)
  }

  async setXattr(path: Raw, name: string, value: Uint8Array, flags = 0, options?: Follow): Promise<void> {
    return setXattr(this.#core, await this.#inode(path, options), name, value, flags)
  }

  async listXattr(path: Raw, options?: Follow): Promise<string[]> {
    return listXattr(this.#core, await this.#inode(path, options))
  }

  async removeXattr(path: Raw, name: string, options?: Follow): Promise<void> {
    return removeXattr(this.#core, await this.#inode(path, options), name)
  }
}

const fileOf = (target: Target): OpenFile | null => (typeof target === 'string' ? null : target)

function live(file: OpenFile): OpenFile {
  if (file.closed) throw new Errno('EBADF')
  return file
}

const NO_ATTRIBUTES: Attributes = {
  ino: 1n,
  size: 0n,
  blocks: 0n,
  atime: 0n,
  mtime: 0n,
  ctime: 0n,
  atimeNsec: 0,
  mtimeNsec: 0,
  ctimeNsec: 0,
  mode: 0,
  nlink: 1,
  uid: 0,
  gid: 0,
  rdev: 0,
  blksize: 4096,
  flags: 0,
}
