import type { Command } from 'commander'
import { dialects } from '../dialect/builtin.js'
import type { Dialect } from '../dialect/core/dialect.js'
import { EXIT, FusetraceError } from '../errors.js'
import { firstLines } from '../input/first-lines.js'
import { type Explanation, explain } from '../operation/explain.js'
import { explanationText } from '../report/explanation-text.js'
import { DIALECT_HELP, resolveDialect } from './dialect-option.js'
import { warnIfNotWhole } from './failure.js'
import { json, print } from './output.js'

/** How many of the first lines are looked at. */
const LINES = 5000

interface ExplainOptions {
  stamped?: boolean
  dialect?: string
  json?: boolean
}

/** `fusetrace formats`: the dialects and what they can show; `formats explain`: which one a log is of, and why. */
export function registerFormats(program: Command): void {
  const formats = program
    .command('formats')
    .description('list the log formats (dialects) that are understood, with what each can and cannot tell')
    .option('--json', 'print them as JSON')
    .action((options: { json?: boolean }) => {
      print(options.json ? json(dialects.map(described), 2) : formatsText(dialects).trimEnd())
    })
  formats
    .command('explain')
    .description('say which dialect a log is of, and for lines that are not understood how far they fit')
    .argument('<log>', 'a log (plain or gzip), a recording, or - for stdin')
    .option('--stamped', 'each line of the log is "<ns>\\t<stdout|stderr|tty>\\t<line>"')
    .option('--dialect <name>', DIALECT_HELP)
    .option('--json', 'print it as JSON')
    .action(async (log: string, _options: ExplainOptions, command: Command) => {
      const options = command.optsWithGlobals<ExplainOptions>()
      const dialect = options.dialect === undefined ? undefined : await resolveDialect(options.dialect)
      const { lines, more, problem } = await firstLines(log, { most: LINES, stamped: options.stamped === true })
      if (lines.length === 0) {
        throw new FusetraceError('FT_INPUT', `there is no line in ${log === '-' ? 'standard input' : log}`, {
          hint: 'was the daemon started with its debug log on?',
        })
      }
      const candidates = dialect && !dialects.includes(dialect) ? [...dialects, dialect] : dialects
      const found = explain(lines, candidates, { ...(dialect && { dialect }), most: 10 })
      print(
        options.json
          ? json(asJson(found, lines.length, more), 2)
          : explanationText(found, lines.length, more).trimEnd(),
      )
      warnIfNotWhole(log, problem)
      if (found.operations === 0 && lines.length > 0) process.exitCode = EXIT.finding
    })
}

function described({ name, version, capabilities, description }: Dialect): Record<string, unknown> {
  return { name, version, ...capabilities, fences: capabilities.lookupNames, description }
}

const yes = (reported: boolean): string => (reported ? 'yes' : 'no')

/** A table, and below it what each cannot show. */
function formatsText(list: readonly Dialect[]): string {
  const head = ['dialect', 'ids', 'start', 'end', 'errno', 'path', 'pid', 'time stamps', 'fences']
  const rows = list.map(({ name, capabilities: c }) => [
    name,
    yes(c.ids),
    yes(c.start),
    c.end,
    c.errno,
    c.path,
    yes(c.pid),
    c.timestamps ?? 'none',
    yes(c.lookupNames),
  ])
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => (row[i] ?? '').length)))
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd()
  const wide = Math.max(...list.map(({ name }) => name.length))
  const notes = list.map(({ name, description }) => `${name.padEnd(wide)}  ${description}`)
  return [
    line(head),
    ...rows.map(line),
    '',
    ...notes,
    '',
    "ids: request ids equal to the kernel's; end: how the end of an operation is known; fences: lookups show their names",
    '',
  ].join('\n')
}

function asJson(found: Explanation, lines: number, more: boolean): Record<string, unknown> {
  return {
    chosen: found.chosen,
    operations: found.operations,
    lines,
    more,
    candidates: found.candidates,
    unmatchedCount: found.unmatchedCount,
    unmatched: found.unmatched.map(({ line, dialect, matched, expected }) => ({
      index: line.index,
      text: Buffer.from(line.raw, 'latin1').toString('utf8'),
      dialect,
      matched,
      expected,
    })),
  }
}
