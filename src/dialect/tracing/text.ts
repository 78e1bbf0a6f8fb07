import type { Line, Raw } from '../../line/line.js'
import { has } from '../text/text.js'
import { splitCompact } from './compact.js'
import type { RequestSpan, TracingEvent } from './event.js'
import { type Header, noHeader, readHeader } from './header.js'
import { type Chain, Chains, identifiedOpcode, requestId, requestOpcode } from './names.js'
import type { TracingOperations } from './operations.js'
import { SpanSchemas } from './schemas.js'
import { type Layout, quoted, type SpanEnd, showsFile, showsTarget, spanEnds, type Tail, Tails } from './spans.js'
import { type Thread, Threads } from './thread.js'

const MAX_ENDS = 16

/** `open`: a span's fields do not end in this text, the name in them may go on in the next line. */
export type Read = TracingEvent | 'open' | null

/** Reads events of tracing-subscriber's full and compact formats, a text each, uncoloured. */
export class TracingText {
  readonly #threads = new Threads()
  readonly #header: Header = noHeader()
  readonly #layout: Layout = { lines: 0, withTarget: 0, withFile: 0 }
  readonly #tails = new Tails()
  readonly #chains = new Chains()
  readonly schemas: SpanSchemas = new SpanSchemas()
  readonly #operations: TracingOperations
  #thread: Thread = this.#threads.current
  #sawHeader = false
  #timed = false
  #dated = false
  #force = false

  constructor(operations: TracingOperations) {
    this.#operations = operations
  }

  /** True when lines name their source file, which no file's name can imitate: it has a slash. */
  get showsFile(): boolean {
    return showsFile(this.#layout)
  }

  /** Reads one event; null when the text does not begin as one. */
  read(raw: Raw, line: Line): Read {
    const header = this.#header
    if (readHeader(raw, header)) {
      // Where events have a time, a line with only a level is the program's own.
      if (!header.timed && this.#timed) return null
      this.#timed = header.timed
      // Where events have a date, what has a time of another kind is none.
      if (header.timed && !header.dated && this.#dated) return null
      this.#dated ||= header.dated && header.level > 0
      this.#sawHeader = true
    } else if (this.#sawHeader || !(raw.startsWith('fuse::') || raw.startsWith('FUSE('))) return null
    const { lead } = this.#thread
    const end = header.at + lead.length
    if (lead !== '' && raw.charCodeAt(end) === 58 && has(raw, lead, header.at)) return this.#known(raw, end, line)
    const at = this.#threads.find(raw, header.at)
    if (this.#thread !== this.#threads.current) {
      this.#thread = this.#threads.current
      const other = header.at + this.#thread.lead.length
      if (this.#thread.lead !== '' && raw.charCodeAt(other) === 58 && has(raw, this.#thread.lead, header.at)) {
        return this.#known(raw, other, line)
      }
    }
    return raw.startsWith('fuser::', at) ? this.#plain(raw, at, line) : this.#spans(raw, at, line)
  }

  /** Reads a text that no more comes to, whatever seems to lack. */
  readForced(raw: Raw, line: Line): Read {
    this.#force = true
    const read = this.readAgain(raw, line)
    this.#force = false
    return read
  }

  /** Reads a text anew of which only a part was read before. */
  readAgain(raw: Raw, line: Line): Read {
    this.#thread.lead = ''
    return this.read(raw, line)
  }

  /** Says whether a text begins as an event. */
  begins(raw: Raw): boolean {
    const header = { ...this.#header }
    return readHeader(raw, header) && !(this.#dated && header.timed && !header.dated)
  }

  /** Says whether a text is an event by itself, with the place in its source. */
  isWhole(raw: Raw, line: Line): boolean {
    const read = this.read(raw, line)
    if (read === null || read === 'open' || !read.site.includes('/')) return false
    return read.span === null || this.schemas.fits(read.span.opcode, read.span.text)
  }

  /** A span whose last name goes on in the next line. */
  grown(span: RequestSpan, rest: Raw): RequestSpan {
    this.#thread.lead = ''
    this.#thread.span = this.schemas.span(span.opcode, `${span.text}\n${rest}`)
    return this.#thread.span
  }

  /** The same request's span once more. */
  #known(raw: Raw, at: number, line: Line): Read {
    const { innerPrefix } = this.#thread
    if (raw.charCodeAt(at + 1) === 32) return this.#event(raw, at + 2, this.#tails.read(raw, at + 2), line, '', '')
    const end = at + innerPrefix.length
    if (innerPrefix !== '' && raw.startsWith(': ', end) && has(raw, innerPrefix, at)) {
      const { inner, innerFields } = this.#thread
      return this.#event(raw, end + 2, this.#tails.read(raw, end + 2), line, inner, innerFields)
    }
    return this.#inner(raw, at + 1, line)
  }

  /** Spans from the first: those around the request's, its own, those within. */
  #spans(raw: Raw, from: number, line: Line): Read {
    let at = from
    for (let depth = 0; depth < 8; depth++) {
      const chain = this.#chains.at(raw, at)
      if (chain === null) break
      let request = 0
      let opcode = requestOpcode(chain.names[0] ?? '')
      while (opcode === null && ++request < chain.names.length) opcode = requestOpcode(chain.names[request] ?? '')
      if (opcode === null && !chain.brace) break
      if (opcode === null) {
        opcode = identifiedOpcode(chain.names.at(-1) ?? '', raw.slice(chain.end + 1, chain.end + 41))
        if (opcode !== null) request = chain.names.length - 1
      }
      const last = request === chain.names.length - 1
      if (opcode !== null && !(chain.brace && last)) return this.#bare(raw, at, chain, request, opcode, line)
      const most = opcode === null ? 1 : MAX_ENDS
      const ends = spanEnds(raw, chain.end + 1, this.#layout, most, this.#tails, opcode ?? undefined)
      if (ends.length === 0) {
        if (opcode === null) break
        return 'open'
      }
      if (opcode !== null) return this.#request(raw, chain.end, opcode, ends, line)
      const [end] = ends
      if (end === undefined || end.next === 0) break
      at = end.next
    }
    return this.#plain(raw, from, line)
  }

  /** The request's span, its fields beginning after the brace at `brace`. */
  #request(raw: Raw, brace: number, opcode: string, ends: SpanEnd[], line: Line): Read {
    const [first] = ends
    if (first && (ends.length === 1 || first.next > 0)) this.schemas.learn(opcode, raw.slice(brace + 1, first.close))
    const end = this.#choose(raw, brace + 1, opcode, ends)
    const thread = this.#thread
    const text = raw.slice(brace + 1, end.close)
    thread.span = identified(this.schemas.span(opcode, text))
    thread.lead = raw.slice(this.#header.at, end.close + 1)
    thread.innerPrefix = ''
    if (end.tail) return this.#event(raw, end.close + 3, end.tail, line, '', '')
    return this.#inner(raw, end.next, line)
  }

  /** Which of several places the request's fields end at. */
  #choose(raw: Raw, from: number, opcode: string, ends: SpanEnd[]): SpanEnd {
    const first = ends[0] as SpanEnd
    if (ends.length === 1) return first
    const name = this.#operations.nameOn(this.#thread.name)
    if (name !== null) {
      const at = raw.indexOf(name, from)
      const end = at < 0 ? undefined : ends.find(({ close }) => close >= at + name.length)
      if (end) return end
    }
    const fitting = ends.filter(({ close }) => this.schemas.fits(opcode, raw.slice(from, close)))
    const likely = fitting.length > 0 ? fitting : ends
    const [best] = likely
    if (best === undefined || showsFile(this.#layout) || best.tail === null) return best ?? first
    const message = best.close + 3 + best.tail.length
    return likely.findLast(({ close, next }) => next === 0 && !quoted(raw, message, close)) ?? best
  }

  /** Spans within the request's, the first beginning at `from`. */
  #inner(raw: Raw, from: number, line: Line): Read {
    let at = from
    for (let depth = 0; depth < 32; depth++) {
      const chain = this.#chains.at(raw, at)
      if (chain === null) return 'open'
      const name = chain.names.at(-1) ?? ''
      if (!chain.brace) return this.#event(raw, chain.end + 1, this.#tails.read(raw, chain.end + 1), line, name, '')
      const end = this.#innerEnd(raw, chain.end + 1)
      if (end === undefined) return 'open'
      if (end.tail) {
        const thread = this.#thread
        thread.innerPrefix = raw.slice(from - 1, end.close + 1)
        thread.inner = name
        thread.innerFields = raw.slice(chain.end + 1, end.close)
        return this.#event(raw, end.close + 3, end.tail, line, name, thread.innerFields)
      }
      at = end.next
    }
    return this.#plain(raw, from, line)
  }

  /** Where an inner span's fields end: not within a quoted value of theirs. */
  #innerEnd(raw: Raw, from: number): SpanEnd | undefined {
    const ends = spanEnds(raw, from, this.#layout, MAX_ENDS, this.#tails)
    return ends.length < 2 ? ends[0] : (ends.find(({ close }) => !quoted(raw, from, close)) ?? ends[0])
  }

  /** `fuse::create:file_ops::create_file: target: …`: compact, or a span without fields. */
  #bare(raw: Raw, at: number, chain: Chain, request: number, opcode: string, line: Line): Read {
    const { names } = chain
    if (chain.brace) {
      // Only the request's span has no fields.
      this.#thread.span = this.schemas.span(opcode, '')
      this.#thread.lead = ''
      const [end] = spanEnds(raw, chain.end + 1, this.#layout, 1, this.#tails)
      if (end === undefined) return 'open'
      const fields = raw.slice(chain.end + 1, end.close)
      if (end.tail) return this.#event(raw, end.close + 3, end.tail, line, names.at(-1) ?? '', fields)
      return this.#inner(raw, end.next, line)
    }
    const tail = this.#tails.read(raw, chain.end + 1)
    if (showsTarget(this.#layout) && tail.target === '') return this.#plain(raw, at, line)
    const inner = request === names.length - 1 ? '' : (names.at(-1) ?? '')
    const split = splitCompact(
      raw.slice(chain.end + 1 + tail.length),
      opcode,
      inner !== '',
      this.#thread.span,
      this.schemas,
      this.#force,
    )
    if (split === null) return 'open'
    this.#thread.span = split.span
    this.#thread.lead = ''
    return this.#event(raw, chain.end + 1, tail, line, inner, split.innerFields, split.message)
  }

  /** An event in no request's span. */
  #plain(raw: Raw, at: number, line: Line): TracingEvent {
    this.#thread.span = null
    this.#thread.lead = ''
    return this.#event(raw, at, this.#tails.read(raw, at), line, '', '')
  }

  #event(
    raw: Raw,
    at: number,
    tail: Tail,
    line: Line,
    inner: Raw,
    innerFields: Raw,
    message: Raw = raw.slice(at + tail.length),
  ): TracingEvent {
    const layout = this.#layout
    if (layout.lines < 1000) {
      layout.lines++
      if (tail.target !== '') layout.withTarget++
      if (tail.file !== '') layout.withFile++
    }
    return {
      atNs: line.atNs,
      from: line.index,
      to: line.index,
      thread: this.#thread.name,
      level: this.#header.level,
      target: tail.target,
      site: tail.file === '' ? siteOf(tail.target, message) : tail.file,
      message,
      span: this.#thread.span,
      inner,
      innerFields,
    }
  }
}

/** With the kernel's id where the span's fields begin with it. */
function identified(span: RequestSpan): RequestSpan {
  const unique = requestId(span.text)
  return unique === undefined ? span : { ...span, unique }
}

/** A place in the source by its words, up to the first that may differ from time to time. */
export function siteOf(target: Raw, message: Raw): Raw {
  let end = 0
  while (end < message.length && end < 40 && !/["\d/=]/.test(message[end] ?? '')) end++
  return `${target} ${message.slice(0, end)}`
}
