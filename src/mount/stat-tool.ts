import type { Clock } from '../clock.js'
import { runTool } from '../process/run-tool.js'
import { LATE } from '../time.js'

/** The device of what is at a path, as `st_dev`; null and an errno where there is none. */
export interface DeviceAnswer {
  readonly errno: string | null
  readonly dev: string | null
}

/** What `stat` says of these, in English. */
const REASONS: Readonly<Record<string, string>> = {
  'Permission denied': 'EACCES',
  'No such file or directory': 'ENOENT',
  'Transport endpoint is not connected': 'ENOTCONN',
  'Software caused connection abort': 'ECONNABORTED',
  'Input/output error': 'EIO',
}

/**
 * Device of a file by the program `stat`, in a process that a hung mount may keep: it is there much sooner than a process of the
 * pool that has yet to start. Null when there is no such program.
 */
export async function deviceOf(
  clock: Clock,
  path: string,
  limitNs: number,
): Promise<DeviceAnswer | typeof LATE | null> {
  const result = await runTool(clock, limitNs, 'stat', ['-L', '-c', '%d %s', '--', path])
  if (result === LATE || result === null) return result
  if (result.code === 0) {
    // The size is asked for as well, which the kernel does not know without the daemon.
    const dev = /^(\d+) \d+\n$/.exec(result.stdout.toString('latin1'))?.[1]
    return dev === undefined ? null : { errno: null, dev }
  }
  const reason = /: ([^:]*)\s*$/.exec(result.stderr)?.[1]?.trim() ?? ''
  return { errno: REASONS[reason] ?? 'EIO', dev: null }
}
