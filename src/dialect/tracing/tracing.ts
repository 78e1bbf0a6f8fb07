import type { Line, Raw } from '../../line/line.js'
import type { Dialect, DialectEvent, DialectParser } from '../core/dialect.js'
import { opensFields, uncolour, withoutEnd } from './ansi.js'
import { capabilities } from './capabilities.js'
import type { TracingEvent } from './event.js'
import { TracingOperations } from './operations.js'
import { explainTracing, recognizeTracing } from './recognize.js'
import { samples } from './samples.js'
import { TracingText } from './text.js'
import { tracingFailed, tracingWriter } from './write.js'

type Emit = (event: DialectEvent) => void

/** The beginning of an event whose span's fields do not end in its line: a name in it has a newline. */
interface Held {
  readonly lines: Line[]
  text: Raw
  /** It may end here: its last line looked like an event of its own, so the next one shows. */
  ready: TracingEvent | null
}

/** A name has at most 255 bytes, two of them and some numbers fit into this. */
const MAX_NAME = 800
/** A path, a symlink's target or an xattr's name may be longer. */
const MAX_PATH = 9000
const LONG = /(?:path|target|link|attr|key|from|to|old|new)=[^ ]/

class TracingParser implements DialectParser {
  readonly #operations = new TracingOperations()
  readonly #text = new TracingText(this.#operations)
  #held: Held | null = null
  /** The subscriber colours its lines. */
  #coloured = false
  /** The fields of the last coloured line's span go on in the next line. */
  #openFields = false
  /** The last event in a span and its text, for names that go on in the next line in the compact format. */
  #last: TracingEvent | null = null
  #lastText: Raw = ''
  #lastStream = ''

  line(line: Line, emit: Emit): boolean {
    const text = this.#plain(line.raw)
    const held = this.#held
    if (held === null || held.lines[0]?.stream !== line.stream) return this.#read(text, line, emit)
    return this.#resume(held, text, line, emit)
  }

  end(emit: Emit): void {
    if (this.#held?.ready) this.#ready(this.#held, this.#held.ready, emit)
    else if (this.#held) this.#giveUp(this.#held, emit)
    this.#operations.end(emit)
  }

  /** Without the subscriber's colours. */
  #plain(raw: Raw): Raw {
    const coloured = raw.charCodeAt(0) === 27
    if (coloured) this.#coloured = true
    if (!this.#coloured) return raw
    if (coloured) this.#openFields = opensFields(raw)
    const text = uncolour(raw)
    return coloured || !this.#openFields ? text : withoutEnd(text)
  }

  #read(text: Raw, line: Line, emit: Emit): boolean {
    const read = this.#text.read(text, line)
    if (read === 'open') {
      // fuser's line showed the name: when there is no newline in it, something else broke this line.
      this.#held = { lines: [line], text, ready: null }
      return true
    }
    if (read === null) return this.#rest(text, line, emit)
    this.#coloured &&= line.raw.charCodeAt(0) === 27
    this.#emit(read, text, line, emit)
    return true
  }

  #emit(event: TracingEvent, text: Raw, line: Line, emit: Emit): void {
    this.#operations.event(event, emit)
    this.#last = event.span === null ? null : event
    this.#lastText = text
    this.#lastStream = line.stream
  }

  #resume(held: Held, text: Raw, line: Line, emit: Emit): boolean {
    const begins = this.#text.begins(text)
    if (held.ready !== null && begins) {
      this.#ready(held, held.ready, emit)
      return this.line(line, emit)
    }
    const first = held.lines[0] as Line
    const joined = `${held.text}\n${text}`
    const most = LONG.test(held.text) ? MAX_PATH : MAX_NAME
    // An event with its source file, which has a slash, is no part of a name.
    const whole = begins && this.#text.showsFile && most === MAX_NAME && this.#text.isWhole(text, line)
    const read = whole || joined.length > most + 400 ? null : this.#text.readAgain(joined, first)
    if (read === null) {
      if (held.ready !== null) this.#ready(held, held.ready, emit)
      else this.#giveUp(held, emit)
      return this.line(line, emit)
    }
    held.lines.push(line)
    held.text = joined
    held.ready = null
    if (read === 'open') return true
    read.from = first.index
    read.to = line.index
    read.atNs = line.atNs
    if (begins) held.ready = read
    else this.#ready(held, read, emit)
    return true
  }

  /** It ends here. */
  #ready(held: Held, event: TracingEvent, emit: Emit): void {
    this.#held = null
    this.#emit(event, held.text, held.lines.at(-1) as Line, emit)
  }

  /** The first line was not what it looked like; those after it are read anew. */
  #giveUp(held: Held, emit: Emit): void {
    this.#held = null
    const [first, ...rest] = held.lines
    const text = held.text.split('\n', 1)[0] ?? ''
    const read = first ? this.#text.readForced(text, first) : null
    if (first && read !== null && read !== 'open') this.#emit(read, text, first, emit)
    for (const line of rest) this.line(line, emit)
    if (this.#held) this.#giveUp(this.#held, emit)
  }

  /** A line without a header. */
  #rest(text: Raw, line: Line, emit: Emit): boolean {
    const event = this.#last
    const own = this.#text.begins(text)
    if (event === null || this.#lastStream !== line.stream) return own
    if (own) {
      // Not the rest of anything: it begins with a level, as what the program prints beside its events does.
      this.#operations.settle(emit)
      this.#last = null
      return true
    }
    if (this.#operations.rest(text, line.index)) return true
    const joined = `${this.#lastText}\n${text}`
    if (!event.span?.text || !this.#lastText.endsWith(event.span.text) || joined.length > MAX_NAME) return false
    const grown = this.#text.grown(event.span, text)
    this.#operations.grow(event.thread, grown, { ...event, to: line.index, span: grown }, emit)
    this.#last = { ...event, span: grown }
    this.#lastText = joined
    return true
  }
}

/** Programs that log with tracing-subscriber's full or compact format and have a span `fuse::<opcode>` around each request. */
export const tracing: Dialect = {
  name: 'tracing',
  version: 2,
  description:
    'tracing-subscriber (Rust), full and compact, with fuse::<opcode> spans, or <opcode>{req=N …} as mountpoint-s3: mergerfs-rs and others. Ends are inferred unless ' +
    'span events are on; most errors are not logged. Without fuser’s FUSE(N) lines there are no ids, names are as raw as the ' +
    'program prints them, and where no source file is shown a name can look like the end of its span (compact: like more fields)',
  capabilities,
  samples,
  recognize: recognizeTracing,
  explain: explainTracing,
  writer: tracingWriter,
  failed: tracingFailed,
  parser: () => new TracingParser(),
}
