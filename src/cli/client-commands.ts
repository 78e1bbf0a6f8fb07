import type { Command } from 'commander'
import { client } from '../serve/client.js'
import { WAIT_KINDS } from '../serve/wait-kinds.js'
import type { Register } from './register.js'

/** What `--help` says of each; they run without loading any of this (`bin/fusetrace.js`). */
const TEXTS: Readonly<Record<string, { arguments: string; description: string; help: string }>> = {
  wait: {
    arguments: '<kind> [args...]',
    description: 'wait, from a shell, on the monitor that is served for a mount',
    help: `
Kinds:
${Object.entries(WAIT_KINDS)
  .map(
    ([name, { args, more = [] }]) => `  ${[name, ...args.map((arg) => arg.toUpperCase())].join(' ')}${options(more)}`,
  )
  .join('\n')}

Options of every wait: --timeout MS (5000), --since MARK (default: the latest step), --socket PATH, --json.
Exit code: 0 satisfied, 1 not (stderr says why), 2 usage, 3 no monitor there.

Examples:
  fusetrace wait file-visible /mnt/point/a.txt
  fusetrace wait operation --opcode create --path '/dir/**' --errno EEXIST
  fusetrace wait logged 'uploaded .*a\\.txt' --timeout 30000`,
  },
  mark: {
    arguments: '[name]',
    description: 'print a mark, which --since takes: a wait looks at what starts after it',
    help: '\nExample:\n  since=$(fusetrace mark); touch /mnt/point/a; fusetrace wait file-visible /mnt/point/a --since "$since"',
  },
  step: {
    arguments: '<name> [command...]',
    description: 'run a command as a named step of the run, and end as it ends',
    help: "\nExample:\n  fusetrace step create -- sh -c 'echo hi > /mnt/point/a.txt'",
  },
  fence: { arguments: '', description: 'print an exact mark: everything before it is in', help: '' },
  operations: {
    arguments: '',
    description: 'print the operations so far, or since a mark',
    help: '\nOptions: --since MARK, --limit N, --json (one object a line), --socket PATH.',
  },
  stop: { arguments: '', description: 'end the monitor: its mount is taken down, its recording finished', help: '' },
}

function options(names: readonly string[]): string {
  const kebab = (name: string): string => ({ newPath: 'new-path', forMs: 'for' })[name] ?? name
  return names.length === 0 ? '' : ` [${names.map((name) => `--${kebab(name)}`).join(' ')}]`
}

/** A command of the client, for help and for whoever calls the command line as a function. */
export function registerClient(name: string): Register {
  const { arguments: args, description, help } = TEXTS[name] as (typeof TEXTS)[string]
  return (program) => {
    const command: Command = program.command(name).description(description).allowUnknownOption().passThroughOptions()
    if (args !== '') command.arguments(args)
    command.option('--socket <path>', 'where the monitor listens').option('--json', 'print JSON on stdout')
    if (help !== '') command.addHelpText('after', help)
    command.action(async () => {
      process.exitCode = await client([name, ...argumentsOf(command)], {
        environment: process.env,
        out: (text) => void process.stdout.write(text),
        err: (text) => void process.stderr.write(text),
      })
    })
  }
}

/** What stood after the command's name, untouched. */
function argumentsOf(command: Command): readonly string[] {
  const { rawArgs } = command.parent as unknown as { rawArgs: readonly string[] }
  return rawArgs.slice(rawArgs.indexOf(command.name(), 2) + 1).filter((arg) => arg !== '--debug')
}
