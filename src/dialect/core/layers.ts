import type { Raw } from '../../line/line.js'
import { leadingTime, type OwnTime, timeIn, timeOfValue } from '../../line/own-time.js'
import { encode } from '../../line/text.js'

/** A line without what another program has put around it. */
export interface Inner {
  readonly raw: Raw
  /** The time in what was taken off, where there may be one. */
  readonly time?: () => OwnTime | null
}

/** One thing that stands around lines. Null where it does not stand around this one. */
export type Layer = (raw: Raw) => Inner | null

/** Prefixes end within the first bytes. */
const MAX_PREFIX = 240

const CLOCK = '\\d\\d:\\d\\d:\\d\\d(?:[.,]\\d{1,9})?'
const DATE = `(?:[A-Z][a-z]{2} [ \\d]\\d ${CLOCK}|\\d{4}[-/.]\\d\\d[-/.]\\d\\d[T ]${CLOCK}(?: ?Z| ?[+-]\\d\\d:?\\d\\d)?|${CLOCK}|\\d{1,10}\\.\\d{3,9})`

function prefix(pattern: RegExp): Layer {
  return (raw) => {
    const found = pattern.exec(raw.slice(0, MAX_PREFIX))
    if (found === null) return null
    const before = found[0]
    return { raw: raw.slice(before.length), time: () => timeIn(before) }
  }
}

/** docker's files: one JSON object a line, `{"log":"…\n","stream":"stderr","time":"…"}`. */
const docker: Layer = (raw) => (raw.startsWith('{"log":"') ? jsonMessage(raw) : null)

/** What other programs put around the lines that they pass on, and nobody around lines of their own. */
export const SURE: readonly Layer[] = [
  docker,
  // Kubernetes: 2026-11-22T20:00:41.123456789Z stderr F
  prefix(new RegExp(`^${DATE} (?:stdout|stderr) [FP] `)),
  // RFC 5424: <34>1 2026-11-22T20:00:41.123Z host program 123 ID [id@1 key="value"]
  prefix(
    new RegExp(
      `^<\\d{1,3}>1 (?:${DATE}|-) [\\w.:-]{1,64} [\\w./@+-]{1,64} [\\w.-]{1,32} [\\w.-]{1,32} (?:-|(?:\\[[^\\]]{0,100}\\])+) ?(?:\\xef\\xbb\\xbf)?`,
    ),
  ),
  // journald and syslog: Nov 22 20:00:41 host prog[123]:
  prefix(new RegExp(`^(?:<\\d{1,3}>(?:1 )?)?${DATE} [\\w.:-]{1,64} [\\w./@+-]{1,64}(?:\\[\\d{1,10}\\])?: `)),
  // kubectl logs --prefix: [pod/name/container]
  prefix(/^\[pod\/[\w./-]{1,200}\] /),
]

/** `ts`, `docker logs -t`: a time, in brackets or not. */
export const TIME: Layer = prefix(new RegExp(`^\\[?${DATE}\\]?:? `))
/** Two times cannot both be a log's own. */
export const TWO_TIMES: RegExp = new RegExp(`^${DATE} (?:\\x1b\\[[0-9;]{0,16}m| ){0,8}${DATE}`)

const PREFIXES: readonly Layer[] = [
  // supervisors: prog[123]:
  prefix(/^[\w./@+-]{1,64}\[\d{1,10}\]: /),
  // docker compose: mount-1  |
  prefix(/^(?:\x1b\[[0-9;]{0,16}m)*[\w./-]{1,64} {1,32}\| (?:\x1b\[0?m)?/),
  TIME,
  prefix(/^\[(?:pid )?\d{1,10}\] /),
  // zap's console: time, level, place and message with tabs between
  prefix(new RegExp(`^${DATE}\\t[A-Za-z]{4,5}\\t(?:[\\w./-]{1,120}:\\d{1,6}\\t)?`)),
]

/** What may stand around a line, made for a line that shows it, the likeliest first. `pasted`: how somebody may have pasted it as well. */
export function layersOf(raw: Raw, pasted: boolean): Layer[] {
  const layers: Layer[] = []
  if (/[ \t]$/.test(raw)) layers.push(trailingBlanks)
  if (pasted) {
    // Lines have indentations of their own: the smallest that fits is what was put before all of them.
    const indent = /^[ \t]{1,80}/.exec(raw)?.[0] ?? ''
    for (const own of [4, 3, 2, 0]) if (indent.length > own) layers.push(literal(indent.slice(0, indent.length - own)))
    const quote = /^(?:[>|] ?){1,8}/.exec(raw)?.[0] ?? ''
    if (quote !== '') layers.push(literal(quote), literal(quote.trimEnd()))
  }
  layers.push(...PREFIXES)
  if (raw.startsWith('{"')) layers.push(jsonMessage)
  if (/(?:^|[ \t])(?:msg|message)=/.test(raw.slice(0, MAX_PREFIX))) layers.push(logfmt)
  return layers
}

/** A prefix like the one up to `at`: the same marks between words and numbers that may differ. */
export function likePrefix(raw: Raw, at: number): Layer {
  const source = raw
    .slice(0, at)
    .replace(/[\w./@+-]+|[\s\S]/g, (part) =>
      /^[\w./@+-]/.test(part) ? '\\w' : part.replace(/[\\^$*?()[\]{}|]/, '\\$&'),
    )
    .replace(/\\w/g, '[\\w./@+-]+')
    .replace(/ +(?! *$)/g, ' +')
  return prefix(new RegExp(`^${source}`))
}

/** Where a message may begin behind a logger's prefix of any kind. */
export function* messageStarts(raw: Raw): Generator<number> {
  const head = raw.slice(0, 160)
  for (const found of head.matchAll(/[:\]|>-] |\t/g)) {
    const at = found.index + found[0].length
    if (/["'`]/.test(head.slice(0, at))) return
    yield at
  }
}

/** A line feed's other half. */
export const carriageReturn: Layer = (raw) => ({ raw: raw.endsWith('\r') ? raw.slice(0, -1) : raw })
const trailingBlanks: Layer = (raw) => ({ raw: raw.replace(/[ \t]{1,200}$/, '') })

/** An indentation or a quoting mark; lines that are empty may lack its blanks. */
function literal(text: Raw): Layer {
  const short = text.trimEnd()
  return (raw) => {
    if (raw.startsWith(text)) return { raw: raw.slice(text.length) }
    return short !== '' && raw === short ? { raw: '' } : null
  }
}

const MESSAGE_KEYS = ['log', 'msg', 'message', 'MESSAGE', 'line', 'text', 'textPayload', 'body', 'event']
const TIME_KEYS = ['time', 'timestamp', 'ts', '@timestamp', 't', '__REALTIME_TIMESTAMP']

/** A JSON object a line, with the message in one of its fields. */
function jsonMessage(raw: Raw): Inner | null {
  const object = parse(raw)
  if (object === null) return null
  for (const key of MESSAGE_KEYS) {
    const message = object[key]
    if (typeof message !== 'string' || message === '') continue
    const text = /^[\x00-\xff]*$/.test(message) ? message : message.replace(/[^\x00-\xff]+/g, (run) => encode(run))
    return { raw: text.replace(/\r?\n$/, ''), time: () => timeOf(object) }
  }
  return null
}

function parse(raw: Raw): Record<string, unknown> | null {
  if (!raw.startsWith('{') || !raw.trimEnd().endsWith('}')) return null
  try {
    return JSON.parse(raw) as Record<string, unknown>
  } catch {
    return null
  }
}

function timeOf(object: Record<string, unknown>): OwnTime | null {
  for (const key of TIME_KEYS) {
    const time = timeOfValue(object[key])
    if (time !== null) return time
  }
  const [seconds, nanos] = [object.timestampSeconds, object.timestampNanos]
  return seconds === undefined ? null : timeOfValue({ seconds, nanos })
}

/** `time="…" level=debug msg="…" source=…`, as logrus and others write it. */
function logfmt(raw: Raw): Inner | null {
  const found = /(?:^|[ \t])(?:msg|message)=("?)/.exec(raw.slice(0, MAX_PREFIX))
  if (found === null) return null
  const from = found.index + found[0].length
  const end = found[1] === '"' ? closingQuote(raw, from) : raw.indexOf(' ', from) >>> 0
  if (end < 0) return null
  const text = raw.slice(from, end)
  const before = raw.slice(0, found.index)
  const time = (): OwnTime | null => {
    const value = /(?:^|[ \t])(?:time|ts|timestamp)=(?:"([^"]{1,60})"|([^ "]{1,60}))/.exec(before)
    return value ? timeOfValue(value[1] ?? value[2]) : leadingTime(before)
  }
  return { raw: text.includes('\\') ? goText(text) : text, time }
}

function closingQuote(raw: Raw, from: number): number {
  for (let at = from; at < raw.length; at++) {
    const code = raw.charCodeAt(at)
    if (code === 92) at++
    else if (code === 34) return at
  }
  return -1
}

const LETTERS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b', f: '\f', v: '\v' }

/** Go's and C's escapes: `\n`, `\"`, `\xff`, `\u00e9`. */
function goText(text: Raw): Raw {
  return text.replace(/\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|([\s\S]))/g, (_all, hex, unicode, letter) => {
    if (hex) return String.fromCharCode(Number.parseInt(hex, 16))
    if (unicode) return encode(String.fromCharCode(Number.parseInt(unicode, 16)))
    return LETTERS[letter] ?? letter
  })
}
