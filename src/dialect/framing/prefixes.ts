import { stripAnsi } from '../../line/colours.js'
import type { Raw } from '../../line/line.js'
import { DATED, type OwnTime, timeIn, timeOfValue } from '../../line/own-time.js'
import { type Layer, MAX_PREFIX, prefix } from './layer.js'
import { docker, fluentd } from './messages.js'

const CLOCK = '\\d\\d:\\d\\d:\\d\\d(?:[.,]\\d{1,9}(?!\\d|[:/-]\\d))?'
const COLOUR = '(?:\\x1b\\[[0-9;]{0,16}[mK]){0,8}'
/** A zone by its letters: no level ends in a T. */
const ZONE = '(?: ?Z| ?[+-]\\d\\d:?\\d\\d| (?:UTC|[A-Z]{2,4}T)(?= ))'
const DATE = `(?:${DATED}|[A-Z][a-z]{2} [ \\d]\\d ${CLOCK}|(?:[A-Z][a-z]{2} )?\\d{4}[-/.]\\d\\d[-/.]\\d\\d,?[T ]${CLOCK}${ZONE}?|${CLOCK}|\\d{1,10}\\.\\d{3,9})`

/** To make all forms of dates ready takes as long as to read hundreds of lines: this is done once, and only for a line that may have one. */
const DATE_AT = new RegExp(DATE, 'y')

/** Where a sticky pattern ends that begins here; -1 where it does not. */
function endOf(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from
  return from >= 0 && pattern.test(text) ? pattern.lastIndex : -1
}

/**
 * A prefix with a date in it.
 *
 * @param sign what else every such prefix has; a line without it is not held against dates
 */
function dated(before: string, behind: string, sign: RegExp): Layer {
  const [first, last] = [new RegExp(before, 'y'), new RegExp(behind, 'y')]
  return (raw) => {
    const head = raw.slice(0, MAX_PREFIX)
    if (!sign.test(head)) return null
    const end = endOf(last, head, endOf(DATE_AT, head, endOf(first, head, 0)))
    return end < 0 ? null : { raw: raw.slice(end), time: () => timeIn(head.slice(0, end)) }
  }
}

/** What stands behind the time: host, program, its id, the message's, data. */
const RFC_5424 =
  ' [\\w.:-]{1,64} [\\w./@+-]{1,64} [\\w.-]{1,32} [\\w.-]{1,32} (?:-|(?:\\[[^\\]]{0,100}\\])+) ?(?:\\xef\\xbb\\xbf)?'

/** Every date has a clock or seconds with a fraction. */
const ANY_TIME = '(?:\\d:\\d\\d:\\d\\d|\\d\\.\\d{3})'
const HAS_TIME = new RegExp(ANY_TIME)

/** What other programs put around the lines that they pass on, and nobody around lines of their own. */
export const SURE: readonly Layer[] = [
  docker,
  fluentd,
  // Marks that nobody sees, before each line: of byte order, blanks of no width.
  prefix(/^(?:\xef\xbb\xbf|\xe2\x80\x8b)+/, () => null),
  // Buildkite's jobs: ESC _bk;t=1700000000123 BEL, of which a copy may have lost the first
  prefix(/^\x1b?_bk;t=\d{10,19}\x07/, (before) => timeOfValue(/\d+/.exec(before)?.[0])),
  // Azure's jobs: a time and ##[debug]
  dated('', ' ##\\[\\w{1,20}\\]', / ##\[/),
  // Kubernetes: 2026-11-22T20:00:41.123456789Z stderr F
  dated('', ' (?:stdout|stderr) [FP] ', / std(?:out|err) [FP] /),
  // RFC 5424: <34>1 2026-11-22T20:00:41.123Z host program 123 ID [id@1 key="value"], in files without its priority
  dated('(?:<\\d{1,3}>)?1 ', RFC_5424, /^(?:<\d{1,3}>)?1 /),
  prefix(new RegExp(`^(?:<\\d{1,3}>)?1 -${RFC_5424}`), () => null),
  // journald and syslog: Nov 22 20:00:41 host prog[123]:
  dated(
    '(?:<\\d{1,3}>(?:1 )?)?',
    ' [\\w.:-]{1,64} [\\w./@+-]{1,64}(?:\\[\\d{1,10}\\])?: ',
    new RegExp(`${ANY_TIME}[^]* [\\w.:-]{1,64} [\\w./@+-]{1,64}(?:\\[\\d{1,10}\\])?: `),
  ),
  // what is sent to a syslog, which knows the host: <31>Nov 22 20:00:41 prog[123]:
  dated('<\\d{1,3}>', ' [\\w./@+-]{1,64}(?:\\[\\d{1,10}\\])?: ', /^<\d{1,3}>/),
  // systemd's priorities, without anything behind them
  prefix(/^<[0-7]>(?![A-Z]\w{2} [ \d]|\d{4})/, () => null),
  // kubectl logs --prefix: [pod/name/container]
  prefix(/^\[pod\/[\w./-]{1,200}\] /),
  // GitHub's jobs, as `gh run view --log` prints them: job, step and time with tabs between
  dated('[^\\t]{1,100}\\t[^\\t]{1,100}\\t(?:\\xef\\xbb\\xbf)?', ' ', /^[^\t]{1,100}\t[^\t]{1,100}\t/),
  // GitLab's jobs: 2026-11-22T20:00:41.123456Z 01O
  dated('', ' \\d\\d[OE][ +]', / \d\d[OE][ +]/),
  // Loki's logcli: a time and labels
  dated('', ' \\{[^}\\t]{0,160}\\}[ \\t]', new RegExp(`${ANY_TIME}[^]* \\{`)),
  // foreman: 20:00:41 mount.1 |
  dated(COLOUR, ' [\\w.-]{1,64} {1,32}\\|(?: \\x1b\\[0?m|\\x1b\\[0?m | )', / \|[ \x1b]/),
  // logcat: 11-22 20:00:41.123  1234  1240 D tag     :
  prefix(new RegExp(`^\\d\\d-\\d\\d ${CLOCK} +\\d{1,9} +\\d{1,9} [VDIWEF] [^:]{1,60}: `)),
  // Node's `debug` on a terminal: two blanks, a name in colour
  prefix(/^ {2}\x1b\[[0-9;]{1,16}m[\w.:/*-]{1,64} \x1b\[0m/, () => null),
  // multilog's TAI64N: @4000000063b7…
  prefix(/^@[0-9a-f]{24} /, tai64n),
]

/** `ts`, `docker logs -t`: a time, in brackets or not. */
export const TIME: Layer = dated('\\[?', '(?:\\]?:? |[;,|])', HAS_TIME)
/** The same with two blanks behind it, as Jenkins writes it. */
export const WIDE_TIME: Layer = dated('\\[?', '\\]?:? {2}', HAS_TIME)
const BETWEEN = /(?:\x1b\[[0-9;]{0,16}m| ){1,8}/y
const TWO_SIGNS = new RegExp(`${ANY_TIME}[^]*[ m](?=[A-Z\\d])[^]*${ANY_TIME}`)

/** What stands between two times at a line's begin, which cannot both be a log's own; null where there are none. */
export function betweenTimes(raw: Raw): string | null {
  const head = raw.slice(0, MAX_PREFIX)
  if (!TWO_SIGNS.test(head)) return null
  const first = endOf(DATE_AT, head, 0)
  const second = endOf(BETWEEN, head, first)
  return endOf(DATE_AT, head, second) < 0 ? null : head.slice(first, second)
}

/** What may stand before a line, the likeliest first. */
export const PREFIXES: readonly Layer[] = [
  // supervisors: prog[123]:
  prefix(/^[\w./@+-]{1,64}\[\d{1,10}\]: /),
  // docker compose: mount-1  |
  prefix(/^(?:\x1b\[[0-9;]{0,16}m)*[\w./-]{1,64} {1,32}\|(?: \x1b\[0?m|\x1b\[0?m | )/),
  TIME,
  prefix(/^\[(?:pid )?\d{1,10}\] /),
  // zap's console: time, level, place and message with tabs between
  dated(
    '',
    `\\t${COLOUR}[A-Za-z]{4,5}${COLOUR}\\t(?:[\\w.-]{1,60}\\t)?(?:[\\w./-]{1,120}:\\d{1,6}\\t)?`,
    /\t(?:\x1b\[\d{1,2}m)?[A-Za-z]{4,5}(?:\x1b\[0m)?\t/,
  ),
  // grep -n, and its lines of context; with the file's name
  prefix(new RegExp(`^${COLOUR}\\d{1,9}${COLOUR}[:-]${COLOUR}`), () => null),
  prefix(new RegExp(`^${COLOUR}[\\w./+-]{1,120}${COLOUR}[:-]${COLOUR}\\d{1,9}${COLOUR}[:-]${COLOUR}`), () => null),
  // a line's number and an arrow, as editors and their helpers show files
  prefix(/^ {0,10}\d{1,9}\xe2\x86\x92/, () => null),
  // less -N, nl, cat -n; CloudWatch's milliseconds
  prefix(/^ {0,10}\d{1,13}[ \t]/, (before) => timeOfValue(before.trim())),
  // Python's basicConfig: DEBUG:root:
  prefix(/^(?:DEBUG|INFO|WARNING|ERROR|CRITICAL|NOTSET):[\w.]{1,100}:/),
  // pytest: DEBUG    mount:conftest.py:42
  prefix(/^(?:DEBUG|INFO|WARNING|ERROR|CRITICAL) {1,8}[\w.]{1,100}:[\w.-]{1,100}:\d{1,6} /),
  // a time and a level
  dated(
    '\\[?',
    '\\]? {1,3}\\[?(?:TRACE|DEBUG|INFO|WARN|WARNING|ERROR)\\]?:? ',
    new RegExp(`${ANY_TIME}[^]* \\[?(?:TRACE|DEBUG|INFO|WARN|WARNING|ERROR)\\]?:? `),
  ),
  // sanitizers: ==123==
  prefix(/^==\d{1,10}== /),
  // grep -r
  prefix(/^[\w./+-]{1,200}\.\w{1,10}[:-]/, () => null),
  // journalctl -o verbose, -o export
  prefix(/^ {0,4}MESSAGE=/),
]

/** Seconds since 1970 are those of the label without its 2⁶² and the ten leap seconds of before. */
function tai64n(before: Raw): OwnTime {
  const seconds = BigInt(`0x${before.slice(1, 17)}`) - 2n ** 62n - 10n
  return { of: 'wall', ns: seconds * 1_000_000_000n + BigInt(`0x${before.slice(17, 25)}`) }
}

/** A prefix's parts: a colour, what stands in brackets or quotes, a word, blanks, any other character. */
const PART = /\x1b\[[0-9;]{0,16}[mK]|\[[^\]]*\]|\([^)]*\)|\{[^}]*\}|"[^"]*"|'[^']*'|[\w./@+-]+| +|[\s\S]/g
const ANY: Readonly<Record<string, string>> = {
  '\x1b': '\\x1b\\[[0-9;]*[mK]',
  '[': '\\[[^\\]]*\\]',
  '(': '\\([^)]*\\)',
  '{': '\\{[^}]*\\}',
  '"': '"[^"]*"',
  "'": "'[^']*'",
}

/** A prefix like the one up to `at`: the same marks between words and numbers that may differ. */
export function likePrefix(raw: Raw, at: number): Layer {
  const parts = raw.slice(0, at).match(PART) ?? []
  const source = parts.map((part, i) => {
    const first = part[0] ?? ''
    if (/[\w./@+-]/.test(first)) return '[\\w./@+-]+'
    // The last may belong to an indentation of the line's own.
    if (first === ' ') return i === parts.length - 1 ? part : ' +'
    return part.length > 1 ? (ANY[first] ?? '') : part.replace(/[\\^$*?()[\]{}|]/, '\\$&')
  })
  return prefix(new RegExp(`^${source.join('')}`))
}

/** Where a message may begin behind a logger's prefix of any kind. */
export function* messageStarts(raw: Raw): Generator<number> {
  const head = raw.slice(0, 160)
  for (const found of head.matchAll(/[:\]|>-] |\t|[\]|](?=[^\s\]|])/g)) {
    const at = found.index + found[0].length
    if (/["'`]/.test(head.slice(0, at))) return
    yield at
  }
}

/** Where a line may begin within another, as far as one that shows it again can confirm. */
export function* wordStarts(raw: Raw): Generator<number> {
  for (const found of raw.slice(0, 160).matchAll(/[\s:\])|>](?=\S| {2,4}\S)/g)) yield found.index + 1
}

const SECOND_BEGIN = /(?<=[\s\])|>]|[A-Za-z]:|\x1b\[[0-9;]{0,16}m)\[?(?=[A-Z\d])/g
const SECOND_SIGN = new RegExp(`(?:[\\s\\])|>m]|[A-Za-z]:)\\[?(?=[A-Z\\d])[^]*${ANY_TIME}`)
const OWN_COLOUR = /\x1b\[[0-9;]{0,16}m$/
const FIRST_TIME = /\d\d:\d\d:\d\d/

/** Where a second logger's line begins, with a time of its own, behind what cannot be a name. */
export function* secondTimes(raw: Raw): Generator<number> {
  const head = raw.slice(0, 160)
  if (!SECOND_SIGN.test(head)) return
  let last = 0
  for (const { 0: mark, index } of head.matchAll(SECOND_BEGIN)) {
    // A date's clock is no time of its own.
    const end = index < last ? -1 : endOf(DATE_AT, head, index + mark.length)
    if (end < 0 || !/[\s\]:]/.test(head.charAt(end))) continue
    last = end
    const time = head.slice(index, end)
    const colour = OWN_COLOUR.exec(head.slice(0, index))?.[0] ?? ''
    const own = head.startsWith('\x1b', index + time.length) ? colour.length : 0
    const before = head.slice(0, index - own)
    if (/["'`{=]/.test(before)) return
    if (!/\w/.test(stripAnsi(before))) continue
    // A time of day alone may belong to the date before it, seconds to anything.
    if (!/^\[?(?:[A-Z]|\d{4})/.test(time) && !FIRST_TIME.test(before)) continue
    // Two blanks before it may be the second's own.
    if (/\S[ \t]? {2}$/.test(before)) yield before.length - 2
    yield before.length
  }
}
