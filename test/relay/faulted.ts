import { join } from 'node:path'
import { beforeEach } from 'vitest'
import type { Faults } from '../../src/live/faults.js'
import { type LiveSession, startLive } from '../../src/live/session.js'
import { type Place, placeEach } from '../live/machine.js'

/** A relayed mount of the test that runs, and what is on both sides of it. */
export interface Faulted {
  readonly here: Place
  readonly session: LiveSession
  faults(): Faults
  inMount(name: string): string
  inSource(name: string): string
}

/**
 * Each test of a file has a mount of its own; what the kernel may keep to itself is told not to.
 *
 * @param lacking why there can be none; each test is skipped then
 */
export function faultedEach(lacking: string, readyMs: number): Faulted {
  let session: LiveSession | null = null
  const here = placeEach(() => session?.close())
  beforeEach(async (context) => {
    if (lacking) return context.skip(lacking)
    session = await startLive({
      daemon: ['bindfs', '-f', '-o', 'attr_timeout=0,entry_timeout=0', here.source, here.mount],
      mountpoint: here.mount,
      record: here.file('run.fusetrace'),
      readyMs,
      // A request that is lost on purpose keeps the mount busy.
      unmountTimeoutMs: 500,
      wire: true,
    })
  }, readyMs)
  return {
    here,
    get session() {
      return session as LiveSession
    },
    faults: () => session?.faults as Faults,
    inMount: (name) => join(here.mount, name),
    inSource: (name) => join(here.source, name),
  }
}
