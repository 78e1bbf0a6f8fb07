/** Nanoseconds of processor time that a process has had; null where that is not known. */
export type ProcessorTime = (pid: string) => bigint | null

/**
 * Counts the descriptors that processes hold on a file, as far as `/proc` shows them to this user; to two at most.
 *
 * To read all descriptors of all processes takes 10 ms and more. A process that has not run since they were read has the same as
 * then, so with `ranNs` only those are read that have. The time of one that is running is behind until it stops, or the next tick;
 * but to open a file so that the daemon learns of it is to wait for the daemon, and a process that waits has stopped. To close one is
 * not, so a process that had it open is read again while it runs.
 *
 * Its source text is given to another process, so it may use nothing from outside of itself.
 *
 * @param ranNs asked anew for each count; null where there is no such time
 * @param self a process that holds nothing: the one that counts, which has always run since
 */
export function holderCounter(
  fs: Pick<typeof import('node:fs'), 'readdirSync' | 'readlinkSync' | 'readFileSync'>,
  ranNs: () => ProcessorTime | null,
  self: string | null = null,
): (path: string) => number {
  const known = new Map<string, { readonly atNs: bigint; readonly files: readonly string[] }>()

  /** What a process has open, pipes, sockets and the like aside. */
  const filesOf = (pid: string): string[] => {
    const files: string[] = []
    try {
      for (const fd of fs.readdirSync(`/proc/${pid}/fd`)) {
        try {
          const target = fs.readlinkSync(`/proc/${pid}/fd/${fd}`, 'latin1')
          if (target.startsWith('/')) files.push(target)
        } catch (error) {
          // Closed meanwhile; or another user's, of which all are closed to us.
          if ((error as NodeJS.ErrnoException).code !== 'ENOENT') break
        }
      }
    } catch {
      // Gone meanwhile, or another user's.
    }
    return files
  }

  const isRunning = (pid: string): boolean => {
    try {
      for (const thread of fs.readdirSync(`/proc/${pid}/task`)) {
        const stat = fs.readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8')
        if (stat[stat.lastIndexOf(')') + 2] === 'R') return true
      }
      return false
    } catch {
      // A thread that has gone meanwhile was running.
      return true
    }
  }

  return (path) => {
    const time = ranNs()
    // New processes first: one that holds it now has probably begun lately.
    const pids = fs.readdirSync('/proc').filter((name) => name >= '0' && name < ':' && name !== self)
    const there = new Set(pids)
    for (const pid of known.keys()) if (!there.has(pid)) known.delete(pid)
    let count = 0
    for (const pid of pids.reverse()) {
      // Before they are read: a process that runs meanwhile is read again the next time.
      const atNs = time?.(pid) ?? null
      const before = known.get(pid)
      const asleep = before !== undefined && atNs !== null && before.atNs === atNs
      const same = asleep && !(before.files.includes(path) && isRunning(pid))
      const files = same ? before.files : filesOf(pid)
      if (atNs === null) known.delete(pid)
      else if (!same) known.set(pid, { atNs, files })
      for (const file of files) if (file === path) count++
      if (count > 1) break
    }
    return Math.min(count, 2)
  }
}
