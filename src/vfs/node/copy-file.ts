import { constants } from 'node:fs'
import type { Raw } from '../../line/line.js'
import { Errno } from '../errno.js'
import type { OpenFile } from '../open-file.js'
import type { Vfs } from '../vfs.js'

const { COPYFILE_EXCL, COPYFILE_FICLONE_FORCE, O_CREAT, O_EXCL, O_RDONLY, O_WRONLY } = constants

/** Copies a file with the calls that libuv makes, which closes the source first. */
export async function copyFile(vfs: Vfs, from: Raw, to: Raw, mode: number): Promise<void> {
  const source = await vfs.open(from, O_RDONLY)
  let target: OpenFile | null = null
  try {
    const stat = await vfs.stat(source)
    const exclusive = (mode & COPYFILE_EXCL) !== 0
    target = await vfs.open(to, O_WRONLY | O_CREAT | (exclusive ? O_EXCL : 0), stat.mode)
    if (!exclusive) {
      await vfs.stat(target)
      if (source.inode === target.inode) return
      await vfs.truncate(target, 0n)
    }
    await vfs.chmod(target, stat.mode & 0o7777)
    // FUSE has no clones: whoever insists on one cannot have it.
    if ((mode & COPYFILE_FICLONE_FORCE) !== 0) throw new Errno('EOPNOTSUPP')
    const size = Number(stat.size)
    for (let done = 0; done < size; ) {
      const copied = await vfs.copyRange(source, done, target, done, size - done)
      if (copied === 0) break
      done += copied
    }
  } finally {
    await vfs.close(source)
    if (target) await vfs.close(target)
  }
}
