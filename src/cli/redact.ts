import type { Command } from 'commander'
import { dialects } from '../dialect/builtin.js'
import { FusetraceError } from '../errors.js'
import { printable } from '../line/text.js'
import { redactRecording } from '../redact/redact-recording.js'
import { replacedText } from '../report/replaced-text.js'
import { json, print } from './output.js'
import { REDACT_HELP, repeated } from './redact-option.js'

interface RedactOptions {
  output?: string
  redact?: string[]
  force?: boolean
  json?: boolean
}

/** `fusetrace redact`: an old recording without secrets. */
export function registerRedact(program: Command): void {
  program
    .command('redact')
    .description('replace secrets, and what tells of this machine, in a recording that was made without that')
    .argument('<file>', 'the recording')
    .option('-o, --output <file>', 'write here; - is stdout (default: in place of the file)')
    .option('--redact <pattern>', REDACT_HELP, repeated)
    .option('--force', 'replace what exists under the name of the output')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Replaced are tokens and passwords, this user's home directory, and of a test's recording the directories of its run, by stand-ins
such as {token1}, {home} and {mount}: equal texts by equal stand-ins. Tell it of others by --redact: names, serial numbers.

The operations are the same afterwards but for names in them. That is checked first; where they would not be, the file
stays as it is and the exit code is 1.

Examples:
  fusetrace redact old.fusetrace
  fusetrace redact run.fusetrace -o public.fusetrace --redact 'customer-\\d+' --redact 'serial=(\\w+)'`,
    )
    .action((file: string, options: RedactOptions) => {
      const { output, redact } = options
      if (options.json && output === '-') {
        throw new FusetraceError('FT_USAGE', '--json and -o - both want stdout', {
          hint: 'write the recording to a file',
        })
      }
      const done = redactRecording({
        recording: file,
        candidates: dialects,
        ...(output !== undefined && { output }),
        ...(redact && { patterns: redact }),
        ...(options.force && { force: true }),
      })
      if (options.json) return print(json({ file, ...done }))
      const what = replacedText(done.redacted)
      const text = printable(
        what === null
          ? `${done.output}: nothing to replace in ${done.lines} lines`
          : `${done.output}: ${what}; its ${done.operations} operations are the same but for names`,
      )
      if (output === '-') process.stderr.write(`${text}\n`)
      else print(text)
    })
}
