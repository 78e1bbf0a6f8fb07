import { type BigIntStats, Dirent, Stats, type StatsFs, statSync } from 'node:fs'
import type { ReplyBody } from '../../wire/index.js'
import type { Attributes } from '../core.js'
import type { DirectoryEntry } from '../directory.js'

/** The number of the device that the file system is; a mount would have one of its own. */
const DEVICE = 0

/** Node's `Stats`, or `BigIntStats`, of a node. FUSE's attributes have no time of birth: it is 1970. */
export function statsOf(attributes: Attributes, { bigint = false }: { bigint?: boolean } = {}): Stats | BigIntStats {
  return bigint ? bigIntStatsOf(attributes) : plainStatsOf(attributes)
}

type Written<T> = { -readonly [K in keyof T]: T[K] }

function plainStatsOf(attributes: Attributes): Stats {
  const { mode, nlink, uid, gid, rdev } = attributes
  const stats = Object.create(Stats.prototype) as Written<Stats>
  stats.dev = DEVICE
  stats.mode = mode
  stats.nlink = nlink
  stats.uid = uid
  stats.gid = gid
  stats.rdev = rdev
  stats.blksize = blockSize(attributes)
  stats.ino = Number(attributes.ino)
  stats.size = Number(attributes.size)
  stats.blocks = Number(attributes.blocks)
  stats.atimeMs = ms(attributes.atime, attributes.atimeNsec)
  stats.mtimeMs = ms(attributes.mtime, attributes.mtimeNsec)
  stats.ctimeMs = ms(attributes.ctime, attributes.ctimeNsec)
  stats.birthtimeMs = 0
  stats.atime = new Date(Math.round(stats.atimeMs))
  stats.mtime = new Date(Math.round(stats.mtimeMs))
  stats.ctime = new Date(Math.round(stats.ctimeMs))
  stats.birthtime = new Date(0)
  return stats
}

function bigIntStatsOf(attributes: Attributes): BigIntStats {
  const { mode, nlink, uid, gid, rdev, ino, size, blocks } = attributes
  const stats = Object.create(bigIntPrototype()) as Record<string, unknown>
  const numbers = { dev: DEVICE, mode, nlink, uid, gid, rdev, blksize: blockSize(attributes), ino, size, blocks }
  for (const [key, value] of Object.entries(numbers)) stats[key] = BigInt(value)
  const times = {
    atime: ns(attributes.atime, attributes.atimeNsec),
    mtime: ns(attributes.mtime, attributes.mtimeNsec),
    ctime: ns(attributes.ctime, attributes.ctimeNsec),
    birthtime: 0n,
  }
  for (const [name, value] of Object.entries(times)) stats[`${name}Ms`] = value / 1_000_000n
  for (const [name, value] of Object.entries(times)) stats[`${name}Ns`] = value
  for (const [name, value] of Object.entries(times)) stats[name] = new Date(Number(value / 1_000_000n))
  return stats as unknown as BigIntStats
}

const blockSize = ({ blksize }: Attributes): number => (blksize === 0 ? 4096 : 2 ** (31 - Math.clz32(blksize)))
/** As Node reckons it. */
const ms = (seconds: bigint, nanoseconds: number): number => Number(seconds) * 1000 + nanoseconds / 1e6
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
