import { FATTR, type Input, type RequestBody } from '../wire/index.js'
import { acceptAttributes, checkPermission, fetchAttributes, invalidate, MAY, truncatePages } from './attributes.js'
import { type Core, type Inode, lockOwner, S_IFREG } from './core.js'
import { Errno, isErrno } from './errno.js'

type SetAttributes = Input<RequestBody<'setattr'>> & { valid: number }

async function ask(core: Core, inode: Inode, body: SetAttributes): Promise<void> {
  try {
    acceptAttributes(core, inode, await core.connection.ask('setattr', inode.nodeId, body))
  } catch (error) {
    if (isErrno(error, 'EINTR')) invalidate(inode)
    throw error
  }
}

/** What a change of an open file says to the daemon of it: the daemon's number. */
type Opened = { readonly fh: bigint }

/** Only who owns a node, or root, may change its mode and set its times; checked where the kernel is to check. */
function checkOwner(core: Core, inode: Inode): void {
  const { uid } = core.credentials
  if (core.settings.readOnly) throw new Errno('EROFS')
  if (!core.settings.defaultPermissions || uid === 0 || uid === inode.attributes.uid) return
  throw new Errno('EPERM')
}

/** chmod(2). @throws Errno */
export async function changeMode(core: Core, inode: Inode, mode: number, file: Opened | null): Promise<void> {
  checkOwner(core, inode)
  await inode.lock.exclusive(async () => {
    const body = { valid: FATTR.MODE, mode: (mode & 0o7777) | inode.type }
    await ask(core, inode, withHandle(body, file))
  })
  // What may be reached through a directory can have changed.
  if (inode.isDirectory) for (const name of inode.names) name.validUntilNs = Number.NEGATIVE_INFINITY
}

/** Changes the owner; -1 leaves one of the two as it is. */
export async function changeOwner(
  core: Core,
  inode: Inode,
  uid: number,
  gid: number,
  file: Opened | null,
): Promise<void> {
  checkOwner(core, inode)
  await inode.lock.exclusive(async () => {
    let valid = 0
    if (uid >= 0 && uid !== 0xffffffff) valid |= FATTR.UID
    if (gid >= 0 && gid !== 0xffffffff) valid |= FATTR.GID
    if (!inode.isDirectory) {
      await checkCapabilities(core, inode)
      // A new owner takes set-uid bits away, by the mode as it is now.
      if (!core.features.killPrivileges && !core.features.killPrivilegesV2) await fetchAttributes(core, inode)
    }
    const mode = inode.attributes.mode
    const killed = inode.isDirectory ? mode : withoutSetId(mode)
    const kills = killed !== mode && !core.features.killPrivileges && !core.features.killPrivilegesV2
    const body = { valid: kills ? valid | FATTR.MODE : valid, uid: uid >>> 0, gid: gid >>> 0, mode: killed }
    await ask(core, inode, withHandle(body, file))
  })
}

const withoutSetId = (mode: number): number => mode & ~((mode & 0o4000) | ((mode & 0o2010) === 0o2010 ? 0o2000 : 0))

/** A time to set, ns since 1970; `now` is the daemon's. */
export type Time = bigint | 'now' | null

/** utimensat(2); null leaves a time as it is. @throws Errno */
export async function changeTimes(
  core: Core,
  inode: Inode,
  atime: Time,
  mtime: Time,
  file: Opened | null,
): Promise<void> {
  if (atime === 'now' && mtime === 'now') {
    if (core.settings.defaultPermissions) await checkPermission(core, inode, MAY.WRITE)
  } else checkOwner(core, inode)
  await inode.lock.exclusive(async () => {
    let valid = 0
    const set = (time: Time, bit: number, now: number): { sec: bigint; nsec: number } => {
      if (time === null) return { sec: 0n, nsec: 0 }
      valid |= time === 'now' ? bit | now : bit
      return time === 'now' ? { sec: 0n, nsec: 0 } : parts(time)
    }
    const a = set(atime, FATTR.ATIME, FATTR.ATIME_NOW)
    const m = set(mtime, FATTR.MTIME, FATTR.MTIME_NOW)
    const body = { valid, atime: a.sec, atimeNsec: a.nsec, mtime: m.sec, mtimeNsec: m.nsec }
    await ask(core, inode, withHandle(body, file))
  })
}

function parts(ns: bigint): { sec: bigint; nsec: number } {
  const nsec = ((ns % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n
  return { sec: (ns - nsec) / 1_000_000_000n, nsec: Number(nsec) }
}

/** Sets the size, as ftruncate(2) on an open file or truncate(2). */
export async function changeSize(core: Core, inode: Inode, size: bigint, file: Opened | null): Promise<void> {
  if (inode.isDirectory) throw new Errno('EISDIR')
  if (inode.type !== S_IFREG) throw new Errno('EINVAL')
  if (size < 0n) throw new Errno('EINVAL')
  await inode.lock.exclusive(async () => {
    await checkCapabilities(core, inode)
    const valid = FATTR.SIZE | FATTR.LOCKOWNER | (file ? 0 : FATTR.MTIME | FATTR.MTIME_NOW)
    await ask(core, inode, withHandle({ valid, size, lockOwner: lockOwner(core) }, file))
    truncatePages(inode, Number(size))
  })
}

/** The part of O_TRUNC that the daemon leaves to the kernel. */
export async function openTruncate(core: Core, inode: Inode): Promise<void> {
  await inode.lock.exclusive(async () => {
    await checkCapabilities(core, inode)
    if (!core.features.atomicTruncate) {
      await ask(core, inode, { valid: FATTR.SIZE | FATTR.LOCKOWNER, size: 0n, lockOwner: lockOwner(core) })
    }
    inode.pages.clear()
  })
}

function withHandle(body: SetAttributes, file: Opened | null): SetAttributes {
  return file ? { ...body, valid: body.valid | FATTR.FH, fh: file.fh } : body
}

/**
 * Before a file is changed a kernel asks whether it has capabilities that have to go: GETXATTR of `security.capability`, again
 * and again where the daemon does not take that upon itself.
 */
export async function checkCapabilities(core: Core, inode: Inode): Promise<void> {
  if (inode.type !== S_IFREG || inode.withoutCapabilities || core.unsupported.has('getxattr')) return
  try {
    await core.connection.ask('getxattr', inode.nodeId, { size: 0, name: Buffer.from('security.capability') })
    return
  } catch (error) {
    if (!isErrno(error)) throw error
    if (error.code === 'ENOSYS') core.unsupported.add('getxattr')
  }
  if (core.features.killPrivilegesV2) inode.withoutCapabilities = true
}
