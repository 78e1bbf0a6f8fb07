import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { holderCounter } from '../../src/mount/holders.js'

const dir = mkdtempSync(join(tmpdir(), 'ft-holders-'))
afterAll(() => rmSync(dir, { recursive: true }))

/** Processes with their descriptors, and how often their descriptors were read. */
function proc(processes: Record<string, Record<string, string | 'EACCES' | 'ENOENT'>>) {
  const read: string[] = []
  const ranNs: Record<string, bigint> = {}
  const running = new Set<string>()
  const failing = (code: string) => Object.assign(new Error(code), { code })
  const fs = {
    readdirSync(path: string) {
      if (path === '/proc') return ['self', 'sys', ...Object.keys(processes)]
      const [, , pid = '', what] = path.split('/')
      if (what === 'task') return [pid]
      read.push(pid)
      const fds = processes[pid]
      if (fds === undefined) throw failing('ENOENT')
      return Object.keys(fds)
    },
    readlinkSync(path: string) {
      const [, , pid, , fd] = path.split('/')
      const target = processes[pid as string]?.[fd as string] ?? 'ENOENT'
      if (/^E/.test(target)) throw failing(target)
      return target
    },
    readFileSync(path: string) {
      const [, , pid = ''] = path.split('/')
      return `${pid} (a) S b) ${running.has(pid) ? 'R' : 'S'} 1 1`
    },
  } as unknown as Parameters<typeof holderCounter>[0]
  return { processes, read, ranNs, running, fs, count: holderCounter(fs, () => (pid) => ranNs[pid] ?? null) }
}

describe('who holds a file', () => {
  test('is counted over all processes, to two at most', () => {
    const { count, processes } = proc({ 1: { 0: '/m/f' }, 20: { 3: '/m/f', 4: '/m/g', 5: 'socket:[1]' } })
    expect([count('/m/f'), count('/m/g'), count('/m')]).toEqual([2, 1, 0])
    processes[30] = { 0: '/m/f', 1: '/m/f', 2: '/m/f' }
    expect(count('/m/f')).toBe(2)
  })

  test('the one that counts holds nothing, and is not read', () => {
    const { fs, read } = proc({ 1: { 0: '/m/f' }, 20: { 3: '/m/f' } })
    expect(holderCounter(fs, () => null, '20')('/m/f')).toBe(1)
    expect(read).toEqual(['1'])
  })

  test('one descriptor that was closed meanwhile hides no other; another user’s process is left', () => {
    const { count } = proc({ 1: { 0: 'ENOENT', 1: '/m/f' }, 2: { 0: 'EACCES', 1: '/m/f' } })
    expect(count('/m/f')).toBe(1)
  })

  test('a process that has not run since is not read again, one that has is', () => {
    const { count, processes, ranNs, read } = proc({ 1: { 0: '/m/f' }, 2: {} })
    Object.assign(ranNs, { 1: 10n, 2: 10n })
    expect(count('/m/f')).toBe(1)
    expect(count('/m/f')).toBe(1)
    expect(read).toEqual(['2', '1'])
    processes[1] = {}
    ranNs[1] = 11n
    expect(count('/m/f')).toBe(0)
    expect(read).toEqual(['2', '1', '1'])
  })

  test('a process that runs while it is read is read again', () => {
    const { count, processes, ranNs } = proc({ 1: {} })
    let reading = false
    ranNs[1] = 1n
    const held = processes[1] as Record<string, string>
    Object.defineProperty(processes, 1, {
      get: () => {
        if (!reading) ranNs[1] = 2n
        reading = true
        return held
      },
    })
    expect(count('/m/f')).toBe(0)
    held[3] = '/m/f'
    expect(count('/m/f')).toBe(1)
  })

  test('who had it open is read again while it runs, although its time is the same; others are not', () => {
    const { count, processes, ranNs, running, read } = proc({ 1: { 0: '/m/f' }, 2: {} })
    Object.assign(ranNs, { 1: 10n, 2: 10n })
    expect(count('/m/f')).toBe(1)
    expect(count('/m/f')).toBe(1)
    processes[1] = {}
    running.add('1').add('2')
    expect(count('/m/f')).toBe(0)
    expect(read).toEqual(['2', '1', '1'])
  })

  test('a process whose time is not known is read each time; one that has gone is forgotten', () => {
    const { count, processes, ranNs, read } = proc({ 1: {}, 2: { 0: '/m/f' } })
    ranNs[2] = 5n
    count('/m/f')
    count('/m/f')
    expect(read).toEqual(['2', '1', '1'])
    delete processes[2]
    expect(count('/m/f')).toBe(0)
    // Its number is used again, by one that has had as much time.
    processes[2] = {}
    expect(count('/m/f')).toBe(0)
  })

  test('is found in this process', () => {
    const count = holderCounter({ readdirSync, readFileSync, readlinkSync }, () => null)
    const path = join(dir, 'ä')
    writeFileSync(path, '')
    const raw = Buffer.from(path).toString('latin1')
    const fd = openSync(path, 'r')
    expect(count(raw)).toBe(1)
    closeSync(fd)
    expect(count(raw)).toBe(0)
  })
})
