import { errnoOfName, errnoOfWords } from '../dialect/core/errno.js'
import type { Raw } from '../line/line.js'
import { KIND, type Tokens } from './tokens.js'

/** A piece of a line that stands for whatever the run put there. */
export interface Piece {
  kind: number
  /** What its first character can be. */
  begins: RegExp
  /** Sticky, and linear in the line's length. */
  pattern: RegExp
  /** It is not joined with a value before it. */
  apart?: true
  /** Whether what fits the pattern is one. `before`: the pieces of the line so far. */
  is?(text: Raw, before: Tokens): boolean
}

const UNIT = /(?:\xc2\xb5s|\xce\xbcs|[num]s|[KMG]iB|[kMG]B|[smhbBkMG%])(?![A-Za-z_\x80-\xff])/.source
const DIGITS = /\d+(?:\.\d+)*/.source
const PATH_END = /[ \t"',;:)}\]\\\x1b]/.source

/** Dates and clocks in the usual forms. */
export const TIME: RegExp =
  /\d{4}([-/])\d\d\1\d\d(?!\d)(?:[T ]\d\d:\d\d:\d\d(?!\d)(?:[.,]\d+)?(?:Z| ?[+-]\d{2,}(?::\d*)?(?: UTC)?)?)?|\d\d:\d\d:\d\d(?!\d)(?:[.,]\d+)?Z?/y
/** Signs, 0x, 0o, six hex digits or more, fractions and versions (`3.14.0`), units (`67.3µs`, `1m0s`). */
export const NUMBER: RegExp = new RegExp(
  `-?(?:0[xX][0-9a-fA-F]+|(?:0o)?(?:(?=\\d*[a-fA-F])[0-9a-fA-F]{6,}(?![A-Za-z0-9_])|(?:${DIGITS})?(?:${UNIT}(?:${DIGITS}${UNIT})*(?:${DIGITS})?)?))`,
  'y',
)
/** `140421472719536/a.txt`: an entry of a node. */
export const ENTRY: RegExp = new RegExp(`/(?:(?!${PATH_END})[^])*`, 'y')
export const BLANK: RegExp = /[ \t]+/y
export const WORD: RegExp = /[A-Za-z_\x80-\xff]+/y
export const QUOTED: RegExp = /"(?:[^"\\]|\\.)*"/sy
/** Within a JSON string. */
export const ESCAPED: RegExp = /(?<=\\)"[^"]*(?<=\\)"/y
/** Text in single quotes; an apostrophe is none. */
export const SINGLE: RegExp = /(?<=[ =([:,])'[^']{0,299}'(?=[ ,)\]:};]|$)/y
/** What stands behind `=`, but for another key, a path of modules, and what brackets begin. */
export const BARE: RegExp = /[A-Za-z_0-9.\-/<\x80-\xff][^ \t,;:)\]}"=({[\x1b]*(?![^ \t,;:)\]}"=({[\x1b])(?!=|::)/y
/** A JSON key's colon. */
export const COLON: RegExp = / *: */y

/** Kinds of Rust's `io::Error`, as logs print them. */
const RUST_KIND =
  /^(?:NotFound|PermissionDenied|AlreadyExists|Invalid(?:Input|Data|Filename)|TimedOut|Interrupted|Unsupported|OutOfMemory|StorageFull|(?:NotA|IsA)Directory|DirectoryNotEmpty|ReadOnlyFilesystem|CrossesDevices|FilesystemLoop|Uncategorized)$/

const hasLevel = ({ kinds, count }: Tokens): boolean => kinds.subarray(0, count).includes(KIND.level)

/** In this order. None of them begins within a word or number. */
const PIECES: readonly Piece[] = [
  { kind: KIND.slot, begins: /\//, pattern: new RegExp(`/(?:(?!${PATH_END})[^])*?(?=\\.?(?:${PATH_END}|$))`, 'y') },
  // `[WRONLY,CREAT,0x8000]`, `[NULL]`, `[4]`: brackets around no space and no key.
  { kind: KIND.slot, begins: /\[/, pattern: /\[[^ ="[{\x1b\]]*\]/y, apart: true },
  // `b'text\x00'`: bytes, as Python shows them.
  { kind: KIND.slot, begins: /b/, pattern: /b'(?:[^'\\]|\\.)*'|b"(?:[^"\\]|\\.)*"/y },
  // `drwxr-xr-x`, `-----w--w-`
  { kind: KIND.slot, begins: /[-dl]/, pattern: /[-dlbcpsrwxStTgu]{9,12}(?![-A-Za-z_])/y },
  // A level stands once, near the line's beginning.
  {
    kind: KIND.level,
    begins: /[A-Z]/,
    pattern: /(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL)(?!\w)/y,
    is: (_, before) => before.count <= 12 && !hasLevel(before),
  },
  // `ENOENT`, `NotFound`
  {
    kind: KIND.error,
    begins: /[A-Z]/,
    pattern: /[A-Z]\w{2,17}(?!\w)/y,
    is: (text) => RUST_KIND.test(text) || (/^E[A-Z]/.test(text) && errnoOfName(text) !== null),
  },
  // `no such file or directory`
  {
    kind: KIND.error,
    begins: /[A-Za-z_<]/,
    pattern: /(?<=[(="]|: )[^),:;"{\x1b]{8,59}(?=[),:;"{\x1b]|$)/y,
    is: (text) => text.includes(' ') && errnoOfWords(text) !== null,
  },
  // `WRONLY,CREAT,0x8000`, `O_WRONLY|O_CREAT`: two or more joined without a space.
  { kind: KIND.slot, begins: /[A-Z]/, pattern: /[A-Z]\w*(?:[,|+]\w+)+/y },
  // A value that may be missing.
  {
    kind: KIND.slot,
    begins: /[NtfnS<]/,
    pattern: /<(?:nil|invalid)>|(?:None|true|false|null|NULL)(?!\w)|Some\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)/y,
  },
]

/** Where what a sticky pattern fits at `i` ends; `i` when it does not fit. */
export function endOf(pattern: RegExp, raw: Raw, i: number): number {
  pattern.lastIndex = i
  return pattern.test(raw) ? pattern.lastIndex : i
}

const BY_BEGIN: readonly (readonly Piece[])[] = Array.from({ length: 256 }, (_, code) =>
  PIECES.filter(({ begins }) => begins.test(String.fromCharCode(code))),
)

/** The first piece that begins at `i`, and where it ends. */
export function pieceAt(raw: Raw, i: number, before: Tokens): { piece: Piece; end: number } | null {
  for (const piece of BY_BEGIN[raw.charCodeAt(i)] ?? []) {
    const end = endOf(piece.pattern, raw, i)
    if (end > i && (piece.is?.(raw.slice(i, end), before) ?? true)) return { piece, end }
  }
  return null
}
