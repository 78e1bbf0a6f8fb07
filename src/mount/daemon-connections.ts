import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/**
 * The connections that a process serves, as its open `/dev/fuse` say (`fuse_connection` in fdinfo, Linux 6.14 and later);
 * empty where the kernel does not say, or the process is not ours to look into.
 */
export function servedConnections(pid: number): ReadonlySet<number> {
  const connections = new Set<number>()
  try {
    for (const fd of readdirSync(`/proc/${pid}/fd`)) {
      try {
        if (readlinkSync(`/proc/${pid}/fd/${fd}`) !== '/dev/fuse') continue
        const number = /^fuse_connection:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'latin1'))?.[1]
        if (number !== undefined) connections.add(Number(number))
      } catch {
        // Closed in the meantime.
      }
    }
  } catch {
    // It has gone.
  }
  return connections
}
