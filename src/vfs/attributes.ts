import { GETATTR } from '../wire/index.js'
import { type Attributes, type Core, type Inode, S_IFMT, S_IFREG, STATX, validUntil } from './core.js'
import { Errno, isErrno } from './errno.js'
import { PAGE } from './init.js'

/** What may be done with a node, as a kernel's permission masks say it. */
export const MAY = { EXEC: 1, WRITE: 2, READ: 4, ACCESS: 0x10 } as const

/** Attributes out of date after a write. */
export const MODIFIED: number = STATX.MTIME | STATX.CTIME | STATX.BLOCKS
/** Attributes out of date after the size may have changed. */
export const RESIZED: number = MODIFIED | STATX.SIZE

/** Takes attributes that the daemon has sent, with the time for which they hold. */
export function acceptAttributes(
  core: Core,
  inode: Inode,
  { attr, attrValid, attrValidNsec }: { attr: Attributes; attrValid: bigint; attrValidNsec: number },
): void {
  const before = inode.attributes
  if ((attr.mode & S_IFMT) !== inode.type) throw new Errno('EIO')
  inode.attributes = { ...attr }
  inode.validUntilNs = validUntil(core.clock, attrValid, attrValidNsec)
  inode.invalid &= ~STATX.BASIC
  inode.withoutCapabilities = false
  if (inode.type !== S_IFREG || inode.pages.size === 0) return
  const changed = before.size !== attr.size || before.mtime !== attr.mtime || before.mtimeNsec !== attr.mtimeNsec
  if (core.features.autoInvalidate && changed) inode.pages.clear()
  else if (attr.size < before.size && !core.features.explicitInvalidate) truncatePages(inode, Number(attr.size))
}

/** Pages beyond a size are not there any more. */
export function truncatePages(inode: Inode, size: number): void {
  for (const [index, page] of inode.pages) {
    if (index * PAGE >= size) inode.pages.delete(index)
    else if ((index + 1) * PAGE > size) page.fill(0, size - index * PAGE)
  }
}

/** Attributes that the daemon has to be asked for before they are used again. */
export function invalidate(inode: Inode, mask: number = STATX.BASIC): void {
  inode.invalid |= mask
}

/** Whether some of the attributes are out of date. */
function isStale(core: Core, inode: Inode, mask: number): boolean {
  return (inode.invalid & mask) !== 0 || core.clock.nowNs() > inode.validUntilNs
}

/** Asks for the attributes of a node; of an open file by its handle. */
export async function fetchAttributes(core: Core, inode: Inode, fh: bigint | null = null): Promise<void> {
  const body = fh === null ? { getattrFlags: 0, fh: 0n } : { getattrFlags: GETATTR.FH, fh }
  acceptAttributes(core, inode, await core.connection.ask('getattr', inode.nodeId, body))
}

/**
 * Makes sure of some attributes before they are used. Birth times are asked for by STATX, until the daemon says that it does
 * not know it.
 */
export async function refreshAttributes(
  core: Core,
  inode: Inode,
  mask: number,
  fh: bigint | null = null,
): Promise<void> {
  let wanted = mask
  if (!core.unsupported.has('statx') && (wanted & STATX.BTIME) !== 0) {
    if (!isStale(core, inode, wanted)) return
    try {
      return await fetchStatx(core, inode)
    } catch (error) {
      if (!isErrno(error, 'ENOSYS')) throw error
      core.unsupported.add('statx')
    }
  }
  wanted &= STATX.BASIC
  if (isStale(core, inode, wanted)) await fetchAttributes(core, inode, fh)
}

async function fetchStatx(core: Core, inode: Inode): Promise<void> {
  const body = { getattrFlags: 0, fh: 0n, sxFlags: 0, sxMask: STATX.BASIC | STATX.BTIME }
  const { stat, attrValid, attrValidNsec } = await core.connection.ask('statx', inode.nodeId, body)
  const attr: Attributes = {
    ...inode.attributes,
    ino: stat.ino,
    size: stat.size,
    blocks: stat.blocks,
    atime: stat.atime.sec,
    mtime: stat.mtime.sec,
    ctime: stat.ctime.sec,
    atimeNsec: stat.atime.nsec,
    mtimeNsec: stat.mtime.nsec,
    ctimeNsec: stat.ctime.nsec,
    mode: stat.mode,
    nlink: stat.nlink,
    uid: stat.uid,
    gid: stat.gid,
    rdev: (stat.rdevMajor << 8) | (stat.rdevMinor & 0xff),
    blksize: stat.blksize,
  }
  acceptAttributes(core, inode, { attr, attrValid, attrValidNsec })
  inode.invalid &= ~STATX.BTIME
}

/** @throws {Errno} EACCES when the caller may not do this; EROFS on a mount that is read-only */
export async function checkPermission(core: Core, inode: Inode, mask: number): Promise<void> {
  if (core.settings.readOnly && (mask & MAY.WRITE) !== 0) throw new Errno('EROFS')
  const defaultPermissions = core.settings.defaultPermissions || core.features.posixAcl
  const ofFile = (mask & MAY.EXEC) !== 0 && inode.type === S_IFREG
  let refreshed = false
  if ((defaultPermissions || ofFile) && isStale(core, inode, STATX.MODE | STATX.UID | STATX.GID)) {
    refreshed = true
    await fetchAttributes(core, inode)
  }
  if (defaultPermissions) {
    if (mayByMode(core, inode, mask)) return
    if (!refreshed) await fetchAttributes(core, inode)
    if (!mayByMode(core, inode, mask)) throw new Errno('EACCES')
  } else if ((mask & MAY.ACCESS) !== 0) {
    await askAccess(core, inode, mask)
  } else if (ofFile && (inode.attributes.mode & 0o111) === 0) {
    if (!refreshed) await fetchAttributes(core, inode)
    if ((inode.attributes.mode & 0o111) === 0) throw new Errno('EACCES')
  }
}

async function askAccess(core: Core, inode: Inode, mask: number): Promise<void> {
  if (core.unsupported.has('access')) return
  try {
    await core.connection.ask('access', inode.nodeId, { mask: mask & (MAY.READ | MAY.WRITE | MAY.EXEC) })
  } catch (error) {
    if (!isErrno(error, 'ENOSYS')) throw error
    core.unsupported.add('access')
  }
}

/** By mode and owner; root may all but run a file that nobody may run. */
function mayByMode(core: Core, inode: Inode, mask: number): boolean {
  const { uid, gid } = core.credentials
  const { mode, uid: owner, gid: group } = inode.attributes
  const wanted = mask & (MAY.READ | MAY.WRITE | MAY.EXEC)
  if (uid === 0) return (wanted & MAY.EXEC) === 0 || inode.isDirectory || (mode & 0o111) !== 0
  const bits = uid === owner ? mode >> 6 : gid === group ? mode >> 3 : mode
  return (bits & wanted) === wanted
}
