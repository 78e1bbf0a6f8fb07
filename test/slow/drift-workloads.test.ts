import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { compareProfiles } from '../../src/drift/compare/compare.js'
import type { Comparison } from '../../src/drift/findings/finding.js'
import type { Line } from '../../src/line/line.js'
import { numbered } from '../drift/captures.js'
import { halves, opcodesAndRest } from '../drift/disjoint.js'
import { original, profile } from '../drift/mutate.js'
import { grammars } from '../drift/mutations.js'
import { otherWorkloadsAreNoDrift } from '../drift/other-workloads.js'

const captures = readdirSync(new URL('../captures', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .filter((name) => original(name).profile.contract.operations > 0)

const harmful = ({ findings }: Comparison): string[] =>
  findings.filter(({ severity }) => severity !== 'cosmetic').map(({ code, title }) => `${code}: ${title}`)

describe.each(captures)('another workload of %s', (capture) => {
  const { lines, profile: whole } = original(capture)

  test('the log cut in two, each part against each', () => {
    const parts = [whole, ...halves(lines).map((half) => profile(half, whole))]
    for (const a of parts) for (const b of parts) expect(harmful(compareProfiles(a, b))).toEqual([])
  })

  test('one never does this, the other never does that: every pair of opcodes', () => {
    const parts = [...opcodesAndRest(lines, whole.dialect)].map(
      ([opcode, rest]) => [opcode, profile(rest, whole)] as const,
    )
    const alarms: string[] = []
    for (const [x, old] of parts) {
      for (const [y, now] of parts) {
        if (x !== y) alarms.push(...harmful(compareProfiles(old, now)).map((what) => `${x} ${y}: ${what}`))
      }
    }
    expect(alarms).toEqual([])
  })

  // Of each dialect one.
  if (!grammars.some((grammar) => grammar.capture === capture)) return
  test('twenty times as long', () => {
    const long: Line[] = []
    for (let i = 0; i < 20; i++) long.push(...lines)
    const many = profile(numbered(long), whole)
    expect(harmful(compareProfiles(whole, many))).toEqual([])
    expect(harmful(compareProfiles(many, whole))).toEqual([])
  })
})

otherWorkloadsAreNoDrift([
  'gocryptfs-fusedebug',
  'libfuse3-passthrough-d',
  'libfuse3-passthrough_ll-d',
  'bazil-loopback-debug',
  'mergerfs242-d',
  'jacobsa2026-memfs-debug',
  'mergerfs-rs-v-json-nocolor',
  'mergerfs-rs-v-span-full-nocolor',
  'fuser-simple-debug',
  'rclone-vv-debugfuse',
  'mergerfs-rs-v-pretty-nocolor',
])
