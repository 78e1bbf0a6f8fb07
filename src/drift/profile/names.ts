import type { DialectEvent } from '../../dialect/core/dialect.js'
import { stripAnsi } from '../../line/colours.js'
import type { Raw } from '../../line/line.js'

/** Names of more than letters, digits, dots and dashes: the generic rules would take their pieces for words of the format. */
const PLAIN = /^[\w.\-/+:@~]*$/
const WORDY = /^[a-z_:]+$/i
const REMEMBERED = 24

/** rclone says what a line is about after its level: `DEBUG : a dir/a.txt: Attr: `. */
const SUBJECT = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d (?:DEBUG|INFO|NOTICE|ERROR) {0,2}: /

/** The names that a run has used lately, so that lines without an event of their own can be masked as well. */
export class Names {
  #odd: Raw[] = []
  /** Plain ones of the latest operations: with several at once a line may belong to another than the last. */
  #recent: Raw[] = []

  /** The names of an event's operation, to be looked for in its lines. */
  static of(event: DialectEvent, into: Raw[]): void {
    if (event.kind === 'reply') return
    for (const name of [event.entry, event.otherEntry, event.path, event.newPath, event.target, event.xattr]) {
      if (name === undefined || name.length === 0) continue
      if (!into.includes(name)) into.push(name)
      // Other lines of the operation may name the entry alone.
      const entry = name.slice(name.lastIndexOf('/') + 1)
      if (entry.length > 2 && !into.includes(entry)) into.push(entry)
    }
  }

  /** Keeps what is odd. A name with a newline stands in pieces in the lines. */
  remember(names: readonly Raw[]): void {
    for (const name of names) {
      if (PLAIN.test(name)) {
        if (!WORDY.test(name) && name.length > 2 && !this.#recent.includes(name)) {
          this.#recent.push(name)
          if (this.#recent.length > 8) this.#recent.shift()
        }
        continue
      }
      for (const piece of stripAnsi(name).split('\n')) {
        if (piece.length < 2 || this.#odd.includes(piece)) continue
        this.#odd.push(piece)
        if (this.#odd.length > REMEMBERED) this.#odd.shift()
      }
    }
  }

  /** Where names stand in a line without colour: start, end, start, end … in rising order. */
  find(raw: Raw, own: readonly Raw[], spoken = true): number[] {
    const found: [number, number][] = []
    let names = own
    const subject = SUBJECT.exec(raw.slice(0, 64))
    if (subject !== null) {
      const start = subject[0].length
      const end = raw.indexOf(': ', start)
      if (end > start && !raw.startsWith('fuse: ', start)) {
        found.push([start, end])
        names = [...own, raw.slice(start, end)]
      }
    }
    for (const name of names) {
      if (PLAIN.test(name)) plain(raw, name, found)
      else for (const piece of stripAnsi(name).split('\n')) if (piece !== '') all(raw, piece, found)
    }
    if (!spoken) for (const name of this.#recent) plain(raw, name, found)
    for (const name of this.#odd) all(raw, name, found)
    if (found.length === 0) return []
    found.sort((a, b) => a[0] - b[0] || b[1] - a[1])
    const ranges: number[] = []
    let reached = -1
    for (const [start, end] of found) {
      if (start < reached) continue
      ranges.push(start, end)
      reached = end
    }
    return ranges
  }
}

function all(raw: Raw, name: Raw, found: [number, number][]): void {
  let at = raw.indexOf(name)
  // A name that is all over the line is no name.
  for (let times = 0; at >= 0 && times < 8; times++) {
    found.push([pathStart(raw, at), at + name.length])
    at = raw.indexOf(name, at + name.length)
  }
}

/** The directories before an odd name are part of the same value. */
function pathStart(raw: Raw, at: number): number {
  let start = at
  while (start > 0 && at - start < 512) {
    const code = raw.charCodeAt(start - 1)
    if (code === 32 || code === 34 || code === 61 || code === 40 || code === 91 || code === 58 || code === 44) break
    start--
  }
  return raw.charCodeAt(start) === 47 ? start : at
}

/** A plain name may be a word of the format too: only where a value is expected. */
function plain(raw: Raw, name: Raw, found: [number, number][]): void {
  const wordy = WORDY.test(name)
  let at = raw.indexOf(name)
  for (let times = 0; at >= 0 && times < 8; times++) {
    const end = at + name.length
    const before = raw.charCodeAt(at - 1)
    const after = raw.charCodeAt(end)
    const value = before === 61 || before === 34 || (before === 32 && raw.charCodeAt(at - 2) === 58)
    const within = before === 47 || before === 123 || before === 40
    const apart = (Number.isNaN(before) || before === 32 || value || within) && !isWord(after)
    if (apart && (value || !wordy)) found.push([before === 47 ? relativeStart(raw, at) : at, end])
    at = raw.indexOf(name, end)
  }
}

/** The directories before a name: `par/c1_0`, `140421472719536/a.txt`. */
function relativeStart(raw: Raw, at: number): number {
  let start = at
  while (start > 0 && (isWord(raw.charCodeAt(start - 1)) || raw.charCodeAt(start - 1) === 47)) start--
  return start
}

const isWord = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || code === 46
