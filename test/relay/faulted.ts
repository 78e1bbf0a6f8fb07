import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import type { Faults } from '../../src/live/faults.js'
import { type LiveSession, startLive } from '../../src/live/session.js'
import { type Place, place, placeEach } from '../live/machine.js'

/** A relayed mount of the test that runs, and what is on both sides of it. */
export interface Faulted {
  readonly here: Place
  readonly session: LiveSession
  faults(): Faults
  inMount(name: string): string
  inSource(name: string): string
}

/** What the kernel may keep to itself is told not to. */
const mounted = ({ source, mount, file }: Place, readyMs: number): Promise<LiveSession> =>
  startLive({
    daemon: ['bindfs', '-f', '-o', 'attr_timeout=0,entry_timeout=0', source, mount],
    mountpoint: mount,
    record: file('run.fusetrace'),
    readyMs,
    // A request that is lost on purpose keeps the mount busy.
    unmountTimeoutMs: 500,
    wire: true,
  })

const faulted = (here: () => Place, session: () => LiveSession | null): Faulted => ({
  get here() {
    return here()
  },
  get session() {
    return session() as LiveSession
  },
  faults: () => session()?.faults as Faults,
  inMount: (name) => join(here().mount, name),
  inSource: (name) => join(here().source, name),
})

/**
 * Each test of a describe has a mount of its own.
 *
 * @param lacking why there can be none; each test is skipped then
 */
export function faultedEach(lacking: string, readyMs: number): Faulted {
  let session: LiveSession | null = null
  const here = placeEach(() => session?.close())
  beforeEach(async (context) => {
    if (lacking) return context.skip(lacking)
    session = await mounted(here, readyMs)
  }, readyMs)
  return faulted(
    () => here,
    () => session,
  )
}

/** The tests of a describe share a mount; the faults of each are gone when it has ended. */
export function faultedAll(lacking: string, readyMs: number): Faulted {
  let session: LiveSession | null = null
  let here: Place
  beforeAll(async () => {
    here = place()
    if (!lacking) session = await mounted(here, readyMs)
  }, readyMs)
  beforeEach((context) => {
    if (lacking) context.skip(lacking)
  })
  afterEach(() => {
    for (const fault of session?.faults?.all ?? []) fault.remove()
  })
  afterAll(async () => {
    await session?.close()
    here.remove()
  })
  return faulted(
    () => here,
    () => session,
  )
}
