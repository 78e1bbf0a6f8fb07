import type { Input, Opcode, RequestBody } from '../wire/index.js'
import { checkPermission, invalidate, MAY } from './attributes.js'
import { type Core, type Inode, S_IFREG, STATX } from './core.js'
import { Errno, isErrno } from './errno.js'

/** Longest value of an attribute, and longest list of names, bytes. */
const MAX_VALUE = 65_536
const MAX_NAME = 255

/** Requests that are not sent again once the daemon does not know them; what is asked then fails with EOPNOTSUPP. */
async function ask<O extends Opcode, T>(core: Core, opcode: O, run: () => Promise<T>): Promise<T> {
  if (core.unsupported.has(opcode)) throw new Errno('EOPNOTSUPP')
  try {
    return await run()
  } catch (error) {
    if (!isErrno(error, 'ENOSYS')) throw error
    core.unsupported.add(opcode)
    throw new Errno('EOPNOTSUPP')
  }
}

/** Attributes of users are of files and directories alone, and who may read or write those may do so with these. */
async function checkName(core: Core, inode: Inode, name: string, mask: number): Promise<void> {
  if (name === '' || Buffer.byteLength(name, 'latin1') > MAX_NAME) throw new Errno('ERANGE')
  if (core.settings.readOnly && mask === MAY.WRITE) throw new Errno('EROFS')
  if (name.startsWith('security.') || name.startsWith('system.')) return
  if (name.startsWith('trusted.')) {
    if (core.credentials.uid !== 0) throw new Errno(mask === MAY.WRITE ? 'EPERM' : 'ENODATA')
    return
  }
  if (name.startsWith('user.') && inode.type !== S_IFREG && !inode.isDirectory) {
    throw new Errno(mask === MAY.WRITE ? 'EPERM' : 'ENODATA')
  }
  await checkPermission(core, inode, mask)
}

/** An attribute's value: one call, with room for the longest, as the processes make it that do so on a mount. */
export async function getXattr(core: Core, inode: Inode, name: string): Promise<Buffer> {
  await checkName(core, inode, name, MAY.READ)
  const body = { size: MAX_VALUE, name: Buffer.from(name, 'latin1') }
  const reply = await ask(core, 'getxattr', () => core.connection.ask('getxattr', inode.nodeId, body))
  return (reply as { value: Buffer }).value
}

/** setxattr(2). @throws Errno */
export async function setXattr(
  core: Core,
  inode: Inode,
  name: string,
  value: Uint8Array,
  flags: number = 0,
): Promise<void> {
  if (value.length > MAX_VALUE) throw new Errno('E2BIG')
  await checkName(core, inode, name, MAY.WRITE)
  await inode.lock.exclusive(async () => {
    const body: Input<RequestBody<'setxattr'>> = {
      flags,
      name: Buffer.from(name, 'latin1'),
      value: Buffer.from(value),
    }
    await ask(core, 'setxattr', () => core.connection.ask('setxattr', inode.nodeId, body))
    invalidate(inode, STATX.CTIME)
  })
}

/** removexattr(2). @throws Errno */
export async function removeXattr(core: Core, inode: Inode, name: string): Promise<void> {
  await checkName(core, inode, name, MAY.WRITE)
  await inode.lock.exclusive(async () => {
    const body = { name: Buffer.from(name, 'latin1') }
    await ask(core, 'removexattr', () => core.connection.ask('removexattr', inode.nodeId, body))
    invalidate(inode, STATX.CTIME)
  })
}

/** All names, in the daemon's order. */
export async function listXattr(core: Core, inode: Inode): Promise<string[]> {
  const body = { size: MAX_VALUE }
  const reply = await ask(core, 'listxattr', () => core.connection.ask('listxattr', inode.nodeId, body))
  const names = (reply as { value: Buffer }).value
  if (names.length > 0 && names.at(-1) !== 0) throw new Errno('EIO')
  return names.toString('latin1').split('\0').slice(0, -1)
}
