import type { Raw } from '../../line/line.js'
import type { NodeId, OperationFacts } from '../core/dialect.js'
import { addNames, noNames } from '../core/event.js'
import type { LongNames } from './names.js'

/** An open request, as the lines that follow it are held against it. */
export interface OpenRequest {
  readonly unique: number
  readonly opcode: string
  readonly nodeId: NodeId
  readonly pid: number | null
  /** Bytes of its names, each with a zero byte; null when it has none. */
  names: number | null
  /** Its path as a line showed it. */
  path: Raw | null
  /** A line has shown its names. */
  reported: boolean
  /** The entry's name, when it is known. */
  entry: Raw | null
  child: NodeId | null
  /** What its lines showed. */
  facts: OperationFacts | null
  /** Whether a line has said that there is such an entry; null for programs that do not say it. */
  found: boolean | null
}

/** What a text says of a request; `maybe` when the name in it could go on in the next line. */
export interface Reported {
  readonly facts: OperationFacts
  readonly maybe: boolean
}

/** `more`: the text fits so far and goes on in the next line. */
export type Match = Reported | 'more' | null

/** Names that a text shows, all in objects of one shape. */
export function reported(names: OperationFacts, maybe = false): Reported {
  const facts = noNames()
  addNames(facts, names)
  return { facts, maybe }
}

/** The same of a path alone, which most lines show. */
function reportedPath(path: Raw, maybe = false): Reported {
  const facts = noNames()
  facts.path = path
  return { facts, maybe }
}

const SLASH = 47

/** Length of the last name of a path. Names are short: by hand it is quicker than `lastIndexOf`. */
function baseLength(path: Raw): number {
  let at = path.length
  while (at > 0 && path.charCodeAt(at - 1) !== SLASH) at--
  return path.length - at
}

/** The root has no name; a path that is not known is `(null)`. */
const isPath = (path: Raw): boolean => path.charCodeAt(0) === SLASH

/** Held against the length of the request's one name: exact, too short (the name goes on), or another request's. */
export function namedPath(path: Raw, open: OpenRequest, long: LongNames): Match {
  if (!isPath(path)) return path === '(null)' ? reported({}) : null
  if (open.names === null) return knownPath(path, long)
  const length = baseLength(path)
  const expected = open.names - 1
  // Before protocol 7.12 two requests were eight bytes shorter.
  const old = length === expected + 8 && (open.opcode === 'create' || open.opcode === 'mknod') && !path.includes('\n')
  if (length === expected || old) {
    if (path.includes('\n')) {
      const directory = path.slice(0, path.length - length - 1)
      if (directory.includes('\n') && long.standing(directory) === 'strange') return null
    }
    return reportedPath(path, long.begun(path))
  }
  return length < expected || long.begun(path) ? 'more' : null
}

/** A path whose length nothing shows: newlines in it must be those of names that were seen before. */
export function knownPath(path: Raw, long: LongNames): Match {
  if (!isPath(path)) return path === '(null)' ? reported({}) : null
  switch (long.standing(path)) {
    case 'whole':
      return reportedPath(path)
    case 'could-go-on':
      return reportedPath(path, true)
    case 'begun':
      return 'more'
    case 'strange':
      return null
  }
}

/** Cuts a suffix off; null when it is not there (yet). */
export function cut(text: Raw, suffix: RegExp): { rest: Raw; found: RegExpExecArray } | null {
  const from = Math.max(0, text.length - 120)
  const found = suffix.exec(from === 0 ? text : text.slice(from))
  return found && { rest: text.slice(0, from + found.index), found }
}

/** `PATH SUFFIX`. */
export function pathBefore(text: Raw, suffix: RegExp, open: OpenRequest, long: LongNames, named: boolean): Match {
  const read = cut(text, suffix)
  const match = read && (named ? namedPath(read.rest, open, long) : knownPath(read.rest, long))
  if (match !== null) return match
  if (named && isPath(text) && open.names !== null && baseLength(text) < open.names - 1) return 'more'
  return isPath(text) && long.begun(text) ? 'more' : null
}

/** `OLD NEW`, whose last names are together as long as the request says. */
export function twoPaths(text: Raw, open: OpenRequest, long: LongNames): Match {
  return split(text, open, long, (old, path) => (isPath(old) ? baseLength(old) + baseLength(path) + 2 : null), renamed)
}

/** `OLD NEW` of a link: only the new name's length is known. */
export function linkPaths(text: Raw, open: OpenRequest, long: LongNames): Match {
  const bytes = (old: Raw, path: Raw): number | null =>
    isPath(old) && long.standing(old) !== 'strange' && long.standing(old) !== 'begun' ? baseLength(path) + 1 : null
  return split(text, open, long, bytes, renamed)
}

/** `TARGET PATH` of a symlink. */
export function targetAndPath(text: Raw, open: OpenRequest, long: LongNames): Match {
  const bytes = (target: Raw, path: Raw): number => target.length + baseLength(path) + 2
  return split(text, open, long, bytes, (target, path) => ({ path, target }))
}

const renamed = (path: Raw, newPath: Raw): OperationFacts => ({ path, newPath })

/** Cuts two names apart so that they have the length that the request shows. `bytes` is null where it cannot be cut. */
function split(
  text: Raw,
  open: OpenRequest,
  long: LongNames,
  bytes: (left: Raw, right: Raw) => number | null,
  facts: (left: Raw, right: Raw) => OperationFacts,
): Match {
  let more = text.length < (open.names ?? 0) || long.begun(text)
  let fits: Reported | null = null
  for (let at = text.indexOf(' /'), tries = 0; at >= 0 && tries < 64; at = text.indexOf(' /', at + 1), tries++) {
    const [a, b] = [text.slice(0, at), text.slice(at + 1)]
    const size = bytes(a, b)
    if (size === null) continue
    if (open.names === null || size === open.names) {
      // In the root there is only one slash: that settles most of what could be cut in two ways.
      const parent = open.opcode === 'link' || open.opcode === 'symlink' ? b : a
      const read = reported(facts(a, b), long.begun(b))
      if (open.nodeId === '1' && parent.lastIndexOf('/') === 0) return read
      if (open.nodeId !== '1') fits ??= read
    } else if (size < open.names) more = true
  }
  return fits ?? (more ? 'more' : null)
}

/** `PATH XATTR`, the attribute's length known from the request. */
export function pathAndXattr(text: Raw, length: number, long: LongNames): Match {
  const at = text.length - length
  const path = at > 1 && text[at - 1] === ' ' ? knownPath(text.slice(0, at - 1), long) : null
  if (path !== null && path !== 'more') {
    path.facts.xattr = text.slice(at)
    return { facts: path.facts, maybe: false }
  }
  return at < 2 || text.length - text.lastIndexOf(' ') - 1 < length || long.begun(text) ? 'more' : null
}
