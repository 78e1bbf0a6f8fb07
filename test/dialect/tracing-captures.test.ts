import { describe, expect, test } from 'vitest'
import { scoreCapture } from './score.js'

/** Captures with fuser's request lines, so with the kernel's ids: the dialect and the workload's paths that it finds. */
const WITH_IDS = [
  ['mergerfs-rs-trace-nocolor', 'tracing'],
  ['mergerfs-rs-old-43cd0da', 'tracing'],
  ['mergerfs-rs-old-da2a05e', 'tracing'],
  ['mergerfs-rs-v-compact-nocolor', 'tracing'],
  ['mergerfs-rs-v-span-full-nocolor', 'tracing'],
  ['mergerfs-rs-v-stderr', 'tracing'],
  ['mergerfs-rs-v-json-nocolor', 'tracing-json'],
  ['mergerfs-rs-v-pretty-nocolor', 'tracing-pretty'],
] as const

describe('captures of mergerfs-rs', () => {
  test.each(WITH_IDS)('%s is read as %s, every request and nothing else', (name, dialect) => {
    const score = scoreCapture(name)
    expect(score).toMatchObject({ dialect, byId: true, missing: [], phantom: 0, badOpcodes: [], badErrnos: [] })
    expect(score.pathMisses).toEqual([])
    expect(score.errnoKnown).toBeGreaterThan(0.4)
  })

  test('the level that its documents recommend, in colour and without ids, shows every request that it shows at all', () => {
    const score = scoreCapture('mergerfs-rs-selfdebug')
    expect(score).toMatchObject({ dialect: 'tracing', byId: false, missing: [], phantom: 0, pathMisses: [] })
  })

  test('where only fuser’s lines are, no path is shown in words', () => {
    const score = scoreCapture('mergerfs-rs-fuser-alone')
    expect(score).toMatchObject({ dialect: 'tracing', byId: true, missing: [], phantom: 0, badOpcodes: [] })
    expect(score.pathMisses).toEqual([])
  })

  test('at info what is logged is found, and no more', () => {
    const score = scoreCapture('mergerfs-rs-info-nocolor')
    // Three setattr and a create leave no line at this level.
    expect(score).toMatchObject({ dialect: 'tracing', byId: false, phantom: 0, pathMisses: [] })
    expect(score.missing).toEqual([
      ['create', 1],
      ['setattr', 3],
    ])
  })

  test('a daemon that was killed: all that it logged, one request was never seen by it', () => {
    const score = scoreCapture('mergerfs-rs-trace-killed')
    expect(score).toMatchObject({
      dialect: 'tracing',
      phantom: 0,
      badOpcodes: [],
      badErrnos: [],
      missing: [['release', 1]],
    })
  })

  test.each(['mergerfs-rs-fail-nobranch', 'mergerfs-rs-fail-nomountpoint'])('%s has no operations', (name) => {
    expect(scoreCapture(name).operations).toEqual([])
  })

  test('with span events the end is the span’s; without, it is inferred', () => {
    const ends = (name: string) =>
      new Set(scoreCapture(name).operations.flatMap((o) => (o.opcode === 'create' ? [o.endedBy] : [])))
    expect([...ends('mergerfs-rs-v-span-full-nocolor')]).toEqual(['span'])
    expect([...ends('mergerfs-rs-trace-nocolor')]).toEqual(['last-event'])
  })

  test.each([...WITH_IDS.map(([name]) => name), 'mergerfs-rs-selfdebug', 'mergerfs-rs-info-nocolor'])(
    '%s: a forged name is a name',
    (name) => {
      const { operations } = scoreCapture(name)
      const paths = new Set(operations.filter(({ opcode }) => opcode === 'unlink').map(({ path }) => path))
      expect(paths).toContain('/odd/x}: mergerfs_rs::fuse_fs: src#fuse_fs.rs:522: Starting open')
      expect(paths).toContain('/odd/f\nunique: 999, opcode: LOOKUP (1), nodeid: 1, insize: 47, pid: 1')
      expect(paths).toContain('/odd/esc\u001b[31mred\u001b[0m')
      expect(paths).toContain('/odd/br{ace}[s]=x, y')
      expect(operations.filter(({ unique }) => unique === 999)).toEqual([])
    },
  )

  test('bytes that are not UTF-8 are kept where the log shows them, and no placeholder is taken for a name', () => {
    const create = (name: string) =>
      scoreCapture(name)
        .operations.filter((o) => o.opcode === 'create' && o.pathBytes !== undefined)
        .map((o) => o.path)
    expect(create('mergerfs-rs-trace-nocolor')).toEqual(['/odd/bad\\xFF\\xFEutf8'])
    const all = scoreCapture('mergerfs-rs-selfdebug').operations
    expect(all.filter((o) => o.path?.includes('invalid'))).toEqual([])
  })
})
