import type { Operation } from '../../src/operation/operation.js'

export interface PathScore {
  /** Share of the workload's path-changing calls found as an operation with exactly that path within the call's time. */
  path: number
  pathCount: number
  pathMisses: string[]
}

interface Step {
  readonly step: string
  readonly call: string
  readonly path: string
  readonly ok: boolean
  readonly t0: number
  readonly t1: number
}

const CHANGES: Readonly<Record<string, readonly string[]>> = {
  open_creat: ['create', 'mknod', 'open'],
  mkdir: ['mkdir'],
  unlink: ['unlink'],
  rmdir: ['rmdir'],
  rename: ['rename', 'rename2'],
  symlink: ['symlink'],
  link: ['link'],
  setxattr: ['setxattr'],
  removexattr: ['removexattr'],
}

/** Python writes bytes that are not UTF-8 as lone surrogates, operations show them as `\xNN`. */
const shown = (path: string): string =>
  path.replace(/[\udc80-\udcff]/g, (c) => `\\x${(c.charCodeAt(0) - 0xdc00).toString(16).toUpperCase()}`)

/** Looks for every call of the workload that changes a path. */
export function scorePaths(operations: readonly Operation[], workload: string, originNs: number): PathScore {
  const byPath = new Map<string | null, Operation[]>()
  for (const operation of operations) {
    const path = operation.opcode === 'link' ? operation.newPath : operation.path
    const same = byPath.get(path)
    if (same) same.push(operation)
    else byPath.set(path, [operation])
  }
  let count = 0
  const pathMisses: string[] = []
  for (const text of workload.split('\n')) {
    if (text === '') continue
    const step = JSON.parse(text) as Step
    const want = CHANGES[step.call]
    if (want === undefined || !step.ok) continue
    count++
    const found = byPath
      .get(shown(step.path))
      ?.some(
        ({ opcode, startNs }) =>
          want.includes(opcode) && startNs + originNs >= step.t0 - 5e6 && startNs + originNs <= step.t1 + 20e6,
      )
    if (!found) pathMisses.push(`${step.step} ${step.call} ${step.path}`)
  }
  return { path: count === 0 ? 1 : 1 - pathMisses.length / count, pathCount: count, pathMisses }
}
