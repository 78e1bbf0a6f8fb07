import type { Line } from '../../line/line.js'
import { Chooser } from './choose.js'
import type { Dialect } from './dialect.js'
import { Framing } from './framing.js'

/** How one candidate fits a log. */
export interface CandidateFit {
  readonly dialect: string
  /** Lines that are surely of this dialect. */
  readonly sure: number
  /** Lines that could be: its prefix. */
  readonly possible: number
  /** Lines that its parser understood. */
  readonly understood: number
}

/** A line that the chosen dialect does not understand, and the dialect that it fits furthest. */
export interface UnmatchedLine {
  readonly line: Line
  readonly dialect: string | null
  /** Bytes from its begin that fit: where a caret belongs. */
  readonly matched: number
  /** What should have followed. */
  readonly expected: string
}

export interface Explanation {
  /** `none` when nothing fits. */
  readonly chosen: string
  readonly candidates: readonly CandidateFit[]
  /** In order; only as many as asked for. */
  readonly unmatched: readonly UnmatchedLine[]
  /** How many there were in all. */
  readonly unmatchedCount: number
}

/** Says which dialect the lines are of and why, and for lines that it does not understand how far they fit. */
export function explain(
  given: readonly Line[],
  candidates: readonly Dialect[],
  options: { dialect?: Dialect; most?: number } = {},
): Explanation {
  const framing = new Framing(options.dialect ? [options.dialect] : candidates)
  for (const line of given) framing.observe(line)
  const lines = given.map((line) => framing.unwrap(line))
  const chooser = new Chooser(candidates)
  let chosen = options.dialect ?? null
  for (const line of lines) {
    const sure = chooser.observe(line)
    chosen ??= sure
  }
  chosen ??= chooser.guess()
  const fits = chooser.standings.map(({ dialect, sure, possible }) => ({
    dialect: dialect.name,
    sure,
    possible,
    understood: lines.length - unparsedLines(dialect, lines).length,
  }))
  const strange = unparsedLines(chosen, lines)
  const asked = [chosen, ...candidates.filter((candidate) => candidate !== chosen)]
  return {
    chosen: chosen.name,
    candidates: fits,
    unmatched: strange.slice(0, options.most ?? 10).map((line) => furthest(line, asked)),
    unmatchedCount: strange.length,
  }
}

function unparsedLines(dialect: Dialect, lines: readonly Line[]): Line[] {
  const parser = dialect.parser({})
  return lines.filter((line) => !parser.line(line, () => undefined))
}

function furthest(line: Line, dialects: readonly Dialect[]): UnmatchedLine {
  let best: UnmatchedLine = { line, dialect: null, matched: 0, expected: 'a line of a known dialect' }
  for (const dialect of dialects) {
    const fit = dialect.explain?.(line.raw)
    if (fit && fit.matched > best.matched) best = { line, dialect: dialect.name, ...fit }
  }
  if (best.dialect !== null && best.matched === line.raw.length) {
    best = { ...best, expected: 'the request that this belongs to, in a line before' }
  }
  if (line.whole === undefined) return best
  // Shown as it came: the caret moves with it.
  const before = line.whole.indexOf(line.raw)
  return { ...best, line: { ...line, raw: line.whole }, matched: best.matched === 0 ? 0 : best.matched + before }
}
