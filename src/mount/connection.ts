import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { Clock } from '../clock.js'
import { LATE, MS, until } from '../time.js'

const ROOT = '/sys/fs/fuse/connections'

/** The kernel's side of one FUSE mount, in `/sys/fs/fuse/connections` (fusectl). Nothing here touches the mount. */
export class Connection {
  readonly number: number

  constructor(number: number) {
    this.number = number
  }

  /** Requests that the daemon has not answered; null when fusectl is not there, cannot be mounted, or the mount has gone. */
  waiting(): number | null {
    if (!present()) return null
    try {
      return Number.parseInt(readFileSync(`${ROOT}/${this.number}/waiting`, 'latin1'), 10)
    } catch {
      return null
    }
  }

  /** Ends every pending request with an error, for a mount whose daemon is stuck. False when that was not possible. */
  abort(): boolean {
    if (!present()) return false
    try {
      writeFileSync(`${ROOT}/${this.number}/abort`, '1')
      return true
    } catch {
      return false
    }
  }
}

/**
 * Resolves when no request of the connection is in flight: RELEASE comes after `close()` has returned. False when some still
 * were after `limitNs`.
 */
export async function inFlightNone(clock: Clock, connection: number, limitNs: number): Promise<boolean> {
  const kernel = new Connection(connection)
  const none = (): true | null => ((kernel.waiting() ?? 0) > 0 ? null : true)
  return (await until(clock, { forNs: limitNs, everyNs: 2 * MS }, none)) !== LATE
}

/** Mounts fusectl where that has not been done (containers); needs root. */
function present(): boolean {
  if (filled()) return true
  if (process.getuid?.() !== 0 || !existsSync(ROOT)) return false
  spawnSync('mount', ['-t', 'fusectl', 'fusectl', ROOT], {
    stdio: 'ignore',
    timeout: 2000,
  })
  return filled()
}

function filled(): boolean {
  return readFileSync('/proc/self/mountinfo', 'latin1').includes(` ${ROOT} `)
}
