import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { processStat } from '../process/process-stat.js'

/**
 * Whether the process that was started may be about to leave the mount to a child in the background: the child can answer
 * before its parent has ended. A process that serves the mount itself, beside children that do not (`fusermount3`, which
 * unmounts for it when it dies), stays.
 */
export function handsOver(pid: number): boolean {
  const state = processStat(pid)?.state
  if (state === undefined) return !existsSync(`/proc/${pid}`)
  if (state === 'Z') return true
  const children = childrenOf(pid)
  if (children.length === 0) return false
  return serves(pid) !== true || children.some((child) => serves(child) !== false)
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1')
      .split(' ')
      .filter((child) => child !== '')
      .map(Number)
  } catch {
    return []
  }
}

/** Whether a process has the FUSE device open; null when that cannot be known. */
function serves(pid: number): boolean | null {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`) === '/dev/fuse'
      } catch {
        return false
      }
    })
  } catch {
    // It has gone, or is another user's.
    return existsSync(`/proc/${pid}`) ? null : false
  }
}
