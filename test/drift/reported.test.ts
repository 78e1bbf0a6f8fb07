import { expect, test } from 'vitest'
import { compareProfiles } from '../../src/drift/compare/compare.js'
import { numbered } from './captures.js'
import { original, profile } from './mutate.js'

interface Load {
  rounds: number
  reads?: boolean
  /** Drops caches after every fourth file. */
  forgets?: boolean
  statfs?: number
}

/** A log of libfuse 2.9: files are looked for in vain, created, written and closed. */
function libfuse({ rounds, reads = false, forgets = false, statfs = 0 }: Load): string[] {
  const lines: string[] = []
  let unique = 2
  const request = (opcode: string, node: number, details: string[], reply: string | null): void => {
    lines.push(`unique: ${unique}, opcode: ${opcode}, nodeid: ${node}, insize: 45, pid: 4242`, ...details)
    if (reply !== null) lines.push(`   unique: ${unique}, ${reply}`)
    unique += 2
  }
  for (let i = 0; i < rounds; i++) {
    const node = i + 2
    const failed = 'error: -2 (No such file or directory), outsize: 16'
    request('LOOKUP (1)', 1, [`LOOKUP /f${i}`, `getattr /f${i}`], failed)
    const created = [`create flags: 0x8241 /f${i} 0100644 umask=0022`, `   create[5] flags: 0x8241 /f${i}`]
    request('CREATE (35)', 1, [...created, `   NODEID: ${node}`], 'success, outsize: 160')
    const read = ['read[5] 4096 bytes from 0 flags: 0x8000', '   read[5] 10 bytes from 0']
    if (reads) request('READ (15)', node, read, 'success, outsize: 26')
    request('RELEASE (18)', node, ['release[5] flags: 0x8241'], 'success, outsize: 16')
    if (forgets && i % 4 === 3) request('BATCH_FORGET (42)', 0, [`FORGET ${node - 1}/1`, `FORGET ${node}/1`], null)
  }
  for (let i = 0; i < statfs; i++) request('STATFS (17)', 1, ['statfs /'], 'success, outsize: 96')
  return lines
}

const profiled = (raws: readonly string[]): ReturnType<typeof profile> =>
  profile(numbered(raws.map((raw) => ({ atNs: 0, stream: 'stderr' as const, raw, terminated: true }))))

function harmful(before: readonly string[], after: readonly string[]): string[] {
  const { findings } = compareProfiles(profiled(before), profiled(after))
  return findings.filter(({ severity }) => severity !== 'cosmetic').map(({ code, opcodes }) => `${code} ${opcodes}`)
}

test('one workload reads, the other drops its caches', () => {
  const [reading, dropping] = [libfuse({ rounds: 12, reads: true }), libfuse({ rounds: 12, forgets: true })]
  expect(harmful(reading, dropping)).toEqual([])
  expect(harmful(dropping, reading)).toEqual([])
})

test('an opcode that comes at the end of a long log is there', () => {
  expect(harmful(libfuse({ rounds: 20, statfs: 4 }), libfuse({ rounds: 1201, statfs: 2 }))).toEqual([])
})

test('a single request of an opcode that is not logged any more is missed by what its operation left', () => {
  const log = libfuse({ rounds: 20, statfs: 1 })
  const without = log.filter((raw) => !/opcode: STATFS/.test(raw))
  expect(harmful(log, without)).toEqual(['line-gone statfs'])
  // The same in another workload; and a log that begins behind the request lacks nothing.
  expect(harmful(libfuse({ rounds: 40, statfs: 2 }), without)).toEqual(['line-gone statfs'])
  const at = log.findIndex((raw) => raw.includes('CREATE'))
  expect(harmful(log, log.slice(at + 1))).toEqual([])
})

test('replies that name their opcode show which requests are missing', () => {
  const { lines, profile: before } = original('rclone-vv-debugfuse')
  const now = lines.filter(({ raw }) => !raw.includes('<- Getattr'))
  const { findings } = compareProfiles(before, profile(numbered(now), before))
  expect(findings[0]).toMatchObject({ severity: 'breaks', opcodes: ['getattr'] })
})

test('what is not shown cannot be missed by its likeness: a batch of forgets is not each of them reworded', () => {
  const log = (forget: string): string[] => [
    ...Array.from({ length: 20 }, (_, i) => [
      `20:00:35.640828 rx ${2 * i + 2}: LOOKUP n1 ["f${i}"] 3b`,
      `20:00:35.640922 tx ${2 * i + 2}:     OK, {n${i + 2} g1 tE=1s tA=1s {M0100644 SZ=0 L=1 0:0}}`,
    ]).flat(),
    ...Array.from({ length: 9 }, (_, i) => forget.replace('N', `${i + 2}`)),
  ]
  const single = log('20:00:35.650000 rx 90: FORGET nN {Nlookup=1} 8b')
  const batch = log('20:00:35.650000 doBatchForget: rx 90 3/9: FORGET nN {Nlookup=1}')
  expect(harmful(single, batch)).toEqual([])
})

test('the order of a rename shows only where lookups can fail', () => {
  const renames = (look: (i: number) => string): string[] =>
    Array.from({ length: 9 }, (_, i) => [
      `unique: ${6 * i + 2}, opcode: LOOKUP (1), nodeid: 1, insize: 45, pid: 42`,
      `ovl_lookup(parent=1, name=${look(i)})`,
      `   unique: ${6 * i + 2}, success, outsize: 144`,
      `unique: ${6 * i + 4}, opcode: RENAME (12), nodeid: 1, insize: 45, pid: 42`,
      `ovl_rename(ino=1, name=a${i} , ino=1, name=b${i})`,
      `   unique: ${6 * i + 4}, success, outsize: 16`,
    ]).flat()
  expect(
    harmful(
      renames((i) => `a${i}`),
      renames((i) => `b${i}`),
    ),
  ).toEqual([])
})

test('requests of one opcode, or all of a log, that are not logged any more break', () => {
  const log = libfuse({ rounds: 20, statfs: 4 })
  const without = log.filter((raw) => !/opcode: CREATE|create|NODEID/.test(raw))
  expect(harmful(log, without)[0]).toMatch(/ create$/)
  const { lines, profile: before } = original('gocryptfs-fusedebug')
  const replies = lines.filter(({ raw }) => !/ rx \d+: /.test(raw))
  const { findings } = compareProfiles(before, profile(numbered(replies), before))
  expect(findings[0]).toMatchObject({ severity: 'breaks', code: 'understood-less' })
})
