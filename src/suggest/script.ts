import type { Raw } from '../line/line.js'
import type { Kind } from './kinds.js'
import { isValue } from './pieces.js'
import { type Group, type Run, type Source, was } from './sources.js'

/** Pieces of a new line, and the pieces of the old one that they were. */
export interface Segment {
  now: Run
  old: Run
  /** Nothing has changed here. */
  same: boolean
}

/** One of the new lines, and what its changes are. */
export interface ScriptLine {
  readonly raw: Raw
  readonly changes: readonly { start: number; end: number; was: Raw }[]
}

/** Lines of a kind that edits are tried on. */
const MAX_LINES = 4

/** A new kind of lines beside the old one: segments that cover both, those that changed as long as they may be. */
export interface Script extends Group {
  readonly kind: Kind
  readonly sources: readonly Source[]
  readonly segments: readonly Segment[]
  readonly lines: readonly ScriptLine[]
}

export function scriptOf(kind: Kind, sources: readonly Source[], group: Group): Script {
  const segments: Segment[] = []
  const add = (old: Run, now: Run): void => {
    if (old[0] === old[1] && now[0] === now[1]) return
    const same = isSame(kind, sources, group, old, now)
    const last = segments.at(-1)
    if (!last || same || last.same) segments.push({ now, old, same })
    else segments[segments.length - 1] = { now: [last.now[0], now[1]], old: [last.old[0], old[1]], same }
  }
  const n = sources.length
  // Up to where what stands before a piece reaches in the new line, and from where on what stands behind it is found.
  const after = new Array<number>(n + 1).fill(group.pieces.length)
  for (let i = n - 1; i >= 0; i--) after[i] = Math.min(after[i + 1] as number, sources[i]?.run?.[0] ?? Infinity)
  let [old, now, before] = [0, 0, 0]
  for (let i = 0; i <= n; i++) {
    if (i > 0) before = Math.max(before, sources[i - 1]?.run?.[1] ?? 0)
    const next = after[i] as number
    if (before > next) continue
    add([old, i], [now, before])
    add([i, i], [before, next])
    old = i
    now = next
    before = next
  }
  const lines = group.rows.slice(0, MAX_LINES).map((row) => lineOf(sources, segments, row))
  return { ...group, kind, sources, segments, lines }
}

function isSame(kind: Kind, sources: readonly Source[], { pieces, rows }: Group, old: Run, now: Run): boolean {
  if (old[1] - old[0] !== 1) return false
  const piece = kind.pieces[old[0]]
  const { run, how, text } = sources[old[0]] as Source
  if (run === null || run[0] !== now[0] || run[1] !== now[1] || piece === undefined) return false
  if (isValue(piece)) return how === null && text === null
  return now[1] - now[0] === 1 && pieces[now[0]]?.text === piece.text && rows.every((row) => row[now[0]] === piece.text)
}

/** Where the changed segments of a line are, and what they were. */
function lineOf(sources: readonly Source[], segments: readonly Segment[], row: readonly Raw[]): ScriptLine {
  const at = [0]
  for (const text of row) at.push((at.at(-1) as number) + text.length)
  const changes = segments.flatMap(({ now, old, same }) => {
    if (same) return []
    const texts = sources.slice(...old).map((source) => was(source, row))
    return [{ start: at[now[0]] as number, end: at[now[1]] as number, was: texts.join('') }]
  })
  return { raw: row.join(''), changes }
}
