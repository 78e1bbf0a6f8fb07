import { statSync } from 'node:fs'
import type { Command } from 'commander'
import { dialects } from '../dialect/builtin.js'
import { FusetraceError } from '../errors.js'
import { type Imported, importLog } from '../input/import-log.js'
import { readLog } from '../input/log-file.js'
import { printable } from '../line/text.js'
import { VERSION } from '../version.js'
import { DIALECT_HELP, resolveDialect } from './dialect-option.js'
import { REDACT_HELP, redactOption, repeated } from './redact-option.js'

interface ImportOptions {
  output: string
  stamped?: boolean
  dialect?: string
  force?: boolean
  redact?: string[]
  raw?: boolean
}

/** `fusetrace import`: a log becomes a recording. */
export function registerImport(program: Command): void {
  program
    .command('import')
    .description('make a recording of a saved log, plain or gzip')
    .argument('<log>', 'the log; - is stdin')
    .requiredOption('-o, --output <file>', 'the recording to write; - is stdout')
    .option('--stamped', 'each line is "<ns>\\t<stdout|stderr|tty>\\t<line>", ns on CLOCK_MONOTONIC')
    .option('--dialect <name>', DIALECT_HELP)
    .option('--redact <pattern>', `${REDACT_HELP}; then what looks like a token is replaced as well`, repeated)
    .option('--raw', 'replace nothing (default: an imported log stays exact)')
    .option('--force', 'replace what exists under the name of the output')
    .addHelpText(
      'after',
      `
Without --stamped, lines count as stdout's and have the times that they carry themselves, if any.

Examples:
  fusetrace import daemon.log -o daemon.fusetrace
  zcat old.log.gz | fusetrace import - -o old.fusetrace --dialect libfuse
  fusetrace import /sys/kernel/tracing/trace -o kernel.fusetrace`,
    )
    .action(async (log: string, options: ImportOptions) => {
      const dialect = options.dialect === undefined ? undefined : await resolveDialect(options.dialect)
      refuseSame(log, options.output)
      const done = await importLog(readLog(log), {
        output: options.output,
        candidates: dialects,
        fusetraceVersion: VERSION,
        ...(options.stamped && { stamped: true }),
        ...(options.force && { force: true }),
        ...redactOption(options),
        ...(dialect && { dialect }),
      })
      process.stderr.write(`${printable(`${options.output}: ${summary(done, log)}`)}\n`)
    })
}

function summary({ lines, operations, unparsed, timed, setBack, newestFirst, dialect }: Imported, log: string): string {
  const understood =
    operations === 0
      ? 'no operation was understood (fusetrace formats explain tells why)'
      : `${operations} operations (${dialect}), ${unparsed} lines not understood`
  const said = `${lines} lines, ${understood}`
  if (operations > 0 && !timed) return `${said}; no line has a time that is understood, so all times are 0`
  if (newestFirst) return `${said}; its lines are newest first: try tac ${log} | fusetrace import - -o FILE`
  const times = setBack === 1 ? 'once' : `${setBack} times`
  return setBack === 0 ? said : `${said}; its clock was set back ${times}: times go on from there`
}

/** A log must not be written over by its own recording, under whatever name. */
function refuseSame(log: string, output: string): void {
  const [from, to] = [log, output].map((path) => (path === '-' ? undefined : statSync(path, { throwIfNoEntry: false })))
  if (from?.isFile() && to && from.ino === to.ino && from.dev === to.dev) {
    throw new FusetraceError('FT_USAGE', `${output} is the log itself`, { hint: 'give the recording another name' })
  }
}
