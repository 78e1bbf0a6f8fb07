/** Flags of INIT, both ways; those from bit 32 stand in `flags2`. */
export const INIT = {
  ASYNC_READ: 0x1n,
  POSIX_LOCKS: 0x2n,
  FILE_OPS: 0x4n,
  ATOMIC_O_TRUNC: 0x8n,
  EXPORT_SUPPORT: 0x10n,
  BIG_WRITES: 0x20n,
  DONT_MASK: 0x40n,
  SPLICE_WRITE: 0x80n,
  SPLICE_MOVE: 0x100n,
  SPLICE_READ: 0x200n,
  FLOCK_LOCKS: 0x400n,
  HAS_IOCTL_DIR: 0x800n,
  AUTO_INVAL_DATA: 0x1000n,
  DO_READDIRPLUS: 0x2000n,
  READDIRPLUS_AUTO: 0x4000n,
  ASYNC_DIO: 0x8000n,
  WRITEBACK_CACHE: 0x10000n,
  NO_OPEN_SUPPORT: 0x20000n,
  PARALLEL_DIROPS: 0x40000n,
  HANDLE_KILLPRIV: 0x80000n,
  POSIX_ACL: 0x100000n,
  ABORT_ERROR: 0x200000n,
  MAX_PAGES: 0x400000n,
  CACHE_SYMLINKS: 0x800000n,
  NO_OPENDIR_SUPPORT: 0x1000000n,
  EXPLICIT_INVAL_DATA: 0x2000000n,
  MAP_ALIGNMENT: 0x4000000n,
  SUBMOUNTS: 0x8000000n,
  HANDLE_KILLPRIV_V2: 0x10000000n,
  SETXATTR_EXT: 0x20000000n,
  INIT_EXT: 0x40000000n,
  SECURITY_CTX: 0x100000000n,
  HAS_INODE_DAX: 0x200000000n,
  CREATE_SUPP_GROUP: 0x400000000n,
  HAS_EXPIRE_ONLY: 0x800000000n,
  DIRECT_IO_ALLOW_MMAP: 0x1000000000n,
  PASSTHROUGH: 0x2000000000n,
  NO_EXPORT_SUPPORT: 0x4000000000n,
  HAS_RESEND: 0x8000000000n,
  ALLOW_IDMAP: 0x10000000000n,
  OVER_IO_URING: 0x20000000000n,
  REQUEST_TIMEOUT: 0x40000000000n,
} as const

/** `valid` of SETATTR: which attributes are meant. */
export const FATTR = {
  MODE: 0x1,
  UID: 0x2,
  GID: 0x4,
  SIZE: 0x8,
  ATIME: 0x10,
  MTIME: 0x20,
  FH: 0x40,
  ATIME_NOW: 0x80,
  MTIME_NOW: 0x100,
  LOCKOWNER: 0x200,
  CTIME: 0x400,
  KILL_SUIDGID: 0x800,
} as const

/** `openFlags` of the replies to OPEN, OPENDIR and CREATE. */
export const FOPEN = {
  DIRECT_IO: 0x1,
  KEEP_CACHE: 0x2,
  NONSEEKABLE: 0x4,
  CACHE_DIR: 0x8,
  STREAM: 0x10,
  NOFLUSH: 0x20,
  PARALLEL_DIRECT_WRITES: 0x40,
  PASSTHROUGH: 0x80,
} as const

/** `openFlags` of OPEN and CREATE requests. */
export const OPEN = { KILL_SUIDGID: 0x1 } as const
/** `getattrFlags`. */
export const GETATTR = { FH: 0x1 } as const
/** `releaseFlags`. */
export const RELEASE = { FLUSH: 0x1, FLOCK_UNLOCK: 0x2 } as const
/** `lkFlags`. */
export const LK = { FLOCK: 0x1 } as const
/** `writeFlags`. */
export const WRITE = { CACHE: 0x1, LOCKOWNER: 0x2, KILL_SUIDGID: 0x4 } as const
/** `readFlags`. */
export const READ = { LOCKOWNER: 0x2 } as const
/** `flags` of IOCTL, both ways. */
export const IOCTL = {
  COMPAT: 0x1,
  UNRESTRICTED: 0x2,
  RETRY: 0x4,
  BITS_32: 0x8,
  DIR: 0x10,
  COMPAT_X32: 0x20,
} as const
/** `flags` of POLL. */
export const POLL = { SCHEDULE_NOTIFY: 0x1 } as const
/** `fsyncFlags`. */
export const FSYNC = { FDATASYNC: 0x1 } as const
/** `flags` of attributes. */
export const ATTR = { SUBMOUNT: 0x1, DAX: 0x2 } as const
/** `setxattrFlags`. */
export const SETXATTR = { ACL_KILL_SGID: 0x1 } as const
/** `flags` of the notification inval_entry. */
export const INVAL_ENTRY = { EXPIRE_ONLY: 0x1 } as const

/** The bit of `unique` that marks a request as sent again. */
export const UNIQUE_RESEND: bigint = 0x8000000000000000n
/** The node id of a file system's root. */
export const ROOT_ID = 1n
