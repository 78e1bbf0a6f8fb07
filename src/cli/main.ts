import { Command, CommanderError } from 'commander'
import { EXIT, FusetraceError } from '../errors.js'
import { registerFormats } from './formats.js'
import { registerImport } from './import.js'
import { registerInfo } from './info.js'
import { registerRecord } from './record.js'
import { registerReplay } from './replay.js'
import { registerRun } from './run.js'
import { registerShow } from './show.js'
import { registerStats } from './stats.js'
import { registerVerify } from './verify.js'
import { VERSION } from '../version.js'

/** The whole command line. */
export function program(): Command {
  const root = new Command('fusetrace')
    .description('Record, replay and wait on what a FUSE daemon really did.')
    .version(VERSION)
    .option('--debug', 'print the stack of an error')
    .enablePositionalOptions()
    .showHelpAfterError('(fusetrace --help lists commands and options)')
    .addHelpText(
      'after',
      '\nExit codes: 0 fine, 1 a finding, 2 usage or unreadable input, 3 the environment lacks something.',
    )
  registerRecord(root)
  registerImport(root)
  registerShow(root)
  registerInfo(root)
  registerStats(root)
  registerReplay(root)
  registerVerify(root)
  registerFormats(root)
  registerRun(root)
  for (const command of root.commands) inherit(command)
  return root
}

/** `--debug` may stand after the command too; usage errors exit with 2 wherever they come from. */
function inherit(command: Command): void {
  if (!command.options.some((option) => option.long === '--debug'))
    command.option('--debug', 'print the stack of an error')
  command.exitOverride()
  for (const child of command.commands) inherit(child)
}

/** Runs the command line and sets the exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  // A reader that has seen enough (`| head`) is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.ok)
    throw error
  })
  const root = program().exitOverride()
  try {
    await root.parseAsync([...argv])
  } catch (error) {
    process.exitCode = report(error, argv.includes('--debug'))
  }
}

/** One line on stderr, with the cause and the next thing to try; its exit code. */
function report(error: unknown, debug: boolean): number {
  // Commander has said it already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  const known = error instanceof FusetraceError
  const message = error instanceof Error ? error.message : String(error)
  const hint = known && error.hint !== undefined ? `; ${error.hint}` : ''
  process.stderr.write(
    `fusetrace: ${oneLine(message)}${oneLine(hint)}${known ? '' : ' (a bug: run again with --debug)'}\n`,
  )
  if (debug && error instanceof Error) process.stderr.write(`${error.stack}\n`)
  return known ? error.exitCode : EXIT.usage
}

const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, ' ')
