import type { Raw } from '../../line/line.js'
import { leadingTime, type OwnTime, timeIn, timeOfValue } from '../../line/own-time.js'
import { goQuoted } from '../text/go-text.js'
import { readJsonLine } from '../text/json-line.js'

/** A line of the debug or error logger. */
export interface JacobsaText {
  kind: 'operation'
  id: number
  arrow: '<-' | '->'
  /** What follows the arrow. */
  text: Raw
  /** From the error logger, which may repeat the debug logger's answer. */
  again: boolean
}

const OPERATION = /Op 0x([0-9a-f]{8,16}) {1,32}([\w.?*/-]{1,60}(?::\d{1,6})?)\] (<-|->) /y
const OLD_ERROR = /\*fuseops\.\w{1,40}Op error: /
const FARTHEST = 160

/** Reads a line as jacobsa's own, or as gcsfuse's text or JSON around it. Null for every other. */
export function readJacobsaText(raw: Raw): JacobsaText | { kind: 'other' } | null {
  const begin = raw.slice(0, FARTHEST)
  const wrapped = begin.indexOf('message=')
  if (raw.startsWith('{"')) {
    if (!raw.includes('Op 0x')) return null
    const object = readJsonLine(raw)
    const message = object?.message ?? object?.msg
    return typeof message === 'string' ? readPlain(message) : null
  }
  if (wrapped >= 0 && (begin.startsWith('time=') || begin.startsWith('severity='))) {
    const message = goQuoted(raw, wrapped + 8)
    return message === null ? null : readPlain(message.value)
  }
  return readPlain(raw)
}

function readPlain(raw: Raw): JacobsaText | { kind: 'other' } | null {
  const begin = raw.slice(0, FARTHEST)
  const at = begin.indexOf('Op 0x')
  if (at < 0) return OLD_ERROR.test(begin) ? { kind: 'other' } : null
  if (at > 0 && /["'`(]/.test(begin.slice(0, at))) return null
  OPERATION.lastIndex = at
  const read = OPERATION.exec(raw)
  if (read === null) return null
  return {
    kind: 'operation',
    id: Number.parseInt(read[1] ?? '', 16),
    arrow: read[3] === '<-' ? '<-' : '->',
    text: raw.slice(OPERATION.lastIndex),
    again: (read[2] ?? '').startsWith('*'),
  }
}

/** The time of a line: in gcsfuse's fields, or before the operation; of the wire log, when it began. */
export function jacobsaTime(raw: Raw): OwnTime | null {
  if (raw.startsWith('{"')) {
    const object = readJsonLine(raw)
    const began = timeOfValue(object?.StartTime)
    if (began) return { ...began, ns: began.ns + BigInt(Math.round(Number(object?.Duration) || 0)) }
    return [object?.timestamp, object?.time, object?.ts, object].map(timeOfValue).find((time) => time !== null) ?? null
  }
  const start = /^ {0,8}"StartTime": "([^"]{8,40})",?$/.exec(raw.slice(0, 80))?.[1]
  if (start !== undefined) return timeOfValue(start)
  const begin = raw.slice(0, FARTHEST)
  const field = /^(?:severity=\w{1,10} )?(?:time|timestamp)="([^"]{8,40})"/.exec(begin)?.[1]
  if (field !== undefined) return timeOfValue(field)
  const at = begin.indexOf('Op 0x')
  return at < 0 ? leadingTime(raw) : timeIn(raw.slice(0, at))
}
