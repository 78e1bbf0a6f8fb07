import { dialects } from '../dialect/builtin.js'
import type { Dialect } from '../dialect/core/dialect.js'
import { FusetraceError } from '../errors.js'
import type { Operation } from '../operation/operation.js'
import type { OpenOptions } from '../recording/reader.js'
import { openRecording } from '../recording/reader.js'
import type { RecordingHeader, Row } from '../recording/row.js'
import { RecordingWriter } from '../recording/writer.js'
import { type Change, change } from './change.js'
import { type Before, cutRows } from './cut.js'
import { type Reading, readRows } from './reading.js'
import { readSelector, type Selector, select } from './selector.js'
import { rangeOf } from './steps.js'

/** Rows of a recording that is edited: they are held in memory. */
const MAX_ROWS = 4_000_000

export interface Edit {
  /** The step to begin with; the beginning without one. */
  readonly from?: string
  /** The step to end with; the end without one. */
  readonly to?: string
  /** In this order, each on what the ones before have left. */
  readonly changes?: readonly { readonly selector: string; readonly change: Change }[]
  /** The recording's dialect, where it is not one of fusetrace's. */
  readonly dialect?: Dialect
}

/** What was done. */
export interface Edited {
  /** Operations before and after. */
  readonly operations: readonly [before: number, after: number]
  /** What was kept of the time before the cut, so that names are known, and how many operations that are. */
  readonly before: { readonly kept: Before; readonly operations: number }
  readonly changed: readonly { readonly change: Change; readonly operation: Operation }[]
  /** Operations that are of another path now, as the log names them by what was changed. */
  readonly renamed: number
  /** What is wrong with the recording that was read. */
  readonly problem: string | null
}

/**
 * Writes a part of a recording, with operations left out, delayed or failing: a valid recording, whose operations are those that its
 * lines are read as.
 *
 * @throws {FusetraceError} `FT_USAGE` for a step or an operation that there is not, `FT_INPUT` for what the log could not show,
 * `FT_DIALECT` where its lines cannot be written
 */
export function editRecording(
  input: string,
  output: string,
  edit: Edit,
  options: { readonly force?: boolean; readonly open?: OpenOptions } = {},
): Edited {
  const changes = (edit.changes ?? []).map((one) => ({ ...one, selector: readSelector(one.selector) }))
  const reader = openRecording(input, options.open)
  try {
    const { header } = reader
    const dialect = dialectOf(header, edit.dialect, reader.problem)
    const rows: Row[] = []
    let counted = 0
    for (const row of reader.rows()) {
      if (row.kind === 'operation') counted++
      else if (rows.push(row) > MAX_ROWS) {
        throw new FusetraceError('FT_LIMIT', `${input} has more than ${MAX_ROWS} rows`, {
          hint: 'cut it while recording',
        })
      }
    }
    const range = rangeOf(rows, edit.from, edit.to)
    const cut = cutRows(rows, readRows(rows, dialect), range, dialect)
    const whole = edit.from === undefined && edit.to === undefined
    const start = {
      rows: whole ? rows.filter(({ kind }) => kind !== 'wait') : cut.rows,
      before: whole ? 0 : cut.beforeCount,
    }
    const result = applied(start.rows, start.before, changes, dialect)
    const moved = whole ? 0 : range.fromNs
    write(output, { ...header, ...originOf(header, moved) }, result, options.force === true)
    return {
      operations: [counted, result.reading.operations.length],
      before: { kept: whole ? 'nothing' : cut.before, operations: start.before },
      changed: result.changed,
      renamed: result.renamed,
      problem: reader.problem,
    }
  } finally {
    reader.close()
  }
}

/** Null for the messages themselves. */
function dialectOf(header: RecordingHeader, given: Dialect | undefined, problem: string | null): Dialect | null {
  if (header.wire) return null
  const dialect = given ?? dialects.find(({ name }) => name === header.dialect)
  if (dialect) return dialect
  const none = problem === null ? 'nobody understands its log' : `its dialect is not known, since ${problem}`
  const what = header.dialect === 'none' ? none : `its dialect ${header.dialect} is not one of fusetrace's`
  throw new FusetraceError('FT_DIALECT', `the recording cannot be edited: ${what}`, {
    hint: 'give the dialect with --dialect',
  })
}

function originOf(header: RecordingHeader, byNs: number): Pick<RecordingHeader, 'originNs' | 'originWallNs'> {
  const by = BigInt(byNs)
  const { originNs, originWallNs } = header
  return { originNs: originNs + by, originWallNs: originWallNs === null ? null : originWallNs + by }
}

interface Applied {
  readonly rows: readonly Row[]
  readonly reading: Reading
  readonly changed: Edited['changed']
  readonly renamed: number
}

/** Changes after one another; operations of before the cut are not meant by any. */
function applied(
  start: readonly Row[],
  before: number,
  changes: readonly { readonly selector: Selector; readonly change: Change }[],
  dialect: Dialect | null,
): Applied {
  let state = { rows: start, reading: readRows(start, dialect) }
  const changed: { change: Change; operation: Operation }[] = []
  let renamed = 0
  for (const { selector, change: wanted } of changes) {
    const chosen = select(state.reading.operations.slice(before), selector)
    const old = state.reading
    state = change(state.rows, old, chosen, wanted, dialect)
    renamed += othersRenamed(old, state.reading, chosen, wanted)
    for (const operation of chosen) changed.push({ change: wanted, operation })
  }
  return { ...state, changed, renamed }
}

function othersRenamed(old: Reading, now: Reading, chosen: readonly Operation[], { what }: Change): number {
  const meant = new Set(chosen.map(({ id }) => id))
  const left = what === 'drop' ? old.operations.filter(({ id }) => !meant.has(id)) : old.operations
  return left.filter((operation, i) => {
    const other = now.operations[i]
    return operation.path !== other?.path || operation.newPath !== other.newPath
  }).length
}

function write(output: string, header: RecordingHeader, { rows, reading }: Applied, force: boolean): void {
  const writer = RecordingWriter.create(output, header, { force })
  try {
    for (const [i, row] of rows.entries()) {
      writer.write(row)
      for (const operation of reading.ends.get(i) ?? []) writer.write({ kind: 'operation', operation })
    }
    for (const operation of reading.rest) writer.write({ kind: 'operation', operation })
    writer.finish({ unparsed: reading.unparsed })
  } catch (error) {
    writer.discard()
    throw error
  }
}
