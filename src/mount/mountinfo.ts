import { readFileSync, realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { Raw } from '../line/line.js'
import { unescapeOctal } from '../line/text.js'

/** One line of `/proc/self/mountinfo`. */
export interface Mount {
  /**
   * Distinguishes this mount from all others: the kernel's id, the device and the mountpoint. The kernel's id alone is given to the
   * next mount as soon as this one has gone.
   */
  readonly id: string
  readonly parent: number
  readonly major: number
  readonly minor: number
  /** What of the file system is mounted: `/` is all of it. Raw bytes, escapes undone. */
  readonly root: Raw
  /** Raw bytes, escapes undone. */
  readonly mountpoint: Raw
  /** `fuse.bindfs`, `fuseblk`, `ext4` … */
  readonly type: string
  readonly source: Raw
}

/** Reads `/proc/self/mountinfo`, oldest mount first; never touches a mount, so it cannot hang. */
export function readMounts(): Mount[] {
  return parseMountinfo(readFileSync('/proc/self/mountinfo', 'latin1'))
}

/** Parses mountinfo text (see proc_pid_mountinfo(5)); lines that are none are left out. */
export function parseMountinfo(text: Raw): Mount[] {
  const mounts: Mount[] = []
  for (const line of text.split('\n')) {
    const fields = line.split(' ')
    const dash = fields.indexOf('-', 6)
    const device = /^(\d+):(\d+)$/.exec(fields[2] ?? '')
    if (dash < 0 || device === null) continue
    const mountpoint = unescapeOctal(fields[4] ?? '')
    mounts.push({
      id: `${fields[0]} ${fields[2]} ${mountpoint}`,
      parent: Number(fields[1]),
      major: Number(device[1]),
      minor: Number(device[2]),
      root: unescapeOctal(fields[3] ?? ''),
      mountpoint,
      type: fields[dash + 1] ?? '',
      source: unescapeOctal(fields[dash + 2] ?? ''),
    })
  }
  return mounts
}

/** True for mounts that a FUSE daemon serves. */
export function isFuse(mount: Mount): boolean {
  return (
    mount.type === 'fuse' ||
    mount.type === 'fuseblk' ||
    mount.type.startsWith('fuse.') ||
    mount.type.startsWith('fuseblk.')
  )
}

/**
 * The kernel's number of the connection: the minor device number; on block devices (`fuseblk`) both numbers together.
 * It names the directory below `/sys/fs/fuse/connections` and stands in the tracepoints.
 */
export function connectionOf(mount: Mount): number {
  return mount.major * 2 ** 20 + mount.minor
}

/** The mount that a directory (raw, as mountinfo names it) lies in: the latest of those whose mountpoint is the longest. */
export function mountAround(mounts: readonly Mount[], directory: Raw): Mount | undefined {
  let best: Mount | undefined
  for (const mount of mounts) {
    const at = mount.mountpoint
    const within = at === '/' || directory === at || directory.startsWith(`${at}/`)
    if (within && (best === undefined || at.length >= best.mountpoint.length)) best = mount
  }
  return best
}

/** The mount on top at this mountpoint, if any. */
export function mountAt(mounts: readonly Mount[], mountpoint: string): Mount | undefined {
  const raw = Buffer.from(mountpoint, 'utf8').toString('latin1')
  return mounts.findLast((mount) => mount.mountpoint === raw)
}

/**
 * The path as mountinfo names it: absolute, without symbolic links. To be asked before a daemon mounts there.
 *
 * @throws what `realpath` throws when the parent does not exist
 */
export function canonicalMountpoint(path: string): string {
  const absolute = resolve(path)
  try {
    return realpathSync(absolute)
  } catch {
    // It may not exist yet, or be a dead mount, which cannot be looked at; its parent can.
    return join(realpathSync(dirname(absolute)), basename(absolute))
  }
}
