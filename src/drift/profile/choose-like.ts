import type { Dialect } from '../../dialect/core/dialect.js'
import type { Line } from '../../line/line.js'

/** How many lines decide. */
export const DECIDING_LINES = 2000

/**
 * The dialect to read a new log with, when the old one was of `usual`: the same, as long as it surely knows some of the
 * lines and no other knows many more. A log that has drifted away from its dialect is to be explained with that dialect.
 */
export function chooseLike(
  usual: Dialect | null,
  candidates: readonly Dialect[],
  lines: readonly Line[],
): Dialect | null {
  let best: Dialect | null = null
  let most = 0
  let own = 0
  for (const dialect of new Set([...(usual ? [usual] : []), ...candidates])) {
    let sure = 0
    for (const line of lines) if (dialect.recognize(line.raw) === 2) sure++
    if (dialect === usual) own = sure
    if (sure > most) {
      best = dialect
      most = sure
    }
  }
  if (usual === null) return best
  if (best === null || best === usual) return usual
  // Few lines that another dialect knows are no proof: a file's name can look like any log.
  return own * 4 >= most || most < Math.max(3, lines.length * 0.05) ? usual : best
}
