import { errnoOfName, errnoOfWords } from '../../dialect/core/errno.js'
import { isDigit } from '../../dialect/text/text.js'
import type { Raw } from '../../line/line.js'
import { KIND, type Tokens } from './tokens.js'

const isLetter = (code: number): boolean => (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95
const isUpper = (code: number): boolean => code >= 65 && code <= 90

const LEVELS: ReadonlySet<string> = new Set([
  'TRACE',
  'DEBUG',
  'INFO',
  'NOTICE',
  'WARN',
  'WARNING',
  'ERROR',
  'FATAL',
  'CRITICAL',
])

function wordEnd(raw: Raw, i: number): number {
  let to = i
  while (isLetter(raw.charCodeAt(to)) || isDigit(raw.charCodeAt(to))) to++
  return to
}

/** A level stands once, near the line's beginning. */
export function levelEnd(raw: Raw, i: number, out: Tokens): number {
  if (!isUpper(raw.charCodeAt(i)) || out.count > 12) return i
  const to = wordEnd(raw, i)
  if (to - i > 8 || to - i < 4 || !LEVELS.has(raw.slice(i, to))) return i
  for (let k = 0; k < out.count; k++) if (out.kinds[k] === KIND.level) return i
  return to
}

/** Kinds of Rust's `io::Error`, as logs print them. */
const RUST_KINDS: ReadonlySet<string> = new Set([
  'NotFound',
  'PermissionDenied',
  'AlreadyExists',
  'InvalidInput',
  'InvalidData',
  'TimedOut',
  'Interrupted',
  'Unsupported',
  'OutOfMemory',
  'StorageFull',
  'NotADirectory',
  'IsADirectory',
  'DirectoryNotEmpty',
  'ReadOnlyFilesystem',
  'CrossesDevices',
  'InvalidFilename',
  'FilesystemLoop',
  'Uncategorized',
])

/** `ENOENT`, `NotFound`, `no such file or directory`. The words' end is the next bracket, comma, colon or quote. */
export function errorEnd(raw: Raw, i: number, end: number): number {
  if (isUpper(raw.charCodeAt(i))) {
    const to = wordEnd(raw, i)
    if (to - i >= 3 && to - i <= 18) {
      const word = raw.slice(i, to)
      if (RUST_KINDS.has(word)) return to
      if (raw.charCodeAt(i) === 69 && isUpper(raw.charCodeAt(i + 1)) && errnoOfName(word)) return to
    }
  }
  const before = raw.charCodeAt(i - 1)
  if (!(before === 40 || before === 61 || before === 34 || (before === 32 && raw.charCodeAt(i - 2) === 58))) return i
  let words = i
  let space = false
  for (; words < end && words - i < 60; words++) {
    const code = raw.charCodeAt(words)
    if (code === 32) space = true
    else if (WORDS_END.has(code)) break
  }
  if (!space || words - i < 8 || words - i >= 60) return i
  return errnoOfWords(raw.slice(i, words)) === null ? i : words
}

const WORDS_END = new Set([...'),:;"{\x1b'].map((c) => c.charCodeAt(0)))

/** `[WRONLY,CREAT,0x8000]`, `[NULL]`, `[4]`: brackets around no space and no key. `[` itself otherwise. */
export function listEnd(raw: Raw, i: number, end: number): number {
  for (let to = i + 1; to < end && to - i < 200; to++) {
    const code = raw.charCodeAt(to)
    if (code === 93) return to + 1
    if (code === 32 || code === 61 || code === 34 || code === 91 || code === 123 || code === 27) return i
  }
  return i
}

/** `drwxr-xr-x`, `-rw-r--r--`, `-----w--w-`. */
export function modeEnd(raw: Raw, i: number, end: number): number {
  let to = i
  while (to < end && to - i < 13 && MODE.has(raw.charCodeAt(to))) to++
  return to - i >= 9 && to - i <= 12 && !isLetter(raw.charCodeAt(to)) ? to : i
}

const MODE = new Set([...'-dlbcpsrwxStTgu'].map((c) => c.charCodeAt(0)))

/** `None`, `Some(LockOwner(0))`, `true`, `<nil>`, `null`: a value that may be missing. */
export function someEnd(raw: Raw, i: number, end: number): number {
  if (raw.startsWith('<nil>', i)) return i + 5
  const to = wordEnd(raw, i)
  const length = to - i
  if (length < 4 || length > 5) return i
  const word = raw.slice(i, to)
  if (word === 'None' || word === 'true' || word === 'false' || word === 'null' || word === 'NULL') return to
  if (word !== 'Some' || raw.charCodeAt(to) !== 40) return i
  let depth = 0
  for (let k = to; k < end && k - to < 200; k++) {
    const code = raw.charCodeAt(k)
    if (code === 40) depth++
    else if (code === 41 && --depth === 0) return k + 1
  }
  return i
}

/** `WRONLY,CREAT,0x8000`, `O_WRONLY|O_CREAT`, `OpenReadOnly+OpenCreate`: two or more joined without a space. */
export function flagListEnd(raw: Raw, i: number, end: number): number {
  if (!isUpper(raw.charCodeAt(i))) return i
  let to = wordEnd(raw, i)
  let members = 1
  while (to < end) {
    const code = raw.charCodeAt(to)
    if (code !== 44 && code !== 124 && code !== 43) break
    const next = wordEnd(raw, to + 1)
    if (next === to + 1) break
    members++
    to = next
  }
  return members > 1 ? to : i
}
