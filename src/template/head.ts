import { KIND, type Tokens } from './tokens.js'

/** What stands before the message: the time, the level. Both are taken out of the line's tokens. */
export interface Head {
  /** The time's writing, digits as counts: `4-2-2T2:2:2.6Z`; '' when there is none. */
  time: string
  level: string
}

/** A head's pieces are among the first tokens. */
const REACH = 8

/** Takes time and level out of a line's tokens, so that they are compared once a log and not once a line. */
export function takeHead(tokens: Tokens, head: Head): void {
  head.time = ''
  head.level = ''
  const { kinds, starts, ends } = tokens
  let kept = 0
  let taken = false
  for (let i = 0; i < tokens.count; i++) {
    const kind = kinds[i] ?? 0
    const near = i < REACH
    if (near && head.time === '' && (kind === KIND.time || (kind === KIND.slot && i <= 1 && isUptime(tokens, i)))) {
      head.time = pattern(tokens.text(i))
    } else if (kind === KIND.level) head.level = tokens.text(i)
    else {
      kinds[kept] = kind
      starts[kept] = starts[i] ?? 0
      ends[kept++] = ends[i] ?? 0
      continue
    }
    taken = true
    if (kinds[i + 1] === KIND.space) i++
  }
  tokens.count = kept
  if (taken && kinds[0] === KIND.space && kept > 0) drop(tokens)
}

function drop(tokens: Tokens): void {
  tokens.kinds.copyWithin(0, 1, tokens.count)
  tokens.starts.copyWithin(0, 1, tokens.count)
  tokens.ends.copyWithin(0, 1, tokens.count)
  tokens.count--
}

const isUptime = (tokens: Tokens, i: number): boolean =>
  (i === 0 || tokens.kinds[0] === KIND.space) &&
  tokens.kinds[i + 1] === KIND.space &&
  /^\d+\.\d+s$/.test(tokens.text(i))

/** `2025-07-01T12:00:00.123456Z` as `4-2-2T2:2:2.6Z`; the whole seconds of an uptime have any number of digits. */
function pattern(text: string): string {
  if (text.endsWith('s')) return `N.${text.length - text.indexOf('.') - 2}s`
  let out = ''
  let digits = 0
  for (let i = 0; i <= text.length; i++) {
    const code = text.charCodeAt(i)
    if (code >= 48 && code <= 57) {
      digits++
      continue
    }
    if (digits > 0) out += digits
    digits = 0
    if (i < text.length) out += text[i]
  }
  return out
}

/** A pattern for people: `YYYY-MM-DDThh:mm:ss.ffffffZ`. */
export function timeName(time: string): string {
  if (time === '') return 'no time stamp'
  if (time.startsWith('N.')) return 'seconds since the program began'
  const fraction = /[.,](\d+)/.exec(time)
  const digits = fraction ? Number(fraction[1]) : 0
  const shape = time
    .replace(/^4([-/])2\1 ?2/, 'YYYY$1MM$1DD')
    .replace('2:2:2', 'hh:mm:ss')
    .replace(/([.,])\d+/, `$1${'f'.repeat(Math.min(digits, 9))}`)
  return `${shape}`
}
