import { execFile } from 'node:child_process'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { mkdir, open, rename, stat, unlink, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { openRecording } from '../../src/recording/reader.js'
import { faultedAll, faultedEach } from './faulted.js'
import { lacksRelay } from './machine.js'

const lacking = lacksRelay('bindfs')
const SLOW = 300_000

describe(`faults on a live mount (${lacking || 'bindfs'})`, () => {
  const mounted = faultedAll(lacking, SLOW)
  const { faults, inMount, inSource } = mounted

  test(
    'an error instead: the caller gets it, the daemon sees nothing, a synchronous caller included',
    async () => {
      const fault = faults().fault({ opcode: 'mkdir', path: 'd', errno: 'ENOSPC' })
      await expect(promisify(execFile)('mkdir', [inMount('d')])).rejects.toThrow('No space left on device')
      expect(() => statSync(inSource('d'))).toThrow('ENOENT')
      const create = faults().fault({ opcode: 'create', path: 'sync', errno: 'EROFS' })
      expect(() => writeFileSync(inMount('sync'), 'x')).toThrow('EROFS')
      expect(fault.fired).toMatchObject([{ opcode: 'mkdir', path: '/d' }])
      expect(create.fired).toHaveLength(1)
      expect(mounted.session.monitor.recentOperations().find(({ path }) => path === '/d')?.errno).toBeDefined()
    },
    SLOW,
  )

  test(
    'an error after: the daemon has done it',
    async () => {
      faults().fault({ opcode: 'unlink', errno: 'EIO', after: true })
      await writeFile(inMount('a'), 'x')
      await expect(unlink(inMount('a'))).rejects.toThrow('EIO')
      expect(() => statSync(inSource('a'))).toThrow('ENOENT')
    },
    SLOW,
  )

  test(
    'only the nth',
    async () => {
      const fault = faults().fault({ opcode: 'write', path: 'a', nth: 3, errno: 'ENOSPC' })
      const file = await open(inMount('a'), 'w')
      try {
        await file.write('1')
        await file.write('2')
        await expect(file.write('3')).rejects.toThrow('ENOSPC')
        await file.write('4')
      } finally {
        await file.close()
      }
      expect(readFileSync(inSource('a'), 'latin1')).toBe('124')
      expect(fault.fired).toHaveLength(1)
    },
    SLOW,
  )

  test(
    'a gate holds a request until it is opened, and others go by',
    async () => {
      await mkdir(inSource('d'))
      const gate = faults().hold({ opcode: 'mknod' })
      const made = promisify(execFile)('mkfifo', [inMount('d/fifo')])
      try {
        expect(await gate.arrived).toMatchObject({ opcode: 'mknod', path: '/d/fifo' })
        // Not in that directory: the kernel has locked it.
        await writeFile(inMount('other'), 'x')
        expect(() => statSync(inSource('d/fifo'))).toThrow('ENOENT')
      } finally {
        gate.open()
        await made
      }
      expect(statSync(inSource('d/fifo')).isFIFO()).toBe(true)
    },
    SLOW,
  )

  test(
    'an answer held: the daemon has done it, the caller waits',
    async () => {
      await writeFile(inMount('a'), 'x')
      const gate = faults().hold({ opcode: 'rename', path: 'a', after: true })
      let returned = false
      const moved = rename(inMount('a'), inMount('b')).then(() => {
        returned = true
      })
      await gate.arrived
      await expect.poll(() => statSync(inSource('b'), { throwIfNoEntry: false })?.size, { timeout: SLOW }).toBe(1)
      expect(returned).toBe(false)
      gate.open()
      await moved
    },
    SLOW,
  )

  test(
    'a delay takes at least so long',
    async () => {
      faults().fault({ opcode: 'mknod', delayMs: 120 })
      const began = process.hrtime.bigint()
      await promisify(execFile)('mkfifo', [inMount('fifo')])
      expect(Number(process.hrtime.bigint() - began) / 1e6).toBeGreaterThanOrEqual(120)
      mounted.session.endStep('catch up')
      const operation = mounted.session.monitor.recentOperations().findLast(({ opcode }) => opcode === 'mknod')
      expect((operation?.endNs ?? 0) - (operation?.startNs ?? 0)).toBeGreaterThanOrEqual(120e6)
    },
    SLOW,
  )

  test(
    'a stopped daemon goes on by itself after its time',
    async () => {
      const fault = faults().fault({ opcode: 'mkdir', freeze: 150 })
      const began = process.hrtime.bigint()
      await promisify(execFile)('mkdir', [inMount('frozen')])
      expect(Number(process.hrtime.bigint() - began) / 1e6).toBeGreaterThanOrEqual(150)
      expect(fault.fired).toHaveLength(1)
    },
    SLOW,
  )
})

describe(`faults that a mount does not get over (${lacking || 'bindfs'})`, () => {
  const mounted = faultedEach(lacking, SLOW)
  const { faults, inMount, inSource } = mounted

  test(
    'an answer given twice does no harm: the kernel refuses the second',
    async () => {
      const fault = faults().fault({ opcode: 'mkdir', duplicate: true })
      await promisify(execFile)('mkdir', [inMount('d')])
      await stat(inMount('d'))
      expect(fault.fired).toHaveLength(1)
      await mounted.session.close()
      const fates = [...openRecording(mounted.here.file('run.fusetrace')).rows({ kinds: ['reply'] })].map((row) =>
        row.kind === 'reply' ? row.fate : '',
      )
      expect(fates.filter((fate) => fate === 'late')).toHaveLength(1)
    },
    SLOW,
  )

  test(
    'a lost request: the daemon never sees it, and whoever asked can give up',
    async () => {
      const fault = faults().fault({ opcode: 'mkdir', drop: true, instead: true })
      const child = execFile('mkdir', [inMount('d')])
      const ended = new Promise<string | null>((resolve) => child.on('exit', (_, signal) => resolve(signal)))
      await expect.poll(() => fault.fired.length, { timeout: SLOW }).toBe(1)
      child.kill('SIGKILL')
      const unmounted = mounted.session.close()
      expect(await ended).toBe('SIGKILL')
      await unmounted
      expect(() => statSync(inSource('d'))).toThrow('ENOENT')
    },
    SLOW,
  )

  test(
    'a killed daemon: the call fails, the mount is lost, pending waits fail',
    async () => {
      const wait = mounted.session.waitFor.fileVisible('never').catch((error: unknown) => error)
      faults().fault({ opcode: 'mkdir', kill: true })
      await expect(promisify(execFile)('mkdir', [inMount('d')])).rejects.toThrow(
        /Software caused connection abort|Transport endpoint is not connected/,
      )
      expect(await wait).toMatchObject({ code: expect.stringMatching(/FT_STREAM_ENDED|FT_MOUNT_LOST/) })
      expect(mounted.session.daemon?.exit).toEqual({ code: null, signal: 'SIGKILL' })
    },
    SLOW,
  )
})
