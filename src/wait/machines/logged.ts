import { decode } from '../../line/text.js'
import { done, ended, type Machine } from '../engine/machine.js'

/** What a line has to hold: a text, or a pattern. */
export type LineMatch = string | RegExp

/**
 * A line of the daemon's log holds a text or fits a pattern: for what is no operation, such as `uploaded .*a\\.txt`.
 * Lines are read as UTF-8, without their line feed.
 */
export function logged(match: LineMatch): Machine<null> {
  const subject = typeof match === 'string' ? JSON.stringify(match) : String(match)
  const pattern = typeof match === 'string' ? null : withoutPlace(match)
  return {
    name: 'logged',
    subject,
    awaited: `a line that ${pattern ? 'fits' : 'holds'} ${subject} is logged`,
    start: () => null,
    onLine(line) {
      const { text } = decode(line.raw)
      return (pattern ? pattern.test(text) : text.includes(String(match))) ? done('trace', []) : null
    },
    step: (state, event) =>
      event.type === 'stream-ended' || event.type === 'mount-lost' ? { state, outcome: ended(event) } : { state },
  }
}

/** A pattern with `g` or `y` remembers where it was. */
function withoutPlace(pattern: RegExp): RegExp {
  return pattern.global || pattern.sticky ? new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, '')) : pattern
}
