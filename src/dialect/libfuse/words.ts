import type { Raw } from '../../line/line.js'
import {
  cut,
  knownPath,
  linkPaths,
  type Match,
  namedPath,
  type OpenRequest,
  pathAndXattr,
  pathBefore,
  reported,
  targetAndPath,
  twoPaths,
} from './match.js'
import type { LongNames } from './names.js'

/** How a kind of line is read: which requests it may belong to, and what stands behind its first word. */
export interface Words {
  readonly opcodes: readonly string[]
  /** Null for lines that name nothing. `rest`: what stands behind the first word, and behind flags. */
  readonly match: ((rest: Raw, open: OpenRequest, long: LongNames) => Match) | null
  /** Repeats the path of a request that has been shown before, or shows it. */
  readonly again?: boolean
  /** Its flags stand before what it names. */
  readonly flagged?: boolean
}

const named = (rest: Raw, open: OpenRequest, long: LongNames): Match => namedPath(rest, open, long)
const known = (rest: Raw, _open: OpenRequest, long: LongNames): Match => knownPath(rest, long)
const before =
  (suffix: RegExp, withName = false) =>
  (rest: Raw, open: OpenRequest, long: LongNames): Match =>
    pathBefore(rest, suffix, open, long, withName)

const [SPACE, PLUS, SLASH, BRACKET] = [32, 43, 47, 91]
const FLAGS = /flags: 0x[0-9a-f]{1,16} /y
const HIDDEN = /\/\.fuse_hidden[0-9a-f]{16,24}$/

/** `DIRECTORY/NAME DIRECTORY/.fuse_hidden…`. */
function hiddenRename(rest: Raw, open: OpenRequest, long: LongNames): Match {
  const hidden = HIDDEN.exec(rest.slice(-48))?.[0].length ?? 0
  for (let at = rest.lastIndexOf(' /'), tries = 0; at > 0 && tries < 64; at = rest.lastIndexOf(' /', at - 1), tries++) {
    const directory = hidden === 0 ? '' : rest.slice(at + 1, rest.length - hidden)
    const path = rest.slice(0, at)
    if (hidden > 0 && path.slice(0, path.lastIndexOf('/')) !== directory) continue
    return namedPath(path, open, long)
  }
  return null
}

function rename(rest: Raw, open: OpenRequest, long: LongNames): Match {
  // An open file that is unlinked is renamed first.
  if (open.opcode === 'unlink') {
    const match = hiddenRename(rest, open, long)
    if (!long.begun(rest)) return match
    return match === null || match === 'more' ? 'more' : { ...match, maybe: true }
  }
  const flags = cut(rest, / (?:flags: )?0x([0-9a-f]{1,8})$/)
  const match = flags && twoPaths(flags.rest, open, long)
  if (match && match !== 'more') {
    if ((Number.parseInt(flags.found[1] ?? '0', 16) & 2) !== 0) match.facts.exchange = true
    return match
  }
  return twoPaths(rest, open, long)
}

function renameArrow(rest: Raw, open: OpenRequest, long: LongNames): Match {
  return twoPaths(rest.replace(' -> /', ' /'), open, long)
}

const xattr =
  (...suffixes: readonly RegExp[]) =>
  (rest: Raw, open: OpenRequest, long: LongNames): Match => {
    const [first, second] = suffixes
    const match = xattrBefore(rest, first ?? null, open, long)
    if (second === undefined || (match !== null && match !== 'more')) return match
    const other = xattrBefore(rest, second, open, long)
    return other === null || other === 'more' ? match : other
  }

/** A path, an attribute's name and what may stand behind it. */
const MAX_PATH_LINE = 4400

const xattrBefore = (rest: Raw, suffix: RegExp | null, open: OpenRequest, long: LongNames): Match => {
  if (open.names === null) return null
  const read = suffix ? cut(rest, suffix) : { rest, found: null }
  // What looks like the end can be part of a name.
  const goesOn = rest.startsWith('/') && rest.length < MAX_PATH_LINE && (read === null || long.begun(rest))
  const more = goesOn ? 'more' : null
  const value = open.opcode === 'setxattr' ? Number(read?.found?.[1] ?? 0) : 0
  const length = open.names - 1 - value
  if (read === null || length < 1) return more
  const match = pathAndXattr(read.rest, length, long)
  // The request's long form has eight bytes more before the name, and so has macOS's.
  const long8 = (match === null || match === 'more') && open.opcode !== 'removexattr' && length > 8
  return (long8 ? pathAndXattr(read.rest, length - 8, long) : match) ?? more
}

const PATHLESS = (...opcodes: string[]): Words => ({ opcodes, match: null })
const CREATED = / 0[0-7]{1,7} umask=0[0-7]{1,4}$/
const MADE = / 0[0-7]{1,7} 0x[0-9a-f]{1,16} umask=0[0-7]{1,4}$/
const TIME = / -?\d{1,20}\.\d{9}$/
const TIMES = / -?\d{1,20}\.\d{9} -?\d{1,20}\.\d{9}$/

/** By the first word, its handle in brackets cut off. Upper case: 2.7 and ntfs-3g. */
const WORDS = wordTable({
  LOOKUP: { opcodes: ['lookup'], match: named },
  getattr: { opcodes: ['getattr', 'setattr', 'statx'], match: known, again: true },
  fgetattr: { opcodes: ['getattr', 'setattr'], match: known, again: true },
  statx: { opcodes: ['statx'], match: before(/ -?\d{1,10} -?\d{1,10}$/) },
  create: { opcodes: ['create', 'mknod'], flagged: true, match: before(CREATED, true) },
  mkdir: { opcodes: ['mkdir'], match: before(CREATED, true) },
  mknod: { opcodes: ['mknod', 'create'], match: before(MADE, true) },
  unlink: { opcodes: ['unlink'], match: named },
  rmdir: { opcodes: ['rmdir'], match: named },
  rename: { opcodes: ['rename', 'rename2', 'unlink'], match: rename },
  link: { opcodes: ['link'], match: linkPaths },
  symlink: { opcodes: ['symlink'], match: targetAndPath },
  open: { opcodes: ['open'], flagged: true, match: known },
  opendir: { opcodes: ['opendir'], flagged: true, match: known },
  statfs: { opcodes: ['statfs'], match: known },
  chmod: { opcodes: ['setattr'], match: before(/ [0-7]{1,8}$/) },
  chown: { opcodes: ['setattr'], match: before(/ \d{1,20} \d{1,20}$/) },
  truncate: { opcodes: ['setattr', 'open', 'create'], match: before(/ \d{1,20}$/) },
  ftruncate: PATHLESS('setattr'),
  utimens: { opcodes: ['setattr'], match: before(TIMES) },
  utime: { opcodes: ['setattr'], match: before(/ -?\d{1,20} -?\d{1,20}$/) },
  access: { opcodes: ['access'], match: before(/ 0[0-7]{1,4}$/) },
  readlink: { opcodes: ['readlink'], match: before(/ \d{1,10}$/) },
  setxattr: {
    opcodes: ['setxattr'],
    match: xattr(/ (\d{1,10}) 0x[0-9a-f]{1,8}$/, / (\d{1,10}) 0x[0-9a-f]{1,8} \d{1,10}$/),
  },
  getxattr: { opcodes: ['getxattr'], match: xattr(/ \d{1,10}$/, / \d{1,10} \d{1,10}$/) },
  removexattr: { opcodes: ['removexattr'], match: xattr() },
  listxattr: { opcodes: ['listxattr'], match: before(/ \d{1,10}$/) },
  bmap: { opcodes: ['bmap'], match: before(/ blocksize: \d{1,10} index: \d{1,20}$/) },
  fallocate: { opcodes: ['fallocate'], match: before(/ mode [0-9a-f]{1,8}, offset: \d{1,20}, length: \d{1,20}$/) },
  read: PATHLESS('read'),
  write: PATHLESS('write'),
  writepage: PATHLESS('write'),
  release: PATHLESS('release', 'mknod'),
  'release+flush': PATHLESS('release'),
  releasedir: PATHLESS('releasedir'),
  readdir: PATHLESS('readdir', 'readdirplus'),
  readdirplus: PATHLESS('readdirplus'),
  getdir: PATHLESS('readdir'),
  flush: PATHLESS('flush'),
  fsync: PATHLESS('fsync'),
  fsyncdir: PATHLESS('fsyncdir'),
  lock: PATHLESS('getlk', 'setlk', 'setlkw', 'flush', 'release'),
  ioctl: PATHLESS('ioctl'),
  poll: PATHLESS('poll'),
  lseek: PATHLESS('lseek'),
  syncfs: PATHLESS('syncfs'),
  copy_file_range: PATHLESS('copy_file_range', 'copy_file_range_64'),
  // macOS.
  setattr_x: { opcodes: ['setattr'], match: known },
  fsetattr_x: { opcodes: ['setattr'], match: known },
  setbkuptime: { opcodes: ['setattr'], match: before(TIME) },
  setchgtime: { opcodes: ['setattr'], match: before(TIME) },
  setcrtime: { opcodes: ['setattr'], match: before(TIME) },
  statfs_x: { opcodes: ['statfs'], match: known },
  getxtimes: { opcodes: ['opcode_62'], match: known },
  renamex: { opcodes: ['rename', 'rename2'], match: rename },
  ACCESS: { opcodes: ['access'], match: before(/ 0[0-7]{1,4}$/) },
  MKNOD: { opcodes: ['mknod'], match: named },
  MKDIR: { opcodes: ['mkdir'], match: named },
  UNLINK: { opcodes: ['unlink'], match: named },
  RMDIR: { opcodes: ['rmdir'], match: named },
  SYMLINK: {
    opcodes: ['symlink'],
    match: (rest) => (rest.startsWith('/') ? reported({ path: rest }) : null),
  },
  RENAME: { opcodes: ['rename'], match: renameArrow },
  LINK: { opcodes: ['link'], match: newName },
  CREATE: { opcodes: ['create'], flagged: true, match: named },
  OPEN: { opcodes: ['open'], flagged: true, match: known },
  READ: PATHLESS('read'),
  WRITE: PATHLESS('write'),
  WRITEPAGE: PATHLESS('write'),
  RELEASE: PATHLESS('release'),
  'RELEASE+FLUSH': PATHLESS('release'),
  FLUSH: PATHLESS('flush'),
  FSYNC: PATHLESS('fsync'),
  STATFS: PATHLESS('statfs'),
})

/** The words by their length and first letter, which few share: a map would have to hash the word of each line. */
function wordTable(words: Readonly<Record<string, Words>>): readonly (readonly (readonly [string, Words])[])[] {
  const table: (readonly [string, Words])[][] = Array.from({ length: 16 * 128 }, () => [])
  for (const entry of Object.entries(words)) table[placeOf(entry[0])]?.push(entry)
  return table
}

function placeOf(word: string): number {
  return (word.length & 15) * 128 + (word.charCodeAt(0) & 127)
}

function wordsOf(word: string): readonly [string, Words] | undefined {
  for (const entry of WORDS[placeOf(word)] ?? []) if (entry[0] === word) return entry
  return undefined
}

function newName(rest: Raw, open: OpenRequest, long: LongNames): Match {
  const match = namedPath(rest, open, long)
  if (match === null || match === 'more' || match.facts.path === undefined) return match
  return reported({ newPath: match.facts.path }, match.maybe)
}

/** The begin of a line of libfuse's high level, read once for all that is asked of it. */
export interface Head {
  readonly words: Words
  /** Its first word. */
  readonly word: string
  /** What stands in brackets behind it: a handle's number, `NULL`, or nothing. */
  readonly handle: string | null
  /** What stands behind that. */
  readonly rest: Raw
  /** The same without the flags that it may begin with. */
  readonly path: Raw
  readonly indented: boolean
}

const HANDLE = /\[(?:NULL|-?\d{1,20})\](?= |$|\[)/y
const isLetter = (code: number): boolean => (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95

/** A line of libfuse's high level: its kind, and the text behind its first word. Null for every other line. */
export function headOf(text: Raw): Head | null {
  let from = 0
  while (from < 3 && text.charCodeAt(from) === SPACE) from++
  let end = from
  while (end - from < 15 && isLetter(text.charCodeAt(end))) end++
  // `release+flush`
  if (text.charCodeAt(end) === PLUS) end += 6
  if (end === from) return null
  const known = wordsOf(text.slice(from, end))
  if (known === undefined) return null
  const [word, words] = known
  const next = text.charCodeAt(end)
  let handle: string | null = null
  if (next === BRACKET) {
    HANDLE.lastIndex = end
    if (HANDLE.test(text)) {
      handle = text.slice(end + 1, HANDLE.lastIndex - 1)
      end = HANDLE.lastIndex
    }
  } else if (next !== SPACE && end < text.length) return null
  const rest = text.slice(end + 1)
  const indented = from > 0
  // `truncate[5] 0` names a handle instead of a path; so do the words that name nothing.
  if (words.match === null || (word === 'truncate' && handle !== null)) {
    if (handle === null && !/^copy_file_range from |^syncfs\[/.test(text)) return null
    const nameless = words.match === null ? words : { opcodes: words.opcodes, match: null }
    return { words: nameless, word, handle, rest, path: rest, indented }
  }
  if (rest.charCodeAt(0) === SLASH) return { words, word, handle, rest, path: rest, indented }
  if (rest.startsWith('flags: 0x')) {
    FLAGS.lastIndex = 0
    const path = FLAGS.test(rest) ? rest.slice(FLAGS.lastIndex) : rest
    return { words, word, handle, rest, path, indented }
  }
  return rest.startsWith('(null)') || word === 'symlink' ? { words, word, handle, rest, path: rest, indented } : null
}
