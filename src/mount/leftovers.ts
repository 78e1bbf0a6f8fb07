import { mkdirSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../clock.js'
import { processStat } from '../process/process-stat.js'
import { mountAt, readMounts } from './mountinfo.js'
import { unmount } from './unmount.js'

/** What a run has made outside of itself. Kept in a file, so that the next run can clean up after one that was killed. */
export interface Belongings {
  /** Process that owns all this, and when it started: process ids are used again. */
  owner: number
  ownerStart: string | null
  /** Where those ids mean something: containers may share the directory for temporary files. */
  space: string | null
  /** Temporary directory with the mountpoint and the branches in it. */
  directory: string
  mountpoint: string
  daemon: number | null
  daemonStart: string | null
}

/** A note of what a run has made; taken back when all of it is gone. */
export interface Registration {
  /** The daemon has been started. */
  daemon(pid: number): void
  /** All is gone. */
  remove(): void
}

/** One thing that a killed run left and that was taken away, or why not. */
export interface Cleaned {
  readonly what: 'mount' | 'daemon' | 'directory'
  readonly name: string
  readonly problem: string | null
}

const registry = (): string => join(tmpdir(), `fusetrace-runs-${process.getuid?.() ?? 0}`)

/** When a process started; null when there is none. */
function startOf(pid: number): string | null {
  const stat = processStat(pid)
  return stat === null || stat.state === 'Z' ? null : stat.start
}

/** The process namespace that we are in; null where there is no such thing. */
function spaceOf(): string | null {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return null
  }
}

/** Notes what this process is about to make. `name` is unique within the process. */
export function register(made: { name: string; directory: string; mountpoint: string }): Registration {
  const file = join(registry(), `${process.pid}-${made.name}.json`)
  const belongings: Belongings = {
    owner: process.pid,
    ownerStart: startOf(process.pid),
    space: spaceOf(),
    directory: made.directory,
    mountpoint: made.mountpoint,
    daemon: null,
    daemonStart: null,
  }
  const save = (): void => {
    mkdirSync(registry(), { recursive: true, mode: 0o700 })
    writeFileSync(`${file}.new`, JSON.stringify(belongings))
    renameSync(`${file}.new`, file)
  }
  save()
  return {
    daemon(pid) {
      belongings.daemon = pid
      belongings.daemonStart = startOf(pid)
      save()
    },
    remove() {
      rmSync(file, { force: true })
    },
  }
}

/**
 * Takes away what runs that were killed have left: their mounts, daemons and temporary directories. What belongs to a
 * run that still lives is left alone.
 */
export async function cleanLeftovers(clock: Clock): Promise<Cleaned[]> {
  const cleaned: Cleaned[] = []
  for (const file of filesOf(registry())) {
    const belongings = read(file)
    if (belongings === null || belongings.space !== spaceOf()) continue
    if (belongings.ownerStart !== null && startOf(belongings.owner) === belongings.ownerStart) continue
    const { daemon, daemonStart, mountpoint, directory } = belongings
    if (daemon !== null && daemonStart !== null && startOf(daemon) === daemonStart) {
      cleaned.push({ what: 'daemon', name: String(daemon), problem: end(daemon) })
    }
    if (mountAt(readMounts(), mountpoint)) {
      const { clean: done } = await unmount({ clock, daemon: null, mountpoints: [mountpoint], before: new Set() })
      cleaned.push({ what: 'mount', name: mountpoint, problem: done ? null : 'it could not be unmounted' })
      if (!done) continue
    }
    cleaned.push({ what: 'directory', name: directory, problem: removeDirectory(directory) })
    rmSync(file, { force: true })
  }
  return cleaned
}

/** Removes a temporary directory, unless something is mounted in it: what is mounted is not ours to delete. */
export function removeDirectory(directory: string): string | null {
  const raw = Buffer.from(directory, 'utf8').toString('latin1')
  const mount = readMounts().find(({ mountpoint }) => mountpoint === raw || mountpoint.startsWith(`${raw}/`))
  if (mount) return 'something is mounted in it'
  try {
    rmSync(directory, { recursive: true, force: true })
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function end(pid: number): string | null {
  // The whole group: daemons are started in one of their own.
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, 'SIGKILL')
      return null
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EPERM') return 'it belongs to another user'
    }
  }
  return null
}

function filesOf(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => name.endsWith('.json'))
      .map((name) => join(directory, name))
  } catch {
    return []
  }
}

function read(file: string): Belongings | null {
  try {
    const value = JSON.parse(readFileSync(file, 'utf8')) as Belongings
    return typeof value.directory === 'string' && typeof value.mountpoint === 'string' ? value : null
  } catch {
    return null
  }
}
