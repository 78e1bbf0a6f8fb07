import type { Command } from 'commander'
import type { RecordingDiff } from '../diff/diff-recordings.js'
import type { Comparison } from '../drift/findings/finding.js'
import { EXIT } from '../errors.js'
import { toJson } from '../operation/json.js'
import { diffFiles, formats } from './compare-recordings.js'
import { diffText } from './diff-text.js'
import { json, Output } from './output.js'

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
      else for (const line of diffText(a, b, diff, format)) await out.line(line)
      await out.end()
      const differ = diff.counts.onlyA + diff.counts.onlyB + diff.counts.outcomes > 0
      const damaged = format.findings.some(({ code }) => code === 'recording-damaged')
      process.exitCode = differ || damaged ? EXIT.finding : EXIT.ok
    })
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
