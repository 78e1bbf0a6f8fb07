import { isatty } from 'node:tty'
import { type Command, Option } from 'commander'
import { FusetraceError } from '../errors.js'
import { type ExportSummary, exportRecordings } from '../export/export-recordings.js'
import { FORMATS, type Format } from '../export/exporter.js'
import { FileSink } from '../export/sink.js'
import { readTraceParent, type TraceParent } from '../export/traceparent.js'
import { printable } from '../line/text.js'
import { warnIfNotWhole } from './failure.js'
import { json, print, say } from './output.js'
import { recordingsOf, refuseInput } from './recording-arguments.js'
import { recovery } from './recovery.js'
import { spoolStdin } from './spool.js'

interface ExportOptions {
  format: Format
  output: string
  all?: boolean
  force?: boolean
  json?: boolean
}

/** `fusetrace export`: recordings in the form of other tools. */
export function registerExport(program: Command): void {
  program
    .command('export')
    .description('write recordings in the form of other tools: a trace viewer, a collector, a database, a flame graph')
    .argument('<file...>', 'recordings, or directories of them; - is stdin')
    .addOption(new Option('--format <format>', 'the form').choices(FORMATS).makeOptionMandatory())
    .requiredOption('-o, --output <file>', 'the file to write; - is stdout')
    .option('--all', 'also what fusetrace itself asked: fences and probes')
    .option('--force', 'replace what exists under the name of the output')
    .option('--json', 'print what was written as one JSON object')
    .addHelpText(
      'after',
      `
Formats:
  perfetto  trace events as JSON, for ui.perfetto.dev and chrome://tracing
  otlp      OpenTelemetry spans, a JSON object a line; TRACEPARENT in the environment is their parent
  parquet   one table of operations, a row group a recording, for DuckDB, ClickHouse, Spark
  csv       the same table for spreadsheets (text that would be a formula gets an apostrophe)
  folded    stacks with their times in µs, for flame graphs

Examples:
  fusetrace export run.fusetrace --format perfetto -o run.json
  fusetrace export recordings --format parquet -o operations.parquet
  fusetrace export run.fusetrace --format folded -o - | flamegraph.pl > run.svg`,
    )
    .action(async (given: string[], options: ExportOptions) => {
      const { format, output } = options
      checkOutput(options)
      const files = recordingsOf(given)
      if (files.filter((file) => file === '-').length > 1) {
        throw new FusetraceError('FT_USAGE', 'stdin can be read once', { hint: 'give - once' })
      }
      refuseInput(files, output)
      const stdin = files.includes('-') ? spoolStdin() : null
      const sink = new FileSink(output, { force: options.force === true })
      let done: ExportSummary
      try {
        const named = files.map((file) => ({
          path: file === '-' ? (stdin?.path ?? file) : file,
          name: file === '-' ? 'stdin' : file,
        }))
        done = await exportRecordings(named, sink, {
          format,
          all: options.all === true,
          parent: format === 'otlp' ? parentSpan(process.env.TRACEPARENT) : null,
          open: recovery,
          onRecording: (file, _, problem) => warnIfNotWhole(file, problem),
        })
        sink.finish()
      } catch (error) {
        sink.discard()
        throw error
      } finally {
        stdin?.remove()
      }
      report(done, sink.bytes, options)
    })
}

function checkOutput({ format, output, json }: ExportOptions): void {
  if (output !== '-') return
  if (json) {
    throw new FusetraceError('FT_USAGE', '--json and -o - both write to stdout', { hint: 'give the output a name' })
  }
  if (format === 'parquet' && isatty(1)) {
    throw new FusetraceError('FT_USAGE', 'Parquet is nothing for a terminal', {
      hint: 'give a name with -o, or pipe it',
    })
  }
}

/** What is no parent is ignored, as Trace Context asks, and said. */
function parentSpan(text: string | undefined): TraceParent | null {
  if (!text) return null
  const parent = readTraceParent(text)
  if (parent === null) say(`TRACEPARENT is not of the form 00-TRACE-SPAN-FLAGS and is ignored: ${printable(text)}`)
  return parent
}

function report(done: ExportSummary, bytes: number, { output, format, json: asJson }: ExportOptions): void {
  const { recordings, operations, steps, incomplete, measured } = done
  if (asJson) print(json({ format, output, recordings, operations, steps, incomplete, bytes }))
  else if (output !== '-') {
    const count = `${recordings} ${recordings === 1 ? 'recording' : 'recordings'}`
    process.stderr.write(`${printable(`${output}: ${operations} operations of ${count}`)}\n`)
  }
  if (measured === 0) say('no operation has a known duration: there is nothing to draw')
}
