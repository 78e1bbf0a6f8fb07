import { closeSync, fstatSync, readSync } from 'node:fs'
import { FusetraceError } from '../errors.js'
import { pause } from './pause.js'

/** The bytes of a file, or of a pipe, from a position on. */
export class ByteSource {
  /** The next byte that is read. */
  at = 0
  readonly seekable: boolean
  readonly #file: number
  readonly #name: string
  #bytes: number

  /** @param name for messages */
  constructor(file: number, name: string) {
    this.#file = file
    this.#name = name
    const stat = fstatSync(file)
    this.seekable = stat.isFile()
    this.#bytes = this.seekable ? stat.size : 0
  }

  /** Bytes of the file; of a pipe, those that were read. */
  get bytes(): number {
    return this.#bytes
  }

  /**
   * Up to so many bytes from here; fewer only at the end. Grows with what is there, not with what was promised.
   *
   * @throws FT_INPUT
   */
  read(length: number): Buffer {
    const parts: Buffer[] = []
    let got = 0
    while (got < length) {
      const part = Buffer.allocUnsafe(Math.min(length - got, 1 << 20))
      const count = this.#readSome(part)
      if (count === 0) break
      parts.push(part.subarray(0, count))
      got += count
      this.at += count
    }
    if (!this.seekable) this.#bytes = this.at
    return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)
  }

  close(): void {
    if (this.#file !== 0) closeSync(this.#file)
  }

  #readSome(part: Buffer): number {
    for (;;) {
      try {
        return readSync(this.#file, part, 0, part.length, this.seekable ? this.at : null)
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        if (code === 'EOF') return 0
        if (code !== 'EAGAIN') {
          throw new FusetraceError('FT_INPUT', `cannot read ${this.#name}: ${(error as Error).message}`, {
            cause: error,
          })
        }
        pause()
      }
    }
  }
}
