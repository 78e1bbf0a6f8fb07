import { Command } from 'commander'
import { EXIT } from '../errors.js'
import { VERSION } from '../version.js'
import { registerAccept } from './accept.js'
import { registerCheck } from './check.js'
import { registerClean } from './clean.js'
import { registerDemo } from './demo.js'
import { registerDiff } from './diff.js'
import { report, usageInOneLine } from './failure.js'
import { registerFormats } from './formats.js'
import { registerImport } from './import.js'
import { registerInfo } from './info.js'
import { registerRecord } from './record.js'
import { registerReplay } from './replay.js'
import { registerRun } from './run.js'
import { registerShow } from './show.js'
import { registerStats } from './stats.js'
import { registerVerify } from './verify.js'
import { registerWatch } from './watch.js'

/** The whole command line. */
export function program(): Command {
  const root = new Command('fusetrace')
    .description('Record, replay and wait on what a FUSE daemon really did.')
    .version(VERSION)
    .option('--debug', 'print the stack of an error')
    .enablePositionalOptions()
    .addHelpText(
      'after',
      '\nExit codes: 0 fine, 1 a finding, 2 usage or unreadable input, 3 the environment lacks something.',
    )
  registerRecord(root)
  registerWatch(root)
  registerImport(root)
  registerShow(root)
  registerInfo(root)
  registerStats(root)
  registerReplay(root)
  registerVerify(root)
  registerDiff(root)
  registerFormats(root)
  registerRun(root)
  registerAccept(root)
  registerCheck(root)
  registerClean(root)
  registerDemo(root)
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
  for (const stream of [process.stdout, process.stderr]) {
    if (!stream.listeners('error').includes(onOutputError)) stream.on('error', onOutputError)
  }
  try {
    await program().parseAsync([...argv])
  } catch (error) {
    process.exitCode = report(error, argv.includes('--debug'))
  }
}

/** A reader that has seen enough (`| head`) is no error. */
function onOutputError(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? EXIT.ok)
  throw error
}
