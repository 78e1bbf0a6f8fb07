import { type BigIntStats, Dirent, Stats, type StatsFs, statSync } from 'node:fs'
import type { ReplyBody } from '../../wire/index.js'
import type { Attributes } from '../core.js'
import type { DirectoryEntry } from '../directory.js'

/** The number of the device that the file system is; a mount would have one of its own. */
const DEVICE = 0

/** Node's `Stats`, or `BigIntStats`, of a node. */
export function statsOf(attributes: Attributes, { bigint = false }: { bigint?: boolean } = {}): Stats | BigIntStats {
  const { ino, mode, nlink, uid, gid, rdev, size, blocks } = attributes
  const blksize = attributes.blksize === 0 ? 4096 : 2 ** Math.floor(Math.log2(attributes.blksize))
  const plain = { dev: DEVICE, mode, nlink, uid, gid, rdev, blksize }
  const times = {
    atime: ns(attributes.atime, attributes.atimeNsec),
    mtime: ns(attributes.mtime, attributes.mtimeNsec),
    ctime: ns(attributes.ctime, attributes.ctimeNsec),
    // FUSE's attributes have none.
    birthtime: 0n,
  }
  const stats: Record<string, unknown> = Object.create(bigint ? bigIntPrototype() : Stats.prototype)
  if (bigint) {
    for (const [key, value] of Object.entries({ ...plain, ino, size, blocks })) stats[key] = BigInt(value)
  } else Object.assign(stats, plain, { ino: Number(ino), size: Number(size), blocks: Number(blocks) })
  for (const [name, value] of Object.entries(times)) {
    stats[`${name}Ms`] = bigint ? value / 1_000_000n : Number(value / 1000n) / 1000 + Number(value % 1000n) / 1e6
    if (bigint) stats[`${name}Ns`] = value
  }
  for (const [name, value] of Object.entries(times)) {
    const date = new Date(Number(value / 1_000_000n))
    Object.defineProperty(stats, name, { value: date, enumerable: true, writable: true, configurable: true })
  }
  return stats as unknown as Stats | BigIntStats
}

const ns = (seconds: bigint, nanoseconds: number): bigint => seconds * 1_000_000_000n + BigInt(nanoseconds)

const bigIntPrototype = (): object => Object.getPrototypeOf(statSync('/', { bigint: true })) as object

const FUSE_MAGIC = 0x65735546

/** Node's `StatFs`. */
export function statfsOf(
  { bsize, blocks, bfree, bavail, files, ffree }: ReplyBody<'statfs'>,
  { bigint = false }: { bigint?: boolean } = {},
): StatsFs {
  const values = { type: FUSE_MAGIC, bsize, blocks, bfree, bavail, files, ffree }
  const entries = Object.entries(values).map(([key, value]) => [key, bigint ? BigInt(value) : Number(value)])
  return Object.fromEntries(entries) as unknown as StatsFs
}

/** libuv's numbers of types (`UV_DIRENT_FIFO` …) by `d_type`. */
const TYPES: Readonly<Record<number, number>> = {
  1: 4,
  2: 6,
  4: 2,
  6: 7,
  8: 1,
  10: 3,
  12: 5,
}

type DirentConstructor = new (name: string | Buffer, type: number, path: string) => Dirent

/** Node's `Dirent`. */
export function direntOf(entry: DirectoryEntry, name: string | Buffer, path: string): Dirent {
  // It is exported, but its constructor is not in the types.
  const Constructor = Dirent as unknown as DirentConstructor
  return new Constructor(name, TYPES[entry.type] ?? 0, path)
}
