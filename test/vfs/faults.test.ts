import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { notFired } from '../../src/live/faults.js'
import { missing } from './daemons.js'
import { bindfs, driveBindfs } from './faulty.js'

const SLOW = 300_000

const isThere = (path: string): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined

describe.skipIf(missing(bindfs) !== null)('faults on the stand-in', { timeout: SLOW }, () => {
  test('an error instead: the daemon sees nothing; after: it has done it', async () => {
    const { session, fs, source } = await driveBindfs()
    const instead = session.faults.fault({ opcode: 'mkdir', path: 'd', errno: 'ENOSPC', instead: true })
    const after = session.faults.fault({ opcode: 'mkdir', path: 'e', errno: 'EIO', after: true })
    await expect(fs.mkdir('/d')).rejects.toMatchObject({ code: 'ENOSPC' })
    await expect(fs.mkdir('/e')).rejects.toMatchObject({ code: 'EIO' })
    expect([isThere(source('d')), isThere(source('e'))]).toEqual([false, true])
    expect([instead.fired, after.fired]).toMatchObject([[{ path: '/d' }], [{ path: '/e' }]])
  })

  test('only the nth', async () => {
    const { session, fs, source } = await driveBindfs()
    session.faults.fault({ opcode: 'write', path: 'a', nth: 3, errno: 'ENOSPC' })
    const file = await fs.open('/a', 'w')
    await file.write('1')
    await file.write('2')
    await expect(file.write('3')).rejects.toMatchObject({ code: 'ENOSPC' })
    await file.write('4')
    await file.close()
    expect(readFileSync(source('a'), 'latin1')).toBe('124')
  })

  test('a request held, and an answer held: others go by', async () => {
    const { session, fs, source } = await driveBindfs()
    mkdirSync(source('s'))
    writeFileSync(source('other'), 'x')
    const gate = session.faults.hold({ opcode: 'mkdir', path: 's/d' })
    const made = fs.mkdir('/s/d')
    expect(await gate.arrived).toMatchObject({ opcode: 'mkdir', path: '/s/d' })
    // Not in that directory: a kernel has locked it.
    expect(await fs.readFile('/other', 'latin1')).toBe('x')
    expect(isThere(source('s/d'))).toBe(false)
    gate.open()
    await made
    const answer = session.faults.hold({ opcode: 'rmdir', after: true })
    let returned = false
    const removed = fs.rmdir('/s/d').then(() => {
      returned = true
    })
    await answer.arrived
    await expect.poll(() => isThere(source('s/d')), { timeout: SLOW }).toBe(false)
    expect(returned).toBe(false)
    answer.open()
    await removed
  })

  test('a delay takes at least so long', async () => {
    const { session, fs } = await driveBindfs()
    session.faults.fault({ opcode: 'mkdir', delayMs: 120 })
    const began = process.hrtime.bigint()
    await fs.mkdir('/d')
    expect(Number(process.hrtime.bigint() - began) / 1e6).toBeGreaterThanOrEqual(120)
  })

  test('a lost answer, and a lost request: the call fails within its limit, others go by', async () => {
    const { session, fs, source } = await driveBindfs({ requestMs: 2000 })
    // Each in a directory of its own: a kernel locks that.
    const names = ['d/answer', 'e/request']
    for (const name of ['d', 'e']) mkdirSync(source(name))
    session.faults.fault({ opcode: 'mkdir', path: 'd/answer', drop: true })
    session.faults.fault({ opcode: 'mkdir', path: 'e/request', drop: true, instead: true })
    writeFileSync(source('a'), 'x')
    const lost = names.map((name) => expect(fs.mkdir(`/${name}`)).rejects.toMatchObject({ code: 'FT_DAEMON' }))
    expect(await fs.readFile('/a', 'latin1')).toBe('x')
    await Promise.all(lost)
    expect(names.map((name) => isThere(source(name)))).toEqual([true, false])
  })

  test('an answer given twice is no mistake of the daemon’s', async () => {
    const { session, fs } = await driveBindfs()
    const fault = session.faults.fault({ opcode: 'mkdir', duplicate: true })
    await fs.mkdir('/d')
    await fs.mkdir('/e')
    expect(fault.fired).toHaveLength(2)
    expect((await fs.readdir('/')).sort()).toEqual(['d', 'e'])
  })

  test('answers change places', async () => {
    const { session, fs, source } = await driveBindfs()
    for (const name of ['a', 'b']) writeFileSync(source(name), name)
    const fault = session.faults.fault({ opcode: 'open', path: 'a', reorder: true, delayMs: 60_000 })
    const first = fs.readFile('/a', 'latin1')
    await expect.poll(() => fault.fired.length, { timeout: SLOW }).toBe(1)
    expect(await fs.readFile('/b', 'latin1')).toBe('b')
    expect(await first).toBe('a')
  })

  test('a killed daemon: the call fails, and so do pending waits', async () => {
    const { session, fs } = await driveBindfs()
    const wait = session.waitFor.fileVisible('never').catch((error: unknown) => error)
    session.faults.fault({ opcode: 'mkdir', kill: true })
    await expect(fs.mkdir('/d')).rejects.toMatchObject({ code: expect.stringMatching(/^E(CONNABORTED|NOTCONN)$/) })
    expect(await wait).toMatchObject({ code: expect.stringMatching(/^FT_(STREAM_ENDED|MOUNT_LOST)$/) })
    expect(await session.daemon?.exited).toEqual({ code: null, signal: 'SIGKILL' })
  })

  test('what no request has met is not fired', async () => {
    const { session, fs } = await driveBindfs()
    const met = session.faults.fault({ opcode: 'mkdir', errno: 'EIO' })
    const other = session.faults.fault({ opcode: 'mkdir', path: 'other', errno: 'EIO' })
    await expect(fs.mkdir('/d')).rejects.toMatchObject({ code: 'EIO' })
    expect(met.fired).toHaveLength(1)
    expect(notFired(session.faults)).toEqual([other])
  })
})
