import { describe, expect, test } from 'vitest'
import { compareProfiles } from '../../src/drift/compare/compare.js'
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
]

describe.each(workloads)('another workload is no drift: $name', ({ of }) => {
  test.each(CAPTURES)('%s', (capture) => {
    const { lines, profile: before } = original(capture)
    const other = of(lines, operationsOf(lines, before.dialect))
    const { findings } = compareProfiles(before, profile(other, before))
    expect(findings.map(({ severity, code, title }) => `${severity} ${code}: ${title}`)).toEqual([])
  })
})
