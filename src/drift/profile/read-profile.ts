import type { Dialect } from '../../dialect/core/dialect.js'
import type { Line } from '../../line/line.js'
import { LineFeed } from '../../recording/line-feed.js'
import type { RecordingReader } from '../../recording/reader.js'
import type { Row } from '../../recording/row.js'
import { chooseLike, DECIDING_LINES } from './choose-like.js'
import type { Profile } from './profile.js'
import { Profiler } from './profiler.js'
import { witness } from './witnesses.js'

export interface LogProfilerOptions {
  /** The dialect of the old log. */
  usual: Dialect | null
  candidates: readonly Dialect[]
  /** False when the lines' streams are not known. @default true */
  streamsKnown?: boolean
}

/** The profile of a recording: of its lines, and of what is recorded beside them. A file that is not whole says so. */
export function profileRecording(
  reader: RecordingReader,
  { dialect, candidates }: { dialect: Dialect | null; candidates: readonly Dialect[] },
): Profile {
  const profile = profileRows(reader.rows(), { usual: dialect, candidates }, () => reader.complete)
  if (!reader.complete) profile.damage.push(`the recording is not whole: ${reader.problem ?? 'it was not finished'}`)
  return profile
}

/**
 * The profile of rows, as a recording has them or as they come from a daemon that is being driven.
 *
 * @param isComplete asked at the end: false when rows are missing there
 * @example
 * const after = profileRows(rowsOfTheNewRun, { usual: dialect, candidates: dialects })
 * const { findings } = compareProfiles(profileRecording(reader, { dialect, candidates: dialects }), after)
 */
export function profileRows(rows: Iterable<Row>, options: LogProfilerOptions, isComplete = () => true): Profile {
  const profiler = new LogProfiler(options)
  for (const row of rows) profiler.row(row)
  return profiler.finish(isComplete())
}

/** Profiles a log line by line, or row by row, with the dialect that the old log had as long as that makes sense. */
export class LogProfiler {
  readonly #options: LogProfilerOptions
  readonly #feed: LineFeed
  readonly #beside: Pick<Profile, 'witnessed' | 'called' | 'damage'> = {
    witnessed: new Map(),
    called: new Map(),
    damage: [],
  }
  #waiting: Line[] = []
  #profiler: Profiler | null = null
  #lastNs = 0
  #cut = false

  constructor(options: LogProfilerOptions) {
    this.#options = options
    this.#feed = new LineFeed(() => options.usual?.name === 'kernel')
  }

  /** The next row of a recording. */
  row(row: Row): void {
    const line = this.#feed.line(row)
    if (line !== null) {
      this.#lastNs = line.atNs
      this.push(line)
    } else if (row.kind === 'exit') this.#cut = row.signal !== null
    else witness(row, this.#beside)
  }

  push(line: Line): void {
    if (this.#profiler) this.#profiler.push(line)
    else if (this.#waiting.push(line) >= DECIDING_LINES) this.#decide()
  }

  /** The rows ended. */
  finish(complete = true): Profile {
    return this.end(this.#lastNs, this.#cut || !complete ? 'cut' : 'complete')
  }

  /** The log ended. */
  end(atNs: number, how: 'complete' | 'cut' = 'complete'): Profile {
    const profile = (this.#profiler ?? this.#decide()).end(atNs, how)
    return Object.assign(profile, this.#beside)
  }

  #decide(): Profiler {
    const { usual, candidates, streamsKnown } = this.#options
    const dialect = chooseLike(usual, candidates, this.#waiting)
    const profiler = new Profiler({ ...(dialect && { dialect }), candidates, streamsKnown: streamsKnown !== false })
    this.#profiler = profiler
    for (const line of this.#waiting) profiler.push(line)
    this.#waiting = []
    return profiler
  }
}
