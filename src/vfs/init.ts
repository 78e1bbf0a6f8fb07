import { FusetraceError } from '../errors.js'
import { INIT, initFlags, NEWEST_MINOR, protocolOf } from '../wire/index.js'
import type { Connection } from './connection.js'

/** What INIT agreed on, as far as a kernel acts on it. */
export interface Features {
  readonly minor: number
  readonly atomicTruncate: boolean
  readonly bigWrites: boolean
  /** The daemon takes the umask into account; else modes are masked here. */
  readonly dontMask: boolean
  readonly posixLocks: boolean
  readonly flockLocks: boolean
  readonly autoInvalidate: boolean
  readonly explicitInvalidate: boolean
  readonly readdirplus: boolean
  readonly readdirplusAuto: boolean
  readonly parallelDirectories: boolean
  readonly killPrivileges: boolean
  readonly killPrivilegesV2: boolean
  readonly posixAcl: boolean
  readonly cacheSymlinks: boolean
  readonly maxWrite: number
  readonly maxPages: number
  /** Pages that are read ahead at most. */
  readonly readaheadPages: number
}

export const PAGE = 4096
const DEFAULT_MAX_PAGES = 32
const MAX_PAGES = 256
const READAHEAD_BYTES = 128 * 1024

/**
 * What a kernel of today offers and the stand-in keeps. Not among it: splice, which a socket cannot do; the writeback cache,
 * mappings, passthrough, io_uring, security labels.
 */
const OFFERED: bigint =
  INIT.ASYNC_READ |
  INIT.POSIX_LOCKS |
  INIT.ATOMIC_O_TRUNC |
  INIT.EXPORT_SUPPORT |
  INIT.BIG_WRITES |
  INIT.DONT_MASK |
  INIT.FLOCK_LOCKS |
  INIT.HAS_IOCTL_DIR |
  INIT.AUTO_INVAL_DATA |
  INIT.DO_READDIRPLUS |
  INIT.READDIRPLUS_AUTO |
  INIT.ASYNC_DIO |
  INIT.NO_OPEN_SUPPORT |
  INIT.PARALLEL_DIROPS |
  INIT.HANDLE_KILLPRIV |
  INIT.POSIX_ACL |
  INIT.ABORT_ERROR |
  INIT.MAX_PAGES |
  INIT.CACHE_SYMLINKS |
  INIT.NO_OPENDIR_SUPPORT |
  INIT.EXPLICIT_INVAL_DATA |
  INIT.HANDLE_KILLPRIV_V2 |
  INIT.SETXATTR_EXT |
  INIT.INIT_EXT |
  INIT.HAS_EXPIRE_ONLY |
  INIT.NO_EXPORT_SUPPORT

/** Oldest minor version that the stand-in speaks. */
const OLDEST_MINOR = 8

/**
 * Sends INIT and takes what the daemon answers.
 *
 * @param messageBytes the longest message that the socket carries; data is cut to fit
 * @throws FT_DAEMON when the daemon speaks another protocol, or does not answer
 */
export async function negotiate(connection: Connection, messageBytes: number): Promise<Features> {
  const mask = 0xffffffffn
  const request = {
    major: 7,
    minor: NEWEST_MINOR,
    maxReadahead: READAHEAD_BYTES,
    flags: Number(OFFERED & mask),
    flags2: Number(OFFERED >> 32n),
  }
  // A daemon of a newer major version answers with its own; it is then to be asked again in ours.
  // How long a daemon may take to be ready is another limit than that of a request.
  const reply = await connection.ask('init', 0n, request, { credentials: { uid: 0, gid: 0, pid: 0 }, patient: true })
  if (reply.major !== 7 || reply.minor < OLDEST_MINOR) {
    throw new FusetraceError(
      'FT_DAEMON',
      `the daemon speaks FUSE ${reply.major}.${reply.minor}, the stand-in 7.8 to 7.45`,
      {
        hint: 'fusetrace cannot be its kernel',
      },
    )
  }
  connection.protocol = protocolOf(request, reply)
  const agreed = OFFERED & initFlags(reply)
  const has = (flag: bigint): boolean => (agreed & flag) !== 0n
  // Before 7.13 a kernel had no limits of its own.
  const room = Math.max(1, Math.floor((messageBytes - PAGE) / PAGE))
  const asked = has(INIT.MAX_PAGES) ? Math.min(MAX_PAGES, Math.max(1, reply.maxPages)) : DEFAULT_MAX_PAGES
  const maxPages = Math.min(asked, room)
  return {
    minor: connection.protocol.minor,
    atomicTruncate: has(INIT.ATOMIC_O_TRUNC),
    bigWrites: has(INIT.BIG_WRITES),
    dontMask: has(INIT.DONT_MASK),
    posixLocks: has(INIT.POSIX_LOCKS),
    flockLocks: connection.protocol.minor >= 17 ? has(INIT.FLOCK_LOCKS) : has(INIT.POSIX_LOCKS),
    autoInvalidate: has(INIT.AUTO_INVAL_DATA),
    explicitInvalidate: has(INIT.EXPLICIT_INVAL_DATA),
    readdirplus: has(INIT.DO_READDIRPLUS),
    readdirplusAuto: has(INIT.READDIRPLUS_AUTO),
    parallelDirectories: has(INIT.PARALLEL_DIROPS),
    killPrivileges: has(INIT.HANDLE_KILLPRIV),
    killPrivilegesV2: has(INIT.HANDLE_KILLPRIV_V2),
    posixAcl: has(INIT.POSIX_ACL),
    cacheSymlinks: has(INIT.CACHE_SYMLINKS),
    maxWrite: Math.min(Math.max(PAGE, reply.maxWrite), maxPages * PAGE),
    maxPages,
    readaheadPages: Math.floor(Math.min(READAHEAD_BYTES, reply.maxReadahead) / PAGE),
  }
}
