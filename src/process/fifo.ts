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

/** As many as are made at one time: a start of a daemon needs two, and to run a program takes longer than to make a FIFO. */
const AT_ONCE = 8

/** Makes FIFOs before they are needed: that takes longer than to take one. */
export class Fifos {
  readonly #make: MakeFifos
  #ready: Promise<Fifo[]> | null = null

  /** @param make by default the program `mkfifo` is run */
  constructor(make: MakeFifos = mkfifo) {
    this.#make = make
  }

  /** Makes those that will be needed. @throws FT_ENVIRONMENT when none can be made */
  async warm(): Promise<void> {
    this.#ready ??= makeFifos(this.#make, AT_ONCE)
    await this.#ready
  }

  /** @throws FT_ENVIRONMENT when none can be made */
  async take(): Promise<Fifo> {
    for (;;) {
      this.#ready ??= makeFifos(this.#make, AT_ONCE)
      const making = this.#ready
      const fifo = (await making.catch(() => [])).pop()
      if (fifo) return fifo
      if (this.#ready === making) this.#ready = null
      // Says why, where none could be made.
      await making
    }
  }
}

/** Those for all readers of this process. */
export const fifos: Fifos = new Fifos()

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

/** Makes FIFOs by the program of that name. */
export function mkfifo(paths: readonly string[]): Promise<void> {
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
