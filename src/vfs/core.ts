import type { Clock } from '../clock.js'
import type { Raw } from '../line/line.js'
import type { Opcode, Struct } from '../wire/index.js'
import type { Connection, Credentials } from './connection.js'
import type { Features } from './init.js'
import { Lock } from './lock.js'

/** What a mount's options say, as far as a kernel heeds them. */
export interface MountSettings {
  readonly defaultPermissions: boolean
  readonly readOnly: boolean
  /** Longest read, bytes; null where only the kernel's own limit holds. */
  readonly maxRead: number | null
}

/** What all parts of the stand-in kernel work on. */
export interface Core {
  readonly connection: Connection
  readonly features: Features
  readonly settings: MountSettings
  readonly clock: Clock
  /** Whose calls these are. */
  readonly credentials: Credentials & { readonly umask: number }
  readonly inodes: Map<bigint, Inode>
  readonly root: Dentry
  /** Requests that the daemon has answered with ENOSYS, and that are not sent again. */
  readonly unsupported: Set<Opcode>
  /** Nodes that nothing refers to any more, for FORGET. */
  forget(nodeId: bigint, nlookup: bigint): void
}

export type Attributes = Struct<'attr'>

/** Bits for attributes that are known to be out of date, as statx(2) numbers them. */
export const STATX = {
  MODE: 0x2,
  NLINK: 0x4,
  UID: 0x8,
  GID: 0x10,
  ATIME: 0x20,
  MTIME: 0x40,
  CTIME: 0x80,
  SIZE: 0x200,
  BLOCKS: 0x400,
  BASIC: 0x7ff,
  BTIME: 0x800,
} as const

/** What a kernel knows of a node. */
export class Inode {
  readonly nodeId: bigint
  readonly generation: bigint
  attributes: Attributes
  /** Until when the attributes may be used. */
  validUntilNs: number = Number.NEGATIVE_INFINITY
  /** Attributes that are out of date whatever the time. */
  invalid: number = STATX.BASIC | STATX.BTIME
  /** How often the daemon has named it to us: what FORGET gives back. */
  nlookup: bigint = 0n
  /** Open files of it. */
  opens: number = 0
  /** In the order in which they were last used. */
  readonly names: Set<Dentry> = new Set()
  /** The name that was dropped last. */
  lastName: Dentry | null = null
  readonly lock: Lock = new Lock()
  /** Pages of content that are known, by number. */
  readonly pages: Map<number, Buffer> = new Map()
  /** The next directory read should bring attributes with it. */
  adviseReaddirplus: boolean = false
  /** It came from a directory read that brought attributes. */
  fromReaddirplus: boolean = false
  /** What a symbolic link says, where the daemon lets it be remembered. */
  target: Buffer | null = null
  /** It is known to have no capabilities that a write would take from it. */
  withoutCapabilities: boolean = false

  constructor(nodeId: bigint, generation: bigint, attributes: Attributes) {
    this.nodeId = nodeId
    this.generation = generation
    this.attributes = attributes
  }

  get type(): number {
    return this.attributes.mode & S_IFMT
  }

  get isDirectory(): boolean {
    return this.type === S_IFDIR
  }

  get size(): number {
    return Number(this.attributes.size)
  }
}

export const S_IFMT = 0o170000
export const S_IFDIR = 0o040000
export const S_IFREG = 0o100000
export const S_IFLNK = 0o120000

/** A name in a directory, as a kernel remembers it; without an inode it is known that there is nothing of that name. */
export class Dentry {
  parent: Dentry | null
  name: Raw
  inode: Inode | null
  validUntilNs: number = Number.NEGATIVE_INFINITY
  readonly children: Map<Raw, Dentry> = new Map()
  /** Lookups of names in it that are on their way. */
  readonly lookups: Map<Raw, Promise<Dentry>> = new Map()

  constructor(parent: Dentry | null, name: Raw, inode: Inode | null) {
    this.parent = parent
    this.name = name
    this.inode = inode
    inode?.names.add(this)
  }
}

/** Remembers a name; what was remembered of it before is gone. */
export function addDentry(core: Core, parent: Dentry, name: Raw, inode: Inode | null): Dentry {
  const before = parent.children.get(name)
  const dentry = new Dentry(parent, name, inode)
  if (before) dropDentry(core, before)
  parent.children.set(name, dentry)
  return dentry
}

/** Forgets a name, and all below it. Open files keep their inodes. */
export function dropDentry(core: Core, dentry: Dentry): void {
  for (const child of [...dentry.children.values()]) dropDentry(core, child)
  if (dentry.parent?.children.get(dentry.name) === dentry) dentry.parent.children.delete(dentry.name)
  const { inode } = dentry
  if (!inode) return
  inode.names.delete(dentry)
  inode.lastName = dentry
  evictUnused(core, inode)
}

/** Lets a node go that has no name and no open file any more: FUSE's inodes are not kept for later. */
export function evictUnused(core: Core, inode: Inode): void {
  if (inode.opens > 0 || inode.names.size > 0 || core.inodes.get(inode.nodeId) !== inode) return
  core.inodes.delete(inode.nodeId)
  if (inode.nlookup > 0n) core.forget(inode.nodeId, inode.nlookup)
}

/** When something ends that holds for so long from now on, ns on the clock; nothing holds for no time. */
export function validUntil(clock: Clock, seconds: bigint, nanoseconds: number): number {
  if (seconds === 0n && nanoseconds === 0) return Number.NEGATIVE_INFINITY
  return clock.nowNs() + Number(seconds) * 1e9 + nanoseconds
}

/** The whole path of a name, below the mountpoint. */
export function pathOf(dentry: Dentry): Raw {
  const names: Raw[] = []
  for (let at: Dentry | null = dentry; at?.parent; at = at.parent) names.unshift(at.name)
  return `/${names.join('/')}`
}

/** Whose locks these are: all files of this process have one owner. */
export function lockOwner(core: Core): bigint {
  return BigInt(core.credentials.pid) + 0x1000n
}
