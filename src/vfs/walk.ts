import { FusetraceError } from '../errors.js'
import type { Raw } from '../line/line.js'
import { printable } from '../line/text.js'
import { checkPermission, invalidate, MAY } from './attributes.js'
import { type Core, type Dentry, type Inode, pathOf, S_IFLNK, STATX } from './core.js'
import { Errno } from './errno.js'
import { inodeOf, lookup } from './lookup.js'

/** Links that are followed in one path at most. */
const MAX_LINKS = 40
const MAX_PATH = 4095

/** The last name of a path, and where it is. */
export interface Place {
  readonly dir: Dentry
  /** Empty where the path names the root itself. */
  readonly name: Raw
  /** It ends in a slash: only a directory will do. */
  readonly slash: boolean
}

interface Walk {
  links: number
}

/** Walks to the directory that holds a path's last name. */
export function walkToParent(core: Core, path: Raw): Promise<Place> {
  return parentOf(core, core.root, path, { links: 0 })
}

/**
 * Walks to what a path names.
 *
 * @throws {Errno} ENOENT, ENOTDIR, ELOOP, EACCES, ENAMETOOLONG, or what the daemon answers
 */
export function walk(core: Core, path: Raw, { follow = true }: { follow?: boolean } = {}): Promise<Dentry> {
  return resolve(core, core.root, path, follow, { links: 0 })
}

async function resolve(core: Core, from: Dentry, path: Raw, follow: boolean, state: Walk): Promise<Dentry> {
  const place = await parentOf(core, from, path, state)
  if (place.name === '') return place.dir
  const found = await lookup(core, place.dir, place.name)
  const dentry = follow || place.slash ? await followLink(core, found, state) : found
  if (!dentry.inode) throw new Errno('ENOENT')
  if (place.slash && !dentry.inode.isDirectory) throw new Errno('ENOTDIR')
  return dentry
}

async function parentOf(core: Core, from: Dentry, path: Raw, state: Walk): Promise<Place> {
  if (path.length > MAX_PATH) throw new Errno('ENAMETOOLONG')
  const names = path.split('/').filter((name) => name !== '')
  const last = names.pop()
  let dir = from
  for (const name of names) dir = await step(core, dir, name, state)
  const slash = path.endsWith('/')
  if (last === undefined) return { dir, name: '', slash }
  if (last === '.' || last === '..') return { dir: await step(core, dir, last, state), name: '', slash }
  await enter(core, dir)
  return { dir, name: last, slash }
}

async function enter(core: Core, dir: Dentry): Promise<void> {
  const inode = inodeOf(dir)
  if (!inode.isDirectory) throw new Errno('ENOTDIR')
  await checkPermission(core, inode, MAY.EXEC)
}

/** One name further, into a directory. */
async function step(core: Core, dir: Dentry, name: Raw, state: Walk): Promise<Dentry> {
  await enter(core, dir)
  if (name === '.') return dir
  if (name === '..') return dir.parent ?? leaves(`${pathOf(dir)}/..`)
  const next = await followLink(core, await lookup(core, dir, name), state)
  if (!next.inode) throw new Errno('ENOENT')
  if (!next.inode.isDirectory) throw new Errno('ENOTDIR')
  return next
}

/** What a name stands for, when it is a symbolic link; a name of nothing stays one. */
async function followLink(core: Core, dentry: Dentry, state: Walk): Promise<Dentry> {
  const { inode, parent } = dentry
  if (!inode || !parent || inode.type !== S_IFLNK) return dentry
  if (++state.links > MAX_LINKS) throw new Errno('ELOOP')
  const target = (await readLink(core, inode)).toString('latin1')
  if (target === '') throw new Errno('ENOENT')
  if (target.startsWith('/')) return leaves(`${pathOf(dentry)} -> ${target}`)
  return resolve(core, parent, target, true, state)
}

/** What a name stands for in the end, when it is a symbolic link. */
export function followLast(core: Core, dentry: Dentry): Promise<Dentry> {
  return followLink(core, dentry, { links: 0 })
}

/** What a symbolic link says. */
export async function readLink(core: Core, inode: Inode): Promise<Buffer> {
  if (inode.target) return inode.target
  const { target } = await core.connection.ask('readlink', inode.nodeId, {})
  invalidate(inode, STATX.ATIME)
  if (core.features.cacheSymlinks) inode.target = target
  return target
}

function leaves(how: string): never {
  throw new FusetraceError('FT_ENVIRONMENT', `a path leads out of the file system: ${printable(how)}`, {
    hint: 'without a mount there is nothing around it: use a path within the file system',
  })
}
