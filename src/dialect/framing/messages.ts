import type { Raw } from '../../line/line.js'
import { leadingTime, type OwnTime, timeIn, timeOfValue } from '../../line/own-time.js'
import { readJsonLine } from '../text/json-line.js'
import { LENIENT, unquote } from '../text/quoted.js'
import { type Inner, type Layer, MAX_PREFIX } from './layer.js'

const MESSAGE_KEYS = [
  'log',
  'msg',
  'message',
  'MESSAGE',
  'line',
  'text',
  'textPayload',
  'body',
  'event',
  'Output',
  'stringValue',
]
const TIME_KEYS = ['time', 'Time', 'timestamp', 'ts', '@timestamp', 't', '__REALTIME_TIMESTAMP']

/** How a record of JSON begins; one of `key=value` has its message behind this. */
const RECORD = /^\{ ?"/
const LOGFMT = /(?:^|[ \t])(?:msg|message)=("?)/i

/** docker's files: one JSON object a line, `{"log":"…\n","stream":"stderr","time":"…"}`. */
export const docker: Layer = (raw) => (raw.startsWith('{"log":"') ? jsonMessage(raw) : null)

/** Records in which the message is one of several fields, made for a line that shows it. */
export function messageLayers(raw: Raw): Layer[] {
  const layers: Layer[] = []
  if (RECORD.test(raw)) layers.push(jsonMessage)
  if (LOGFMT.test(raw.slice(0, MAX_PREFIX))) layers.push(logfmt)
  layers.push(...csvLayers(raw))
  for (let nth = 0; nth < MAX_LITERALS && literal(raw, nth) !== null; nth++) layers.push((raw) => literal(raw, nth))
  return layers
}

/**
 * Records around a line that is known by a word in it, as it is by itself, each with what is left of the line without its message:
 * where that is known too, the message is somebody's name.
 */
export function recordLayers(raw: Raw): { layer: Layer; rest: Raw }[] {
  const records: { layer: Layer; rest: Raw }[] = []
  if (RECORD.test(raw)) records.push({ layer: jsonMessage, rest: '' })
  if (/(?:^|[ \t])(?:msg|message)="/i.test(raw.slice(0, MAX_PREFIX))) records.push({ layer: logfmt, rest: '' })
  records.push(...csvLayers(raw).map((layer) => ({ layer, rest: '' })))
  for (let nth = 0; nth < MAX_LITERALS; nth++) {
    const found = literal(raw, nth)
    if (found === null) break
    records.push({ layer: (raw) => literal(raw, nth), rest: raw.slice(0, found.start) + raw.slice(found.end) })
  }
  return records
}

/** The columns of a line of comma-separated values that may be the message. */
export function csvLayers(raw: Raw): Layer[] {
  return [...(csvFields(raw)?.entries() ?? [])].filter(([, { quoted }]) => quoted).map(([column]) => csvMessage(column))
}

const MAX_LITERALS = 8

interface Literal extends Inner {
  /** The index of the opening mark, with the letter before it. */
  readonly start: number
  /** The index behind the closing mark. */
  readonly end: number
}

/**
 * The nth string of a language in a line, with its escapes: of a list in JSON or YAML, of Python's `repr` (of bytes too), of strace's
 * `write(2, "…", 9)`.
 */
export function literal(raw: Raw, nth: number): Literal | null {
  const opening = /(?<![\w"'])[bu]?["']/g
  for (let i = 0; ; i++) {
    const found = opening.exec(raw)
    if (found === null || found.index > MAX_PREFIX) return null
    const at = opening.lastIndex - 1
    const read = unquote(raw, at, LENIENT, raw[at] === '"' ? '"' : "'")
    if (read === null) return null
    if (i === nth)
      return {
        raw: read.value.replace(/\r?\n$/, ''),
        time: () => timeIn(raw.slice(0, found.index)),
        start: found.index,
        end: read.end,
      }
    opening.lastIndex = read.end
  }
}

/** A JSON object a line, with the message in one of its fields. */
function jsonMessage(raw: Raw): Inner | null {
  const object = raw.trimEnd().endsWith('}') ? readJsonLine(raw) : null
  if (object === null) return null
  const all = [object, ...innerObjects(object)]
  const messages = all.flatMap((one) => MESSAGE_KEYS.map((key) => asText(one[key]))).filter(isString)
  // An empty line may be one of several fields that are empty.
  const message = messages.find((one) => one !== '') ?? messages[0]
  return message === undefined ? null : { raw: message.replace(/\r?\n$/, ''), time: () => firstOf(all, timeOf) }
}

const isString = (value: unknown): value is string => typeof value === 'string'

/** Objects within an object, and within these: of Elasticsearch's hits, Google's payloads, OpenTelemetry's bodies. */
function innerObjects(object: Record<string, unknown>, depth = 0): Record<string, unknown>[] {
  const objects = Object.values(object).filter(
    (value): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value),
  )
  return depth === 1 ? objects : objects.flatMap((one) => [one, ...innerObjects(one, depth + 1)])
}

function firstOf<T, U>(all: readonly T[], get: (one: T) => U | null): U | null {
  for (const one of all) {
    const found = get(one)
    if (found !== null) return found
  }
  return null
}

/** journald writes what is no text, or holds escapes, as a list of its bytes. */
function asText(value: unknown): unknown {
  if (!Array.isArray(value) || value.length > MAX_PREFIX * 400) return value
  const isByte = (one: unknown): boolean => Number.isInteger(one) && Number(one) >= 0 && Number(one) < 256
  return value.every(isByte) ? Buffer.from(value as number[]).toString('latin1') : value
}

/** fluentd: a time, a tag and a JSON object. */
export const fluentd: Layer = (raw) => {
  const before = /^\d{4}-\d\d-\d\d[T ][\d:.]{8,18}(?: ?[+-]\d\d:?\d\d)? [\w.*-]{1,100}: (?=\{")/.exec(
    raw.slice(0, MAX_PREFIX),
  )?.[0]
  const inner = before === undefined ? null : jsonMessage(raw.slice(before.length))
  return inner && { raw: inner.raw, time: () => inner.time?.() ?? timeIn(before ?? '') }
}

function timeOf(object: Record<string, unknown>): OwnTime | null {
  for (const key of TIME_KEYS) {
    const time = timeOfValue(object[key])
    if (time !== null) return time
  }
  return timeOfValue(object)
}

/** `time="…" level=debug msg="…" source=…`, as logrus and others write it. */
function logfmt(raw: Raw): Inner | null {
  const found = LOGFMT.exec(raw.slice(0, MAX_PREFIX))
  if (found === null) return null
  const from = found.index + found[0].length
  const before = raw.slice(0, found.index)
  const time = (): OwnTime | null => {
    const value = /(?:^|[ \t])(?:time|ts|t|timestamp)=(?:"([^"]{1,60})"|([^ "]{1,60}))/i.exec(before)
    return value ? timeOfValue(value[1] ?? value[2]) : leadingTime(before)
  }
  if (found[1] === '"') {
    const message = unquote(raw, from - 1, LENIENT)
    return message && { raw: message.value, time }
  }
  const end = raw.indexOf(' ', from)
  return { raw: end < 0 ? raw.slice(from) : raw.slice(from, end), time }
}

interface CsvField {
  readonly value: Raw
  readonly quoted: boolean
}

/** The fields of a line of comma-separated values, of which at least one is quoted; null when it is none. */
function csvFields(raw: Raw): CsvField[] | null {
  if (!raw.startsWith('"') && !/^[^" ]{0,60}[,;]/.test(raw)) return null
  const fields: CsvField[] = []
  const field = /^(?:"[^"]*"|[^",;]*);/.test(raw)
    ? /(?:"((?:[^"]|"")*)"|([^";]*))(?:;|$)/y
    : /(?:"((?:[^"]|"")*)"|([^",]*))(?:,|$)/y
  while (field.lastIndex < raw.length && fields.length < MAX_FIELDS) {
    const found = field.exec(raw)
    if (found === null) return null
    const [, quoted, plain] = found
    fields.push({ value: quoted?.replaceAll('""', '"') ?? plain ?? '', quoted: quoted !== undefined })
  }
  return fields.length > 1 && fields.some(({ quoted }) => quoted) ? fields : null
}

const MAX_FIELDS = 12

/** A query's result, saved by a log service: the message is in one column, its time in another. */
function csvMessage(column: number): Layer {
  return (raw) => {
    const fields = csvFields(raw)
    const message = fields?.[column]
    if (fields === null || message === undefined) return null
    const time = (): OwnTime | null => {
      for (const [i, { value }] of fields.entries()) {
        const found = i === column ? null : timeOfValue(value)
        if (found !== null) return found
      }
      return null
    }
    return { raw: message.value, time }
  }
}
