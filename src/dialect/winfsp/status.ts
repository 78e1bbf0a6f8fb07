/** Windows' statuses, hexadecimal, as the errors that a FUSE file system would have answered with. */
const ERRNO: Readonly<Record<string, string>> = {
  c0000002: 'ENOSYS',
  c0000008: 'EBADF',
  c000000d: 'EINVAL',
  c000000f: 'ENOENT',
  c0000010: 'ENOSYS',
  c0000017: 'ENOMEM',
  c0000022: 'EACCES',
  c0000033: 'EINVAL',
  c0000034: 'ENOENT',
  c0000035: 'EEXIST',
  c000003a: 'ENOENT',
  c0000043: 'EBUSY',
  c0000044: 'EDQUOT',
  c0000054: 'EAGAIN',
  c0000056: 'ENOENT',
  c0000061: 'EPERM',
  c000007f: 'ENOSPC',
  c000009a: 'ENOMEM',
  c00000a2: 'EROFS',
  c00000b5: 'ETIMEDOUT',
  c00000ba: 'EISDIR',
  c00000bb: 'ENOTSUP',
  c00000d4: 'EXDEV',
  c0000101: 'ENOTEMPTY',
  c0000103: 'ENOTDIR',
  c0000106: 'ENAMETOOLONG',
  c000011f: 'EMFILE',
  c0000120: 'ECANCELED',
  c0000121: 'EACCES',
  c0000128: 'EBADF',
  c0000185: 'EIO',
  c0000225: 'ENOENT',
  c0000275: 'EINVAL',
  c0000904: 'EFBIG',
}
/** The end of a file or of a listing is no failure. */
const ENDS: ReadonlySet<string> = new Set(['c0000011', '80000006', '80000005'])

/** What an IoStatus says of the outcome. */
export function outcomeOf(hex: string): { status: 'ok' | 'error'; errno: string | null } {
  const code = hex.toLowerCase().padStart(8, '0')
  // Errors have the two highest bits set.
  if (ENDS.has(code) || !/^[c-f]/.test(code)) return { status: 'ok', errno: null }
  return { status: 'error', errno: ERRNO[code] ?? null }
}
