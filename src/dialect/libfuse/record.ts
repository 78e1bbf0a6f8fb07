import type { Raw } from '../../line/line.js'
import type { NodeId } from '../core/dialect.js'
import { MAKES_NODE } from '../core/effects.js'
import { arrowOf, callOf } from './calls.js'
import { type Match, type OpenRequest, reported } from './match.js'
import type { LongNames } from './names.js'
import { type OpenRequests, type Said, said } from './open-requests.js'
import { type Head, headOf } from './words.js'

const SPACE = 32
const isDigit = (code: number): boolean => code >= 48 && code <= 57

/** Reads what stands between requests and replies: lines of libfuse's high level, or of a program about its calls. */
export class Records {
  readonly #open: OpenRequests
  readonly #long: LongNames

  constructor(open: OpenRequests, long: LongNames) {
    this.#open = open
    this.#long = long
  }

  /**
   * What a record says; null when it is none of libfuse's, nor of a program's about its calls. `lenient`: its name has not the
   * length that it should have, whatever the reason, and yet it is one line.
   */
  read(text: Raw, lenient = false): Said | 'more' | null {
    const indented = text.charCodeAt(0) === SPACE
    const arrow = indented || isDigit(text.charCodeAt(0)) ? arrowOf(text) : null
    if (arrow) return this.#readArrow(arrow)
    const head = headOf(text)
    if (head === null) {
      const call = indented ? null : callOf(text)
      return call && this.#open.match(call.opcodes, call.match)
    }
    const { opcodes, again } = head.words
    if (head.words.match === null) return said(this.#open.first(opcodes), head)
    if (again || indented) {
      const shown = this.#open.shown(head.path)
      if (shown !== null) return shown === 'more' ? shown : said(shown, head)
    }
    const says = this.#open.match(opcodes, (open) => this.#matchHead(head, open), head, lenient)
    // Part of another request (the hidden file that an open one becomes): only where it ends is of use.
    return says !== 'more' && says.open === null ? this.#other(head.path) : says
  }

  #matchHead({ words, rest, path }: Head, open: OpenRequest): Match {
    if (words.match === null || (words.flagged && path === rest)) return null
    const found = words.match(words.flagged ? path : rest, open, this.#long)
    // What looks like the end can be part of a name.
    return found && found !== 'more' && this.#long.begun(rest) ? reported(found.facts, true) : found
  }

  /** A line within a request of another kind. */
  #other(path: Raw): Said | 'more' {
    if (!path.includes('\n') && !this.#long.begun(path)) return said(null)
    const standing = this.#long.standing(path)
    const [oldest] = this.#open.all()
    return standing === 'begun' || standing === 'could-go-on'
      ? 'more'
      : said(standing === 'whole' ? (oldest ?? null) : null)
  }

  #readArrow(arrow: NonNullable<ReturnType<typeof arrowOf>>): Said | 'more' | null {
    let more = false
    let best: { open: OpenRequest; entry: Raw; node: NodeId; fit: number } | null = null
    for (const open of this.#open.all()) {
      if (open.nodeId !== arrow.parent || !(MAKES_NODE.has(open.opcode) || open.opcode === 'readdirplus')) continue
      const found = arrow.match(open)
      if (found === 'more') more = true
      if (found === null || found === 'more') continue
      // First of one that was shown this name and no node yet; the arrow's own words win in the end.
      const fit = open.child !== null ? 0 : open.entry === found.entry ? 3 : open.entry === null ? 2 : 1
      if (best === null || fit > best.fit) best = { open, ...found, fit }
    }
    if (best === null) return more ? 'more' : null
    const { open, entry, node } = best
    const bound = { parent: arrow.parent, entry, node }
    if (open.opcode === 'readdirplus') return { ...said(open), bound }
    const { facts } = reported(open.facts ?? {})
    if (open.entry !== entry) facts.entry = entry
    if (open.opcode === 'link') facts.otherNodeId = node
    return { ...said(open), facts, child: node, bound }
  }
}
