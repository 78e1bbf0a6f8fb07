/*
 * A field is `name: kind`, in the order of the bytes.
 *
 * Kinds: `u16 u32 s32 u64 s64` · `padN` N bytes that should be zero · the name of a struct below · `cstring` bytes up to a NUL ·
 * `cstring[n]` n bytes and a NUL · `bytes` all that is left · `bytes[n]` n bytes · `tail` what may be left over ·
 * `struct[n]`, `u64[n]` a list of n · `dirents`, `direntsplus`, `iovecs` lists with a file of their own. `n` is an earlier field.
 *
 * ` @9`: not in the message before 7.9. ` ~9`: since 7.9, but senders differ, so it is there when the message has bytes for it.
 * ` ?setxattrExt`: only when that flag was negotiated. `...struct` stands for that struct's
 * fields. What was padding in an older version stays a field: it is then zero.
 */

/** The structs that requests and replies are made of; names are those of the kernel's `fuse.h` without `fuse_`. */
export const STRUCTS = {
  attr: [
    'ino: u64',
    'size: u64',
    'blocks: u64',
    'atime: s64',
    'mtime: s64',
    'ctime: s64',
    'atimeNsec: u32',
    'mtimeNsec: u32',
    'ctimeNsec: u32',
    'mode: u32',
    'nlink: u32',
    'uid: u32',
    'gid: u32',
    'rdev: u32',
    'blksize: u32 @9',
    'flags: u32 @9',
  ],
  entry: [
    'nodeId: u64',
    'generation: u64',
    'entryValid: u64',
    'attrValid: u64',
    'entryValidNsec: u32',
    'attrValidNsec: u32',
    'attr: attr',
  ],
  opened: ['fh: u64', 'openFlags: u32', 'backingId: s32'],
  openIn: ['flags: u32', 'openFlags: u32'],
  createIn: ['flags: u32', 'mode: u32', 'umask: u32 @12', 'openFlags: u32 @12', 'name: cstring'],
  releaseIn: ['fh: u64', 'flags: u32', 'releaseFlags: u32', 'lockOwner: u64'],
  fsyncIn: ['fh: u64', 'fsyncFlags: u32', 'padding: pad4'],
  readIn: [
    'fh: u64',
    'offset: u64',
    'size: u32',
    'readFlags: u32',
    'lockOwner: u64 ~9',
    'flags: u32 ~9',
    'padding: pad4 ~9',
  ],
  copyIn: ['fhIn: u64', 'offIn: u64', 'nodeIdOut: u64', 'fhOut: u64', 'offOut: u64', 'len: u64', 'flags: u64'],
  attrOut: ['attrValid: u64', 'attrValidNsec: u32', 'dummy: pad4', 'attr: attr'],
  lockIn: ['fh: u64', 'owner: u64', 'lock: lock', 'lkFlags: u32 ~9', 'padding: pad4 ~9'],
  sizeOut: ['size: u32', 'padding: pad4'],
  lock: ['start: u64', 'end: u64', 'type: u32', 'pid: u32'],
  forgetOne: ['nodeId: u64', 'nlookup: u64'],
  mapping: ['moffset: u64', 'len: u64'],
  iovec: ['base: u64', 'len: u64'],
  time: ['sec: s64', 'nsec: u32', 'reserved: pad4'],
  statx: [
    'mask: u32',
    'blksize: u32',
    'attributes: u64',
    'nlink: u32',
    'uid: u32',
    'gid: u32',
    'mode: u16',
    'spare0: pad2',
    'ino: u64',
    'size: u64',
    'blocks: u64',
    'attributesMask: u64',
    'atime: time',
    'btime: time',
    'ctime: time',
    'mtime: time',
    'rdevMajor: u32',
    'rdevMinor: u32',
    'devMajor: u32',
    'devMinor: u32',
    'spare2: pad112',
  ],
} as const
