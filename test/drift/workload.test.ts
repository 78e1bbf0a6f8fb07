import { describe, expect, test } from 'vitest'
import { compareProfiles } from '../../src/drift/compare/compare.js'
import type { Profile } from '../../src/drift/profile/profile.js'
import type { Line } from '../../src/line/line.js'
import { numbered } from './captures.js'
import { opcodesAndRest } from './disjoint.js'
import { original, profile } from './mutate.js'
import { operationsOf, workloads } from './workload.js'

const CAPTURES = [
  'bindfs-d',
  'libfuse3-passthrough-d',
  'libfuse3-passthrough_ll-d',
  'gocryptfs-fusedebug',
  'bazil-loopback-debug',
  'mergerfs242-d',
  'jacobsa2026-memfs-debug',
  'mergerfs-rs-trace-nocolor',
  'mergerfs-rs-v-json-nocolor',
  'mergerfs-rs-v-span-full-nocolor',
  'fuser-simple-debug',
  'rclone-vv-debugfuse',
  'mergerfs-rs-v-pretty-nocolor',
]

describe.each(workloads)('another workload is no drift: $name', ({ of }) => {
  test.each(CAPTURES)('%s', (capture) => {
    const { lines, profile: before } = original(capture)
    const other = of(lines, operationsOf(lines, before.dialect))
    const after = profile(other, before)
    expect(titles(before, after)).toEqual([])
    expect(titles(after, before)).toEqual([])
  })
})

function titles(old: Profile, now: Profile): string[] {
  return compareProfiles(old, now).findings.map(({ severity, code, title }) => `${severity} ${code}: ${title}`)
}

test('what a program wrote and how it failed is no drift: fusepy logs both, beside its operations', () => {
  const { lines, profile: whole } = original('fusepy-loopback')
  const harmful = (old: readonly Line[], now: readonly Line[]): string[] => {
    const { findings } = compareProfiles(profile(numbered(old), whole), profile(numbered(now), whole))
    return findings.filter(({ severity }) => severity !== 'cosmetic').map(({ code, title }) => `${code}: ${title}`)
  }
  const cut = Math.floor(lines.length * 0.85)
  expect(harmful(lines.slice(0, cut), lines.slice(cut))).toEqual([])
  const without = opcodesAndRest(lines, whole.dialect)
  expect(harmful(without.get('flush') ?? [], without.get('write') ?? [])).toEqual([])
})
