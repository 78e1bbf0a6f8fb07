import { constants } from 'node:fs'
import type { DirectoryEntry } from '../directory.js'
import type { Vfs } from '../vfs.js'

/** The names of a directory as libuv lists them: without `.` and `..`, in the order of their bytes. */
export async function scan(vfs: Vfs, path: string): Promise<DirectoryEntry[]> {
  const directory = await vfs.open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NONBLOCK)
  try {
    // The C library asks how large blocks are.
    await vfs.stat(directory, { mask: 0x7ff })
    const entries = await vfs.readdir(directory)
    return entries
      .filter(({ name }) => name !== '.' && name !== '..')
      .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  } finally {
    await vfs.close(directory)
  }
}
