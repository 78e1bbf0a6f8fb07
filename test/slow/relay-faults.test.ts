import { execFile } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { FaultPlan } from '../../src/faults/plan.js'
import { faultedEach } from '../relay/faulted.js'
import { lacksRelay } from '../relay/machine.js'

const lacking = lacksRelay('bindfs')
const SLOW = 300_000

const mounted = faultedEach(lacking, SLOW)
const { faults, inMount, inSource } = mounted

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
      const unmounted = mounted.session.close()
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
      await expect(mounted.session.waitFor.dirVisible('d', { timeoutMs: 300 })).rejects.toMatchObject({
        code: 'FT_WAIT_TIMEOUT',
      })
      expect(mounted.session.describeDaemon()).toContain('it is stopped')
      await mounted.session.close()
      await ended
    },
    SLOW,
  )
})
