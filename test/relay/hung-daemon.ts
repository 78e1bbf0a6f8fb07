import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { FusetraceError } from '../../src/errors.js'
import { startLive } from '../../src/live/session.js'
import type { Place } from '../live/machine.js'

const program = fileURLToPath(new URL('../daemons/hung.js', import.meta.url))

/** A live mount of a daemon that does not do its work in this way. */
export const hung = (here: Place, how: string, readyMs: number) => ({
  daemon: ['node', program, how, here.mount],
  mountpoint: here.mount,
  readyMs,
  unmountTimeoutMs: 500,
  wire: { way: 'fd' as const },
})

/** What its start fails with. */
export async function failure(here: Place, how: string, readyMs: number): Promise<FusetraceError> {
  const error = await startLive(hung(here, how, readyMs)).then(
    (started) => started.close().then(() => new Error('it started')),
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(FusetraceError)
  return error as FusetraceError
}

/**
 * What its start fails with, when that is what it is to say: on a busy machine it may not have got as far, and is given more time
 * then.
 */
export async function failureThatSays(here: Place, how: string, said: string): Promise<FusetraceError> {
  for (let readyMs = 500; ; readyMs *= 2) {
    const error = await failure(here, how, readyMs)
    if (error.message.includes(said) || readyMs > 60_000) return error
  }
}
