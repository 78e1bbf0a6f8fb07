import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { isAbsolute, join } from 'node:path'

/** A directory as it was made: its name alone proves nothing, somebody else may have taken it since. */
export interface DirectoryIdentity {
  readonly path: string
  /** Device and inode number, decimal. */
  readonly dev: string
  readonly ino: string
}

/** A mount as it was when it came about. */
export interface MountIdentity {
  /** As `Mount.id`. */
  readonly id: string
  readonly mountpoint: string
  /** The kernel's number of the connection, and what distinguishes this connection from a later one of the same number. */
  readonly connection: number
  readonly serial: string | null
}

/** What a run has made outside of itself, so that the next run can clean up after one that was killed. */
export interface Note {
  readonly version: 1
  /** Process that owns all this, and when it started: process ids are used again. */
  readonly owner: number
  readonly ownerStart: string
  /** Where those ids mean something: containers may share the directory; after a reboot all processes are others. */
  readonly space: string
  readonly boot: string
  readonly directory: DirectoryIdentity | null
  readonly daemon: number | null
  readonly daemonStart: string | null
  readonly mount: MountIdentity | null
}

/** A file in the directory of notes that is no note, and why. */
export interface BadNote {
  readonly file: string
  readonly problem: string
}

const MAX_NOTE_BYTES = 16 * 1024
/** Notes read at one time. */
const MAX_NOTES = 10_000

/**
 * Where notes can be, the first that can be used is written to: the user's runtime directory, a directory of the user's own in
 * that for temporary files, one in the home directory (where somebody else has taken the name of the one before).
 */
function noteDirectories(): string[] {
  const user = process.getuid?.() ?? 0
  const runtime = process.env.XDG_RUNTIME_DIR ?? ''
  return [
    ...(isAbsolute(runtime) && ownProblem(runtime) === null ? [join(runtime, 'fusetrace-notes')] : []),
    join(tmpdir(), `fusetrace-notes-${user}`),
    join(homedir(), '.cache', 'fusetrace-notes'),
  ]
}

/** Why a directory is not one that only this user can write to; null when it is, `'absent'` when there is nothing. */
function ownProblem(path: string): string | null {
  let stat: Stats
  try {
    stat = lstatSync(path)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'absent' : 'it cannot be looked at'
  }
  if (stat.isSymbolicLink()) return 'it is a link'
  if (!stat.isDirectory()) return 'it is no directory'
  if (stat.uid !== process.getuid?.()) return 'it belongs to another user'
  if ((stat.mode & 0o022) !== 0) return 'others can write to it'
  return null
}

/** Writes a note under its name, whole at any time; null when there is no place that only this user can write to. */
export function writeNote(name: string, note: Note): string | null {
  for (const directory of noteDirectories()) {
    try {
      if (ownProblem(directory) === 'absent') mkdirSync(directory, { recursive: true, mode: 0o700 })
      if (ownProblem(directory) !== null) continue
      const file = join(directory, name)
      // A name that is there already is not written through, whatever it is.
      rmSync(`${file}.new`, { force: true })
      writeFileSync(`${file}.new`, JSON.stringify(note), { flag: 'wx', mode: 0o600 })
      renameSync(`${file}.new`, file)
      return file
    } catch {
      // A full disk or a directory that cannot be made: the next.
    }
  }
  return null
}

/** All notes of this user, and what looks like one and is none. */
export function readNotes(): { notes: { file: string; note: Note }[]; bad: BadNote[] } {
  const notes: { file: string; note: Note }[] = []
  const bad: BadNote[] = []
  for (const directory of noteDirectories()) {
    const problem = ownProblem(directory)
    if (problem === 'absent') continue
    if (problem !== null) {
      bad.push({ file: directory, problem: `${problem}; nothing in it is believed` })
      continue
    }
    for (const name of readdirSync(directory).slice(0, MAX_NOTES)) {
      if (!name.endsWith('.json')) continue
      const file = join(directory, name)
      const note = readNote(file)
      if (note === null) continue
      if (typeof note === 'string') bad.push({ file, problem: note })
      else notes.push({ file, note })
    }
  }
  return { notes, bad }
}

/** Reads a note without following a link or waiting for a writer; why not otherwise, null when it has gone meanwhile. */
function readNote(path: string): Note | string | null {
  let file: number
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? null : code === 'ELOOP' ? 'it is a link' : `it cannot be read (${code})`
  }
  try {
    const stat = fstatSync(file)
    if (!stat.isFile()) return 'it is no file'
    if (stat.uid !== process.getuid?.()) return 'it belongs to another user'
    if (stat.size > MAX_NOTE_BYTES) return 'it is too long'
    const bytes = Buffer.alloc(MAX_NOTE_BYTES)
    const length = readSync(file, bytes, 0, bytes.length, 0)
    return decodeNote(bytes.toString('utf8', 0, length)) ?? 'it is not understood'
  } catch {
    return 'it cannot be read'
  } finally {
    closeSync(file)
  }
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= 8192
const isPid = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 1
const isDecimal = (value: unknown): value is string => isText(value) && /^\d{1,20}$/.test(value)
const isPath = (value: unknown): value is string => isText(value) && isAbsolute(value) && !value.includes('\0')

/** A note from its text; null when it is none. */
function decodeNote(text: string): Note | null {
  let value: Partial<Record<keyof Note, unknown>> | null
  try {
    value = JSON.parse(text) as typeof value
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null || value.version !== 1) return null
  const { owner, ownerStart, space, boot, directory, daemon, daemonStart, mount } = value
  if (!isPid(owner) || !isDecimal(ownerStart) || !isText(space) || !isText(boot)) return null
  if (daemon !== null && !(isPid(daemon) && isDecimal(daemonStart))) return null
  const d = directory as Partial<DirectoryIdentity> | null
  if (d !== null && !(isPath(d?.path) && isDecimal(d.dev) && isDecimal(d.ino))) return null
  const m = mount as Partial<MountIdentity> | null
  if (m !== null && !(isText(m?.id) && isPath(m.mountpoint) && Number.isSafeInteger(m.connection))) return null
  if (m !== null && m.serial !== null && !isText(m.serial)) return null
  return value as unknown as Note
}

/** The process namespace that we are in; empty where there is no such thing. */
export function processSpace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return ''
  }
}

/** Distinguishes this run of the machine from the one before. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
  } catch {
    return ''
  }
}

/** A directory as it is now; null when it is none (a link is none). */
export function identify(path: string): DirectoryIdentity | null {
  try {
    const stat = lstatSync(path, { bigint: true })
    if (!stat.isDirectory() || Number(stat.uid) !== process.getuid?.()) return null
    return { path, dev: String(stat.dev), ino: String(stat.ino) }
  } catch {
    return null
  }
}
