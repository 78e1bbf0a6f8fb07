import { release } from 'node:os'
import type { SystemClock } from '../clock.js'
import type { Dialect } from '../dialect/core/dialect.js'
import type { Line } from '../line/line.js'
import type { MonitorView } from '../monitor/monitor.js'
import { makeHeader } from '../recording/header.js'
import type { Row } from '../recording/row.js'
import { RecordingWriter } from '../recording/writer.js'
import { VERSION } from '../version.js'
import { argumentsOf, type ProbeAnswer, type ProbeQuestion } from '../wait/engine/prober.js'

/** What the header of a live recording says. */
export interface LiveFacts {
  command: readonly string[]
  mountpoint: string
  branches: readonly string[]
  environment: Readonly<Record<string, string | undefined>>
  dialect: Dialect | null
  /** Made by a test, or by `fusetrace record`. */
  origin: 'record' | 'test'
  /** It will hold the messages between kernel and daemon. */
  wire?: boolean
}

/** Writes the rows of a live run to a file, as they come; before the header can be written it keeps them. */
export class Recorder {
  /** The file's name, while it is written with `.partial` behind it; null when nothing is to be written. */
  readonly path: string | null
  readonly #clock: SystemClock
  #early: Row[] | null = []
  #writer: RecordingWriter | null = null
  #dialect: Pick<Dialect, 'name' | 'version'> | null = null
  #written = false
  readonly #counts = { line: 0, operation: 0 }

  readonly #losses = new Map<string, number>()

  constructor(path: string | null, clock: SystemClock) {
    this.path = path
    this.#clock = clock
    if (path === null) this.#early = null
  }

  /** What was dropped or not seen, and how many. */
  get losses(): ReadonlyMap<string, number> {
    return this.#losses
  }

  /** Lines and operations so far. */
  get counts(): { readonly line: number; readonly operation: number } {
    return this.#counts
  }

  /** Name of the dialect, as far as it is known. */
  get dialect(): string | null {
    return this.#dialect?.name ?? null
  }

  /** Whether a file was begun. */
  get written(): boolean {
    return this.#written
  }

  /** Begins the file; does nothing when it has begun. */
  begin(facts: LiveFacts): void {
    if (this.#early === null || this.path === null) return
    const { originNs, originWallNs } = this.#clock
    const { dialect, ...rest } = facts
    const header = makeHeader({
      ...rest,
      fusetraceVersion: VERSION,
      nodeVersion: process.version,
      kernel: release(),
      originNs,
      originWallNs,
      ...(dialect && { dialect: dialect.name, dialectVersion: dialect.version }),
    })
    this.#writer = RecordingWriter.create(this.path, header, { clock: this.#clock })
    this.#written = true
    if (this.#dialect) this.setDialect(this.#dialect)
    const early = this.#early
    this.#early = null
    for (const row of early) this.#writer.write(row)
  }

  /** Writes what the monitor tells: operations as they end, marks, rungs of the mount. */
  follow(monitor: MonitorView & { readonly interpreter: { readonly dialect: Dialect | null } }): void {
    monitor.subscribe(
      (event) => {
        switch (event.type) {
          case 'ended':
            // Derived from lines alone, as a later reading of them does.
            if (event.known === 'early') return
            if (this.#dialect === null && monitor.interpreter.dialect) this.setDialect(monitor.interpreter.dialect)
            return this.write({ kind: 'operation', operation: event.operation })
          case 'mark':
            return this.write({ kind: 'mark', atNs: event.mark.atNs, edge: event.edge, name: event.mark.name })
          case 'mount':
            return this.write({ kind: 'mount', atNs: event.atNs, event: event.phase, detail: event.detail })
          default:
        }
      },
      { lines: false },
    )
  }

  /** The dialect is known by now. */
  setDialect(dialect: Pick<Dialect, 'name' | 'version'>): void {
    this.#dialect = dialect
    this.#writer?.setDialect(dialect.name, dialect.version)
  }

  line({ atNs, stream, raw, terminated }: Line): void {
    this.write({ kind: 'line', atNs, stream, raw, terminated })
  }

  /** A look that hung (`unknown`) is kept as one that failed with `ETIMEDOUT`. */
  probe(question: ProbeQuestion, answer: ProbeAnswer, atNs: number): void {
    const args = argumentsOf(question)
    const { value, errno } = answer === 'unknown' ? { value: null, errno: 'ETIMEDOUT' } : answer
    this.write({ kind: 'probe', atNs, probe: question.probe, args, answer: value, errno })
  }

  /** Something is missing. */
  lose(what: string, count: number): void {
    this.#losses.set(what, (this.#losses.get(what) ?? 0) + count)
    this.write({ kind: 'loss', atNs: this.#clock.nowNs(), what, count })
  }

  write(row: Row): void {
    if (row.kind === 'line' || row.kind === 'operation') this.#counts[row.kind]++
    if (this.#early) this.#early.push(row)
    else this.#writer?.write(row)
  }

  /** Completes the file; nothing can be written any more. */
  finish(unparsed: number): void {
    this.#writer?.finish({ unparsed })
    this.#writer = null
    this.#early = null
  }

  /** Leaves the file as it is, under its unfinished name. */
  abandon(): void {
    this.#writer?.abandon()
    this.#writer = null
    this.#early = null
  }
}
