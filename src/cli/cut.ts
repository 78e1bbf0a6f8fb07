import type { Command } from 'commander'
import { errnoOfName } from '../dialect/core/errno.js'
import { type Change, described } from '../edit/change.js'
import { type Edited, editRecording } from '../edit/edit-recording.js'
import { FusetraceError } from '../errors.js'
import { printable } from '../line/text.js'
import { duration, offset } from '../report/format.js'
import { durationOf } from '../trace/time.js'
import { DIALECT_HELP, resolveDialect } from './dialect-option.js'
import { warnIfNotWhole } from './failure.js'
import { json, print, say } from './output.js'
import { refuseInput } from './recording-arguments.js'
import { recovery } from './recovery.js'
import { spoolStdin } from './spool.js'

interface CutOptions {
  output: string
  from?: string
  to?: string
  drop?: string[]
  delay?: string[]
  fail?: string[]
  dialect?: string
  force?: boolean
  json?: boolean
}

const collect = (value: string, before: string[] = []): string[] => [...before, value]

/** `fusetrace cut`: a part of a recording, or one with operations changed, for unit tests. */
export function registerCut(program: Command): void {
  program
    .command('cut')
    .description('write a part of a recording, or one in which operations are left out, delayed or fail')
    .argument('<file>', 'the recording; - is stdin')
    .requiredOption('-o, --output <file>', 'the recording to write; - is stdout')
    .option('--from <step>', 'begin with this step')
    .option('--to <step>', 'end with this step')
    .option('--drop <operation>', 'leave operations out; may be given several times', collect)
    .option('--delay <operation=time>', 'let their ends come later: create:/a.txt=20ms', collect)
    .option('--fail <operation=errno>', 'let them fail: mkdir:/d=EEXIST', collect)
    .option('--dialect <name>', DIALECT_HELP)
    .option('--force', 'replace what exists under the name of the output')
    .option('--json', 'print what was done as one JSON object')
    .addHelpText(
      'after',
      `
An operation is named OPCODE[:PATH][#NTH]: create, unlink:/a.txt, write:"/d/**"#2. Without #NTH all that match are meant.
What is written is read again: what the log could not show is refused. Changes are made in the order drop, delay, fail.

Examples:
  fusetrace cut run.fusetrace --from rename --to delete -o part.fusetrace
  fusetrace cut run.fusetrace --fail 'mkdir:/d#1=ENOSPC' --delay create=200ms -o slow.fusetrace`,
    )
    .action(async (file: string, options: CutOptions) => {
      const changes = changesOf(options)
      if (changes.length === 0 && options.from === undefined && options.to === undefined) {
        throw new FusetraceError('FT_USAGE', 'there is nothing to be done', {
          hint: 'give --from, --to, --drop, --delay or --fail',
        })
      }
      if (options.json && options.output === '-') {
        throw new FusetraceError('FT_USAGE', '--json and -o - both write to stdout', { hint: 'give the output a name' })
      }
      const dialect = options.dialect === undefined ? undefined : await resolveDialect(options.dialect)
      refuseInput([file], options.output)
      const stdin = file === '-' ? spoolStdin() : null
      try {
        const { from, to, output, force } = options
        const edit = {
          changes,
          ...(from !== undefined && { from }),
          ...(to !== undefined && { to }),
          ...(dialect && { dialect }),
        }
        const open = await recovery(file)
        const done = editRecording(stdin?.path ?? file, output, edit, { force: force === true, open })
        if (options.json) print(json(asJson(done, output)))
        else report(done, output)
        warnIfNotWhole(file, done.problem)
      } finally {
        stdin?.remove()
      }
    })
}

function changesOf({ drop = [], delay = [], fail = [] }: CutOptions): { selector: string; change: Change }[] {
  return [
    ...drop.map((selector) => ({ selector, change: { what: 'drop' } as const })),
    ...delay.map((text) => {
      const { selector, value } = split(text, '--delay', 'create:/a.txt=20ms')
      const byNs = durationOf(value)
      if (byNs === null || byNs === 0) {
        throw new FusetraceError('FT_USAGE', `--delay ${printable(text)}: ${printable(value)} is no time`, {
          hint: 'write 20ms, 1.5s or 200us behind the =',
        })
      }
      return { selector, change: { what: 'delay', byNs } as const }
    }),
    ...fail.map((text) => {
      const { selector, value } = split(text, '--fail', 'mkdir:/d=EEXIST')
      const errno = errnoOfName(value)
      if (errno === null) {
        throw new FusetraceError('FT_USAGE', `--fail ${printable(text)}: ${printable(value)} is no errno`, {
          hint: 'write a name as ENOENT behind the =',
        })
      }
      return { selector, change: { what: 'fail', errno } as const }
    }),
  ]
}

/** `SELECTOR=VALUE`; a path may hold `=`. */
function split(text: string, option: string, example: string): { selector: string; value: string } {
  const at = text.lastIndexOf('=')
  if (at > 0) return { selector: text.slice(0, at), value: text.slice(at + 1) }
  throw new FusetraceError('FT_USAGE', `${option} ${printable(text)} says nothing behind a =`, {
    hint: `try ${option} ${example}`,
  })
}

const word = (change: Change): string =>
  change.what === 'drop'
    ? 'dropped'
    : change.what === 'delay'
      ? `delayed by ${duration(change.byNs)}`
      : `fails with ${change.errno}`

/** Changes that are printed one by one. */
const MAX_PRINTED = 20

function report({ operations, before, changed, renamed }: Edited, output: string): void {
  const line = (text: string): void => void process.stderr.write(`${printable(text)}\n`)
  for (const { change, operation } of changed.slice(0, MAX_PRINTED)) {
    line(`${word(change)}: ${described(operation)} at ${offset(operation.startNs).trim()}`)
  }
  if (changed.length > MAX_PRINTED) line(`and ${changed.length - MAX_PRINTED} more`)
  if (before.operations > 0) {
    const what = before.kept === 'all' ? 'all' : 'those that name files'
    line(`${before.operations} operations of before are kept at its beginning, ${what}: later ones are known by them`)
  }
  if (renamed > 0) say(`${renamed} other operations have other paths now: the log names them by what was changed`)
  line(`${output}: ${operations[1] - before.operations} of ${operations[0]} operations`)
}

function asJson({ operations, before, changed, renamed }: Edited, output: string): Record<string, unknown> {
  return {
    output,
    operations: operations[1],
    operationsBefore: operations[0],
    kept: before,
    renamed,
    changed: changed.map(({ change, operation: { id, opcode, path, startNs } }) => ({
      ...change,
      id,
      opcode,
      path,
      startNs,
    })),
  }
}
