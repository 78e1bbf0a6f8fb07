import type { Dialect } from '../../dialect/core/dialect.js'
import type { Line } from '../../line/line.js'
import type { RecordingReader } from '../../recording/reader.js'
import { lineOf } from '../../recording/row.js'
import { chooseLike, DECIDING_LINES } from './choose-like.js'
import type { Profile } from './profile.js'
import { Profiler } from './profiler.js'

/** The profile of a recording's lines, and of the kernel's own requests where it has them. */
export function profileRecording(
  reader: RecordingReader,
  { dialect, candidates }: { dialect: Dialect | null; candidates: readonly Dialect[] },
): Profile {
  const profiler = new LogProfiler({ usual: dialect, candidates })
  let index = 0
  let atNs = 0
  let cut = false
  for (const row of reader.rows({ kinds: ['line', 'kernel', 'exit'] })) {
    if (row.kind === 'kernel') {
      if (row.edge === 'send' && row.opcode !== null) profiler.kernel(row.opcode)
    } else if (row.kind === 'exit') cut = row.signal !== null
    else if (row.kind === 'line') {
      atNs = row.atNs
      profiler.push(lineOf(row, index++))
    }
  }
  return profiler.end(atNs, cut || !reader.complete ? 'cut' : 'complete')
}

/** Profiles a log line by line, with the dialect that the old log had as long as that makes sense. */
export class LogProfiler {
  readonly #usual: Dialect | null
  readonly #candidates: readonly Dialect[]
  readonly #streamsKnown: boolean
  #waiting: Line[] = []
  #kernel: string[] = []
  #profiler: Profiler | null = null

  constructor(options: { usual: Dialect | null; candidates: readonly Dialect[]; streamsKnown?: boolean }) {
    this.#usual = options.usual
    this.#candidates = options.candidates
    this.#streamsKnown = options.streamsKnown !== false
  }

  push(line: Line): void {
    if (this.#profiler) this.#profiler.push(line)
    else if (this.#waiting.push(line) >= DECIDING_LINES) this.#decide()
  }

  kernel(opcode: string): void {
    if (this.#profiler) this.#profiler.witness(opcode)
    else if (this.#kernel.length < 10_000) this.#kernel.push(opcode)
  }

  end(atNs: number, how: 'complete' | 'cut' = 'complete'): Profile {
    return (this.#profiler ?? this.#decide()).end(atNs, how)
  }

  #decide(): Profiler {
    const dialect = chooseLike(this.#usual, this.#candidates, this.#waiting)
    const profiler = new Profiler({
      ...(dialect && { dialect }),
      candidates: this.#candidates,
      streamsKnown: this.#streamsKnown,
    })
    this.#profiler = profiler
    for (const line of this.#waiting) profiler.push(line)
    for (const opcode of this.#kernel) profiler.witness(opcode)
    this.#waiting = []
    this.#kernel = []
    return profiler
  }
}
