import { describe, expect, test } from 'vitest'
import { dialects } from '../../src/dialect/builtin.js'
import { compareProfiles } from '../../src/drift/compare/compare.js'
import type { Comparison } from '../../src/drift/findings/finding.js'
import type { Profile } from '../../src/drift/profile/profile.js'
import { profileRows } from '../../src/drift/profile/read-profile.js'
import type { Line } from '../../src/line/line.js'
import type { Row } from '../../src/recording/row.js'
import { numbered } from './captures.js'
import { halves, opcodesAndRest } from './disjoint.js'
import { original, profile } from './mutate.js'

const CAPTURE = 'libfuse3-passthrough-d'
const { lines, profile: before } = original(CAPTURE)
const against = (now: readonly Line[]): Comparison => compareProfiles(before, profile(numbered(now), before))
const harm = ({ findings }: Comparison): string[] =>
  findings
    .filter(({ severity }) => severity !== 'cosmetic')
    .map(({ severity, code, effects }) => [severity, code, ...effects].join(' '))

describe('an opcode that is not there', () => {
  const rest = opcodesAndRest(lines, 'libfuse')
  const without = (opcode: string): Line[] => rest.get(opcode) ?? []

  test('was not exercised where nothing shows that it should be', () => {
    const comparison = compareProfiles(profile(without('mkdir'), before), profile(without('create'), before))
    expect(harm(comparison)).toEqual([])
    expect(comparison.notExercised).toContain('create')
  })

  test('is lost where its replies are there', () => {
    const comparison = against(lines.filter(({ raw }) => !raw.includes('opcode: CREATE')))
    expect(harm(comparison)).toEqual(['breaks line-gone operation-gone'])
    expect(comparison.findings[0]?.opcodes).toEqual(['create'])
    expect(comparison.findings[0]?.waits.map(({ wait }) => wait)).toContain('fileVisible')
  })

  test("is lost where the kernel's events show it, or the workload called for it", () => {
    const rows = (beside: Row): Profile =>
      profileRows([...without('mkdir').map((line): Row => ({ kind: 'line', ...line })), beside], {
        usual: dialects.find(({ name }) => name === 'libfuse') ?? null,
        candidates: dialects,
      })
    const kernel: Row = { kind: 'kernel', atNs: 0, edge: 'send', unique: 4, opcode: 'mkdir', error: null }
    const call: Row = {
      kind: 'call',
      beginNs: 0,
      endNs: 1,
      root: 'mount',
      method: 'mkdir',
      args: [],
      result: null,
      error: null,
    }
    const [seen, called] = [compareProfiles(before, rows(kernel)), compareProfiles(before, rows(call))]
    expect(seen.findings.find(({ severity }) => severity === 'breaks')?.opcodes).toEqual(['mkdir'])
    expect(called.findings.find(({ severity }) => severity === 'breaks')?.opcodes).toEqual(['mkdir'])
  })
})

test('a log cut in two has not drifted', () => {
  const [first, second] = halves(lines).map((half) => profile(half, before)) as [Profile, Profile]
  expect(harm(compareProfiles(first, second))).toEqual([])
  expect(harm(compareProfiles(second, first))).toEqual([])
})

test('an empty log, and one that says nothing of requests, break', () => {
  expect(harm(against([]))).toEqual(['breaks understood-less operation-gone'])
  const prose = [{ index: 0, atNs: 0, stream: 'stderr' as const, raw: 'the daemon started', terminated: true }]
  expect(harm(against(prose))).toEqual(['breaks understood-less operation-gone'])
})

test('how other lines are stamped says nothing of those that are gone', () => {
  const { profile: stamped } = original('go-fuse-2018-loopback')
  const prose = Array.from({ length: 40 }, (_, index) => `doRead: off=${index} len=4096 skip=0`)
  const now = prose.map((raw, index) => ({ index, atNs: 0, stream: 'stderr' as const, raw, terminated: true }))
  const codes = compareProfiles(stamped, profile(now, stamped)).findings.map(({ code }) => code)
  expect(codes).not.toContain('timestamp-changed')
  expect(codes.length).toBeGreaterThan(0)
})

test('failures that are no longer logged break', () => {
  const found = harm(against(lines.filter(({ raw }) => !/^ {3}unique: \d+, error/.test(raw))))
  expect(found.some((one) => one.startsWith('breaks') && /reply-gone|errno-lost/.test(one))).toBe(true)
})

test('what is missing of a file is a finding', () => {
  const cut = { ...profile(lines, before), damage: ['it is cut at byte 99'] }
  expect(harm(compareProfiles(before, cut))).toEqual(['breaks recording-damaged'])
})

test('writes that follow one another in a file, without ids, are not the same write twice', () => {
  const write = (offset: number): string =>
    `2026-11-27T17:58:40.406174Z  INFO ThreadId(01) fuse::write{ino=2 fh=1 offset=${offset} len=6 write_flags=0x2 flags=0x0}: mergerfs_rs::fuse_fs: src/fuse_fs.rs:1041: Successfully wrote 6 bytes`
  const read =
    '2026-11-27T17:58:40.406174Z  INFO ThreadId(01) fuse::read{ino=2 fh=1 offset=0 size=6 flags=0x0 lock_owner=None}: mergerfs_rs::fuse_fs: src/fuse_fs.rs:900: Successfully read 6 bytes'
  const log = (texts: readonly string[]): Line[] =>
    texts.map((raw, index) => ({ index, raw, stream: 'stdout', atNs: index, terminated: true }))
  const offsets = Array.from({ length: 12 }, (_, i) => i * 6)
  const old = profile(log(offsets.flatMap((offset) => [write(offset), read])))
  const codes = (texts: readonly string[]): string[] =>
    compareProfiles(old, profile(log(texts), old)).findings.map(({ code, effects }) => [code, ...effects].join(' '))
  expect(codes([...offsets.map(write), read]).join()).not.toContain('operation-doubled')
})
