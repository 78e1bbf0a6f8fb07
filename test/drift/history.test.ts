import { describe, expect, test } from 'vitest'
import { compareProfiles } from '../../src/drift/compare/compare.js'
import type { Comparison } from '../../src/drift/findings/finding.js'
import { original, profile } from './mutate.js'

function check(before: string, after: string): Comparison {
  const old = original(before)
  return compareProfiles(old.profile, profile(original(after).lines, old.profile))
}

const codes = ({ findings }: Comparison): string[] => findings.map(({ severity, code }) => `${severity} ${code}`)

describe('real histories are reported as what they are', () => {
  test('libfuse 3.14 to 3.18: requests begin with `dev`, and nothing is lost', () => {
    const comparison = check('libfuse3-passthrough-d', 'libfuse318-passthrough-d')
    expect(codes(comparison)).toEqual(['cosmetic prefix-changed'])
    const finding = comparison.findings[0]
    expect(finding?.new?.text.slice(...(finding.new.ranges[0] ?? []))).toBe('dev ')
    expect(finding?.lines).toBeGreaterThan(400)
  })

  test('text to JSON', () => {
    expect(codes(check('mergerfs-rs-trace-nocolor', 'mergerfs-rs-v-json-nocolor'))).toEqual([
      'cosmetic encoding-changed',
    ])
  })

  test('full to compact: the fields moved', () => {
    expect(codes(check('mergerfs-rs-trace-nocolor', 'mergerfs-rs-v-compact-nocolor'))).toEqual(['cosmetic field-moved'])
  })

  test('full to pretty: another form', () => {
    expect(codes(check('mergerfs-rs-trace-nocolor', 'mergerfs-rs-v-pretty-nocolor'))).toEqual([
      'cosmetic dialect-changed',
    ])
  })

  test('colour on, and stdout to stderr', () => {
    const found = codes(check('mergerfs-rs-trace-nocolor', 'mergerfs-rs-v-stderr'))
    expect(found.sort()).toEqual(['cosmetic colour-changed', 'cosmetic stream-moved'])
  })

  test('trace to info: a level is gone, and with it operations and their ids', () => {
    const { findings } = check('mergerfs-rs-trace-nocolor', 'mergerfs-rs-info-nocolor')
    const breaks = findings.filter(({ severity }) => severity === 'breaks')
    expect(breaks.map(({ code }) => code)).toEqual(['level-gone'])
    expect(breaks[0]?.effects).toEqual(expect.arrayContaining(['operation-gone', 'id-lost']))
    expect(breaks[0]?.opcodes).toEqual(expect.arrayContaining(['lookup', 'release', 'open', 'readdir']))
    expect(breaks[0]?.waits.map(({ text }) => text)).toContain(
      'operation needs `lookup` operations: 64 seen before, 0 now',
    )
  })

  test('span events off: ends are inferred, and waits must look', () => {
    const { findings } = check('mergerfs-rs-v-span-full-nocolor', 'mergerfs-rs-trace-nocolor')
    expect(findings[0]).toMatchObject({ code: 'span-events-gone', severity: 'degrades', effects: ['end-inferred'] })
    expect(findings[0]?.waits.find(({ wait }) => wait === 'fileVisible')?.text).toMatch(
      /^fileVisible needs `create` ends: 40 seen before, 0 now \(40 more inferred/,
    )
    expect(findings.filter(({ severity }) => severity === 'breaks')).toEqual([])
  })

  test('span events on: new lines, and nothing lost', () => {
    const { findings } = check('mergerfs-rs-trace-nocolor', 'mergerfs-rs-v-span-full-nocolor')
    expect(findings.map(({ severity }) => severity)).not.toContain('breaks')
    expect(findings[0]?.code).toBe('span-events-new')
  })

  test("trace to the program's own debug: the library's lines are gone, and the ids with them", () => {
    const { findings } = check('mergerfs-rs-trace-nocolor', 'mergerfs-rs-selfdebug')
    expect(findings[0]).toMatchObject({ code: 'line-gone', severity: 'breaks' })
    expect(findings[0]?.effects).toEqual(expect.arrayContaining(['id-lost', 'operation-gone']))
    expect(findings.map(({ code }) => code)).toContain('colour-changed')
  })

  test.each(['mergerfs-rs-old-43cd0da', 'mergerfs-rs-old-da2a05e'])(
    '%s to today: reworded, recoloured, nothing lost',
    (old) => {
      const found = codes(check(old, 'mergerfs-rs-trace-nocolor'))
      expect(found).toContain('cosmetic colour-changed')
      expect(found).toContain('cosmetic line-new')
      expect(found.filter((one) => !one.startsWith('cosmetic'))).toEqual([])
    },
  )

  test('a pipe and a terminal: only the stream differs', () => {
    expect(codes(check('bindfs-d', 'bindfs-d-pty'))).toEqual(['cosmetic stream-moved'])
  })

  test('a daemon killed in the middle shows less of the same', () => {
    const { findings, notExercised } = check('libfuse3-passthrough-d', 'libfuse3-passthrough-d-killed')
    expect(findings).toEqual([])
    expect(notExercised).toContain('fallocate')
  })
})
