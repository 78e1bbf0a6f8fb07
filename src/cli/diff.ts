import type { Command } from 'commander'
import { compareProfiles } from '../drift/compare/compare.js'
import { diffOperations, type Latency, type RecordingDiff } from '../drift/diff/diff-recordings.js'
import type { Comparison } from '../drift/findings/finding.js'
import { EXIT } from '../errors.js'
import { printable } from '../line/text.js'
import { toJson } from '../operation/json.js'
import type { Operation } from '../operation/operation.js'
import { OwnRequests } from '../recording/own-requests.js'
import { openRecording } from '../recording/reader.js'
import type { CallRow } from '../recording/row.js'
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
      const [left, right] = [operationsIn(a, options.all), operationsIn(b, options.all)]
      const diff = diffOperations(left.operations, right.operations, { a: left.calls, b: right.calls })
      const format = formats(a, b)
      const out = new Output()
      if (options.json) await out.line(json(machine(a, b, diff, format)))
      else for (const line of lines(a, b, diff, format)) await out.line(line)
      await out.end()
      const differ = diff.onlyA.length + diff.onlyB.length + diff.outcomes.length > 0
      const damaged = format.findings.some(({ code }) => code === 'recording-damaged')
      process.exitCode = differ || damaged ? EXIT.finding : EXIT.ok
    })
}

function operationsIn(path: string, all = false): { operations: Operation[]; calls: readonly CallRow[] } {
  const reader = openRecording(path)
  const operations: Operation[] = []
  let calls: readonly CallRow[] = []
  try {
    const own = new OwnRequests(reader)
    calls = own.calls
    for (const row of reader.rows({ kinds: ['operation'] })) {
      if (row.kind === 'operation' && (all || !own.has(row.operation))) operations.push(row.operation)
    }
  } finally {
    reader.close()
  }
  return { operations: operations.sort((x, y) => x.id - y.id), calls }
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
  const { same, onlyA, onlyB, outcomes, moved, byChance, latencies } = diff
  yield paint('bold', `${printable(a)} → ${printable(b)}`)
  yield `${same} operations the same, ${onlyA.length} gone, ${onlyB.length} new, ${outcomes.length} with another outcome, ${moved.length} in another order`
  if (byChance > 0)
    yield `${byChance} differences are chance: what ran at the same time, what the kernel cached or released when it liked`
  const some = function* <T>(title: string, all: readonly T[], show: (one: T) => string): Generator<string> {
    if (all.length === 0) return
    yield ''
    yield paint('bold', title)
    for (const one of all.slice(0, SHOWN)) yield show(one)
    if (all.length > SHOWN) yield `  … and ${all.length - SHOWN} more`
  }
  const named = (operation: Operation): string => `${printable(operation.opcode).padEnd(12)}  ${subject(operation)}`
  yield* some('gone', onlyA, (one) => paint('red', `  - ${named(one)}  ${outcome(one)}`))
  yield* some('new', onlyB, (one) => paint('green', `  + ${named(one)}  ${outcome(one)}`))
  yield* some(
    'another outcome',
    outcomes,
    (one) => `  ! ${named(one.a)}: ${printable(one.before)} → ${printable(one.now)}`,
  )
  yield* some('another order', moved, ({ a: x, b: y }) => (x && y ? `  ~ ${named(x)}: number ${x.id} → ${y.id}` : ''))
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
