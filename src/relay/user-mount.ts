import { spawn } from 'node:child_process'
import { closeSync } from 'node:fs'
import { delimiter } from 'node:path'
import type { Clock } from '../clock.js'
import { FusetraceError } from '../errors.js'
import { printable } from '../line/text.js'
import type { Libc } from '../native/libc.js'
import { LATE, MS, within } from '../time.js'
import { findProgram } from '../transport/program.js'

/** How long the helper may take. */
const HELPER_NS = 10_000 * MS
/** Most that is kept of what it says. */
const MAX_WORDS = 1000

/**
 * The program that mounts for users.
 *
 * @throws FT_ENVIRONMENT where there is none
 */
export function mountHelper(path: string): string {
  const directories = [path, '/usr/bin', '/bin'].join(delimiter)
  const found = ['fusermount3', 'fusermount'].map((name) => findProgram(name, { path: directories, cwd: '/' }))
  const helper = found.find((program) => program !== null)
  if (helper) return helper
  throw new FusetraceError('FT_ENVIRONMENT', 'this user cannot mount: fusermount3 was not found', {
    hint: 'install fuse3, or run it as root, or go without --wire',
  })
}

export interface HelperMount {
  libc: Libc
  clock: Clock
  helper: string
  mountpoint: string
  /** As behind `-o`. */
  options: readonly string[]
}

/**
 * Mounts as users do: the setuid helper opens the device, mounts it, and hands it over on a socket.
 *
 * @returns the open device
 * @throws FT_ENVIRONMENT with what the helper says
 */
export async function mountByHelper({ libc, clock, helper, mountpoint, options }: HelperMount): Promise<number> {
  const [ours, theirs] = libc.streamPair()
  try {
    const list = options.map((option) => option.replace(/[\\,]/g, '\\$&')).join(',')
    const child = spawn(helper, ['-o', list, '--', mountpoint], {
      stdio: ['ignore', 'ignore', 'pipe', theirs],
      env: { ...process.env, LC_ALL: 'C', _FUSE_COMMFD: '3' },
      detached: true,
    })
    let words = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      words = (words + chunk.toString('latin1')).slice(0, MAX_WORDS)
    })
    const done = new Promise<string | null>((resolve) => {
      child.once('error', (error) => resolve(error.message))
      child.once('close', (code) => resolve(code === 0 ? null : words.trim().split('\n')[0] || `exit code ${code}`))
    })
    const failure = await within(clock, HELPER_NS, done)
    if (failure === LATE) child.kill('SIGKILL')
    const device = libc.receiveDescriptor(ours)
    if (failure === null && device !== null) return device
    if (device !== null) closeSync(device)
    throw refused(failure === LATE ? 'it does not end' : (failure ?? 'it has handed over no descriptor'))
  } finally {
    closeSync(ours)
    closeSync(theirs)
  }
}

function refused(words: string): FusetraceError {
  return new FusetraceError('FT_ENVIRONMENT', `fusermount3 has not mounted for us: ${printable(words)}`, {
    hint: HINTS.find(([said]) => said.test(words))?.[1] ?? 'run it as root, or go without --wire',
  })
}

const HINTS: readonly (readonly [RegExp, string])[] = [
  [/user_allow_other/, 'leave allow_other out of the options, or let root put user_allow_other into /etc/fuse.conf'],
  [
    /open \/dev\/fuse: Permission/,
    'users may open it on most machines: chmod 666 /dev/fuse; or run it as root, or go without --wire',
  ],
  [
    /not permitted|must be root|setuid/i,
    'is it setuid (chmod u+s)? Containers may forbid it (no-new-privileges); run it as root, or go without --wire',
  ],
]
