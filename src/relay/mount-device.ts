import { statSync } from 'node:fs'
import { basename } from 'node:path'
import { FusetraceError } from '../errors.js'
import type { Libc } from '../native/libc.js'
import type { MountOptions } from '../transport/mount-options.js'

const MS_RDONLY = 1
/** Flags of mount(2) by the names that `-o` has for them. */
const FLAGS: Readonly<Record<string, number>> = {
  ro: MS_RDONLY,
  nosuid: 2,
  nodev: 4,
  noexec: 8,
  sync: 16,
  dirsync: 128,
  noatime: 1024,
  nodiratime: 2048,
}
/** Options that the kernel's FUSE itself takes. */
const KERNEL_OPTIONS = /^(?:allow_other|default_permissions|max_read=\d+|blksize=\d+)$/

export interface MountDeviceOptions {
  libc: Libc
  /** An open `/dev/fuse`. */
  device: number
  mountpoint: string
  /** The daemon's program, for the type that mountinfo shows. */
  program: string
  /** What the daemon would have given the kernel. */
  options: MountOptions
}

/**
 * Mounts a FUSE device that we have open, as the daemon's library would have done it.
 *
 * @throws FT_ENVIRONMENT when that is not allowed
 */
export function mountDevice({ libc, device, mountpoint, program, options }: MountDeviceOptions): void {
  const all = options.all
  const value = (name: string): string | undefined =>
    all.findLast((option) => option.startsWith(`${name}=`))?.slice(name.length + 1)
  const subtype = value('subtype') ?? basename(program)
  const mode = (statSync(mountpoint).mode & 0o170000).toString(8)
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0]
  // Of `ro` and `rw` the last one counts.
  let flags = all.reduce((sum, option) => sum | (FLAGS[option] ?? 0), (FLAGS.nosuid ?? 0) | (FLAGS.nodev ?? 0))
  if (!options.readOnly) flags &= ~MS_RDONLY
  const kernel = all.filter((option) => KERNEL_OPTIONS.test(option))
  try {
    libc.mount({
      source: value('fsname') ?? subtype,
      target: mountpoint,
      type: `fuse.${subtype}`,
      flags,
      options: [`fd=${device}`, `rootmode=${mode}`, `user_id=${uid}`, `group_id=${gid}`, ...new Set(kernel)].join(','),
    })
  } catch (cause) {
    throw new FusetraceError('FT_ENVIRONMENT', `a mount of our own could not be made: ${(cause as Error).message}`, {
      hint: 'to stand between kernel and daemon takes the right to mount: run it as root, or without --wire',
      cause,
    })
  }
}
