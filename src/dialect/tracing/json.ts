import type { Line, Raw } from '../../line/line.js'
import { leadingTime } from '../../line/own-time.js'
import type { Dialect, DialectEvent, DialectParser } from '../core/dialect.js'
import { RUST, unquote } from '../text/quoted.js'
import { capabilities } from './capabilities.js'
import { type Field, LEVELS, type RequestSpan, spanEvent, type TracingEvent } from './event.js'
import { isFree } from './fields.js'
import { isOwnPrint } from './header.js'
import { jsonSamples } from './json-samples.js'
import { type JsonObject, type JsonValue, member, scanJson, stringOf, textOf } from './json-scan.js'
import { identifiedOpcode, requestId, requestOpcode } from './names.js'
import { TracingOperations } from './operations.js'
import { siteOf } from './text.js'
import { jsonFailed } from './write.js'

type Emit = (event: DialectEvent) => void

/** Keys of an event's object that are not fields, where fields are flattened into it. */
const META = new Set([
  'timestamp',
  'level',
  'target',
  'filename',
  'line_number',
  'span',
  'spans',
  'threadId',
  'threadName',
])

class JsonParser implements DialectParser {
  readonly #operations = new TracingOperations()
  /** The last request's span by thread: the same text is the same request. */
  readonly #spans = new Map<Raw, { text: Raw; span: RequestSpan }>()

  line(line: Line, emit: Emit): boolean {
    const object = scanJson(line.raw)
    const event = object && this.#event(object, line)
    if (event) this.#operations.event(event, emit)
    return event !== null || isOwnPrint(line.raw)
  }

  end(emit: Emit): void {
    this.#operations.end(emit)
  }

  #event(object: JsonObject, line: Line): TracingEvent | null {
    const level = LEVELS.indexOf(stringOf(object, 'level') ?? '')
    const given = member(object, 'fields')
    const fields = given && 'pairs' in given ? given.pairs : object.pairs.filter(([key]) => !META.has(key))
    const reported = fields.find(([key]) => key === 'message')?.[1]
    if (reported === undefined && level < 1) return null
    const message = (reported && textOf(reported)) ?? ''
    const target = stringOf(object, 'target') ?? fieldOf(fields, 'log.target') ?? ''
    const place = member(object, 'line_number')
    const file = stringOf(object, 'filename')
    const thread = [stringOf(object, 'threadName'), stringOf(object, 'threadId')].filter((part) => part).join(' ')
    const spans = spansOf(object, line.raw)
    const at = spans.findIndex((span) => nameOf(span) !== null)
    const inner = at < 0 ? undefined : spans.slice(at + 1).at(-1)
    // Where the current span is not shown, these events are of one that is not in the list: within the last, or a root.
    const what = member(object, 'span') ? null : spanEvent(message)
    const hidden = what !== null && what !== 'enter'
    const closed = hidden && what === 'close' && spans.length === 0 ? (this.#spans.get(thread)?.span ?? null) : null
    if (closed) this.#spans.delete(thread)
    return {
      atNs: line.atNs,
      from: line.index,
      to: line.index,
      thread,
      level: Math.max(0, level),
      target,
      site: file !== null && place ? `${file}:${textOf(place)}` : siteOf(target, message),
      message: message + rest(fields),
      span: at < 0 ? closed : this.#span(thread, spans[at] as JsonObject, line.raw),
      inner: inner ? (stringOf(inner, 'name') ?? '') : hidden && closed === null ? '?' : '',
      innerFields: inner ? innerText(inner) : '',
    }
  }

  #span(thread: Raw, object: JsonObject, raw: Raw): RequestSpan {
    const text = raw.slice(object.from, object.to)
    const last = this.#spans.get(thread)
    if (last?.text === text) return last.span
    const name = nameOf(object)
    const fields = (): Field[] => spanFields(object, name?.at ?? -1)
    const opcode = name?.opcode ?? ''
    const unique = idOf(object)
    const span: RequestSpan = unique === undefined ? { opcode, text, fields } : { opcode, text, fields, unique }
    if (this.#spans.size >= 1024) this.#spans.clear()
    this.#spans.set(thread, { text, span })
    return span
  }
}

/**
 * The spans from the outermost on, whichever of `spans` and `span` the subscriber writes. The list is of the spans that
 * are entered: where a span is made, left or closed, it is not among them.
 */
function spansOf(object: JsonObject, raw: Raw): JsonObject[] {
  const given = member(object, 'spans')
  const list = given && 'list' in given ? given.list.filter((span): span is JsonObject => 'pairs' in span) : []
  const one = member(object, 'span')
  if (!one || !('pairs' in one)) return list
  const last = list.at(-1)
  if (last && raw.slice(last.from, last.to) === raw.slice(one.from, one.to)) return list
  return nameOf(one) ? [one] : [...list, one]
}

/** Which of a span's keys `name` is the span's own: the last that names a request. */
function nameOf(span: JsonObject): { opcode: string; at: number } | null {
  const at = span.pairs.findLastIndex(
    ([key, value]) => key === 'name' && 'string' in value && requestOpcode(value.string) !== null,
  )
  const value = span.pairs[at]?.[1]
  const opcode = value && 'string' in value ? requestOpcode(value.string) : null
  return opcode === null ? identifiedName(span) : { opcode, at }
}

/** The same of a span that has the request's id. Its own name is the last. */
function identifiedName(span: JsonObject): { opcode: string; at: number } | null {
  const id = idOf(span)
  if (id === undefined) return null
  const at = span.pairs.findLastIndex(([key]) => key === 'name')
  const value = span.pairs[at]?.[1]
  const opcode = value && 'string' in value ? identifiedOpcode(value.string, `req=${id}`) : null
  return opcode === null ? null : { opcode, at }
}

/** The kernel's id of a request, where one of the span's fields is that. */
function idOf(span: JsonObject): number | undefined {
  for (const [key, value] of span.pairs) {
    const id = 'word' in value ? requestId(`${key}=${value.word}`) : undefined
    if (id !== undefined) return id
  }
  return undefined
}

function spanFields(span: JsonObject, name: number): Field[] {
  return span.pairs.flatMap(([key, value], at): Field[] => {
    const text = at === name ? null : textOf(value)
    // No name is empty: these quotes are the name.
    return text === null ? [] : [[key, text === '""' && isFree(key) ? text : debugText(text)]]
  })
}

/** What Rust printed for debugging stands in quotes within the string. */
function debugText(text: Raw): Raw {
  const quoted = text.startsWith('"') ? unquote(text, 0, RUST) : null
  return quoted?.end === text.length ? quoted.value : text
}

const fieldOf = (fields: readonly (readonly [Raw, JsonValue])[], key: string): Raw | null => {
  const value = fields.find(([name]) => name === key)?.[1]
  return value ? textOf(value) : null
}

/** An event's own fields behind its message, as the full format has them. */
function rest(fields: readonly (readonly [Raw, JsonValue])[]): Raw {
  let text = ''
  for (const [key, value] of fields) {
    if (key !== 'message' && !key.startsWith('log.')) text += ` ${key}=${textOf(value) ?? ''}`
  }
  return text
}

/** An inner span's fields as the full format has them. */
function innerText(span: JsonObject): Raw {
  return span.pairs.map(([key, value]) => `${key}=${textOf(value) ?? ''}`).join(' ')
}

/** tracing-subscriber's JSON format: an object a line. */
export const tracingJson: Dialect = {
  name: 'tracing-json',
  version: 2,
  description:
    'tracing-subscriber (Rust), JSON, with fuse::<opcode> spans, flattened or not. Names are told beyond doubt. Ends are ' +
    'inferred unless span events are on; most errors are not logged; ids only with fuser’s FUSE(N) lines',
  capabilities,
  samples: jsonSamples,
  recognize(raw) {
    if (!/^\{\s{0,8}"/.test(raw)) return 0
    if (!raw.includes('"level":') && !raw.includes('"target":')) return 0
    if (!raw.includes('"fields":') && !raw.includes('"message":')) return 0
    const request = /"name":\s?"fuse::(\w{1,30})"/.exec(raw)
    if (request && requestOpcode(`fuse::${request[1]}`) !== null) return 2
    if (/[{,]"_?(?:req|unique|req_id|request_id)":\s?\d/.test(raw)) {
      const own = /"name":\s?"([a-z_0-9:]{3,60})"\}/.exec(raw)?.[1] ?? ''
      if (identifiedOpcode(own, 'req=1') !== null) return 2
    }
    return /"message":\s?"FUSE\( {0,3}\d+\) ino 0x/.test(raw) ? 2 : 1
  },
  time(raw) {
    const time = /(?<!\\)"timestamp":\s?"([^"]{8,40})"/.exec(raw)?.[1]
    return time === undefined ? null : leadingTime(`${time} `)
  },
  explain(raw) {
    if (raw.charCodeAt(0) !== 123) return { matched: 0, expected: 'a JSON object' }
    if (scanJson(raw) === null) return { matched: 1, expected: 'a whole JSON object in one line' }
    return { matched: raw.length, expected: 'a level or a message in the object' }
  },
  failed: jsonFailed,
  parser: () => new JsonParser(),
}
