import { closest, editDistance } from '../../closest.js'
import { ERRNO_NAMES, type Errno, errnoOfName } from '../../dialect/core/errno.js'
import { OPCODE_NAMES, type Opcode, opcodeOf } from '../../dialect/core/opcode.js'
import { FusetraceError } from '../../errors.js'
import { checkKeys, keysOf } from '../../known-keys.js'
import { printable } from '../../line/text.js'
import type { Operation, Status } from '../../operation/operation.js'
import { globTest, isGlob, normalPath } from '../../path-pattern.js'

/** A path: text (`a.txt` and `/a.txt` are the same), a glob (`*` within a name, `**` across, `?`, `[ab]`), or a RegExp. */
export type PathMatch = string | RegExp

/** An opcode's name; others than the kernel's are allowed. */
export type OpcodeName = Opcode | (string & {})

/** An errno's name; others than Linux's are allowed. */
export type ErrnoName = Errno | (string & {})

/** Which operations are meant; every field given must fit. */
export interface OperationMatch {
  /**
   * One or several, as in `create`; `rename` means `rename2` too. Any name that a dialect gives is allowed; one that is nearly
   * the kernel's is refused.
   */
  opcode?: OpcodeName | readonly OpcodeName[]
  path?: PathMatch
  newPath?: PathMatch
  /** An xattr's name. */
  name?: string | RegExp
  /** `ENOENT`, or null for operations without an errno. Other names of one number (`EWOULDBLOCK`) are the same. */
  errno?: ErrnoName | readonly ErrnoName[] | null
  status?: Status | readonly Status[]
  pid?: number
  /** Anything else. Asked last, of operations that have ended. */
  where?: (operation: Operation) => boolean
}

/** What users may write: a match, only its opcode, or a predicate. */
export type Match = OperationMatch | OpcodeName | ((operation: Operation) => boolean)

/** A field that does not fit. `unknown`: the log does not show it (yet). */
export interface Mismatch {
  readonly field: keyof OperationMatch
  readonly text: string
  readonly unknown: boolean
}

/** A user's match in its full form. */
export function toMatch(match: Match): OperationMatch {
  if (typeof match === 'function') return { where: match }
  if (typeof match === 'string') return { opcode: opcodeName(match) }
  checkKeys('a field of an operation', match, FIELDS)
  const full = { ...match }
  if (typeof full.opcode === 'string') full.opcode = opcodeName(full.opcode)
  else if (full.opcode) full.opcode = full.opcode.map(opcodeName)
  if (typeof full.errno === 'string') full.errno = errnoOf(full.errno)
  else if (full.errno) full.errno = full.errno.map(errnoOf)
  if (typeof full.path === 'string') full.path = normalPath(full.path)
  if (typeof full.newPath === 'string') full.newPath = normalPath(full.newPath)
  return full
}

const FIELDS: readonly string[] = keysOf<OperationMatch>({
  opcode: true,
  path: true,
  newPath: true,
  name: true,
  errno: true,
  status: true,
  pid: true,
  where: true,
})

/** Headers and logs write `FUSE_CREATE` and `CREATE`. */
function opcodeName(name: string): string {
  const known = opcodeOf(name)
  refuseMisspelt('opcode', name, known !== null, OPCODE_NAMES)
  return known ?? name.toLowerCase().replace(/^fuse_/, '')
}

function errnoOf(name: string): string {
  const known = errnoOfName(name)
  refuseMisspelt('errno', name, known !== null, ERRNO_NAMES)
  return known ?? name
}

/** A name that nobody knows may be a dialect's own, unless it is nearly one that is known: then no operation would ever have it. */
function refuseMisspelt(what: string, name: string, known: boolean, all: readonly string[]): void {
  const limit = name.length > 4 ? 2 : 1
  const near = known ? undefined : closest(name, all).find((one) => editDistance(name, one) <= limit)
  if (near === undefined) return
  throw new FusetraceError('FT_USAGE', `there is no ${what} ${JSON.stringify(name)}: did you mean ${near}?`, {
    hint: `an ${what} that is none of the kernel's can be asked for with where: (operation) => operation.${what} === …`,
  })
}

const list = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value]) as readonly T[]

/** All fields of an operation that do not fit a match (from `toMatch`). Predicates are asked of ended operations only. */
export function mismatches(match: OperationMatch, operation: Operation): Mismatch[] {
  const wrong: Mismatch[] = []
  const add = (field: keyof OperationMatch, text: string, unknown = false): void => {
    wrong.push({ field, text, unknown })
  }
  const { opcode, path, newPath, name, errno, status, pid, where } = match
  if (opcode !== undefined && !opcodeFits(opcode, operation.opcode)) {
    add('opcode', `other opcode (${operation.opcode})`)
  }
  if (path !== undefined && !pathFits(path, operation.path) && !operation.paths?.some((one) => pathFits(path, one))) {
    if (operation.path === null) add('path', 'the log does not show its path', true)
    else add('path', `other path (${printable(operation.path)})`)
  }
  if (newPath !== undefined && !pathFits(newPath, operation.newPath)) {
    if (operation.newPath === null) add('newPath', 'the log does not show its new path', true)
    else add('newPath', `other new path (${printable(operation.newPath)})`)
  }
  if (name !== undefined && (operation.name === null || !textFits(name, operation.name))) {
    if (operation.name === null) add('name', 'the log does not show the name', true)
    else add('name', `other name (${printable(operation.name)})`)
  }
  if (pid !== undefined && operation.pid !== pid) {
    if (operation.pid === null) add('pid', 'the log does not show its pid', true)
    else add('pid', `other pid (${operation.pid})`)
  }
  const open = operation.status === 'unfinished'
  if (status !== undefined && !list(status).includes(operation.status)) {
    if (open || operation.status === 'unknown') add('status', 'the log does not tell its outcome', true)
    else if (operation.status === 'error') add('status', `failed with ${operation.errno ?? 'an unknown error'}`)
    else add('status', 'succeeded')
  }
  if (errno !== undefined && !list(errno as string | null).includes(operation.errno)) {
    if (open || operation.status === 'unknown') add('errno', 'the log does not tell its outcome', true)
    else if (operation.status === 'error') add('errno', `failed with ${operation.errno ?? 'an unknown error'}`)
    else add('errno', 'succeeded')
  } else if (errno === null && operation.status !== 'ok') {
    add('errno', 'it is not known to have succeeded', operation.status !== 'error')
  }
  if (where !== undefined && wrong.length === 0) {
    if (open) add('where', 'not ended yet', true)
    else if (!where(operation)) add('where', 'the predicate says no')
  }
  return wrong
}

/** How well an operation fits: wholly, perhaps (the log does not show all that was asked), or not. */
export type Verdict = 'match' | 'maybe' | 'no'

export function judge(match: OperationMatch, operation: Operation): Verdict {
  // Nearly all operations that a wait sees are of another opcode.
  if (match.opcode !== undefined && !opcodeFits(match.opcode, operation.opcode)) return 'no'
  const wrong = mismatches(match, operation)
  return wrong.length === 0 ? 'match' : wrong.every((one) => one.unknown) ? 'maybe' : 'no'
}

/** The best verdict of several matches. */
export function judgeAny(matches: readonly OperationMatch[], operation: Operation): Verdict {
  let best: Verdict = 'no'
  for (const match of matches) {
    const verdict = judge(match, operation)
    if (verdict === 'match') return verdict
    if (verdict === 'maybe') best = verdict
  }
  return best
}

/** A match in words: `create /a.txt`. */
export function describeMatch(match: OperationMatch): string {
  const parts: string[] = []
  parts.push(match.opcode === undefined ? 'an operation' : list(match.opcode).join('|'))
  if (match.path !== undefined) parts.push(printable(String(match.path)))
  if (match.newPath !== undefined) parts.push(`→ ${printable(String(match.newPath))}`)
  if (match.name !== undefined) parts.push(printable(String(match.name)))
  if (match.status !== undefined) parts.push(list(match.status).join('|'))
  if (match.errno !== undefined) parts.push(list(match.errno as string | null).join('|'))
  if (match.pid !== undefined) parts.push(`pid ${match.pid}`)
  if (match.where !== undefined) parts.push('(predicate)')
  return parts.join(' ')
}

function opcodeFits(wanted: string | readonly string[], opcode: string): boolean {
  if (typeof wanted === 'string') return wanted === opcode || (wanted === 'rename' && opcode === 'rename2')
  return wanted.some((one) => opcodeFits(one, opcode))
}

function textFits(wanted: string | RegExp, text: string): boolean {
  if (typeof wanted === 'string') return wanted === text
  wanted.lastIndex = 0
  return wanted.test(text)
}

function pathFits(wanted: PathMatch, path: string | null): boolean {
  if (path === null) return false
  if (typeof wanted !== 'string') return textFits(wanted, path) || textFits(wanted, path.slice(1))
  return wanted === path || (isGlob(wanted) && globTest(wanted)(path))
}
