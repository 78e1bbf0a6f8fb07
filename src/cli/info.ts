import type { Command } from 'commander'
import { systemClock } from '../clock.js'
import { dialects } from '../dialect/builtin.js'
import { printable } from '../line/text.js'
import { Interpreter } from '../operation/interpreter.js'
import { openRecording, type RecordingReader } from '../recording/reader.js'
import { daemonVersionIn } from '../report/daemon-version.js'
import { ago, duration } from '../report/format.js'
import { replacedText } from '../report/replaced-text.js'
import { type Summary, summarize } from '../report/summary.js'
import { warnIfNotWhole } from './failure.js'
import { json, print } from './output.js'
import { recovery } from './recovery.js'

/** `fusetrace info`: what a recording is. Works on unfinished and damaged ones, and says so. */
export function registerInfo(program: Command): void {
  program
    .command('info')
    .description('header, counts and losses of a recording, whole or not')
    .argument('<file>', 'the recording; - is stdin')
    .option('--json', 'print one JSON object')
    .action(async (file: string, options: { json?: boolean }) => {
      const reader = openRecording(file, await recovery(file))
      const summary = summarize(reader)
      const unparsed = summary.unparsed ?? (file === '-' ? null : countUnparsed(reader))
      const more = { daemonVersion: daemonVersionIn(reader), ageSeconds: ageOf(summary, systemClock().originWallNs) }
      reader.close()
      print(options.json ? json(toJson(summary, unparsed, more)) : text(summary, unparsed, more).trimEnd())
      warnIfNotWhole(file, summary.problem)
    })
}

/** An unfinished recording does not say how many lines were not understood: read them again. */
function countUnparsed(reader: RecordingReader): number {
  const dialect = dialects.find(({ name }) => name === reader.header.dialect)
  const interpreter = new Interpreter({ ...(dialect && { dialect }), candidates: dialects })
  let index = 0
  let lastNs = 0
  for (const row of reader.rows({ kinds: ['line'] })) {
    if (row.kind !== 'line') continue
    lastNs = row.atNs
    interpreter.push({ index: index++, atNs: row.atNs, stream: row.stream, raw: row.raw, terminated: row.terminated })
  }
  interpreter.end(lastNs)
  return interpreter.unparsed
}

/** What the header alone does not say. */
interface More {
  readonly daemonVersion: string | null
  /** Since it was recorded; null when its time is not known. */
  readonly ageSeconds: number | null
}

const ageOf = ({ header }: Summary, nowWallNs: bigint): number | null =>
  header.originWallNs === null ? null : Number((nowWallNs - header.originWallNs) / 1_000_000_000n)

function toJson(summary: Summary, unparsed: number | null, more: More): Record<string, unknown> {
  const { header, counts, durationNs, losses, complete, exit, problem, steps, bytes } = summary
  const { format, dialect, originNs, ...rest } = header
  return {
    format,
    dialect,
    originNs,
    durationNs,
    lines: counts.line,
    operations: counts.operation,
    unparsed,
    losses,
    complete,
    exit,
    ...more,
    redacted: header.redacted ?? null,
    problem,
    bytes,
    steps,
    counts,
    header: rest,
  }
}

function text(summary: Summary, unparsed: number | null, { daemonVersion, ageSeconds }: More): string {
  const { header, counts, losses, exit, steps } = summary
  const words: [string, string | null][] = [
    [
      'recorded',
      `${header.origin} with fusetrace ${header.fusetraceVersion}, Node ${header.nodeVersion}${header.kernel ? `, Linux ${header.kernel}` : ''}`,
    ],
    [
      'at',
      header.originWallNs === null
        ? null
        : `${new Date(Number(header.originWallNs / 1_000_000n)).toISOString()}${ageSeconds === null ? '' : ` (${ago(ageSeconds)})`}`,
    ],
    ['command', header.command === null ? null : header.command.join(' ')],
    ['mountpoint', header.mountpoint],
    ['branches', header.branches.length > 0 ? header.branches.join(', ') : null],
    ['daemon', daemonVersion],
    ['dialect', `${header.dialect} (version ${header.dialectVersion})`],
    ['duration', duration(summary.durationNs)],
    ['lines', `${counts.line}${unparsed === null ? '' : `, ${unparsed} not understood`}`],
    [
      'operations',
      `${counts.operation}${counts.operation === 0 && counts.line > 0 ? ': nothing in the log names a request' : ''}`,
    ],
    ['kernel events', counts.kernel > 0 ? String(counts.kernel) : null],
    ['messages', counts.request > 0 ? `${counts.request} requests, ${counts.reply} answers` : null],
    ['faults', counts.fault > 0 ? `${counts.fault} fired` : null],
    ['calls', counts.call > 0 ? String(counts.call) : null],
    ['steps', steps.length > 0 ? steps.join(', ') : null],
    ['losses', losses.length > 0 ? losses.map(({ what, count }) => `${count} ${what}`).join(', ') : null],
    ['exit', exit === null ? null : (exit.signal ?? `code ${exit.code}`)],
    [
      'replaced',
      header.redacted === undefined ? null : (replacedText(header.redacted) ?? 'nothing: no secrets were found'),
    ],
    ['complete', summary.complete ? 'yes' : `no: ${summary.problem}`],
  ]
  return words
    .flatMap(([name, value]) => (value === null ? [] : [`${`${name}:`.padEnd(15)}${printable(value)}\n`]))
    .join('')
}
