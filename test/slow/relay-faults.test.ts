import { execFile } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FaultPlan } from '../../src/faults/plan.js'
import type { Faults } from '../../src/live/faults.js'
import { type LiveSession, startLive } from '../../src/live/session.js'
import { type Place, place } from '../live/machine.js'
import { lacksRelay } from '../relay/machine.js'

const lacking = lacksRelay('bindfs')
const SLOW = 300_000

let here: Place
let session: LiveSession

/** Each test has a mount of its own; what the kernel may keep to itself is told not to. */
beforeEach(async (context) => {
  if (lacking) return context.skip(lacking)
  here = place()
  session = await startLive({
    daemon: ['bindfs', '-f', '-o', 'attr_timeout=0,entry_timeout=0', here.source, here.mount],
    mountpoint: here.mount,
    record: here.file('run.fusetrace'),
    readyMs: SLOW,
    wire: true,
  })
}, SLOW)

afterEach(async () => {
  if (lacking) return
  await session.close()
  const left = here.mounts()
  here.remove()
  expect(left).toEqual([])
})

const faults = (): Faults => session.faults as Faults
const inMount = (name: string): string => join(here.mount, name)
const inSource = (name: string): string => join(here.source, name)

describe(`faults on a live mount (${lacking || 'bindfs'})`, () => {
  test(
    'answers change places',
    async () => {
      for (const name of ['a', 'b']) await writeFile(inSource(name), name)
      const fault = faults().fault({ opcode: 'open', path: 'a', reorder: true, delayMs: 60_000 })
      const first = readFile(inMount('a'), 'latin1')
      await expect.poll(() => fault.fired.length, { timeout: SLOW }).toBe(1)
      expect(await readFile(inMount('b'), 'latin1')).toBe('b')
      expect(await first).toBe('a')
    },
    SLOW,
  )

  test(
    'a probability and a seed: the requests that a plan of that seed says',
    () => {
      faults().fault({ opcode: 'mkdir', errno: 'EIO', probability: 0.5 })
      const plan = new FaultPlan(1)
      plan.add(0, { opcode: 'mkdir', errno: 'EIO', probability: 0.5 })
      const names = Array.from({ length: 24 }, (_, i) => `d${i}`)
      const failed = names.filter((name) => {
        try {
          mkdirSync(inMount(name))
          return false
        } catch {
          return true
        }
      })
      expect(failed).toEqual(names.filter((name) => plan.next({ opcode: 'mkdir', path: `/${name}`, newPath: null })))
      expect(failed.length).toBeGreaterThan(0)
      expect(failed.length).toBeLessThan(24)
    },
    SLOW,
  )

  test(
    'a lost answer: the caller waits until the end of the mount, and can be killed before',
    async () => {
      const fault = faults().fault({ opcode: 'mknod', drop: true })
      const child = execFile('mkfifo', [inMount('fifo')])
      const ended = new Promise<string | null>((resolve) => child.on('exit', (_, signal) => resolve(signal)))
      await expect.poll(() => fault.fired.length, { timeout: SLOW }).toBe(1)
      child.kill('SIGKILL')
      const unmounted = session.close()
      expect(await ended).toBe('SIGKILL')
      await unmounted
    },
    SLOW,
  )

  test(
    'a daemon that is stopped for good is taken down within the deadline of its waits',
    async () => {
      faults().fault({ opcode: 'mkdir', freeze: true })
      const child = execFile('mkdir', [inMount('d')])
      const ended = new Promise((resolve) => child.on('exit', resolve))
      await expect(session.waitFor.dirVisible('d', { timeoutMs: 300 })).rejects.toMatchObject({
        code: 'FT_WAIT_TIMEOUT',
      })
      expect(session.describeDaemon()).toContain('it is stopped')
      await session.close()
      await ended
    },
    SLOW,
  )
})
