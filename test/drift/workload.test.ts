import { expect, test } from 'vitest'
import { compareProfiles } from '../../src/drift/compare/compare.js'
import type { Line } from '../../src/line/line.js'
import { numbered } from './captures.js'
import { opcodesAndRest } from './disjoint.js'
import { original, profile } from './mutate.js'
import { otherWorkloadsAreNoDrift } from './other-workloads.js'

// On the other captures: test/slow/drift-workloads.test.ts.
otherWorkloadsAreNoDrift(['bindfs-d', 'mergerfs-rs-trace-nocolor'])

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
