import type { Raw } from '../../line/line.js'
import { withoutBlanks } from '../text/text.js'
import type { Layer } from './layer.js'
import { carriageReturn, ending, endingOf } from './pasted.js'

/** Lines that must all end in the same way. */
const MIN_ALIKE = 3
/** Lines within which that is clear, empty ones too. */
const MAX_LINES = 64
/** Blanks behind a line that no daemon writes: fuser's lines end in four. */
const MANY_BLANKS = 5

/**
 * Finds what another program has put behind all lines: the same text, or blanks up to a width, of which longer lines have
 * none. Takes lines from the first on, and holds them back while the next few decide.
 */
export class Endings {
  readonly #held: Raw[] = []
  #seen = 0
  /** What all lines so far end in; null once one does not, or all do. */
  #common: string | null | undefined = undefined
  readonly #widths = new Widths()
  #layer: Layer | null = null
  #done = false

  /** What comes off behind lines; null while nothing is known to. */
  get layer(): Layer | null {
    return this.#layer
  }

  /** Lines wait for the next ones. */
  get holds(): boolean {
    return this.#held.length > 0
  }

  /** Takes the next line; returns those that are decided, with it or not. An empty one says nothing of any ending. */
  push(raw: Raw): Raw[] {
    if (this.#done) return raw === '' ? [] : [raw]
    if (++this.#seen > MAX_LINES) return [...this.end(), raw]
    if (raw === '') return []
    this.#held.push(raw)
    const bare = withoutReturn(raw)
    this.#widths.observe(bare)
    if (this.#common !== null) {
      this.#common = commonEnding(endingOf(bare), this.#common)
      if (this.#common !== null) return this.#held.length < MIN_ALIKE ? [] : this.#found(ending(this.#common))
    }
    return this.#widths.filled ? [] : this.#held.splice(0)
  }

  /** No more lines come, or enough have: what they showed is believed. */
  end(): Raw[] {
    if (this.#done) return []
    const { width } = this.#widths
    if (this.#common && this.#held.length > 1) return this.#found(ending(this.#common))
    return this.#found(width === null ? null : padding(width))
  }

  #found(layer: Layer | null): Raw[] {
    this.#layer = layer && ((raw) => layer(withoutReturn(raw)))
    this.#done = true
    return this.#held.splice(0)
  }
}

/** What stands behind lines stands before the carriage return that ends them. */
const withoutReturn = (raw: Raw): Raw => carriageReturn(raw)?.raw ?? raw

/** Lines of one width that show it. */
const MIN_FILLED = 3

/** The width that lines were filled up to with blanks: no line is shorter, and some have more of them than others. */
class Widths {
  #least = Number.POSITIVE_INFINITY
  /** How many blanks stand behind each line of that width. */
  #blanks: number[] = []

  /** Some line looks filled up; a shorter one would show that it is not. */
  get filled(): boolean {
    return Math.max(0, ...this.#blanks) >= MANY_BLANKS
  }

  /** The width; null where too few lines show it. */
  get width(): number | null {
    return this.filled && this.#blanks.length >= MIN_FILLED && new Set(this.#blanks).size > 1 ? this.#least : null
  }

  observe(raw: Raw): void {
    const width = widthOf(raw)
    if (width > this.#least) return
    if (width < this.#least) this.#blanks = []
    this.#least = width
    const blanks = raw.length - withoutBlanks(raw).length
    if (blanks > 1) this.#blanks.push(blanks)
  }
}

/** Characters of a line in UTF-8. */
function widthOf(raw: Raw): number {
  return /[\x80-\xff]/.test(raw) ? raw.replace(/[\x80-\xbf]/g, '').length : raw.length
}

/** Blanks up to a width; a longer line's are its own. */
function padding(width: number): Layer {
  return (raw) => ({ raw: raw.endsWith(' ') && widthOf(raw) === width ? withoutBlanks(raw) : raw })
}

/** The ending of both: what another program has added stands behind what ends a line by itself. */
function commonEnding(one: string | null, other: string | null | undefined): string | null {
  if (one === null || other === null || other === undefined || one.endsWith(other)) return one && (other ?? one)
  return other.endsWith(one) ? one : null
}
