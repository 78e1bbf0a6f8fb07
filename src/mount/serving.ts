import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { processStat } from '../process/process-stat.js'

/** A process that serves a mount. */
export interface Serving {
  readonly pid: number
  /** Its program's name, as the kernel has it: at most 15 bytes. */
  readonly name: string
  /** When it started: process ids are used again. */
  readonly start: string
}

/**
 * The processes that hold the descriptor by which a connection is served, by what the kernel says of their descriptors (Linux
 * 6.11 or newer; of other users' processes only root sees them). Empty where that cannot be found out.
 */
export function servingProcesses(connection: number): Serving[] {
  return numbers('/proc').flatMap((pid) => {
    if (!serves(pid, connection)) return []
    const stat = processStat(pid)
    return stat === null ? [] : [{ pid, name: programName(pid), start: stat.start }]
  })
}

/** Whether it still runs: not another one of its number, and not a zombie. */
export function stillRuns({ pid, start }: Serving): boolean {
  const stat = processStat(pid)
  return stat !== null && stat.start === start && stat.state !== 'Z'
}

function serves(pid: number, connection: number): boolean {
  try {
    return numbers(`/proc/${pid}/fd`).some((fd) => {
      if (readlinkSync(`/proc/${pid}/fd/${fd}`) !== '/dev/fuse') return false
      const found = /^fuse_connection:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'latin1'))
      return Number(found?.[1]) === connection
    })
  } catch {
    // It has ended, or is none of ours.
    return false
  }
}

function numbers(directory: string): number[] {
  return readdirSync(directory).map(Number).filter(Number.isInteger)
}

function programName(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'latin1').trimEnd()
  } catch {
    return ''
  }
}
