import type { RecordingDiff } from '../diff/diff-recordings.js'
import type { Latency } from '../diff/latency.js'
import type { Comparison } from '../drift/findings/finding.js'
import { printable } from '../line/text.js'
import type { Operation } from '../operation/operation.js'
import { counted } from '../report/drift-text.js'
import { duration, outcome, painter, subject } from '../report/format.js'

/** Operations shown of each kind of difference. */
const SHOWN = 20

/** What differs between two recordings, for people. */
export function* diffText(a: string, b: string, diff: RecordingDiff, format: Comparison): Generator<string> {
  const paint = painter(process.stdout)
  const { same, counts, onlyA, onlyB, outcomes, moved, byChance, latencies } = diff
  yield paint('bold', `${printable(a)} → ${printable(b)}`)
  yield `${same} operations the same, ${counts.onlyA} gone, ${counts.onlyB} new, ${counts.outcomes} with another outcome, ${counts.moved} in another order`
  if (byChance > 0)
    yield `${byChance} differences are chance: what ran at the same time, what the kernel cached or released when it liked`
  const some = function* <T>(
    title: string,
    all: readonly T[],
    show: (one: T) => string,
    count = all.length,
  ): Generator<string> {
    if (all.length === 0) return
    yield ''
    yield paint('bold', title)
    for (const one of all.slice(0, SHOWN)) yield show(one)
    if (count > SHOWN) yield `  … and ${count - SHOWN} more`
  }
  const named = (operation: Operation): string => `${printable(operation.opcode).padEnd(12)}  ${subject(operation)}`
  yield* some('gone', onlyA, (one) => paint('red', `  - ${named(one)}  ${outcome(one)}`), counts.onlyA)
  yield* some('new', onlyB, (one) => paint('green', `  + ${named(one)}  ${outcome(one)}`), counts.onlyB)
  yield* some(
    'another outcome',
    outcomes,
    (one) => `  ! ${named(one.a)}: ${printable(one.before)} → ${printable(one.now)}`,
    counts.outcomes,
  )
  yield* some(
    'another order',
    moved,
    ({ a: x, b: y }) => (x && y ? `  ~ ${named(x)}: number ${x.id} → ${y.id}` : ''),
    counts.moved,
  )
  const timed = latencies.filter(({ a: x, b: y }) => x.medianNs !== null && y.medianNs !== null)
  yield* some('latencies (median ± noise, p99)', timed, ({ opcode, a: x, b: y, beyondNoise }) => {
    const mark = beyondNoise ? '  beyond the noise' : ''
    return `  ${printable(opcode).padEnd(12)}  ${shown(x)}  →  ${shown(y)}${mark}`
  })
  for (const { code, title } of format.findings)
    if (code === 'recording-damaged') yield paint('red', `\n${printable(title)}`)
  yield ''
  yield `format: ${counted(format.findings)}${format.findings.length > 0 ? ` (fusetrace check ${printable(a)} --against ${printable(b)})` : ''}`
}

const shown = ({ medianNs, noiseNs, p99Ns }: Latency): string => `${time(medianNs)} ± ${time(noiseNs)}, ${time(p99Ns)}`

const time = (ns: number | null): string => (ns ? duration(ns) : '–')
