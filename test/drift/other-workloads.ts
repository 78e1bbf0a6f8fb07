import { describe, expect, test } from 'vitest'
import { compareProfiles } from '../../src/drift/compare/compare.js'
import type { Profile } from '../../src/drift/profile/profile.js'
import { original, profile } from './mutate.js'
import { operationsOf, workloads } from './workload.js'

/** Each workload of the table, on these captures, is no drift. */
export function otherWorkloadsAreNoDrift(captures: readonly string[]): void {
  describe.each(workloads)('another workload is no drift: $name', ({ of }) => {
    test.each(captures)('%s', (capture) => {
      const { lines, profile: before } = original(capture)
      const other = of(lines, operationsOf(lines, before.dialect))
      const after = profile(other, before)
      expect(titles(before, after)).toEqual([])
      expect(titles(after, before)).toEqual([])
    })
  })
}

function titles(old: Profile, now: Profile): string[] {
  return compareProfiles(old, now).findings.map(({ severity, code, title }) => `${severity} ${code}: ${title}`)
}
