import { errnoName } from '../dialect/core/errno.js'
import { type Distances, distances } from './distance.js'
import { type Join, join, otherPath, type Pair, sameName, type Witness } from './join.js'
import type { KernelRequest } from './requests.js'

/** How many of something, by opcode. */
export type Counts = Readonly<Record<string, number>>

/** A disagreement, for a person to look up. */
export interface Disagreement {
  /** The operation's number in the recording. */
  readonly id: number
  readonly unique: number | null
  readonly startNs: number
  readonly log: string
  readonly kernel: string
}

/** What the kernel says of a log. */
export interface Verification {
  /** True when nothing disagrees that the log shows. */
  readonly agrees: boolean
  /** `cannot tell`: nothing disagrees, but the kernel's events are not whole: what is missing could. */
  readonly verdict: 'agrees' | 'disagrees' | 'cannot tell'
  readonly joinedBy: 'unique' | 'order'
  /** `different`: the times of log and trace have nothing to do with each other, and are not compared. */
  readonly clocks: 'same' | 'different'
  readonly operations: number
  readonly kernelRequests: number
  readonly matched: number
  /** Requests without an operation, of opcodes that the log does show. */
  readonly missing: Counts
  /**
   * Requests of opcodes that the log never shows, or, without ids, shows now and then (as a level of logging hides some): no
   * disagreement.
   */
  readonly notShown: Counts
  /** Unmatched requests that were never answered, or ended because the daemon was gone: it may not have seen them. */
  readonly aborted: number
  readonly phantom: number
  readonly phantoms: readonly Disagreement[]
  /** Operations without a kernel event by nature: FORGET, INIT and the like. */
  readonly untraced: number
  /** Operations before the trace begins or after it ends. */
  readonly outside: number
  /** Events that the kernel's trace lost. */
  readonly kernelLost: number
  readonly opcode: { readonly compared: number; readonly agreeing: number; readonly examples: readonly Disagreement[] }
  /** Compared are operations whose outcome the log shows. */
  readonly errno: { readonly compared: number; readonly agreeing: number; readonly examples: readonly Disagreement[] }
  /** Compared are operations whose path both show: the kernel's events do where they have names. */
  readonly path: { readonly compared: number; readonly agreeing: number; readonly examples: readonly Disagreement[] }
  /** Compared are sizes and offsets that both show: messages between kernel and daemon do. */
  readonly size: { readonly compared: number; readonly agreeing: number; readonly examples: readonly Disagreement[] }
  readonly startNs: Distances
  readonly endNs: Distances
}

/** These have no `fuse_request_send`, or are not requests of a mount's life. */
const UNTRACED = new Set(['forget', 'batchforget', 'init', 'interrupt', 'notifyreply', 'destroy'])

/** Ends that come from the connection's end, not from the daemon: ECONNABORTED. */
const ABORTED = -103

/** Medians further apart than this are two clocks, not slow logging. */
const CLOCKS_APART_NS = 60e9

const MAX_EXAMPLES = 20

/** A larger share of an opcode's requests is not lost by accident: the log leaves them out. */
const MAX_MISSING_SHARE = 0.1

/**
 * Holds operations against the kernel's requests.
 *
 * @param trace.lost - events that the trace lost; then unexplained operations are no disagreement
 * @param trace.partly - opcodes of which the log leaves out some requests
 */
export function verify(
  operations: readonly Witness[],
  requests: readonly KernelRequest[],
  trace: { lost?: number; partly?: readonly string[] } = {},
): Verification {
  const clocks = compareClocks(operations, requests)
  const { pairs, ...left } = join(operations, requests, clocks)
  const shown = new Set(operations.map((operation) => sameName(operation.opcode)))
  const joinedBy = operations.some((operation) => operation.unique !== null) ? 'unique' : 'order'
  if (joinedBy === 'order') for (const opcode of shownNowAndThen(pairs, left)) shown.delete(opcode)
  for (const opcode of trace.partly ?? []) shown.delete(sameName(opcode))
  const seen = left.requests.filter((request) => shown.has(sameName(request.opcode)))
  const missing = seen.filter((request) => request.endNs !== null && request.error !== ABORTED)
  const traced = left.operations.filter((operation) => !UNTRACED.has(sameName(operation.opcode)))
  const phantoms = clocks === 'same' ? traced.filter((operation) => inside(operation, requests)) : traced
  const opcode = compareOpcodes(pairs)
  const errno = compareErrnos(pairs)
  const path = comparePaths(pairs)
  const size = compareSizes(pairs)
  const lost = trace.lost ?? 0
  const agrees =
    missing.length === 0 &&
    (phantoms.length === 0 || lost > 0) &&
    [opcode, errno, path, size].every((one) => one.agreeing === one.compared)
  return {
    agrees,
    verdict: agrees ? (lost > 0 ? 'cannot tell' : 'agrees') : 'disagrees',
    joinedBy,
    clocks,
    operations: operations.length,
    kernelRequests: requests.length,
    matched: pairs.length,
    missing: countByOpcode(missing),
    notShown: countByOpcode(left.requests.filter((request) => !shown.has(sameName(request.opcode)))),
    aborted: seen.length - missing.length,
    phantom: phantoms.length,
    phantoms: phantoms.slice(0, MAX_EXAMPLES).map((operation) => disagreement(operation, operation.opcode, '')),
    untraced: left.operations.length - traced.length,
    outside: traced.length - phantoms.length,
    kernelLost: lost,
    opcode,
    errno,
    path,
    size,
    ...compareTimes(pairs, clocks),
  }
}

/** Opcodes of which a log without ids shows so few that it must leave some out: and shows none that was not asked for. */
function shownNowAndThen(pairs: readonly Pair[], left: Omit<Join, 'pairs'>): string[] {
  const seen = countByOpcode(pairs.map(({ request }) => request))
  const strange = new Set(left.operations.map(({ opcode }) => sameName(opcode)))
  return Object.entries(countByOpcode(left.requests))
    .filter(
      ([opcode, hidden]) =>
        hidden > 1 && !strange.has(sameName(opcode)) && hidden > MAX_MISSING_SHARE * (hidden + (seen[opcode] ?? 0)),
    )
    .map(([opcode]) => sameName(opcode))
}

function compareClocks(operations: readonly Witness[], requests: readonly KernelRequest[]): 'same' | 'different' {
  const first = operations[0]
  const last = operations.at(-1)
  const [begin, end] = [requests[0], requests.at(-1)]
  if (!first || !last || !begin || !end) return 'same'
  const apart = Math.max(begin.sendNs - last.startNs, first.startNs - end.sendNs)
  return apart > CLOCKS_APART_NS ? 'different' : 'same'
}

function inside(operation: Witness, requests: readonly KernelRequest[]): boolean {
  const [first, last] = [requests[0], requests.at(-1)]
  if (!first || !last) return false
  const end = last.endNs ?? last.sendNs
  return (operation.endNs ?? operation.startNs) >= first.sendNs && operation.startNs <= end + 1e9
}

function compareOpcodes(all: readonly Pair[]): Verification['opcode'] {
  // A log may show a request without saying which.
  const pairs = all.filter(({ operation }) => operation.opcode !== 'unknown')
  const wrong = pairs.filter(({ operation, request }) => sameName(operation.opcode) !== sameName(request.opcode))
  const examples = wrong
    .slice(0, MAX_EXAMPLES)
    .map(({ operation, request }) => disagreement(operation, operation.opcode, request.opcode))
  return { compared: pairs.length, agreeing: pairs.length - wrong.length, examples }
}

function compareErrnos(pairs: readonly Pair[]): Verification['errno'] {
  let compared = 0
  const wrong: Disagreement[] = []
  for (const { operation, request } of pairs) {
    const { status, errno } = operation
    const { error } = request
    if (error === null || error === ABORTED || (status !== 'ok' && status !== 'error')) continue
    compared++
    const kernel = error === 0 ? 'ok' : (errnoName(-error) ?? String(error))
    const log = status === 'ok' ? 'ok' : (errno ?? 'error')
    if (log === kernel || (log === 'error' && error !== 0)) continue
    wrong.push(disagreement(operation, `${operation.opcode} ${log}`, `${request.opcode} ${kernel}`))
  }
  return { compared, agreeing: compared - wrong.length, examples: wrong.slice(0, MAX_EXAMPLES) }
}

/** libfuse's name for a file that is removed while it is open; the kernel has only the one that is gone. */
const HIDDEN = /\/\.fuse_hidden[0-9a-f]{16}$/

function comparePaths(pairs: readonly Pair[]): Verification['path'] {
  let compared = 0
  const wrong: Disagreement[] = []
  for (const { operation, request } of pairs) {
    for (const name of ['path', 'newPath'] as const) {
      const [log, kernel] = [operation[name] ?? null, request[name]]
      if (log === null || kernel === null || HIDDEN.test(log)) continue
      compared++
      if (otherPath(name, operation, request)) wrong.push(disagreement(operation, `${operation.opcode} ${log}`, kernel))
    }
  }
  return { compared, agreeing: compared - wrong.length, examples: wrong.slice(0, MAX_EXAMPLES) }
}

function compareSizes(pairs: readonly Pair[]): Verification['size'] {
  let compared = 0
  const wrong: Disagreement[] = []
  for (const { operation, request } of pairs) {
    for (const name of ['size', 'offset'] as const) {
      const [log, wire] = [operation[name], request[name]]
      if (log === undefined || wire === undefined) continue
      compared++
      if (log !== wire) wrong.push(disagreement(operation, `${operation.opcode} ${name} ${log}`, String(wire)))
    }
  }
  return { compared, agreeing: compared - wrong.length, examples: wrong.slice(0, MAX_EXAMPLES) }
}

function compareTimes(pairs: readonly Pair[], clocks: 'same' | 'different'): Pick<Verification, 'startNs' | 'endNs'> {
  const starts: number[] = []
  const ends: number[] = []
  for (const { operation, request } of clocks === 'same' ? pairs : []) {
    starts.push(operation.startNs - request.sendNs)
    if (operation.endNs !== null && request.endNs !== null) ends.push(operation.endNs - request.endNs)
  }
  return { startNs: distances(starts), endNs: distances(ends) }
}

function disagreement({ id, unique, startNs }: Witness, log: string, kernel: string): Disagreement {
  return { id, unique, startNs, log, kernel }
}

function countByOpcode(requests: readonly KernelRequest[]): Counts {
  const counts = new Map<string, number>()
  for (const { opcode } of requests) counts.set(opcode, (counts.get(opcode) ?? 0) + 1)
  return Object.fromEntries([...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)))
}
