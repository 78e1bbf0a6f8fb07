import { stripAnsi } from '../../line/colours.js'
import type { Line, Raw } from '../../line/line.js'
import type { Dialect, DialectEvent, DialectParser } from '../core/dialect.js'
import { readFuserRequest } from '../text/fuser-request.js'
import { capabilities } from './capabilities.js'
import { LEVELS, type RequestSpan, type TracingEvent } from './event.js'
import { PRETTY } from './fields.js'
import { type Header, isOwnPrint, noHeader, readHeader } from './header.js'
import { identifiedOpcode, requestId, requestOpcode } from './names.js'
import { TracingOperations } from './operations.js'
import { prettySamples } from './pretty-samples.js'
import { uptimeWidth } from './recognize.js'
import { SpanSchemas } from './schemas.js'
import { siteOf } from './text.js'
import { tracingFailed } from './write.js'

type Emit = (event: DialectEvent) => void

/** One of an event's spans: `    in crate::module::fuse::lookup with parent: 1, name: a`. */
interface PrettySpan {
  readonly path: Raw
  fields: Raw
}

/** An event whose blank line has not come yet. */
interface Pending {
  readonly event: TracingEvent
  readonly stream: string
  /** From the innermost out. */
  readonly spans: PrettySpan[]
  size: number
  placed: boolean
}

const AT = /^ {4}at (.{1,1000}:\d{1,7})(?: on (.{1,200}))?$/
const ON = /^ {4}on (.{1,200})$/
const IN = /^ {4}in ([\w:.-]{1,300})(?: with |$)/
/** Bytes of an event, all its lines together; a longer one ends there. */
const MAX_EVENT = 20_000

class PrettyParser implements DialectParser {
  readonly #operations = new TracingOperations()
  readonly #schemas = new SpanSchemas(PRETTY)
  readonly #header: Header = noHeader()
  readonly #spans = new Map<Raw, RequestSpan>()
  #pending: Pending | null = null
  #coloured = false

  line(line: Line, emit: Emit): boolean {
    const text = this.#plain(line.raw)
    const pending = this.#pending
    if (pending !== null && pending.stream === line.stream) return this.#more(pending, text, line, emit)
    return this.#begin(text, line)
  }

  end(emit: Emit): void {
    this.#finish(emit)
    this.#operations.end(emit)
  }

  #plain(raw: Raw): Raw {
    const first = raw.indexOf('\x1b')
    if (first >= 0 && raw.slice(0, first).trim() === '') this.#coloured = true
    return this.#coloured && first >= 0 ? stripAnsi(raw) : raw
  }

  /** `  <time> DEBUG target: message, key: value`. */
  #begin(text: Raw, line: Line): boolean {
    const header = this.#header
    if (!begins(text) || !readHeader(text, header) || header.level === 0) return isOwnPrint(text)
    const colon = /^[\w:.-]{1,200}: /.exec(text.slice(header.at, header.at + 202))
    const target = colon?.[0].slice(0, -2) ?? ''
    const message = text.slice(header.at + (colon?.[0].length ?? 0))
    const event: TracingEvent = {
      atNs: line.atNs,
      from: line.index,
      to: line.index,
      thread: '',
      level: header.level,
      target,
      site: '',
      message,
      span: null,
      inner: '',
      innerFields: '',
    }
    this.#pending = { event, stream: line.stream, spans: [], size: text.length, placed: false }
    return true
  }

  #more(pending: Pending, text: Raw, line: Line, emit: Emit): boolean {
    const { event, spans } = pending
    const last = spans.at(-1)
    // fuser's line showed the name: what belongs to it is no line of its own, whatever it looks like.
    const rest = last && this.#restOfName(pending, last)
    if (last && rest && (rest.last ? text.startsWith(rest.text) : text === rest.text)) {
      last.fields += `\n${text}`
    } else if (text === '') {
      event.to = line.index
      this.#finish(emit)
      return true
    } else if (!this.#place(pending, text)) {
      const within = IN.exec(text)
      if (within) spans.push({ path: within[1] ?? '', fields: text.slice(within[0].length) })
      else if (last) last.fields += `\n${text}`
      else event.message += `\n${text}`
    }
    pending.size += text.length
    event.to = line.index
    if (pending.size > MAX_EVENT) this.#finish(emit)
    return true
  }

  /** `    at src/x.rs:12 on ThreadId(1)`. */
  #place(pending: Pending, text: Raw): boolean {
    if (pending.placed || pending.spans.length > 0) return false
    const at = AT.exec(text)
    const on = at ?? ON.exec(text)
    if (on === null) return false
    pending.placed = true
    pending.event.site = at?.[1] ?? ''
    pending.event.thread = at ? (at[2] ?? '') : (on[1] ?? '')
    return true
  }

  /** The first line of what the name in a span's fields still lacks, as fuser's line quoted it. */
  #restOfName(pending: Pending, span: PrettySpan): { text: Raw; last: boolean } | undefined {
    const name = this.#operations.nameOn(pending.event.thread)
    if (name === null || !name.includes('\n')) return undefined
    const at = span.fields.indexOf(name.slice(0, name.indexOf('\n')))
    if (at < 0) return undefined
    const had = span.fields.slice(at)
    if (!name.startsWith(`${had}\n`)) return undefined
    const rest = name.slice(had.length + 1)
    const end = rest.indexOf('\n')
    return end < 0 ? { text: rest, last: true } : { text: rest.slice(0, end), last: false }
  }

  #finish(emit: Emit): void {
    const pending = this.#pending
    if (pending === null) return
    this.#pending = null
    const { event, spans } = pending
    const at = spans.findLastIndex(({ path, fields }) => opcodeIn(path, fields) !== null)
    const span = spans[at]
    if (span) {
      event.span = this.#span(event.thread, opcodeIn(span.path, span.fields) ?? '', span.fields)
      const inner = at > 0 ? spans[0] : undefined
      if (inner) {
        event.inner = inner.path
        event.innerFields = inner.fields.replaceAll(
          /(^|, )(\w{1,40}): /g,
          (_all, comma, key) => `${comma && ' '}${key}=`,
        )
      }
    }
    if (event.site === '') event.site = siteOf(event.target, event.message)
    this.#operations.event(event, emit)
  }

  #span(thread: Raw, opcode: string, text: Raw): RequestSpan {
    const last = this.#spans.get(thread)
    if (last?.opcode === opcode && last.text === text) return last
    this.#schemas.learn(opcode, text)
    const unique = requestId(text)
    const known = this.#schemas.span(opcode, text)
    const span = unique === undefined ? known : { ...known, unique }
    if (this.#spans.size >= 1024) this.#spans.clear()
    this.#spans.set(thread, span)
    return span
  }
}

/** Two spaces, and more only before an uptime's seconds. */
const begins = (text: Raw): boolean => text.startsWith('  ') && (!text.startsWith('    ') || uptimeWidth(text) > 4)

/** The opcode at the end of `crate::module::fuse::lookup`. */
function opcodeIn(path: Raw, fields: Raw): string | null {
  const at = path.startsWith('fuse::') ? path.lastIndexOf('fuse::') : path.lastIndexOf('::fuse::') + 2
  const named = at < 2 && !path.startsWith('fuse::') ? null : requestOpcode(path.slice(at))
  return named ?? identifiedOpcode(path, fields)
}

/** tracing-subscriber's pretty format: several lines an event, and a blank one. */
export const tracingPretty: Dialect = {
  name: 'tracing-pretty',
  version: 2,
  description:
    'tracing-subscriber (Rust), pretty (several lines an event), with fuse::<opcode> spans. Ends are inferred unless span ' +
    'events are on; most errors are not logged. Without fuser’s FUSE(N) lines there are no ids, and a name with newlines ' +
    'can look like lines of its own; in colour, escapes in names are lost',
  capabilities,
  samples: prettySamples,
  recognize(raw) {
    if (!raw.startsWith('  ') && raw.charCodeAt(0) !== 27) return 0
    const text = stripAnsi(raw.length > 600 ? raw.slice(0, 600) : raw)
    const within = IN.exec(text)
    if (within) return opcodeIn(within[1] ?? '', text.slice(within[0].length)) === null ? 1 : 2
    if (AT.test(text)) return 1
    if (!begins(text)) return 0
    const header = noHeader()
    if (!readHeader(text, header) || header.level === 0 || uptimeWidth(text) === 4) return 0
    const request = /^fuser?(?:::\w{1,40}){0,4}: (?=FUSE\()/.exec(text.slice(header.at, header.at + 200))
    // What is indented further has been put into something else.
    const own = text.charCodeAt(2) !== 32 || uptimeWidth(text) > 0
    if (own && request && readFuserRequest(text, header.at + request[0].length)) return 2
    return header.timed ? 1 : 0
  },
  explain(raw) {
    const text = stripAnsi(raw)
    const header = noHeader()
    if (!text.startsWith('  ')) return { matched: 0, expected: 'two spaces, a time stamp and a level' }
    if (!begins(text)) return { matched: 4, expected: 'at, on or in, after an event’s first line' }
    const fits = readHeader(text, header) && header.level > 0
    return { matched: fits ? header.at : 2, expected: fits ? 'a target' : `a time stamp and one of${LEVELS.join(' ')}` }
  },
  failed: tracingFailed,
  parser: () => new PrettyParser(),
}
