/** FUSE's request numbers and the kernel's names for them, in lower case and without `FUSE_`. */
const OPCODES: readonly (readonly [number, string])[] = [
  [1, 'lookup'],
  [2, 'forget'],
  [3, 'getattr'],
  [4, 'setattr'],
  [5, 'readlink'],
  [6, 'symlink'],
  [8, 'mknod'],
  [9, 'mkdir'],
  [10, 'unlink'],
  [11, 'rmdir'],
  [12, 'rename'],
  [13, 'link'],
  [14, 'open'],
  [15, 'read'],
  [16, 'write'],
  [17, 'statfs'],
  [18, 'release'],
  [20, 'fsync'],
  [21, 'setxattr'],
  [22, 'getxattr'],
  [23, 'listxattr'],
  [24, 'removexattr'],
  [25, 'flush'],
  [26, 'init'],
  [27, 'opendir'],
  [28, 'readdir'],
  [29, 'releasedir'],
  [30, 'fsyncdir'],
  [31, 'getlk'],
  [32, 'setlk'],
  [33, 'setlkw'],
  [34, 'access'],
  [35, 'create'],
  [36, 'interrupt'],
  [37, 'bmap'],
  [38, 'destroy'],
  [39, 'ioctl'],
  [40, 'poll'],
  [41, 'notify_reply'],
  [42, 'batch_forget'],
  [43, 'fallocate'],
  [44, 'readdirplus'],
  [45, 'rename2'],
  [46, 'lseek'],
  [47, 'copy_file_range'],
  [48, 'setupmapping'],
  [49, 'removemapping'],
  [50, 'syncfs'],
  [51, 'tmpfile'],
  [52, 'statx'],
  [53, 'copy_file_range_64'],
  [4096, 'cuse_init'],
]

const NAMES = new Map(OPCODES)
/** By the name without underscores and case: `BatchForget`, `BATCHFORGET` and `batch_forget` are one. */
const LOOSE = new Map(OPCODES.map(([, name]) => [name.replaceAll('_', ''), name]))

/** The kernel's names of all requests. */
export const OPCODE_NAMES: readonly string[] = OPCODES.map(([, name]) => name)

/** The kernel's name of a request number; `opcode_N` where it has none. */
export function opcodeName(number: number): string {
  return NAMES.get(number) ?? `opcode_${number}`
}

/** The kernel's name for what a log calls a request, in whatever case and with or without underscores; null when unknown. */
export function opcodeOf(word: string): string | null {
  const loose = word.replaceAll('_', '').toLowerCase()
  return LOOSE.get(loose) ?? (loose.startsWith('fuse') ? (LOOSE.get(loose.slice(4)) ?? null) : null)
}

/** Requests that the daemon does not answer. */
export const UNANSWERED: ReadonlySet<string> = new Set(['forget', 'batch_forget', 'interrupt', 'notify_reply'])

/** Requests that are answered with a node. */
export const MAKES_NODE: ReadonlySet<string> = new Set([
  'lookup',
  'create',
  'mkdir',
  'mknod',
  'symlink',
  'link',
  'tmpfile',
])

/** Requests about an entry of their node that are not answered with another. */
const LEAVES: ReadonlySet<string> = new Set(['unlink', 'rmdir', 'rename', 'rename2'])
/** Whether a request is about an entry of its node, not about the node itself. */
export const isEntry = (opcode: string): boolean => MAKES_NODE.has(opcode) || LEAVES.has(opcode)
