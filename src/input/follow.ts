import { closeSync, createReadStream, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { createGunzip } from 'node:zlib'
import type { Clock, Timer } from '../clock.js'
import { FusetraceError } from '../errors.js'
import { printable } from '../line/text.js'
import { MS } from '../time.js'

export interface FollowOptions {
  clock: Clock
  onChunk(chunk: Uint8Array, atNs: number): void
  /** The file became shorter, or another took its name: what follows is read from its begin. */
  onRestart?(why: 'truncated' | 'replaced'): void
  /**
   * How often to look whether the file has grown, ns.
   * @default 50 ms
   */
  everyNs?: number
}

/** A log that is being read. */
export interface Followed {
  /** Resolves at the end (of a stream, a pipe or a gzip file) or after `stop()`; a growing file has no end. */
  readonly done: Promise<void>
  /** Reads what a growing file holds by now. */
  catchUp(): void
  stop(): void
}

/** Bytes read before others get a turn. */
const SLICE = 1024 * 1024
const BLOCK = 64 * 1024

/**
 * Reads a log file from its begin and goes on as it grows, also when it is truncated or replaced (rotated). A gzip file,
 * a pipe and standard input (`-`) are read once to their end.
 *
 * @throws FT_INPUT when the file cannot be opened
 */
export function followFile(path: string, options: FollowOptions): Followed {
  if (path === '-') return readStream(process.stdin, options)
  let fd: number
  try {
    const stat = statSync(path)
    if (stat.isDirectory()) throw Object.assign(new Error('it is a directory'), { code: 'EISDIR' })
    if (!stat.isFile()) return readStream(createReadStream(path), options)
    fd = openSync(path, 'r')
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : (cause as Error).message
    throw new FusetraceError('FT_INPUT', `cannot read ${printable(path)}: ${why}`, {
      hint: 'give the path of a log file, or - for standard input',
      cause,
    })
  }
  const magic = Buffer.alloc(2)
  if (readSync(fd, magic, 0, 2, 0) === 2 && magic[0] === 0x1f && magic[1] === 0x8b) {
    const plain = createReadStream(path, { fd }).on('error', (error) => gunzip.destroy(error))
    const gunzip = plain.pipe(createGunzip())
    return readStream(gunzip, options)
  }
  return new GrowingFile(path, fd, options)
}

class GrowingFile implements Followed {
  readonly done: Promise<void>
  readonly #path: string
  readonly #options: FollowOptions
  #fd: number
  #position = 0
  #timer: Timer | null = null
  #stopped = false
  #finish = (): void => undefined

  constructor(path: string, fd: number, options: FollowOptions) {
    this.#path = path
    this.#fd = fd
    this.#options = options
    this.done = new Promise((resolve) => {
      this.#finish = resolve
    })
    setImmediate(() => this.#turn())
  }

  catchUp(): void {
    if (this.#stopped) return
    while (this.#slice()) {
      // Until its end.
    }
  }

  /** Reads what is there by now, and stops. */
  stop(): void {
    if (this.#stopped) return
    this.#timer?.cancel()
    this.catchUp()
    this.#stopped = true
    closeSync(this.#fd)
    this.#finish()
  }

  #turn(): void {
    if (this.#stopped) return
    if (this.#slice()) {
      setImmediate(() => this.#turn())
      return
    }
    const { clock, everyNs = 50 * MS } = this.#options
    if (this.#restarted()) {
      setImmediate(() => this.#turn())
      return
    }
    this.#timer = clock.at(clock.nowNs() + everyNs, () => this.#turn())
  }

  /** Reads up to a slice; false at the end of the file. */
  #slice(): boolean {
    for (let taken = 0; taken < SLICE; ) {
      const chunk = Buffer.allocUnsafe(BLOCK)
      const bytes = readSync(this.#fd, chunk, 0, BLOCK, this.#position)
      if (bytes === 0) return false
      this.#position += bytes
      taken += bytes
      this.#options.onChunk(chunk.subarray(0, bytes), this.#options.clock.nowNs())
    }
    return true
  }

  #restarted(): boolean {
    const own = fstatSync(this.#fd)
    if (own.size < this.#position) {
      this.#position = 0
      this.#options.onRestart?.('truncated')
      return true
    }
    try {
      const named = statSync(this.#path)
      if (named.ino === own.ino && named.dev === own.dev) return false
      const next = openSync(this.#path, 'r')
      closeSync(this.#fd)
      this.#fd = next
      this.#position = 0
      this.#options.onRestart?.('replaced')
      return true
    } catch {
      // Between two names; the next poll will find the new file.
      return false
    }
  }
}

function readStream(stream: NodeJS.ReadableStream, { clock, onChunk }: FollowOptions): Followed {
  let stop = (): void => undefined
  const done = new Promise<void>((resolve, reject) => {
    stop = resolve
    stream.on('data', (chunk: Buffer) => onChunk(chunk, clock.nowNs()))
    stream.once('end', resolve)
    stream.once('close', resolve)
    stream.once('error', (cause: Error) =>
      reject(new FusetraceError('FT_INPUT', `the log cannot be read: ${cause.message}`, { cause })),
    )
  })
  return {
    done,
    catchUp: () => undefined,
    stop() {
      ;(stream as { destroy?(): void }).destroy?.()
      stop()
    },
  }
}
