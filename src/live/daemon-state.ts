import { type Daemon, describeDaemon } from '../process/daemon.js'
import { processStat } from '../process/process-stat.js'

/** What knows how many requests the daemon has not answered; null when that cannot be known. */
type Requests = { waiting(): number | null } | null

/** The state of a daemon that may not have been started, and whether it does its work: `bindfs runs, pid 123; it is stopped`. */
export function daemonWords(name: string, daemon: Daemon | null, connection: Requests): string {
  const words = [describeDaemon(name, daemon)]
  if (daemon?.exit === null) {
    if (processStat(daemon.pid)?.state === 'T') words.push('it is stopped (kill -CONT)')
    words.push(...waitingWords(connection))
  }
  return words.join('; ')
}

/** `2 requests wait for its answer`; nothing where none does. */
export function waitingWords(connection: Requests): string[] {
  const waiting = unanswered(connection)
  return waiting > 0 ? [`${waiting} request${waiting === 1 ? ' waits' : 's wait'} for its answer`] : []
}

/** Requests that the daemon has not answered, as the kernel counts them. */
export function unanswered(connection: Requests): number {
  return connection?.waiting() ?? 0
}
