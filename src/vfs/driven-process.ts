import type { Clock } from '../clock.js'
import { LATE, MS, within } from '../time.js'
import type { Channel } from '../transport/channel.js'
import type { Connection } from './connection.js'

/** How a process ended. */
export interface Exit {
  readonly code: number | null
  readonly signal: string | null
}

/** What the stand-in needs to know of the daemon's process. */
export interface DrivenProcess {
  readonly exit: Exit | null
  readonly exited: Promise<Exit>
  lastLines(count?: number): string[]
  kill(signal: NodeJS.Signals): boolean
}

/** Time for each step of ending a daemon. */
const STEP_NS = 1500 * MS
const RESET_NS = 200 * MS

/** Closes our end so that every daemon takes it for the end of its mount. */
export async function letGo(clock: Clock, connection: Connection, channel: Channel): Promise<void> {
  if (connection.broken) return channel.close()
  connection.post('destroy', 0n, {})
  await channel.reset(clock, RESET_NS)
  connection.end()
}

/** By signal first, as libraries end well by it; then by closing its descriptor; then by force. */
export async function endDaemon(
  clock: Clock,
  connection: Connection,
  channel: Channel | null,
  process: DrivenProcess | null,
): Promise<void> {
  const gone = async (): Promise<boolean> =>
    process === null || process.exit !== null || (await within(clock, STEP_NS, process.exited)) !== LATE
  if (process?.exit === null) process.kill('SIGTERM')
  if (!(await gone())) {
    if (channel) await letGo(clock, connection, channel)
    if (!(await gone())) {
      process?.kill('SIGKILL')
      await gone()
    }
  }
  // Whoever it has left behind in its group goes as well.
  process?.kill('SIGKILL')
  channel?.close()
  connection.end()
}
