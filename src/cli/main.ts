import { Command } from 'commander'
import { EXIT } from '../errors.js'
import { VERSION } from '../version.js'
import { COMMANDS } from './commands.js'
import { report, usageInOneLine } from './failure.js'
import { hangUp, leaveWithTerminal, terminals } from './terminal.js'

/**
 * The command line: the whole, or only the command that is asked for.
 *
 * @param only the name of a command; others are then not loaded
 */
export async function program(only?: string): Promise<Command> {
  const root = new Command('fusetrace')
    .description('Record, replay and wait on what a FUSE daemon really did.')
    .version(VERSION)
    .option('--debug', 'print the stack of an error')
    .enablePositionalOptions()
    .addHelpText(
      'after',
      '\nExit codes: 0 fine, 1 a finding, 2 usage or unreadable input, 3 the environment lacks something.',
    )
  const load = only === undefined ? undefined : COMMANDS[only]
  const registers = load ? [await load()] : await Promise.all(Object.values(COMMANDS).map((each) => each()))
  for (const register of registers) register(root)
  for (const command of root.commands) inherit(command)
  usageInOneLine(root)
  return root
}

/** `--debug` may stand after the command too. */
function inherit(command: Command): void {
  if (!command.options.some((option) => option.long === '--debug'))
    command.option('--debug', 'print the stack of an error')
  for (const child of command.commands) inherit(child)
}

/** Runs the command line and sets the exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  const before = terminals()
  for (const stream of [process.stdout, process.stderr]) {
    if (!stream.listeners('error').includes(onOutputError)) stream.on('error', onOutputError)
  }
  try {
    const [, , first] = argv
    const only = first !== undefined && Object.hasOwn(COMMANDS, first) ? first : undefined
    await (await program(only)).parseAsync([...argv])
  } catch (error) {
    process.exitCode = report(error, argv.includes('--debug'))
  }
  leaveWithTerminal(before)
}

/**
 * A reader of stdout that has seen enough (`| head`) is no error; a full disk or a closed terminal is, in one line if that can be
 * printed. What runs a daemon ends in order instead (see signals.ts).
 */
function onOutputError(this: NodeJS.WriteStream, error: NodeJS.ErrnoException): void {
  // There is nowhere left to say it.
  if (this === process.stderr || this.listenerCount('error') > 1) return
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? EXIT.ok)
  if (error.code === 'EIO') hangUp()
  process.exit(report(error, false))
}
