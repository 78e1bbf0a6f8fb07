import { Chooser } from '../dialect/core/choose.js'
import type { Dialect, DialectEvent } from '../dialect/core/dialect.js'
import { Framing } from '../dialect/framing/framing.js'
import type { Line } from '../line/line.js'
import { Interpreter } from './interpreter.js'

/** How one candidate fits a log. */
export interface CandidateFit {
  readonly dialect: string
  /** Lines that are surely of this dialect. */
  readonly sure: number
  /** Lines that could be: its prefix. */
  readonly possible: number
  /** Lines that it understands. */
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
  /** Requests that were read from the lines with the chosen dialect. */
  readonly operations: number
  readonly candidates: readonly CandidateFit[]
  /** In order; only as many as asked for. */
  readonly unmatched: readonly UnmatchedLine[]
  /** How many there were in all: as many as an import of these lines counts. */
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
  framing.end()
  const lines = given.map((line) => framing.unwrap(line))
  const chooser = new Chooser(candidates)
  for (const line of lines) chooser.observe(line)
  const read = readLines(given, options.dialect ?? candidates)
  const fits = chooser.standings.map(({ dialect, sure, possible }) => ({
    dialect: dialect.name,
    sure,
    possible,
    understood:
      lines.length - (dialect === read.dialect ? read.unmatched.size : readLines(given, dialect).unmatched.size),
  }))
  const asked = [read.dialect, ...candidates.filter((candidate) => candidate !== read.dialect)]
  const unmatched = lines.filter(({ index }) => read.unmatched.has(index))
  const explained = (line: Line): UnmatchedLine => {
    const found = furthest(line, asked)
    return read.orphans.has(line.index) ? { ...found, matched: found.line.raw.length, expected: REQUEST_BEFORE } : found
  }
  return {
    chosen: read.dialect?.name ?? 'none',
    operations: read.operations,
    candidates: fits,
    unmatched: unmatched.slice(0, options.most ?? 10).map(explained),
    unmatchedCount: read.unmatched.size,
  }
}

/** Reads lines as everything else reads them: ends without a beginning say nothing either. */
function readLines(
  lines: readonly Line[],
  by: Dialect | readonly Dialect[],
): {
  dialect: Dialect | null
  operations: number
  unmatched: ReadonlySet<number>
  /** Those of them that are ends without a beginning. */
  orphans: ReadonlySet<number>
} {
  const unmatched = new Set<number>()
  const orphans = new Set<number>()
  let operations = 0
  const interpreter = new Interpreter({
    ...('length' in by ? { candidates: by } : { dialect: by }),
    onLine: ({ index }, understood) => {
      if (!understood) unmatched.add(index)
    },
    onOrphan: ([first, last]) => {
      for (let index = first; index <= last; index++) {
        unmatched.add(index)
        orphans.add(index)
      }
    },
    onStart: () => operations++,
  })
  for (const line of lines) interpreter.push(line)
  interpreter.end(lines.at(-1)?.atNs ?? 0)
  return { dialect: interpreter.dialect, operations, unmatched, orphans }
}

const REQUEST_BEFORE = 'the request that this belongs to, in a line before'

function furthest(line: Line, dialects: readonly (Dialect | null)[]): UnmatchedLine {
  let best: UnmatchedLine = { line, dialect: null, matched: 0, expected: 'a line of a known dialect' }
  let by: Dialect | null = null
  for (const dialect of dialects) {
    const fit = dialect?.explain?.(line.raw)
    if (dialect && fit && fit.matched > best.matched) {
      best = { line, dialect: dialect.name, ...fit }
      by = dialect
    }
  }
  if (by !== null && best.matched === line.raw.length) {
    const expected = isRequest(line, by)
      ? 'another id: this one was used before, so that the line may be part of a name'
      : REQUEST_BEFORE
    best = { ...best, expected }
  }
  if (line.whole === undefined) return best
  // Shown as it came: the caret moves with it.
  const before = Math.max(0, line.whole.indexOf(line.raw))
  return { ...best, line: { ...line, raw: line.whole }, matched: best.matched === 0 ? 0 : best.matched + before }
}

/** Whether a line by itself begins a request. */
function isRequest(line: Line, dialect: Dialect): boolean {
  const events: DialectEvent[] = []
  const parser = dialect.parser({})
  parser.line(line, (event) => events.push(event))
  parser.end((event) => events.push(event))
  return events[0]?.kind === 'request'
}
