import { statSync } from 'node:fs'
import type { Command } from 'commander'
import { FusetraceError } from '../errors.js'
import { printable, printableLines } from '../line/text.js'
import type { Report } from '../report/page.js'
import { json, print } from './output.js'
import { reportOf } from './report-page.js'
import { writeText } from './write-text.js'

interface ReportOptions {
  output: string
  force?: boolean
  json?: boolean
  lines: boolean
}

/** More are no report any more. */
const MAX_FILES = 20

/** `fusetrace report`: recordings as one page for a browser. */
export function registerReport(program: Command): void {
  program
    .command('report')
    .description('make one HTML page of a recording; of two, one that shows them side by side')
    .argument('<file...>', 'recordings; - is stdin')
    .requiredOption('-o, --output <file>', 'the page to write; - is stdout')
    .option('--no-lines', 'leave the log lines out: a smaller page')
    .option('--force', 'replace what exists under the name of the output')
    .option('--json', 'print one JSON object: what was written')
    .addHelpText(
      'after',
      `
The page needs nothing else: no network, no server. It opens from disk, runs no script but its own, and can be kept by CI.
Its address names what is shown, so a link leads to a moment: report.html#op=12, report.html#at=1.25&opcode=rename.
Of two recordings, operations are aligned by opcode and path, and the first difference is in view.

Examples:
  fusetrace report run.fusetrace -o run.html
  fusetrace report passed.fusetrace failed.fusetrace -o compare.html`,
    )
    .action(async (files: string[], options: ReportOptions) => {
      checkOptions(files, options)
      const report = await reportOf(files, options)
      writeText(options.output, report.html, { force: options.force === true })
      const { recordings, differences } = report
      const bytes = Buffer.byteLength(report.html)
      if (options.json) print(json({ output: options.output, bytes, recordings, differences }))
      else if (options.output !== '-') process.stderr.write(`${printableLines(words(options.output, bytes, report))}\n`)
    })
}

function checkOptions(files: readonly string[], { output, json: asJson }: ReportOptions): void {
  const usage = (what: string, hint: string): FusetraceError => new FusetraceError('FT_USAGE', what, { hint })
  if (files.length > MAX_FILES) throw usage(`a report of ${files.length} recordings`, `give at most ${MAX_FILES}`)
  if (files.filter((file) => file === '-').length > 1) throw usage('stdin can be read once', 'give one - only')
  if (output === '-' && asJson) throw usage('--json and the page cannot both go to stdout', 'give -o a file')
  const there = output === '-' ? undefined : statSync(output, { throwIfNoEntry: false })
  for (const file of files) {
    const from = file === '-' ? undefined : statSync(file, { throwIfNoEntry: false })
    if (there?.isFile() && from && from.ino === there.ino && from.dev === there.dev)
      throw usage(`${output} is the recording itself`, 'give the page another name')
  }
}

function words(output: string, bytes: number, { recordings, differences }: Report): string {
  const operations = recordings.reduce((sum, recording) => sum + recording.operations, 0)
  const size = bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
  const differ = differences === null ? '' : `, ${differences === 0 ? 'no' : differences} differences`
  return `${printable(output)}: ${operations} operations${differ}, ${size}`
}
