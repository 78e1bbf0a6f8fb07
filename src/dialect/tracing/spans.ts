import type { Raw } from '../../line/line.js'
import { detachSlice } from '../../line/text.js'
import { digitsEnd, has } from '../text/text.js'

/** What a log shows between spans and message, learnt from its lines. */
export interface Layout {
  lines: number
  withTarget: number
  /** Lines that name their source file. */
  withFile: number
}

export const showsFile = (layout: Layout): boolean => layout.withFile * 2 > layout.lines
export const showsTarget = (layout: Layout): boolean => layout.withTarget * 2 > layout.lines

/** Where target and source place end and the message begins. */
export interface Tail {
  readonly target: Raw
  /** `src/x.rs:12`, or empty. */
  readonly file: Raw
  /** Bytes up to the message. */
  readonly length: number
}

const TARGET = /[A-Za-z_][\w:.-]{0,199}: /y
const MAX_FILE = 512

interface KnownTail {
  readonly text: Raw
  readonly tail: Tail
  /** The one that came after it the last time: a program goes the same ways again. */
  next: KnownTail | null
}

/** Tails that were read before: a program has only so many. */
export class Tails {
  readonly #known = new Map<Raw, KnownTail>()
  /** Those with which the requests of each opcode began the last time. */
  readonly #first = new Map<string, KnownTail>()
  #last: KnownTail | null = null

  /** As `readTail`. `opcode` where it is that of the first event in a request's span. */
  read(raw: Raw, at: number, opcode?: string): Tail {
    const next = opcode === undefined ? this.#last?.next : this.#first.get(opcode)
    if (next && has(raw, next.text, at)) {
      this.#last = next
      return next.tail
    }
    const target = raw.indexOf(': ', at)
    const file = target < 0 ? -1 : raw.indexOf(': ', target + 2)
    if (file < 0 || file - at > 300 || file - target < 4) return readTail(raw, at)
    const known = this.#known.get(raw.slice(target + 2, file))
    if (known && has(raw, known.text, at)) {
      if (opcode !== undefined) this.#first.set(opcode, known)
      else if (this.#last) this.#last.next = known
      this.#last = known
      return known.tail
    }
    const tail = readTail(raw, at)
    if (tail.target !== '' && tail.file !== '' && at + tail.length === file + 2 && this.#known.size < 4096) {
      const text = detachSlice(raw.slice(at, file + 2))
      const copy = readTail(text, 0)
      this.#known.set(copy.file, { text, tail: copy, next: null })
    }
    return tail
  }
}

/** Reads `target: src/file.rs:12: `, each part of which a subscriber may leave out. */
export function readTail(raw: Raw, at: number): Tail {
  TARGET.lastIndex = at
  const target = TARGET.test(raw) && !fileEnd(raw, at) ? raw.slice(at, TARGET.lastIndex - 2) : ''
  const from = target === '' ? at : at + target.length + 2
  const end = fileEnd(raw, from)
  if (end === 0) return { target, file: '', length: from - at }
  return { target, file: raw.slice(from, end - 2), length: end - at }
}

/** Where `src/file.rs:12: ` that begins at `at` ends, 0 when it is none. It has a slash, as no name has. */
function fileEnd(raw: Raw, at: number): number {
  const colon = raw.indexOf(':', at)
  if (colon <= at || colon - at > MAX_FILE) return 0
  const first = raw[colon + 1] === '\\' ? raw.indexOf(':', colon + 1) : colon
  const end = digitsEnd(raw, first + 1)
  if (first < 0 || first - at > MAX_FILE || end === first + 1 || raw[end] !== ':' || raw[end + 1] !== ' ') return 0
  const file = raw.slice(at, first)
  return /^[^"{}]{0,500}[/\\][^"{}/\\]{1,200}$/.test(file) ? end + 2 : 0
}

/** A span's fields that end here, and what follows. */
export interface SpanEnd {
  /** Where its `}` is. */
  readonly close: number
  /** Where the next span begins; 0 when this was the last. */
  readonly next: number
  /** What follows the last span, from `close + 3` on. */
  readonly tail: Tail | null
}

const SPAN = /[A-Za-z_][\w:.-]{0,120}(?=[{:])/y

/**
 * The places where the fields that begin at `from` may end: a brace, then the next span or target and file. A name may
 * look like one; the last is the likeliest where no source file is shown, the first where one is, as a name has no
 * slash. No more than `most`.
 */
export function spanEnds(
  raw: Raw,
  from: number,
  layout: Layout,
  most: number,
  tails: Tails,
  opcode?: string,
): SpanEnd[] {
  const ends: SpanEnd[] = []
  for (let close = raw.indexOf('}', from); close >= 0 && ends.length < most; close = raw.indexOf('}', close + 1)) {
    if (raw[close + 1] !== ':') continue
    if (raw[close + 2] === ' ') {
      const tail = tails.read(raw, close + 3, opcode)
      if (showsFile(layout) ? tail.file !== '' : tail.target !== '' || !showsTarget(layout)) {
        ends.push({ close, next: 0, tail })
      }
    } else {
      SPAN.lastIndex = close + 2
      if (SPAN.test(raw)) ends.push({ close, next: close + 2, tail: null })
    }
  }
  return ends
}

/** An odd number of quotes between two places: the second is within a quoted text of the first's. */
export function quoted(raw: Raw, from: number, to: number): boolean {
  let odd = false
  for (let at = raw.indexOf('"', from); at >= 0 && at < to; at = raw.indexOf('"', at + 1)) {
    if (raw[at - 1] !== '\\') odd = !odd
  }
  return odd
}
