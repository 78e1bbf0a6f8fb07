import type { Command } from 'commander'
import { compareProfiles } from '../drift/compare/compare.js'
import { diffOperations, type RecordingDiff } from '../drift/diff/diff-recordings.js'
import type { Latency } from '../drift/diff/latency.js'
import type { Comparison } from '../drift/findings/finding.js'
import { EXIT } from '../errors.js'
import { printable } from '../line/text.js'
import { toJson } from '../operation/json.js'
import type { Operation } from '../operation/operation.js'
import { OwnRequests } from '../recording/own-requests.js'
import { openRecording, type RecordingReader } from '../recording/reader.js'
import { counted } from '../report/drift-text.js'
import { duration, outcome, painter, subject } from '../report/format.js'
import { profileOf } from './drift-input.js'
import { json, Output } from './output.js'

/** Operations shown of each kind of difference. */
const SHOWN = 20

/** `fusetrace diff`: two recordings side by side. */
export function registerDiff(program: Command): void {
  program
    .command('diff')
    .description('compare two recordings: operations (aligned by opcode and path), outcomes, order, latencies, formats')
    .argument('<a>', 'a recording')
    .argument('<b>', 'another')
    .option('--all', 'also what fusetrace itself asked: fences and probes')
    .option('--json', 'one JSON object')
    .addHelpText(
      'after',
      `
Exits with 1 when operations or outcomes differ. Order and latencies are told and are no reason to fail.

Example:
  fusetrace diff before.fusetrace after.fusetrace`,
    )
    .action(async (a: string, b: string, options: { json?: boolean; all?: boolean }) => {
      const diff = diffFiles(a, b, options.all === true)
      const format = formats(a, b)
      const out = new Output()
      if (options.json) await out.line(json(machine(a, b, diff, format)))
      else for (const line of lines(a, b, diff, format)) await out.line(line)
      await out.end()
      const differ = diff.counts.onlyA + diff.counts.onlyB + diff.counts.outcomes > 0
      const damaged = format.findings.some(({ code }) => code === 'recording-damaged')
      process.exitCode = differ || damaged ? EXIT.finding : EXIT.ok
    })
}

/** Both are read side by side. */
function diffFiles(a: string, b: string, all: boolean): RecordingDiff {
  const readers = [openRecording(a), openRecording(b)] as const
  try {
    const [left, right] = [operationsIn(readers[0], all), operationsIn(readers[1], all)]
    return diffOperations(left.operations, right.operations, { a: left.calls, b: right.calls })
  } finally {
    for (const reader of readers) reader.close()
  }
}

function operationsIn(reader: RecordingReader, all: boolean) {
  const own = new OwnRequests(reader)
  const operations = function* (): Generator<Operation> {
    for (const row of reader.rows({ kinds: ['operation'] }))
      if (row.kind === 'operation' && (all || !own.has(row.operation))) yield row.operation
  }
  return { operations: operations(), calls: own.calls }
}

function formats(a: string, b: string): Comparison {
  const [left, right] = [openRecording(a), openRecording(b)]
  try {
    return compareProfiles(profileOf(left, null), profileOf(right, null))
  } finally {
    left.close()
    right.close()
  }
}

function machine(a: string, b: string, diff: RecordingDiff, format: Comparison): unknown {
  return {
    a,
    b,
    same: diff.same,
    counts: diff.counts,
    onlyA: diff.onlyA.map(toJson),
    onlyB: diff.onlyB.map(toJson),
    outcomes: diff.outcomes.map(({ a: x, b: y, before, now }) => ({ a: toJson(x), b: toJson(y), before, now })),
    moved: diff.moved.map(({ a: x, b: y }) => ({ a: x && toJson(x), b: y && toJson(y) })),
    byChance: diff.byChance,
    latencies: diff.latencies,
    format: format.findings,
  }
}

function* lines(a: string, b: string, diff: RecordingDiff, format: Comparison): Generator<string> {
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
