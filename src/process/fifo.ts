import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FusetraceError } from '../errors.js'

/** Both ends of a FIFO that has no name any more. */
export interface Fifo {
  readonly read: number
  readonly write: number
}

/** Makes FIFOs of these names, for this user alone. */
export type MakeFifos = (paths: readonly string[]) => Promise<void>

/** Makes FIFOs, several at once: a start of a daemon needs two. */
export class Fifos {
  readonly #make: MakeFifos
  #ready: Promise<Fifo[]> | null = null
  #closed = false

  /** @param make by default the program `mkfifo` is run */
  constructor(make: MakeFifos = mkfifo) {
    this.#make = make
  }

  /** @throws FT_ENVIRONMENT when none can be made */
  async take(): Promise<Fifo> {
    for (;;) {
      this.#ready ??= makeFifos(this.#make, 2)
      const making = this.#ready
      try {
        const fifo = (await making).pop()
        if (fifo) return fifo
      } finally {
        if (this.#ready === making && (await making.catch(() => [])).length === 0) this.#ready = null
      }
    }
  }

  /** Closes those that nobody took. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    const left = (await this.#ready?.catch(() => [])) ?? []
    for (const fifo of left.splice(0)) for (const fd of [fifo.read, fifo.write]) fs.closeSync(fd)
  }
}

async function makeFifos(make: MakeFifos, count: number): Promise<Fifo[]> {
  let cause: unknown
  // Some file systems have no FIFOs.
  for (const directory of [tmpdir(), '/dev/shm']) {
    const paths = Array.from({ length: count }, () => join(directory, `fusetrace-pipe-${randomUUID()}`))
    try {
      await make(paths)
      return paths.map((path) => {
        const read = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK)
        return { read, write: fs.openSync(path, fs.constants.O_WRONLY) }
      })
    } catch (error) {
      cause = error
    } finally {
      for (const path of paths) fs.rmSync(path, { force: true })
    }
  }
  const message = cause instanceof Error ? cause.message : String(cause)
  throw new FusetraceError('FT_ENVIRONMENT', `a pipe cannot be made: ${message}`, {
    hint: `it is made by mkfifo (coreutils) in ${tmpdir()} or /dev/shm`,
    cause,
  })
}

function mkfifo(paths: readonly string[]): Promise<void> {
  const child = spawn('mkfifo', ['-m', '600', ...paths], { stdio: ['ignore', 'ignore', 'pipe'] })
  let words = ''
  child.stderr.on('data', (chunk: Buffer) => {
    words += chunk.toString('utf8')
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve()
      else reject(new Error(words.trim().split('\n')[0] ?? `mkfifo ended with code ${code}`))
    })
  })
}
