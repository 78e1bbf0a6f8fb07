import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { FusetraceError } from '../errors.js'
import { journalFiles, journalOwner } from './journal-file.js'

/** The file that a recording is written to: `NAME.partial`, which becomes `NAME` when it is finished. */
export interface Target {
  /** Where it is open; another one after `replace`. */
  readonly file: number
  /** False for standard output, devices and pipes: nothing of it can be renamed or taken back. */
  readonly renamed: boolean
  /**
   * Gives the finished file its name; without `replace` only if nothing has that name.
   *
   * @returns the name that it has now
   * @throws FT_OUTPUT when somebody has taken it, or the unfinished one, meanwhile
   */
  finish(replace: boolean): string
  /**
   * Puts other bytes in the place of all that was written, at once: a reader finds either.
   *
   * @returns false when that could not be done; then nothing has changed
   */
  replace(parts: readonly Buffer[]): boolean
  /** Closes it under its unfinished name. */
  abandon(): void
  /** Removes it. */
  discard(): void
}

/**
 * Opens the output of a recording. Nothing that exists is written over, followed or removed without `force`; what a living
 * process is writing not even then.
 *
 * @throws FT_USAGE when something is there, FT_INPUT or FT_OUTPUT (a full disk) when the file cannot be made
 */
export function openTarget(path: string, { force = false }: { force?: boolean } = {}): Target {
  if (path === '-') return stream(path, 1)
  const partial = `${path}.partial`
  try {
    const there = statSync(path, { throwIfNoEntry: false })
    if (there?.isDirectory()) throw new Error('it is a directory')
    // A pipe without a reader is an error, not a wait.
    if (there && !there.isFile()) return stream(path, openSync(path, constants.O_WRONLY | constants.O_NONBLOCK))
    if (!force && lstatSync(path, { throwIfNoEntry: false })) {
      throw new FusetraceError('FT_USAGE', `${path} exists already`, {
        hint: 'give another name, or --force to replace it',
      })
    }
    if (lstatSync(partial, { throwIfNoEntry: false })) makeWay(path, partial, force)
    return named(path, partial, openSync(partial, 'wx', 0o666), force)
  } catch (error) {
    throw error instanceof FusetraceError ? error : cannotWrite(path, error)
  }
}

/** An error of the system while an output was being written, with what to try. */
export function cannotWrite(path: string, error: unknown): FusetraceError {
  const { code, message } = error as NodeJS.ErrnoException
  const hint =
    code === 'ENOSPC' || code === 'EDQUOT'
      ? 'the disk is full: make room, or write elsewhere'
      : 'check that its directory exists and can be written to'
  // What is given wrongly is not the machine's fault.
  const kind = code === 'ENOSPC' || code === 'EDQUOT' || code === 'EIO' || code === 'EPIPE' ? 'FT_OUTPUT' : 'FT_INPUT'
  return new FusetraceError(kind, `cannot write ${path === '-' ? 'standard output' : path}: ${message}`, {
    hint,
    cause: error,
  })
}

/** An unfinished recording of that name is there: it may be all that a killed run has left, or somebody is at it. */
function makeWay(path: string, partial: string, force: boolean): void {
  const owner = journalOwner(path)
  if (owner !== null) {
    throw new FusetraceError('FT_USAGE', `process ${owner} is recording to ${path}`, { hint: 'give another name' })
  }
  if (!force) {
    throw new FusetraceError('FT_USAGE', `there is an unfinished ${partial}`, {
      hint: 'it can be read (fusetrace info); move it away, or --force to replace it',
    })
  }
  for (const file of [partial, `${partial}.packed`, ...journalFiles(path)]) rmSync(file, { force: true })
}

function named(path: string, partial: string, opened: number, force: boolean): Target {
  let file = opened
  /** Whether the unfinished name still names what we write. */
  const ours = (): boolean => {
    const [now, own] = [lstatSync(partial, { throwIfNoEntry: false }), fstatSync(file)]
    return now?.ino === own.ino && now.dev === own.dev
  }
  return {
    get file() {
      return file
    },
    renamed: true,
    replace(parts) {
      const other = parts.length > 0 && ours() ? written(`${partial}.packed`, parts) : null
      if (other === null) return false
      try {
        renameSync(`${partial}.packed`, partial)
      } catch {
        closeSync(other)
        rmSync(`${partial}.packed`, { force: true })
        return false
      }
      closeSync(file)
      file = other
      return true
    },
    finish(replace) {
      fsyncSync(file)
      const taken = !ours()
      closeSync(file)
      if (taken) throw new FusetraceError('FT_OUTPUT', `${partial} was removed or replaced while it was written`)
      if (force && !replace && existsSync(path)) return partial
      if (force) renameSync(partial, path)
      else give(path, partial)
      return path
    },
    abandon: () => closeSync(file),
    discard() {
      const remove = ours()
      closeSync(file)
      if (remove) rmSync(partial, { force: true })
    },
  }
}

/** A new file with these bytes, open; null when that could not be done, and then it is not there. */
function written(path: string, parts: readonly Buffer[]): number | null {
  let file: number
  try {
    file = openSync(path, 'wx', 0o666)
  } catch {
    return null
  }
  try {
    for (const part of parts) {
      for (let from = 0; from < part.length; ) from += writeSync(file, part, from)
    }
    return file
  } catch {
    closeSync(file)
    rmSync(path, { force: true })
    return null
  }
}

/** Renames without replacing what has come meanwhile. */
function give(path: string, partial: string): void {
  try {
    linkSync(partial, path)
    rmSync(partial, { force: true })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // Some file systems have no hard links.
    if (code !== 'EEXIST' && !existsSync(path)) renameSync(partial, path)
    else {
      throw new FusetraceError('FT_OUTPUT', `${path} has come to exist while it was recorded`, {
        hint: `the recording is whole, in ${partial}: rename it`,
        cause: error,
      })
    }
  }
}

function stream(name: string, file: number): Target {
  const close = (): void => {
    if (file !== 1) closeSync(file)
  }
  return {
    file,
    renamed: false,
    replace: () => false,
    finish() {
      close()
      return name
    },
    abandon: close,
    discard: close,
  }
}
