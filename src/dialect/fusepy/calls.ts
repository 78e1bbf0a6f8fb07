import type { Raw } from '../../line/line.js'
import { errnoOf } from '../core/errno.js'
import { pythonQuoted } from '../text/python-text.js'

/** What a method's first argument is, when it is a string. */
type First = 'newPath' | 'oldPath' | 'target' | 'xattr'

/** fusepy's methods: the kernel's request, and what its first argument is. */
export const METHODS: Readonly<Record<string, readonly [opcode: string, first?: First]>> = {
  access: ['access'],
  bmap: ['bmap'],
  chmod: ['setattr'],
  chown: ['setattr'],
  create: ['create'],
  destroy: ['destroy'],
  fallocate: ['fallocate'],
  flush: ['flush'],
  fsync: ['fsync'],
  fsyncdir: ['fsyncdir'],
  getattr: ['getattr'],
  getxattr: ['getxattr', 'xattr'],
  init: ['init'],
  ioctl: ['ioctl'],
  link: ['link', 'oldPath'],
  listxattr: ['listxattr'],
  lock: ['setlk'],
  mkdir: ['mkdir'],
  mknod: ['mknod'],
  open: ['open'],
  opendir: ['opendir'],
  read: ['read'],
  readdir: ['readdir'],
  readlink: ['readlink'],
  release: ['release'],
  releasedir: ['releasedir'],
  removexattr: ['removexattr', 'xattr'],
  rename: ['rename', 'newPath'],
  rmdir: ['rmdir'],
  setxattr: ['setxattr', 'xattr'],
  statfs: ['statfs'],
  symlink: ['symlink', 'target'],
  truncate: ['setattr'],
  unlink: ['unlink'],
  utimens: ['setattr'],
  write: ['write'],
}

/** A line of LoggingMixIn. */
export interface Call {
  arrow: '->' | '<-'
  method: string
  /** What follows the method. */
  rest: Raw
  /** The logger's own name stands before it. */
  named: boolean
}

const CALL = /(->|<-) ([a-z]{3,12}) /y
export const FARTHEST = 200
/** A path and what little may stand behind it; only data makes lines longer. */
export const MAX_PATH = 4200
const MAX_TRIES = 16

/** Reads a call or a return; null for every other line. */
export function readCall(raw: Raw): Call | null {
  const begin = raw.slice(0, FARTHEST)
  const at = begin.search(/-> |<- /)
  if (at < 0) return null
  CALL.lastIndex = at
  const call = CALL.exec(raw)
  const method = call?.[2] ?? ''
  if (call === null || !Object.hasOwn(METHODS, method)) return null
  const prefix = begin.slice(0, at)
  const named = prefix.includes('fuse.log-mixin')
  if (!named && /["'`(/]/.test(prefix)) return null
  return { arrow: call[1] === '->' ? '->' : '<-', method, rest: raw.slice(CALL.lastIndex), named }
}

/** What a call was given; `handle`: the number of an open file. */
export interface Arguments {
  readonly path: Raw
  readonly first: Raw | null
  readonly handle: boolean
}

/** Path and arguments: `/a b ('user.test',)`. The path stands raw, so the brackets are sought that hold just arguments. */
export function readArguments(method: string, rest: Raw): Arguments | null {
  if (!rest.startsWith('/') || !rest.endsWith(')')) return null
  const wantsText = METHODS[method]?.[1] !== undefined || method === 'write'
  if (!wantsText) {
    const at = rest.lastIndexOf(' (')
    return at < 0 ? null : { path: rest.slice(0, at), first: null, handle: /^ \(\d/.test(rest.slice(at, at + 4)) }
  }
  let at = rest.indexOf(' (')
  for (let tries = 0; at >= 0 && at < MAX_PATH && tries < MAX_TRIES; tries++) {
    const text = pythonQuoted(rest, at + 2)
    const plain = method !== 'write' && text === null ? null : text
    if (plain && FITS.test(rest.slice(plain.end, plain.end + 4))) {
      const whole = method === 'setxattr' || method === 'write' || SINGLE.test(rest.slice(plain.end))
      if (whole) return { path: rest.slice(0, at), first: plain.value, handle: false }
    }
    at = rest.indexOf(' (', at + 1)
  }
  return null
}

const FITS = /^(?:,\)|, [^ ])/
/** What may follow the only string: nothing, or numbers. */
const SINGLE = /^,(?: \d{1,10},?)*\)$/

/** The repr() of what the method returned, or of the words of an exception. */
export function outcome(rest: Raw): { status: 'ok' | 'error'; errno: string | null } {
  const error = /^u?['"]\[Errno (\d{1,4})\] ([^:'"]{0,80})/.exec(rest)
  if (error) return { status: 'error', errno: errnoOf(Number(error[1]), error[2] ?? '') }
  if (rest === "'[Unhandled Exception]'") return { status: 'error', errno: null }
  return { status: 'ok', errno: null }
}
