import type { Clock } from '../clock.js'
import type { RecordingHeader, Row } from '../recording/row.js'
import { RecordingWriter } from '../recording/writer.js'

/** Writes the rows of a live run to a file, as they come; before the header can be written it keeps them. */
export class Recorder {
  readonly path: string
  readonly #clock: Clock
  #early: Row[] | null = []
  #writer: RecordingWriter | null = null

  constructor(path: string, clock: Clock) {
    this.path = path
    this.#clock = clock
  }

  /** Whether there is a file yet. */
  get open(): boolean {
    return this.#writer !== null
  }

  /** Begins the file. */
  begin(header: RecordingHeader): void {
    if (this.#early === null) return
    const early = this.#early
    this.#writer = RecordingWriter.create(this.path, header, { clock: this.#clock })
    this.#early = null
    for (const row of early) this.#writer.write(row)
  }

  write(row: Row): void {
    if (this.#early) this.#early.push(row)
    else this.#writer?.write(row)
  }

  /** Completes the file; nothing can be written any more. */
  finish(): void {
    this.#writer?.finish()
    this.#writer = null
    this.#early = null
  }
}
