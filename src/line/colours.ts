import type { Raw } from './line.js'

/** A line without its terminal colours and other CSI sequences. The very same string when it holds no ESC. */
export function stripAnsi(raw: Raw): Raw {
  let esc = raw.indexOf('\x1b')
  if (esc < 0) return raw
  let clean = ''
  let from = 0
  while (esc >= 0) {
    const end = escapeEnd(raw, esc)
    if (end > esc) {
      clean += raw.slice(from, esc)
      from = end
    }
    esc = raw.indexOf('\x1b', Math.max(end, esc + 1))
  }
  return clean + raw.slice(from)
}

/** Where the escape sequence that begins at `at` ends; `at` itself when it is not a whole one. */
function escapeEnd(raw: Raw, at: number): number {
  if (raw[at + 1] !== '[') return at
  let end = at + 2
  // Parameters are short; whoever writes more means something else.
  while (end - at < 32) {
    const code = raw.charCodeAt(end++)
    if (code >= 0x40 && code <= 0x7e) return end
    if (!(code >= 0x20 && code <= 0x3f)) return at
  }
  return at
}
