import { FusetraceError } from '../errors.js'
import { isOwn } from '../operation/own.js'
import { random } from '../random.js'
import { openRecording } from '../recording/reader.js'
import type { RecordingHeader, Row } from '../recording/row.js'
import { type Move, movesOf } from './moves.js'
import type { Explored, ExploreRecordingOptions, ExploreRecordingReport } from './order.js'
import { Orders, played, replayOptions } from './orders.js'

/** What is played in an exploration: the log, and what happened between its lines. */
const KINDS: readonly Row['kind'][] = ['line', 'mark', 'probe', 'call', 'mount', 'exit', 'loss']
/** Rows of a recording that an exploration keeps in memory. */
const MAX_ROWS = 200_000
/** Things at other moments in a random order, at most. */
const MAX_RANDOM_MOVES = 8

/**
 * Runs a test's logic on a recording in the orders of events that the kernel and the daemon could as well have come to:
 * RELEASE and FORGET when the kernel likes, operations in flight together ending in another order. What passes as recorded
 * and fails in another order is a test that fails now and then.
 *
 * @param file path of a recording that has the daemon's log
 * @throws {FusetraceError} `FT_INPUT`, `FT_RECORDING` or `FT_RECORDING_VERSION` when it cannot be read; `FT_USAGE` when it
 * has no log; `FT_LIMIT` when it has more than 200,000 rows
 * @example
 * const { failing } = await exploreRecording('recordings/create.fusetrace', async ({ waitFor }) => {
 *   await waitFor.released('a.txt')
 * }, { preemptions: 2 })
 */
export async function exploreRecording(
  file: string,
  explored: Explored,
  options: ExploreRecordingOptions = {},
): Promise<ExploreRecordingReport> {
  const { header, rows, problem } = read(file)
  const operations = await played({ header, rows: () => rows }, replayOptions(options))
  const run = new Orders({ header, rows, operations, explored, options, problem })
  const moves = movesOf(
    rows,
    operations.filter((operation) => !isOwn(operation)),
  )
  const { preemptions = 1, samples = 0, seed = 0 } = options
  for (let size = 0; size <= preemptions; size++) {
    for (const chosen of combinations(moves, size)) {
      if (run.over) return run.report(chosen !== null)
      await run.try(chosen, null)
      if (run.failing) return run.report(false)
    }
  }
  const draw = random(seed)
  for (let nth = 0; nth < samples; nth++) {
    if (run.over) return run.report(true)
    await run.try(drawn(moves, preemptions, draw), draw(2 ** 31))
    if (run.failing) return run.report(false)
  }
  return run.report(false)
}

/** More than `fewest` moves where there are so many, of different operations. */
function drawn(moves: readonly Move[], fewest: number, draw: (below: number) => number): Move[] {
  const chosen = new Map<string, Move>()
  if (moves.length === 0) return []
  const wanted = fewest + 1 + draw(MAX_RANDOM_MOVES)
  for (let tries = 0; tries < 4 * wanted && chosen.size < wanted; tries++) {
    const move = moves[draw(moves.length)] as Move
    chosen.set(`${move.rows}`, move)
  }
  return [...chosen.values()].sort((a, b) => a.rows[0] - b.rows[0])
}

/** Every choice of so many moves of different rows. */
function* combinations(moves: readonly Move[], size: number, from = 0): Generator<Move[]> {
  if (size === 0) {
    yield []
    return
  }
  for (let i = from; i < moves.length; i++) {
    const move = moves[i] as Move
    for (const rest of combinations(moves, size - 1, i + 1))
      if (rest.every(({ rows }) => rows[1] <= move.rows[0] || rows[0] >= move.rows[1])) yield [move, ...rest]
  }
}

/** What an exploration keeps of a recording: the log and what lies between its lines. */
function read(file: string): { header: RecordingHeader; rows: Row[]; problem: string | null } {
  const recording = openRecording(file)
  try {
    const { header } = recording
    const rows: Row[] = []
    for (const row of recording.rows({ kinds: KINDS })) {
      if (rows.push(row) <= MAX_ROWS) continue
      throw new FusetraceError('FT_LIMIT', `${file} has more than ${MAX_ROWS} rows; its orders cannot all be kept`, {
        hint: 'record a shorter run: a test, a few steps',
      })
    }
    if (header.wire || !rows.some(({ kind }) => kind === 'line')) {
      throw new FusetraceError(
        'FT_USAGE',
        `${file} has no operations that were read from a log: there is nothing to reorder`,
        {
          hint: 'record the daemon with its debug log, and without --wire',
        },
      )
    }
    return { header, rows, problem: recording.problem }
  } finally {
    recording.close()
  }
}
