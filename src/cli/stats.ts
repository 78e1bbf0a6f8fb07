import type { Command } from 'commander'
import { printable } from '../line/text.js'
import type { Operation } from '../operation/operation.js'
import { OwnRequests } from '../recording/own-requests.js'
import { openRecording, type RecordingReader } from '../recording/reader.js'
import { duration, table } from '../report/format.js'
import { opcodeStats } from '../report/opcode-stats.js'
import { warnIfNotWhole } from './failure.js'
import { json, print } from './output.js'
import { recovery } from './recovery.js'

/** `fusetrace stats`: counts and durations per opcode. */
export function registerStats(program: Command): void {
  program
    .command('stats')
    .description('per opcode: how many, how many failed, and how long they took')
    .argument('<file>', 'the recording; - is stdin')
    .option('--all', 'also what fusetrace itself asked: fences and probes')
    .option('--json', 'print one JSON object')
    .action(async (file: string, options: { json?: boolean; all?: boolean }) => {
      const reader = openRecording(file, await recovery(file))
      const own = new OwnRequests(reader)
      let hidden = 0
      const counts = (operation: Operation): boolean => {
        if (options.all || !own.has(operation)) return true
        hidden++
        return false
      }
      const stats = opcodeStats(operationsOf(reader, counts))
      reader.close()
      const count = stats.reduce((sum, one) => sum + one.count, 0)
      const errors = stats.reduce((sum, one) => sum + one.errors, 0)
      if (options.json) {
        print(json({ operations: count, errors, own: hidden, complete: reader.complete, opcodes: stats }))
        warnIfNotWhole(file, reader.problem)
        return
      }
      const time = (ns: number | null): string => (ns === null ? '–' : duration(ns))
      const queued = stats.some(({ queueMedianNs }) => queueMedianNs !== null)
      const rows = stats.map((one) => [
        printable(one.opcode),
        String(one.count),
        String(one.errors),
        String(one.unfinished),
        ...[one.minNs, one.medianNs, one.p99Ns, one.maxNs].map(time),
        ...(queued ? [one.queueMedianNs, one.queueP99Ns].map(time) : []),
      ])
      const total = ['all', String(count), String(errors), String(stats.reduce((sum, one) => sum + one.unfinished, 0))]
      const head = ['opcode', 'count', 'errors', 'unfinished', 'min', 'median', 'p99', 'max']
      if (queued) head.push('queued: median', 'p99')
      print(table(head, [...rows, total], [1, 2, 3, 4, 5, 6, 7, 8, 9]).join('\n'))
      const inferred = stats.reduce((sum, one) => sum + one.inferred, 0)
      if (inferred > 0) print(`\n${inferred} ends were inferred: the log does not show them`)
      if (hidden > 0) print(`\n${hidden} requests of fusetrace itself (fences, probes) are left out: --all`)
      warnIfNotWhole(file, reader.problem)
    })
}

function* operationsOf(reader: RecordingReader, counts: (operation: Operation) => boolean): Generator<Operation> {
  for (const row of reader.rows({ kinds: ['operation'] })) {
    if (row.kind === 'operation' && counts(row.operation)) yield row.operation
  }
}
