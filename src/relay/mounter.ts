import { closeSync, constants, openSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import type { Clock } from '../clock.js'
import { FusetraceError } from '../errors.js'
import type { Libc } from '../native/libc.js'
import type { MountOptions } from '../transport/mount-options.js'
import { mountByHelper, mountHelper } from './user-mount.js'

/** A mount, as the daemon's library would have made it. */
export interface MountRequest {
  readonly mountpoint: string
  /** The daemon's program, for the type that mountinfo shows. */
  readonly program: string
  /** What the daemon would have given the kernel. */
  readonly options: MountOptions
}

/** Makes one FUSE mount. */
export interface Mounter {
  /**
   * @returns the open device behind the mount; whoever gets it closes it
   * @throws FT_ENVIRONMENT when that is not allowed
   */
  mount(request: MountRequest): Promise<number>
  /** Lets go of what was opened for a mount that was not made. */
  dispose(): void
}

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

/**
 * How this process can mount: root by mount(2), everybody else by fusermount3, as every user's daemon does it.
 *
 * @throws FT_ENVIRONMENT where neither can be
 */
export function chooseMounter(libc: Libc, clock: Clock, root: boolean = process.getuid?.() === 0): Mounter {
  if (root) return rootMounter(libc, openDevice())
  const helper = mountHelper(process.env.PATH ?? '')
  return {
    mount: ({ mountpoint, program, options }) => {
      const { source, subtype, kernel } = named(program, options)
      const flags = Object.keys(FLAGS).filter((flag) => flag !== 'ro' && options.all.includes(flag))
      const all = [options.readOnly ? 'ro' : 'rw', ...flags, ...kernel, `fsname=${source}`, `subtype=${subtype}`]
      return mountByHelper({ libc, clock, helper, mountpoint, options: all })
    },
    dispose: () => undefined,
  }
}

function openDevice(): number {
  try {
    return openSync('/dev/fuse', constants.O_RDWR)
  } catch (cause) {
    throw new FusetraceError('FT_ENVIRONMENT', `/dev/fuse cannot be opened: ${(cause as Error).message}`, {
      hint: 'modprobe fuse; in a container: --device /dev/fuse --cap-add SYS_ADMIN',
      cause,
    })
  }
}

/** What a mount is called, and what of its options the kernel takes. */
function named(program: string, { all }: MountOptions): { source: string; subtype: string; kernel: string[] } {
  const value = (name: string): string | undefined =>
    all.findLast((option) => option.startsWith(`${name}=`))?.slice(name.length + 1)
  const subtype = value('subtype') ?? basename(program)
  const kernel = [...new Set(all.filter((option) => KERNEL_OPTIONS.test(option)))]
  return { source: value('fsname') ?? subtype, subtype, kernel }
}

function rootMounter(libc: Libc, device: number): Mounter {
  let handedOver = false
  return {
    async mount({ mountpoint, program, options }) {
      const { source, subtype, kernel } = named(program, options)
      const mode = (statSync(mountpoint).mode & 0o170000).toString(8)
      const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0]
      // Of `ro` and `rw` the last one counts.
      let flags = options.all.reduce(
        (sum, option) => sum | (FLAGS[option] ?? 0),
        (FLAGS.nosuid ?? 0) | (FLAGS.nodev ?? 0),
      )
      if (!options.readOnly) flags &= ~MS_RDONLY
      const data = [`fd=${device}`, `rootmode=${mode}`, `user_id=${uid}`, `group_id=${gid}`, ...kernel].join(',')
      try {
        libc.mount({ source, target: mountpoint, type: `fuse.${subtype}`, flags, options: data })
      } catch (cause) {
        throw new FusetraceError(
          'FT_ENVIRONMENT',
          `a mount of our own could not be made: ${(cause as Error).message}`,
          {
            hint: 'to stand between kernel and daemon takes the right to mount; in a container: --cap-add SYS_ADMIN; or go without --wire',
            cause,
          },
        )
      }
      handedOver = true
      return device
    },
    dispose() {
      if (!handedOver) closeSync(device)
      handedOver = true
    },
  }
}
