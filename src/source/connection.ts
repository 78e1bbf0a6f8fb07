import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

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
