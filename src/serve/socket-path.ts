import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync, realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

/** Where monitors of this user listen by default; only the user can get there. */
export function socketDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  const runtime = environment.XDG_RUNTIME_DIR
  return runtime ? join(runtime, 'fusetrace') : join(tmpdir(), `fusetrace-sockets-${process.getuid?.() ?? 0}`)
}

/** Why nothing in this directory can be trusted; null when it is this user's alone. */
export function directoryProblem(directory: string): string | null {
  const stat = lstatSync(directory, { throwIfNoEntry: false })
  if (!stat) return 'there is none'
  if (!stat.isDirectory()) return 'it is no directory'
  if (stat.uid !== process.getuid?.()) return 'it belongs to another user'
  return (stat.mode & 0o077) === 0 ? null : 'others can get into it'
}

/** Makes the directory. Returns why it cannot be used. */
export function makeSocketDirectory(directory: string): string | null {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
  } catch (error) {
    return (error as Error).message
  }
  return directoryProblem(directory)
}

/** The socket of the monitor of a mountpoint: its name follows from the mountpoint alone. */
export function socketOf(mountpoint: string, directory: string): string {
  return join(directory, `${createHash('sha256').update(mountpoint).digest('hex').slice(0, 24)}.sock`)
}

/** The monitor of the mount that a path lies in, if one is served: its socket, and the path below the mountpoint. */
export function socketFor(path: string, directory: string): { socket: string; below: string } | null {
  if (directoryProblem(directory) !== null) return null
  // The mount itself is not asked: it may hang. Only what is above it is resolved.
  const full = resolve(path)
  for (let at = full; ; at = dirname(at)) {
    for (const mountpoint of new Set([at, above(at)])) {
      const socket = socketOf(mountpoint, directory)
      if (lstatSync(socket, { throwIfNoEntry: false })?.isSocket()) {
        return { socket, below: at === '/' ? full : full.slice(at.length) || '/' }
      }
    }
    if (dirname(at) === at) return null
  }
}

/** A path with links in its parent resolved. */
function above(path: string): string {
  try {
    return join(realpathSync(dirname(path)), path.slice(dirname(path).length))
  } catch {
    return path
  }
}
