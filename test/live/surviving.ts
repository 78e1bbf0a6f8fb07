import { mkdirSync } from 'node:fs'
import { execa } from 'execa'
import { beforeEach } from 'vitest'
import { openRecording } from '../../src/recording/reader.js'
import { CLI, type Place, placeEach, type Run } from './machine.js'

/** A place for each test whose temporary files, notes too, are its own: in `tmp`. */
export interface Surviving {
  readonly here: Place
  /** Has the command line keep its temporary files there. */
  readonly env: () => Record<string, string>
  /** Runs the command line so. */
  run(...args: string[]): Promise<Run>
}

export function survivingEach(): Surviving {
  const here = placeEach()
  beforeEach(() => void mkdirSync(here.file('tmp')))
  const env = (): Record<string, string> => ({ TMPDIR: here.file('tmp'), XDG_RUNTIME_DIR: '' })
  return {
    here,
    env,
    async run(...args) {
      const { exitCode, stdout, stderr } = await execa(process.execPath, [CLI, ...args], { reject: false, env: env() })
      return { exitCode, stdout, stderr }
    },
  }
}

/** Lines that a recording holds, whole or not. */
export function lineCount(file: string): number {
  const reader = openRecording(file)
  try {
    return [...reader.rows({ kinds: ['line'] })].length
  } finally {
    reader.close()
  }
}
