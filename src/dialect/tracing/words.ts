import type { Raw } from '../../line/line.js'
import type { OperationFacts } from '../core/dialect.js'
import { errnoName, errnoOf, errnoOfName, errnoOfWords } from '../core/errno.js'
import { RUST, unquote } from '../text/quoted.js'
import { ERROR, type TracingEvent, WARN } from './event.js'

/** What a message says of the outcome. */
export interface Outcome {
  readonly status: 'ok' | 'error'
  readonly errno: string | null
}

const OK: Outcome = { status: 'ok', errno: null }
const SUCCESS = /(?<![A-Za-z/._=-])success(?:ful|fully)?(?![A-Za-z/._-])/i
const DENIED = /\b(?:not|no|without|un)\b.{0,12}success/i
const FAIL = /\bfail(?:ed|ure)?\b|\berror\b|\berr=|\berrno\b|\bcannot\b|\bcould not\b|\bE[A-Z]{3,14}\b/i

/** What a read or a write came to: said of one that was done. */
const DONE: Readonly<Record<string, RegExp>> = {
  read: /^Read \d{1,20} bytes from\b/,
  write: /^Wrote \d{1,20} bytes\b/,
}

/** Whether a message says how many bytes were read or written, `Read 17 bytes from file (requested 4096)`. */
export function countsBytes(message: Raw, opcode: string): boolean {
  return DONE[opcode]?.test(message) ?? false
}

/**
 * The outcome of a request in the words of an event in its span, null when it shows none. A failure counts where it is
 * a warning or an error of the request's own span, or of an inner one that is named as the request; success only in the
 * request's own.
 */
export function outcomeOf(event: TracingEvent, opcode: string): Outcome | null {
  const { level, message, inner } = event
  if (level < WARN) {
    if (inner !== '') return null
    if (countsBytes(message, opcode)) return OK
    if (message.startsWith(opcode) && message.startsWith(' failed', opcode.length)) return failure(message)
    if (!message.includes('uccess') || message.length > 4096) return null
    const words = unquotedWords(message)
    return SUCCESS.test(words) && !DENIED.test(words) && !FAIL.test(words) ? OK : null
  }
  const own = inner === '' || inner.replaceAll('_', '').includes(opcode.replaceAll('_', ''))
  if (!own || message.length > 4096) return null
  const words = unquotedWords(message)
  if (level === ERROR) return failure(message)
  return FAIL.test(words) ? failure(message) : null
}

/** A message without what stands in quotes: names must not show outcomes. */
function unquotedWords(message: Raw): Raw {
  let words = ''
  let from = 0
  for (let quote = message.indexOf('"'); quote >= 0; quote = message.indexOf('"', from)) {
    const read = unquote(message, quote, RUST)
    if (read === null) break
    words += `${message.slice(from, quote)}""`
    from = read.end
  }
  return words + message.slice(from)
}

/** mountpoint-s3 answers so to what it does not offer. */
const UNSUPPORTED = /^(\w{3,20}) failed: operation not supported by Mountpoint$/
/** What is answered to a request that is left out. */
const leftOut = (call: string | undefined): Outcome => ({
  status: 'error',
  errno: call === 'symlink' || call === 'link' ? 'EPERM' : 'ENOSYS',
})

/** The error number that a message names, if it does so beyond doubt. */
function failure(message: Raw): Outcome {
  const unsupported = UNSUPPORTED.exec(message)
  if (unsupported) return leftOut(unsupported[1])
  // Other systems have other numbers: words beside one decide.
  const os = /(?:^|: |")([^:"]{1,80}) \(os error (\d{1,4})\)/.exec(message)
  if (os) return { status: 'error', errno: errnoOf(Number(os[2]), os[1] ?? '') }
  const debug = /\bOs \{ code: (\d{1,4}),(?: kind: \w{1,40}, message: "([^"]{1,80})")?/.exec(message)
  if (debug) return { status: 'error', errno: errnoOf(Number(debug[1]), debug[2] ?? '') }
  const code =
    /\(os error (\d{1,4})\)/.exec(message) ??
    /\b(?:errno|err|error|code)(?:=|: | )\(?-?(\d{1,4})\b/.exec(message) ??
    /\bErrno\((\d{1,4})\)/.exec(message)
  if (code) return { status: 'error', errno: errnoName(Number(code[1])) }
  const words = unquotedWords(message)
  for (const name of words.matchAll(/\bE[A-Z][A-Z0-9]{1,13}\b/g)) {
    const errno = errnoOfName(name[0])
    if (errno !== null) return { status: 'error', errno }
  }
  const last = words.slice(words.lastIndexOf(': ') + 2)
  return { status: 'error', errno: words.includes(': ') && last.length < 80 ? errnoOfWords(last) : null }
}

/** What fuser answers to a request that a file system leaves to it. */
export function notImplemented(message: Raw): Outcome | null {
  if (!message.startsWith('[Not Implemented] ')) return null
  return leftOut(message.slice(18, message.indexOf('(', 18)))
}

/** What stands before a quoted path that is the request's. */
const BEFORE_PATH = /(?:(?<!branch )path:? |successful for | failed for |uccessfully(?: at|:) |(?:file|directory) )$/
const PAIR = /^(?:Rename|Renaming|Creating hard link|Hard link|Link|Resolved paths)\b/

/** Where the first quoted path of a message begins, -1 when there is none. */
export function quoteOf(message: Raw): number {
  const slash = message.indexOf('/')
  if (slash < 0) return -1
  return message.charCodeAt(slash - 1) === 34 ? slash - 1 : message.indexOf('"/', slash)
}

/**
 * Paths that the message of an event in the request's own span shows, not yet held against what is known of it. The first
 * begins at `quote`.
 */
export function pathsOf(message: Raw, quote: number): Pick<OperationFacts, 'path' | 'newPath'> | null {
  if (quote < 0 || quote > 200) return null
  const first = unquote(message, quote, RUST)
  if (first === null) return null
  if (PAIR.test(message)) {
    const next = message.indexOf('"/', first.end)
    if (next >= 0 && next - first.end <= 8) {
      const second = unquote(message, next, RUST)
      return second && { path: first.value, newPath: second.value }
    }
  }
  return BEFORE_PATH.test(message.slice(Math.max(0, quote - 32), quote)) ? { path: first.value } : null
}

/** `Resolved paths - old: /a, new: /b`, as older versions show both names of a rename, without quotes. */
export function resolvedPaths(message: Raw): Pick<OperationFacts, 'path' | 'newPath'> | null {
  const found = message.length < 9000 ? /^Resolved paths - old: (\/[\s\S]*), new: (\/[\s\S]*)$/.exec(message) : null
  // Where it could be cut in two ways, nothing is shown.
  if (found === null || found[1]?.includes(', new: /')) return null
  return { path: found[1] ?? '', newPath: found[2] ?? '' }
}

/** The raw path at the very end of a message, `… path=/a b`. It may go on in the next line. */
export function lastPathOf(message: Raw): Raw | null {
  const slash = message.indexOf('/')
  const at = slash < 0 ? -1 : message.indexOf(' path=/', slash - 6)
  return at < 0 ? null : message.slice(at + 6)
}

/** A branch's directory, where a message whose first quoted path begins at `quote` names one: paths below it are not the mount's. */
export function branchOf(message: Raw, quote: number): Raw | null {
  const at = message.indexOf('branch "/', quote - 7)
  return at < 0 ? null : (unquote(message, at + 7, RUST)?.value ?? null)
}

/** A message that sums up a request, `removexattr successful for "/a.txt"`: nothing of it comes after the opposite. */
export function isLastWord(message: Raw, opcode: string): boolean {
  return message.startsWith(opcode) && /^ (?:success|fail)/.test(message.slice(opcode.length, opcode.length + 9))
}
