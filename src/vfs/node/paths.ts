import { constants } from 'node:fs'
import { FusetraceError } from '../../errors.js'
import type { Raw } from '../../line/line.js'

/** A path as it was given, for errors, and the part below the file system's root, in bytes. */
export interface NodePath {
  readonly given: string
  readonly raw: Raw
}

/** A path below a directory as the file system sees it. */
export function below(directory: string, path: unknown): NodePath {
  if (typeof path !== 'string' && !(path instanceof Uint8Array)) {
    throw new FusetraceError('FT_USAGE', `a path is a string or bytes, not ${typeof path}`)
  }
  const bytes = typeof path === 'string' ? Buffer.from(path, 'utf8') : Buffer.from(path)
  const raw = bytes.toString('latin1')
  if (raw.includes('\0')) {
    const error: NodeJS.ErrnoException = new TypeError('a path must not hold null bytes')
    error.code = 'ERR_INVALID_ARG_VALUE'
    throw error
  }
  const root = Buffer.from(directory, 'utf8').toString('latin1')
  const inside = raw === root || raw.startsWith(`${root}/`) ? raw.slice(root.length) : raw
  return { given: bytes.toString('utf8'), raw: inside === '' ? '/' : inside }
}

const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_SYNC, O_TRUNC, O_WRONLY } = constants

const FLAGS: Readonly<Record<string, number>> = {
  r: O_RDONLY,
  rs: O_RDONLY | O_SYNC,
  sr: O_RDONLY | O_SYNC,
  'r+': O_RDWR,
  'rs+': O_RDWR | O_SYNC,
  'sr+': O_RDWR | O_SYNC,
  w: O_TRUNC | O_CREAT | O_WRONLY,
  wx: O_TRUNC | O_CREAT | O_WRONLY | O_EXCL,
  xw: O_TRUNC | O_CREAT | O_WRONLY | O_EXCL,
  'w+': O_TRUNC | O_CREAT | O_RDWR,
  'wx+': O_TRUNC | O_CREAT | O_RDWR | O_EXCL,
  'xw+': O_TRUNC | O_CREAT | O_RDWR | O_EXCL,
  a: O_APPEND | O_CREAT | O_WRONLY,
  ax: O_APPEND | O_CREAT | O_WRONLY | O_EXCL,
  xa: O_APPEND | O_CREAT | O_WRONLY | O_EXCL,
  as: O_APPEND | O_CREAT | O_WRONLY | O_SYNC,
  sa: O_APPEND | O_CREAT | O_WRONLY | O_SYNC,
  'a+': O_APPEND | O_CREAT | O_RDWR,
  'ax+': O_APPEND | O_CREAT | O_RDWR | O_EXCL,
  'xa+': O_APPEND | O_CREAT | O_RDWR | O_EXCL,
  'as+': O_APPEND | O_CREAT | O_RDWR | O_SYNC,
  'sa+': O_APPEND | O_CREAT | O_RDWR | O_SYNC,
}

/** Node's flags of opening as open(2) has them. */
export function openFlags(flags: string | number | undefined | null, otherwise: string = 'r'): number {
  const given = flags ?? otherwise
  if (typeof given === 'number') return given
  const known = FLAGS[given]
  if (known !== undefined) return known
  const error: NodeJS.ErrnoException = new TypeError(`the argument 'flags' is invalid. Received '${given}'`)
  error.code = 'ERR_INVALID_ARG_VALUE'
  throw error
}

/** A time as Node takes it (seconds, a Date, a string of seconds), in ns, as fine as libuv passes on. */
export function timeNs(time: unknown): bigint {
  const seconds = time instanceof Date ? time.getTime() / 1000 : Number(time)
  if (!Number.isFinite(seconds))
    throw new TypeError(`a time is a number, a Date or a string of seconds, not ${String(time)}`)
  const whole = Math.floor(seconds)
  const microseconds = Math.floor((seconds - whole) * 1e6 + 1e-4)
  return BigInt(whole) * 1_000_000_000n + BigInt(microseconds) * 1000n
}

/** Node's modes: numbers, or octal text. */
export function modeOf(mode: unknown, otherwise: number): number {
  if (mode === undefined || mode === null) return otherwise
  return typeof mode === 'string' ? Number.parseInt(mode, 8) : Number(mode)
}
