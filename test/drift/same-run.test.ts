import { expect, test } from 'vitest'
import { compareProfiles } from '../../src/drift/compare/compare.js'
import type { Comparison } from '../../src/drift/findings/finding.js'
import { numbered } from './captures.js'
import { original, profile } from './mutate.js'

const harmful = ({ findings }: Comparison): string[] =>
  findings
    .filter(({ severity }) => severity !== 'cosmetic')
    .map(({ code, effects, opcodes }) => `${[code, ...effects].join(' ')}: ${opcodes}`)

/** The capture with its lines changed, against itself. */
function against(capture: string, change: (raw: string, index: number) => string | string[]): Comparison {
  const { lines, profile: before } = original(capture)
  const now = lines.flatMap((line) => [change(line.raw, line.index)].flat().map((raw) => ({ ...line, raw })))
  return compareProfiles(before, profile(numbered(now), before))
}

test('in the same run a single path that is not known any more is a loss', () => {
  const heartbeat = against('bindfs-d', (raw, index) => (index % 50 === 49 ? [raw, 'heartbeat ok'] : raw))
  expect(harmful(heartbeat).some((one) => one.includes('path-lost'))).toBe(true)
  const { profile: before } = original('bindfs-d')
  expect(harmful(compareProfiles(before, original('bindfs-d-pty').profile))).toEqual([])
})

test('request lines that are not understood any more are a loss also where most are', () => {
  const found = harmful(against('gocryptfs-fusedebug', (raw) => raw.replace(/( rx \d+: \w+ n\d*)(\d{3})\b/, '$1_$2')))
  expect(found.join()).toMatch(/operation-gone/)
})

test('an end that is only inferred breaks when the outcome went with it', () => {
  const found = against('fusepy-loopback', (raw) => (raw.includes('log-mixin:<-') ? [] : raw))
  expect(found.findings.some(({ severity, effects }) => severity === 'breaks' && effects.includes('status-lost'))).toBe(
    true,
  )
})

test('a finding shows a line of the opcode that it is about', () => {
  const found = against('virtiofsd', (raw) => (raw.includes('opcode=Create') ? [] : raw))
  expect(found.findings[0]?.opcodes).toEqual(['create'])
  expect(found.findings[0]?.old?.text).toContain('opcode=Create')
})

test('lines within logfmt, and lines that repeat the one before, lose nothing', () => {
  const wrapped = against('rclone-vv-debugfuse', (raw) => `level=debug msg=${JSON.stringify(raw)}`)
  expect(harmful(wrapped)).toEqual([])
  expect(harmful(against('juicefs', (raw) => [raw, raw]))).toEqual([])
})

test.each(['mergerfs242-d', 'mergerfs-rs-fuser-alone', 'mergerfs-rs-v-pretty-nocolor'])(
  'the second half of %s with a prefix, against the first, shows a prefix and nothing more',
  (capture) => {
    const { lines, profile: whole } = original(capture)
    const middle = lines.length >> 1
    const before = profile(numbered(lines.slice(0, middle)), whole)
    const now = lines.slice(middle).map((line) => ({ ...line, raw: `[worker-1] ${line.raw}` }))
    const comparison = compareProfiles(before, profile(numbered(now), before))
    expect(comparison.findings.map(({ code }) => code)).toContain('prefix-changed')
    expect(harmful(comparison)).toEqual([])
  },
)

test('a log that begins in the middle, whose first lines the dialect holds back, has not drifted', () => {
  const { lines, profile: whole } = original('fusepy-loopback')
  const at = Math.floor(lines.length / 10)
  const [first, rest] = [lines.slice(0, at), lines.slice(at)].map((part) => profile(numbered(part), whole))
  if (first && rest) expect(harmful(compareProfiles(first, rest))).toEqual([])
  expect.assertions(1)
})
