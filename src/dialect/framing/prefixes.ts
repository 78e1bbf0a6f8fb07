import type { Raw } from '../../line/line.js'
import { type OwnTime, timeOfValue } from '../../line/own-time.js'
import { type Layer, prefix } from './layer.js'
import { docker, fluentd } from './messages.js'

const CLOCK = '\\d\\d:\\d\\d:\\d\\d(?:[.,]\\d{1,9})?'
const DATE = `(?:[A-Z][a-z]{2} [ \\d]\\d ${CLOCK}|\\d{4}[-/.]\\d\\d[-/.]\\d\\d[T ]${CLOCK}(?: ?Z| ?[+-]\\d\\d:?\\d\\d)?|${CLOCK}|\\d{1,10}\\.\\d{3,9})`

/** What other programs put around the lines that they pass on, and nobody around lines of their own. */
export const SURE: readonly Layer[] = [
  docker,
  fluentd,
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
  // GitHub's jobs, as `gh run view --log` prints them: job, step and time with tabs between
  prefix(new RegExp(`^[^\\t]{1,100}\\t[^\\t]{1,100}\\t(?:\\xef\\xbb\\xbf)?${DATE} `)),
  // GitLab's jobs: 2026-11-22T20:00:41.123456Z 01O
  prefix(new RegExp(`^${DATE} \\d\\d[OE][ +]`)),
  // Loki's logcli: a time and labels
  prefix(new RegExp(`^${DATE} \\{[^}\\t]{0,160}\\}[ \\t]`)),
  // foreman: 20:00:41 mount.1 |
  prefix(new RegExp(`^${DATE} [\\w.-]{1,64} {1,32}\\| `)),
  // logcat: 11-22 20:00:41.123  1234  1240 D tag     :
  prefix(new RegExp(`^\\d\\d-\\d\\d ${CLOCK} +\\d{1,9} +\\d{1,9} [VDIWEF] [^:]{1,60}: `)),
  // multilog's TAI64N: @4000000063b7…
  prefix(/^@[0-9a-f]{24} /, tai64n),
]

/** `ts`, `docker logs -t`: a time, in brackets or not. */
export const TIME: Layer = prefix(new RegExp(`^\\[?${DATE}\\]?:? `))
/** Two times cannot both be a log's own. */
export const TWO_TIMES: RegExp = new RegExp(`^${DATE} (?:\\x1b\\[[0-9;]{0,16}m| ){0,8}${DATE}`)

/** What may stand before a line, the likeliest first. */
export const PREFIXES: readonly Layer[] = [
  // supervisors: prog[123]:
  prefix(/^[\w./@+-]{1,64}\[\d{1,10}\]: /),
  // docker compose: mount-1  |
  prefix(/^(?:\x1b\[[0-9;]{0,16}m)*[\w./-]{1,64} {1,32}\| (?:\x1b\[0?m)?/),
  TIME,
  prefix(/^\[(?:pid )?\d{1,10}\] /),
  // zap's console: time, level, place and message with tabs between
  prefix(new RegExp(`^${DATE}\\t[A-Za-z]{4,5}\\t(?:[\\w./-]{1,120}:\\d{1,6}\\t)?`)),
  // grep -n, and its lines of context; with the file's name
  prefix(/^\d{1,9}[:-]/, () => null),
  prefix(/^[\w./+-]{1,120}[:-]\d{1,9}[:-]/, () => null),
  // less -N, nl, cat -n; CloudWatch's milliseconds
  prefix(/^ {0,10}\d{1,13}[ \t]/, (before) => timeOfValue(before.trim())),
  // Python's basicConfig: DEBUG:root:
  prefix(/^(?:DEBUG|INFO|WARNING|ERROR|CRITICAL|NOTSET):[\w.]{1,100}:/),
  // journalctl -o verbose, -o export
  prefix(/^ {0,4}MESSAGE=/),
]

/** Seconds since 1970 are those of the label without its 2⁶² and the ten leap seconds of before. */
function tai64n(before: Raw): OwnTime {
  const seconds = BigInt(`0x${before.slice(1, 17)}`) - 2n ** 62n - 10n
  return { of: 'wall', ns: seconds * 1_000_000_000n + BigInt(`0x${before.slice(17, 25)}`) }
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
