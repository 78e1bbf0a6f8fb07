import { rmSync } from 'node:fs'
import type { Clock } from '../clock.js'
import { processStat } from '../process/process-stat.js'
import { serialOf } from './connection.js'
import { servedConnections } from './daemon-connections.js'
import { connectionOf, isFuse, type Mount, readMounts } from './mountinfo.js'
import { bootId, type DirectoryIdentity, identify, type Note, processSpace, readNotes, writeNote } from './notes.js'
import { unmount } from './unmount.js'

/** A note of what a run has made; taken back when all of it is gone. */
export interface Registration {
  /** The daemon has been started. */
  daemon(pid: number): void
  /** Its mount is there. `serial` distinguishes its connection from a later one of the same number. */
  mounted(mount: Mount, serial: string | null): void
  /** All is gone. */
  remove(): void
}

/** One thing that a killed run left and that was taken away, or why not. */
export interface Cleaned {
  readonly what: 'mount' | 'daemon' | 'directory' | 'note'
  readonly name: string
  readonly problem: string | null
}

/** When a process started; null when there is none. */
function startOf(pid: number): string | null {
  const stat = processStat(pid)
  return stat === null || stat.state === 'Z' ? null : stat.start
}

/**
 * Notes what this process is about to make. `name` is unique within the process; `directory` has just been made by it.
 * Where no note can be kept, nothing is noted and nothing fails.
 */
export function register(made: { name: string; directory: string | null }): Registration {
  const ownerStart = startOf(process.pid)
  const directory = made.directory === null ? null : identify(made.directory)
  if (ownerStart === null) return { daemon: () => undefined, mounted: () => undefined, remove: () => undefined }
  let file: string | null = null
  let note: Note = {
    version: 1,
    owner: process.pid,
    ownerStart,
    space: processSpace(),
    boot: bootId(),
    directory,
    daemon: null,
    daemonStart: null,
    mount: null,
  }
  const save = (more: Partial<Note>): void => {
    note = { ...note, ...more }
    file = writeNote(`${process.pid}-${ownerStart}-${made.name.replace(/[^\w.-]/g, '_')}.json`, note)
  }
  save({})
  return {
    daemon(pid) {
      save({ daemon: pid, daemonStart: startOf(pid) ?? '0' })
    },
    mounted(mount, serial) {
      const mountpoint = Buffer.from(mount.mountpoint, 'latin1').toString('utf8')
      save({ mount: { id: mount.id, mountpoint, connection: connectionOf(mount), serial } })
    },
    remove() {
      if (file !== null) rmSync(file, { force: true })
    },
  }
}

/**
 * Takes away what runs that were killed have left: their daemons, mounts and temporary directories, each only when it is
 * provably what the run made (start time, connection, inode); anything else is named and left. What belongs to a run that still
 * lives is left alone.
 */
export async function cleanLeftovers(clock: Clock): Promise<Cleaned[]> {
  const { notes, bad } = readNotes()
  const cleaned: Cleaned[] = bad.map(({ file, problem }) => ({ what: 'note', name: file, problem }))
  const [boot, space] = [bootId(), processSpace()]
  const dead = notes.filter(({ note }) => note.boot !== boot || (note.space === space && !lives(note)))
  const stuck = new Set<string>()
  for (const { file, note } of dead) {
    const done = note.boot === boot ? await endRun(clock, note, cleaned) : true
    if (!done) stuck.add(file)
  }
  for (const { file, note } of dead) {
    if (stuck.has(file)) continue
    if (note.directory !== null) {
      const problem = await clearDirectory(clock, note.directory, cleaned)
      cleaned.push({ what: 'directory', name: note.directory.path, problem })
      // Of what is another's by now nothing is left to be done.
      if (problem !== null && problem !== OTHER) continue
    }
    rmSync(file, { force: true })
  }
  return cleaned
}

const lives = ({ owner, ownerStart }: Note): boolean => startOf(owner) === ownerStart

const OTHER = 'it is not the directory that was made; it stays'
const MOUNTED = 'something is mounted in it'

/** Ends the daemon and the mount of a note; false when one of them is still there. */
async function endRun(clock: Clock, note: Note, cleaned: Cleaned[]): Promise<boolean> {
  const { daemon, daemonStart, mount } = note
  const ours = daemon !== null && startOf(daemon) === daemonStart ? daemon : null
  // Which mount the daemon serves is to be asked before it is ended.
  const found = mount === null ? undefined : readMounts().find(({ id }) => id === mount.id)
  const proven =
    found !== undefined &&
    isFuse(found) &&
    ((mount?.serial !== null && serialOf(connectionOf(found)) === mount?.serial) ||
      (ours !== null && servedConnections(ours).has(connectionOf(found))))
  if (ours !== null) cleaned.push({ what: 'daemon', name: String(ours), problem: end(ours) })
  // Inside of our own directory it is proven by that, below.
  if (found === undefined || (note.directory !== null && within(found, note.directory.path))) return true
  const name = mount?.mountpoint ?? ''
  if (!proven) {
    cleaned.push({ what: 'mount', name, problem: 'it cannot be proven to be what was left; it stays' })
    return true
  }
  const problem = await takeDown(clock, found)
  cleaned.push({ what: 'mount', name, problem })
  return problem === null
}

/** Unmounts what FUSE has mounted in a directory of ours, then removes it; why not otherwise. */
async function clearDirectory(clock: Clock, directory: DirectoryIdentity, cleaned: Cleaned[]): Promise<string | null> {
  const inside = fuseMountsIn(directory.path)
  // What is mounted on the directory itself hides its inode; that mount has a note of its own, or is not ours.
  if (inside.some(({ mountpoint }) => mountpoint === raw(directory.path))) return MOUNTED
  const now = identify(directory.path)
  if (now === null) return null
  if (now.dev !== directory.dev || now.ino !== directory.ino) return OTHER
  for (const mount of inside) {
    const problem = await takeDown(clock, mount)
    cleaned.push({ what: 'mount', name: Buffer.from(mount.mountpoint, 'latin1').toString('utf8'), problem })
  }
  return removeDirectory(directory.path)
}

/** Unmounts everything that FUSE daemons have mounted in a directory which only this process uses: also what was not asked for. */
export async function unmountWithin(clock: Clock, directory: string): Promise<void> {
  for (const mount of fuseMountsIn(directory)) await takeDown(clock, mount)
}

/** Removes a temporary directory, unless something is mounted in it: what is mounted is not ours to delete. */
export function removeDirectory(directory: string): string | null {
  if (readMounts().some((mount) => within(mount, directory))) return MOUNTED
  try {
    rmSync(directory, { recursive: true, force: true })
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** The one on top first. */
const fuseMountsIn = (directory: string): Mount[] =>
  readMounts()
    .filter((mount) => isFuse(mount) && within(mount, directory))
    .reverse()

const raw = (path: string): string => Buffer.from(path, 'utf8').toString('latin1')

const within = ({ mountpoint }: Mount, directory: string): boolean =>
  mountpoint === raw(directory) || mountpoint.startsWith(`${raw(directory)}/`)

/** Unmounts this mount and no other. */
async function takeDown(clock: Clock, mount: Mount): Promise<string | null> {
  const others = readMounts().filter(({ id }) => id !== mount.id)
  const { clean } = await unmount({
    clock,
    daemon: null,
    mountpoints: [Buffer.from(mount.mountpoint, 'latin1').toString('utf8')],
    before: new Set(others.map(({ id }) => id)),
  })
  return clean ? null : 'it could not be unmounted'
}

function end(pid: number): string | null {
  // Daemons are started in a group of their own; one that has left it is ended alone.
  const target = processStat(pid)?.group === pid ? -pid : pid
  try {
    process.kill(target, 'SIGKILL')
    return null
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? 'it belongs to another user' : null
  }
}
