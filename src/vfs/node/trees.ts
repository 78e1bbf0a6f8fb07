import { Errno, isErrno } from '../errno.js'
import type { Vfs } from '../vfs.js'
import { asNode, nodeError } from './errors.js'
import type { NodePath } from './paths.js'
import { scan } from './scan.js'

const parentOf = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf('/')))
const childOf = ({ raw, given }: NodePath, name: string): NodePath => ({
  raw: `${raw === '/' ? '' : raw}/${name}`,
  given: `${given}/${Buffer.from(name, 'latin1').toString('utf8')}`,
})

/**
 * Makes a directory and those above it, deepest first, as Node does.
 *
 * @returns the first that was made; undefined when all were there
 */
export async function makeDirectories(vfs: Vfs, path: NodePath, mode: number): Promise<string | undefined> {
  const wanted = [path.raw.replace(/(.)\/+$/, '$1')]
  let first: string | undefined
  const fail = (code: string): never => {
    throw nodeError(code, { syscall: 'mkdir', path: path.given })
  }
  for (let next = wanted.pop(); next !== undefined; next = wanted.pop()) {
    try {
      await vfs.mkdir(next, mode)
      first ??= next
    } catch (error) {
      if (!isErrno(error)) throw error
      if (['EACCES', 'ENOSPC', 'ENOTDIR', 'EPERM'].includes(error.code)) fail(error.code)
      if (error.code === 'ENOENT') {
        const parent = parentOf(next)
        if (parent === next) fail('ENOENT')
        wanted.push(next, parent)
        continue
      }
      const { mode: found } = await asNode({ syscall: 'mkdir', path: path.given }, () => vfs.stat(next as string))
      if ((found & 0o170000) !== 0o040000) fail(error.code === 'EEXIST' && wanted.length > 0 ? 'ENOTDIR' : 'EEXIST')
    }
  }
  if (first === undefined) return undefined
  // Reported as it was given: with the directory in front.
  const prefix = path.given.slice(0, path.given.length - Buffer.from(path.raw, 'latin1').toString('utf8').length)
  return prefix + Buffer.from(first, 'latin1').toString('utf8')
}

/** Removes a file, or a directory with all that is in it, with the calls that Node makes. */
export async function removeTree(
  vfs: Vfs,
  path: NodePath,
  options: { force?: boolean; recursive?: boolean } = { recursive: true },
): Promise<void> {
  try {
    const { mode } = await vfs.stat(path.raw, { follow: false })
    if ((mode & 0o170000) === 0o040000 && !options.recursive) {
      const message = `Path is a directory: rm returned EISDIR (is a directory) ${path.given}`
      throw Object.assign(new Error(message), {
        name: 'SystemError',
        code: 'ERR_FS_EISDIR',
        errno: 21,
        syscall: 'rm',
        path: path.given,
      })
    }
  } catch (error) {
    if (!isErrno(error)) throw error
    if (error.code !== 'ENOENT' || !options.force) throw nodeError(error.code, { syscall: 'lstat', path: path.given })
  }
  await removeAny(vfs, path)
}

async function removeAny(vfs: Vfs, path: NodePath): Promise<void> {
  let mode: number
  try {
    mode = (await vfs.stat(path.raw, { follow: false })).mode
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return
    throw error instanceof Errno ? nodeError(error.code, { syscall: 'lstat', path: path.given }) : error
  }
  if ((mode & 0o170000) !== 0o040000) {
    await asNode({ syscall: 'unlink', path: path.given }, () => vfs.unlink(path.raw)).catch(ignoreMissing)
    return
  }
  try {
    await vfs.rmdir(path.raw)
  } catch (error) {
    if (!isErrno(error)) throw error
    if (error.code === 'ENOENT') return
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') {
      throw nodeError(error.code, { syscall: 'rmdir', path: path.given })
    }
    const entries = await asNode({ syscall: 'scandir', path: path.given }, () => scan(vfs, path.raw))
    await Promise.all(entries.map(({ name }) => removeAny(vfs, childOf(path, name))))
    await asNode({ syscall: 'rmdir', path: path.given }, () => vfs.rmdir(path.raw))
  }
}

function ignoreMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
}
