import type { Raw } from '../../line/line.js'
import { has } from '../text/text.js'
import { LEVELS } from './event.js'

const RESET = '\x1b[0m'
const DIM = '\x1b[2m'
/** Where the compact format's fields begin. */
const FIELDS = `${DIM}\x1b[3m`
/** No coloured piece is longer: what it costs must not grow with the line. */
const MAX_PIECE = 400

/**
 * Takes away the colours that tracing-subscriber's full and compact formats put around time, level, spans, keys and
 * targets, and leaves what a file name brought along (`esc\x1b[31mred\x1b[0m` stays). One pass.
 * Only for lines of a subscriber that colours: those that begin with an escape, and what continues them.
 */
export function uncolour(raw: Raw): Raw {
  let at = raw.indexOf('\x1b')
  if (at < 0) return raw
  let plain = ''
  let from = 0
  let levelSeen = false
  let fields = false
  while (at >= 0) {
    if (raw.charCodeAt(at + 5) === 91 && has(raw, FIELDS, at)) {
      // The compact format dims each span's fields as a whole.
      plain += fields ? withoutReset(raw.slice(from, at)) : raw.slice(from, at)
      fields = true
      from = at + DIM.length
      at = from
      continue
    }
    const end = pieceEnd(raw, at, levelSeen)
    if (end === 0) {
      at = raw.indexOf('\x1b', at + 1)
      continue
    }
    const text = raw.indexOf('m', at) + 1
    plain += raw.slice(from, at) + raw.slice(text, end - RESET.length)
    from = end
    levelSeen ||= raw[at + 2] === '3' && raw[at + 3] !== 'm'
    at = raw.indexOf('\x1b', end)
  }
  const rest = raw.slice(from)
  return plain + (fields && rest.endsWith(RESET) ? rest.slice(0, -RESET.length) : rest)
}

/** The fields of a span in the compact format that do not end in this line: a name in them has a newline. */
export const opensFields = (raw: Raw): boolean => raw.includes(FIELDS) && !raw.endsWith(RESET)

/** The rest of such fields. */
export const withoutEnd = (raw: Raw): Raw => (raw.endsWith(RESET) ? raw.slice(0, -RESET.length) : raw)

/** Without the end of the fields before. */
const withoutReset = (text: Raw): Raw => (text.endsWith(`${RESET} `) ? `${text.slice(0, -RESET.length - 1)} ` : text)

/** Where a coloured piece that begins at `at` ends, its reset included; 0 when it is not one of the subscriber's. */
function pieceEnd(raw: Raw, at: number, levelSeen: boolean): number {
  if (raw[at + 1] !== '[') return 0
  const code = raw[at + 2]
  const close = raw[at + 3] === 'm' ? at + 3 : raw[at + 4] === 'm' ? at + 4 : 0
  if (close === 0) return 0
  const within = raw.slice(close + 1, close + MAX_PIECE).indexOf(RESET)
  if (within < 0) return 0
  const reset = close + 1 + within
  const end = reset + RESET.length
  if (close === at + 4)
    return code === '3' && !levelSeen && LEVELS.includes(raw.slice(close + 1, reset).trim()) ? end : 0
  if (code === '3') return raw.startsWith('\x1b[2m=', end) ? end : 0
  if (code === '1') {
    const brace = reset === close + 2 && (raw[close + 1] === '{' || raw[close + 1] === '}')
    return brace || raw.startsWith('\x1b[1m{', end) || raw.startsWith('\x1b[2m:', end) || raw[end] === ':' ? end : 0
  }
  return code === '2' ? end : 0
}
