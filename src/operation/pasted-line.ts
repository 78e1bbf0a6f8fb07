import type { Dialect } from '../dialect/core/dialect.js'
import { tags } from '../dialect/framing/pasted.js'
import type { Raw } from '../line/line.js'

/** A prompt is no longer than this. */
const MAX_PROMPT = 120
const PROMPT = /[$#%>] (?=\S| {3}\S)/g
/** Lines are broken at a mail's or a terminal's width: a shorter line has ended by itself, a longer one was not broken there. */
const MIN_HALF = 40
const MAX_HALF = 80
const MAX_REST = 400

/**
 * A line of the daemon's that alone has something around it: a shell's prompt before it, `user@host:/mnt$ unique: 4, …`, which
 * a terminal shows in the same line, or somebody's emphasis, `[B]unique: 4, …[/B]`. Null unless the dialect surely knows what
 * is left.
 */
export function withoutSurroundings(raw: Raw, dialect: Dialect): Raw | null {
  if (raw.length < 8) return null
  const plain = /^[[<*]|[\]>*]$/.test(raw) ? (tags(raw)?.raw ?? raw) : raw
  if (plain !== raw && dialect.recognize(plain) === 2) return plain
  const shown = lastShown(raw)
  if (shown !== null && dialect.recognize(shown) === 2) return shown
  const head = raw.slice(0, MAX_PROMPT)
  for (const found of head.matchAll(PROMPT)) {
    // Behind a quote, or far in a line, it is part of somebody's name.
    if (/["'`]/.test(head.slice(0, found.index))) return null
    const rest = raw.slice(found.index + 2)
    if (dialect.recognize(rest) === 2) return rest
  }
  return null
}

/** A progress shown again and again in one line of a terminal is no longer than this. */
const MAX_OVERWRITTEN = 4000

/** What stands behind the last carriage return within a line: what was before it, another program's progress, is written over. */
function lastShown(raw: Raw): Raw | null {
  const at = raw.lastIndexOf('\r', raw.length - 2)
  return at < 0 || at > MAX_OVERWRITTEN || /["'`]/.test(raw.slice(0, at)) ? null : raw.slice(at + 1)
}

/**
 * A line that a mail, a terminal or an editor has broken in two, whole again: at its width, at a blank, or with the `=` of
 * quoted-printable. Null unless the dialect surely knows it, and neither half.
 */
export function rejoined(half: Raw, rest: Raw, dialect: Dialect): Raw | null {
  if (half.length < MIN_HALF || half.length > MAX_HALF || rest === '' || rest.length > MAX_REST) return null
  if (dialect.recognize(half) === 2 || dialect.recognize(rest) === 2) return null
  const ways = half.endsWith('=') ? [half.slice(0, -1) + rest] : [half + rest, `${half.trimEnd()} ${rest.trimStart()}`]
  return ways.find((whole) => dialect.recognize(whole) === 2) ?? null
}
