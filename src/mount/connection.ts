import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, statSync, writeSync } from 'node:fs'
import type { Clock } from '../clock.js'
import { LATE, MS, until } from '../time.js'
import { connectionOf, type Mount, readMounts } from './mountinfo.js'

const ROOT = '/sys/fs/fuse/connections'

/**
 * The kernel's side of one FUSE mount, in `/sys/fs/fuse/connections` (fusectl). Nothing here touches the mount.
 *
 * Numbers of connections are used again as soon as a mount has gone: everything here first checks that the number still names
 * the connection of this mount, by the inode of its directory, which is never used again.
 */
export class Connection {
  readonly number: number
  readonly #mount: Mount
  #serial: string | null = null

  /** Make it while the mount exists. */
  constructor(mount: Mount) {
    this.number = connectionOf(mount)
    this.#mount = mount
    if (filled()) this.#serial = this.#identify()
  }

  /** Distinguishes this connection from a later one of the same number; null where fusectl is not mounted. */
  get serial(): string | null {
    return this.#serial
  }

  /** Requests that the daemon has not answered; null when fusectl is not there, cannot be mounted, or the mount has gone. */
  waiting(): number | null {
    return this.#with('waiting', 'r', (file) => {
      const count = Number.parseInt(readFileSync(file, 'latin1'), 10)
      return Number.isNaN(count) ? null : count
    })
  }

  /**
   * Ends every pending request with an error, for a mount whose daemon is stuck. False when that was not possible, and when the
   * connection has gone.
   */
  abort(): boolean {
    return this.#with('abort', 'w', (file) => writeSync(file, '1') > 0) ?? false
  }

  /** Opens one of its files and checks that it is still this connection's: an open file never becomes another's. */
  #with<T>(name: 'waiting' | 'abort', flags: 'r' | 'w', use: (file: number) => T | null): T | null {
    if (!present()) return null
    this.#serial ??= this.#identify()
    if (this.#serial === null) return null
    let file: number | null = null
    try {
      file = openSync(`${ROOT}/${this.number}/${name}`, flags)
      return serialOf(this.number) === this.#serial ? use(file) : null
    } catch {
      return null
    } finally {
      if (file !== null) closeSync(file)
    }
  }

  /** The identity of the connection that the number names now; null when the mount is not there (any more). */
  #identify(): string | null {
    const there = (): boolean => readMounts().some(({ id }) => id === this.#mount.id)
    const serial = there() ? serialOf(this.number) : null
    return serial !== null && there() ? serial : null
  }
}

/** The inode of a connection's directory; null when there is none, or no fusectl. */
export function serialOf(connection: number): string | null {
  try {
    return String(statSync(`${ROOT}/${connection}`, { bigint: true }).ino)
  } catch {
    return null
  }
}

/**
 * Resolves when no request of the connection is in flight: RELEASE comes after `close()` has returned. False when some still
 * were after `limitNs`.
 */
export async function inFlightNone(clock: Clock, connection: Connection, limitNs: number): Promise<boolean> {
  const none = (): true | null => ((connection.waiting() ?? 0) > 0 ? null : true)
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
