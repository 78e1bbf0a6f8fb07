import { writeSync } from 'node:fs'
import { pause } from '../recording/pause.js'
import { cannotWrite, openTarget, type Target } from '../recording/target.js'

const BUFFER_BYTES = 256 * 1024

/** Where an export goes. */
export interface Sink {
  write(piece: string | Uint8Array): void
}

/**
 * Writes an export to `NAME.partial`, renamed to `NAME` when it is whole; `-` is standard output. Nothing that exists is written
 * over without `force`.
 */
export class FileSink implements Sink {
  readonly #path: string
  readonly #target: Target
  #pending: Uint8Array[] = []
  /** Text that comes after them. */
  #text = ''
  #bytes = 0
  #written = 0

  /** @throws FT_USAGE when something is there, FT_INPUT or FT_OUTPUT when the file cannot be made */
  constructor(path: string, options: { force: boolean }) {
    this.#path = path
    this.#target = openTarget(path, options)
  }

  /** Bytes that were written when it is finished. */
  get bytes(): number {
    return this.#written
  }

  /** @throws FT_OUTPUT when the disk is full, or whoever reads has gone */
  write(piece: string | Uint8Array): void {
    if (typeof piece === 'string') this.#text += piece
    else {
      this.#encode()
      // The bytes may be changed by their owner afterwards.
      this.#push(Buffer.from(piece))
    }
    if (this.#bytes + this.#text.length >= BUFFER_BYTES) this.#flush()
  }

  /** Ends it and gives it its name. */
  finish(): void {
    this.#flush()
    this.#target.finish(true)
  }

  /** Leaves nothing. */
  discard(): void {
    this.#target.discard()
  }

  #encode(): void {
    if (this.#text !== '') this.#push(Buffer.from(this.#text))
    this.#text = ''
  }

  #push(bytes: Uint8Array): void {
    this.#pending.push(bytes)
    this.#bytes += bytes.length
    this.#written += bytes.length
  }

  #flush(): void {
    this.#encode()
    const bytes = Buffer.concat(this.#pending)
    this.#pending = []
    this.#bytes = 0
    for (let from = 0; from < bytes.length; ) {
      try {
        from += writeSync(this.#target.file, bytes, from)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw cannotWrite(this.#path, error)
        pause()
      }
    }
  }
}
