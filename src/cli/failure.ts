import { type Command, CommanderError } from 'commander'
import { EXIT, FusetraceError } from '../errors.js'
import { printable, printableLines } from '../line/text.js'
import { NOT_FINISHED } from '../recording/reader.js'
import { say } from './output.js'

/** Makes a command and those below it say what was wrongly given in one line, with the next thing to try. */
export function usageInOneLine(command: Command): void {
  command.exitOverride().showHelpAfterError(false)
  command.configureOutput({ outputError: (text, write) => write(usageLine(text, `${pathOf(command)} --help`)) })
  for (const child of command.commands) usageInOneLine(child)
}

/** `error: unknown option '--jsn'\n(Did you mean --json?)` and the like. */
function usageLine(text: string, help: string): string {
  const [problem = '', ...more] = text
    .replace(/^error: /, '')
    .trim()
    .split('\n')
  const meant = /^\((Did you mean .*)\)$/.exec(more.join(' '))?.[1]
  const hint = meant === undefined ? `see ${help}` : `${meant[0]?.toLowerCase()}${meant.slice(1)}`
  return `fusetrace: ${printable(problem.replace(/\.$/, ''))}; ${printable(hint)}\n`
}

function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name()
}

/**
 * Prints an error in one line on stderr: the cause, and the next thing to try. A stack only with `debug`.
 *
 * @returns the exit code
 */
export function report(error: unknown, debug: boolean): number {
  // Commander has said it already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  // The reader of our output has seen enough.
  if (isEpipe(error) || (error instanceof FusetraceError && isEpipe(error.cause))) return EXIT.ok
  if (isOutput(error)) {
    say(
      `cannot write standard output: ${inOneLine(error.message)}${error.code === 'ENOSPC' ? '; the disk is full' : ''}`,
    )
    return EXIT.environment
  }
  say(oneLine(error))
  if (debug && error instanceof Error) process.stderr.write(`${printableLines(String(error.stack))}\n`)
  return error instanceof FusetraceError ? error.exitCode : EXIT.usage
}

/** What was to be printed could not be: a full disk, a closed terminal. */
const isOutput = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error &&
  (error as NodeJS.ErrnoException).syscall === 'write' &&
  !(error instanceof FusetraceError) &&
  !('path' in error)

const isEpipe = (error: unknown): boolean => (error as NodeJS.ErrnoException | null)?.code === 'EPIPE'

function describe(error: unknown): string {
  if (error instanceof FusetraceError)
    return error.hint === undefined ? error.message : `${error.message}; ${error.hint}`
  const message = error instanceof Error ? error.message : String(error)
  // The system said no (a full disk, say).
  if (error instanceof Error && 'syscall' in error) return message
  return `${message} (a bug: run again with --debug)`
}

/** Names in a message can hold anything. */
const inOneLine = (text: string): string => printable(text.replace(/\s*\n\s*/g, ' '))

/** An error in one line: the cause, and the next thing to try. */
export const oneLine = (error: unknown): string => inOneLine(describe(error))

/**
 * Says on stderr when a recording could not be read whole, which is a finding. One that is still being written, or was when its
 * writer was killed, and has the name of such a one, is as whole as it can be.
 */
export function warnIfNotWhole(file: string, problem: string | null): void {
  if (problem === null) return
  say(`${printable(file)} is not whole: ${problem}`)
  if (!(problem === NOT_FINISHED && file.endsWith('.partial'))) process.exitCode = EXIT.finding
}
