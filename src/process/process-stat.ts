import { readFileSync } from 'node:fs'

/** What `/proc` says of a process. */
export interface ProcessStat {
  /** `R`, `S`, `D`, `T` (stopped), `Z` … */
  readonly state: string
  /** The process group. */
  readonly group: number
  /** When it started, in the kernel's clock ticks: process ids are used again. */
  readonly start: string
}

/** The state of a process; null when there is none, or no `/proc`. */
export function processStat(pid: number): ProcessStat | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The second field is the program's name in parentheses, which may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { state: fields[0] ?? '', group: Number(fields[2]), start: fields[19] ?? '' }
  } catch {
    return null
  }
}
