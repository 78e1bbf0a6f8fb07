import { release } from 'node:os'
import type { SystemClock } from '../clock.js'
import type { Dialect } from '../dialect/core/dialect.js'
import type { FusetraceError } from '../errors.js'
import type { Line } from '../line/line.js'
import type { MonitorView } from '../monitor/monitor.js'
import { makeHeader } from '../recording/header.js'
import type { Row } from '../recording/row.js'
import { RecordingWriter } from '../recording/writer.js'
import { type RedactOption, redactionFor } from '../redact/redaction.js'
import { VERSION } from '../version.js'
import { argumentsOf, type ProbeAnswer, type ProbeQuestion } from '../wait/engine/prober.js'

/** What the header of a live recording says. */
export interface LiveFacts {
  /** Null for a daemon that somebody else started. */
  command: readonly string[] | null
  mountpoint: string
  branches: readonly string[]
  environment: Readonly<Record<string, string | undefined>>
  dialect: Dialect | null
  /** Made by a test, or by `fusetrace record`. */
  origin: 'record' | 'test'
  /** It will hold the messages between kernel and daemon. */
  wire?: boolean
  /** It will hold events of the kernel, with names in them. */
  kernel?: boolean
  /** What is to be replaced beside what always is. */
  redact?: RedactOption | undefined
  /** Of a test: the directory that goes with the run. */
  scratch?: string | undefined
}

export interface RecorderOptions {
  /** Replace what exists under the name. */
  force?: boolean
  /** Called once when the file cannot be written any more. */
  onFailure?(error: FusetraceError): void
  /** So many bytes of the daemon's streams are in the file by now. */
  onFlush?(bytes: { readonly stdout: number; readonly stderr: number }): void
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
  #failure: FusetraceError | null = null
  #file = ''
  #mountpoint = ''
  readonly #counts = { line: 0, operation: 0 }

  readonly #losses = new Map<string, number>()
  readonly #options: RecorderOptions
  /** Bytes of the daemon's streams that are in the rows so far; of a line that was cut, all. */
  readonly #bytes = { stdout: 0, stderr: 0 }
  /** Bytes that the next line has lost. */
  #cut = 0

  constructor(path: string | null, clock: SystemClock, options: RecorderOptions = {}) {
    this.path = path
    this.#clock = clock
    this.#options = options
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

  /** Why the file cannot be written any more; null while it can. */
  get failure(): FusetraceError | null {
    return this.#failure
  }

  /** Where the recording is: its name, or that of the unfinished one. */
  get file(): string {
    return this.#file
  }

  /** Whether the unfinished file has a name, beside which a journal can be. */
  get named(): boolean {
    return this.#writer?.renamed === true
  }

  /**
   * Begins the file; when it has begun, completes what its header says.
   *
   * @throws FT_USAGE when it exists, FT_OUTPUT when it cannot be made
   */
  begin(facts: LiveFacts): void {
    if (this.path === null) return
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
    if (this.#early === null) {
      const { command, mountpoint, branches } = header
      if (facts.mountpoint !== this.#mountpoint) this.#writer?.amend({ command, mountpoint, branches })
      this.#mountpoint = facts.mountpoint
      return
    }
    const { force = false, onFailure, onFlush } = this.#options
    this.#writer = RecordingWriter.create(this.path, header, {
      clock: this.#clock,
      threaded: true,
      force,
      redaction: redactionOf(facts),
      onFailure: (error) => {
        this.#failure = error
        // Before it has begun it is thrown.
        if (this.#written) onFailure?.(error)
      },
      onFlush: () => onFlush?.(this.#bytes),
    })
    if (this.#writer.failure) {
      this.#writer.discard()
      this.#writer = null
      throw this.#failure
    }
    this.#mountpoint = facts.mountpoint
    this.#file = this.#writer.renamed ? `${this.path}.partial` : this.path
    this.#written = true
    if (this.#dialect) this.setDialect(this.#dialect)
    const early = this.#early
    this.#early = null
    for (const row of early) this.#writer.write(row)
  }

  /** Writes what the monitor emits: operations as they end, marks, phases of the mount. */
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
      { lines: false, passive: this.path === null },
    )
  }

  /** The dialect is known by now. */
  setDialect(dialect: Pick<Dialect, 'name' | 'version'>): void {
    this.#dialect = dialect
    this.#writer?.setDialect(dialect.name, dialect.version)
  }

  line({ atNs, stream, raw, terminated }: Line): void {
    this.#bytes[stream === 'stderr' ? 'stderr' : 'stdout'] += raw.length + (terminated ? 1 : 0) + this.#cut
    this.#cut = 0
    this.write({ kind: 'line', atNs, stream, raw, terminated })
  }

  /** The next line is too long: so many bytes at its end are not kept. */
  cut(count: number): void {
    this.#cut = count
    this.lose('line-bytes', count)
  }

  /** A probe that hung (`unknown`) is kept as one that failed with `ETIMEDOUT`. */
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

  /**
   * Completes the file; nothing can be written any more. `replace` false: what exists under its name stays, and it keeps the
   * unfinished name.
   */
  async finish(unparsed: number, replace = true): Promise<void> {
    const writer = this.#writer
    this.#writer = null
    this.#early = null
    if (writer) this.#file = await writer.finished({ unparsed, replace })
  }

  /** Removes the file. */
  discard(): void {
    this.#writer?.discard()
    this.#writer = null
    this.#early = null
    this.#written = false
  }

  /** Leaves the file as it is, under its unfinished name. */
  abandon(): void {
    this.#writer?.abandon()
    this.#writer = null
    this.#early = null
  }
}

/** What is replaced in a recording with this header. The directories of a test's run have other names each time. */
function redactionOf(facts: LiveFacts): ReturnType<typeof redactionFor> {
  const { origin, mountpoint, branches, scratch, redact, command, environment, wire, kernel } = facts
  const directories = {
    mount: mountpoint,
    ...Object.fromEntries(branches.map((branch, i) => [`branch${i}`, branch])),
    ...(scratch !== undefined && { run: scratch }),
  }
  return redactionFor({
    redact,
    ...(origin === 'test' && { directories }),
    command,
    environment,
    exactLength: wire === true || kernel === true,
  })
}
