import { isatty } from 'node:tty'

/** Which of standard input, output and error are a terminal. */
export function terminals(): readonly number[] {
  return [0, 1, 2].filter((file) => isatty(file))
}

/**
 * Ends this process when a terminal that it began with has been closed: by SIGHUP, as the system means it. An ordinary end would
 * abort in Node, which wants to give the terminal its settings back.
 */
export function leaveWithTerminal(before: readonly number[]): void {
  if (!before.every((file) => isatty(file))) hangUp()
}

/** Ends this process as SIGHUP does. */
export function hangUp(): void {
  process.removeAllListeners('SIGHUP')
  process.kill(process.pid, 'SIGHUP')
}
