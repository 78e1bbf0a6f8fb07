import { errnoName } from '../dialect/core/errno.js'
import type { Operation } from '../operation/operation.js'
import { align } from './align.js'
import type { KernelRequest } from './requests.js'

/** What a join needs of an operation. */
export type Witness = Pick<Operation, 'id' | 'opcode' | 'unique' | 'startNs' | 'endNs' | 'status' | 'errno'> &
  Partial<Pick<Operation, 'path' | 'newPath' | 'paths' | 'size' | 'offset'>>

/** An operation and the kernel's request that it reports. */
export interface Pair<O extends Witness = Witness> {
  readonly operation: O
  readonly request: KernelRequest
}

export interface Join<O extends Witness = Witness> {
  readonly pairs: readonly Pair<O>[]
  /** Requests that no operation reports. */
  readonly requests: readonly KernelRequest[]
  /** Operations that no request stands behind. */
  readonly operations: readonly O[]
}

/** Beyond this an operation without an id is not taken for a request of the same opcode. */
const FAR_NS = 1e9

/** Opcodes as they are compared: the two renames are one, and spelling does not count. */
export const sameName = (opcode: string): string => {
  const plain = opcode.replaceAll('_', '')
  return plain === 'rename2' ? 'rename' : plain
}

/**
 * Joins operations with the kernel's requests: by their ids, and where an id was used again by order and time; operations
 * without ids by opcode, order and time. Costs no more than sorting.
 *
 * @param clocks - `different`: the times of the two have nothing to do with each other; only order counts
 */
export function join<O extends Witness>(
  operations: readonly O[],
  requests: readonly KernelRequest[],
  clocks: 'same' | 'different' = 'same',
): Join<O> {
  const known = operations.filter((operation) => operation.unique !== null)
  const anonymous = operations.filter((operation) => operation.unique === null)
  const byId = joinBy(
    known,
    requests,
    (o) => o.unique ?? 0,
    (r) => r.unique,
    clocks,
    Number.POSITIVE_INFINITY,
  )
  // A log may show some requests without ids: what is left is theirs.
  const far = clocks === 'same' ? FAR_NS : Number.POSITIVE_INFINITY
  const name = ({ opcode }: { opcode: string }): string => sameName(opcode)
  const byOrder = joinBy(anonymous, byId.requests, name, name, clocks, far, true)
  const pairs = [...byId.pairs, ...byOrder.pairs]
  const left = { requests: byOrder.requests, operations: [...byId.operations, ...byOrder.operations] }
  pairs.sort((a, b) => a.operation.id - b.operation.id)
  left.requests.sort((a, b) => a.sendNs - b.sendNs)
  left.operations.sort((a, b) => a.id - b.id)
  return { pairs, ...left }
}

/** Pairs what has the same key, group by group. */
function joinBy<O extends Witness, K>(
  operations: readonly O[],
  requests: readonly KernelRequest[],
  keyOf: (operation: O) => K,
  keyOfRequest: (request: KernelRequest) => K,
  clocks: 'same' | 'different',
  far: number,
  byFacts = false,
): { pairs: Pair<O>[]; requests: KernelRequest[]; operations: O[] } {
  const done = { pairs: [] as Pair<O>[], requests: [] as KernelRequest[], operations: [] as O[] }
  if (operations.length === 0) return { ...done, requests: [...requests] }
  const groups = new Map<K, { operations: O[]; requests: KernelRequest[] }>()
  const group = (key: K): { operations: O[]; requests: KernelRequest[] } => {
    let found = groups.get(key)
    if (found === undefined) {
      found = { operations: [], requests: [] }
      groups.set(key, found)
    }
    return found
  }
  for (const operation of operations) group(keyOf(operation)).operations.push(operation)
  for (const request of requests) group(keyOfRequest(request)).requests.push(request)
  for (const one of groups.values()) {
    if (byFacts && pairByFacts(one.operations, one.requests, clocks, far, done)) continue
    pairInOrder(one.operations, one.requests, clocks, far, done.pairs, done)
  }
  return done
}

/** A line can be read sooner than the kernel's event by so much: their clocks are read by two programs. */
const EARLY_NS = 1e6

/**
 * Pairs operations without ids with requests of their opcode: by order and time, and by what both say of path and outcome.
 * An operation is not begun before its request. False when there are too many.
 */
function pairByFacts<O extends Witness>(
  operations: readonly O[],
  requests: readonly KernelRequest[],
  clocks: 'same' | 'different',
  far: number,
  done: { pairs: Pair<O>[]; requests: KernelRequest[]; operations: O[] },
): boolean {
  const alignment = align(operations, requests, {
    pair(operation, request) {
      const after = operation.startNs - request.sendNs
      if (clocks === 'same' && (Math.abs(after) > far || after < -EARLY_NS)) return Number.POSITIVE_INFINITY
      const apart = clocks === 'same' ? Math.abs(after) / FAR_NS : 0
      return apart + (contradicts(operation, request) ? CONTRADICTION : 0)
    },
    aloneA: ALONE,
    aloneB: 0,
  })
  if (alignment === null) return false
  const taken = { operations: new Set<number>(), requests: new Set<number>() }
  for (const [o, r] of alignment.pairs) {
    done.pairs.push({ operation: operations[o] as O, request: requests[r] as KernelRequest })
    taken.operations.add(o)
    taken.requests.add(r)
  }
  // One by one: a call takes no hundreds of thousands of arguments.
  for (const [i, operation] of operations.entries()) if (!taken.operations.has(i)) done.operations.push(operation)
  for (const [i, request] of requests.entries()) if (!taken.requests.has(i)) done.requests.push(request)
  return true
}

/** In seconds of distance: an operation that says something else of a request is taken for it before it is taken for none. */
const CONTRADICTION = 10
const ALONE = 100

/** Whether the log and the kernel say different things, where both say anything. */
function contradicts(operation: Witness, request: KernelRequest): boolean {
  const { status, errno } = operation
  if (otherPath('path', operation, request) || otherPath('newPath', operation, request)) return true
  if (request.error === null || (status !== 'ok' && status !== 'error')) return false
  if (status === 'ok' || request.error === 0) return (status === 'ok') !== (request.error === 0)
  return errno !== null && errnoName(-request.error) !== errno
}

/** Whether log and kernel name different files: both names of one that has several are right. */
export function otherPath(which: 'path' | 'newPath', operation: Witness, request: KernelRequest): boolean {
  const [log, kernel] = [operation[which], request[which]]
  if (log == null || kernel === null || log === kernel) return false
  return which === 'newPath' || !(request.paths?.includes(log) || operation.paths?.includes(kernel))
}

/** Pairs two lists without crossing. Where one is longer, the one that is worse off by opcode, then by time, is left out. */
function pairInOrder<O extends Witness>(
  operations: readonly O[],
  requests: readonly KernelRequest[],
  clocks: 'same' | 'different',
  far: number,
  pairs: Pair<O>[],
  left: { requests: KernelRequest[]; operations: O[] },
): void {
  let o = 0
  let r = 0
  const cost = (operation: O | undefined, request: KernelRequest | undefined): number => {
    if (operation === undefined || request === undefined) return Number.POSITIVE_INFINITY
    const apart = clocks === 'same' ? Math.abs(operation.startNs - request.sendNs) : 0
    return apart + (sameName(operation.opcode) === sameName(request.opcode) ? 0 : FAR_NS)
  }
  while (o < operations.length && r < requests.length) {
    const operation = operations[o] as O
    const request = requests[r] as KernelRequest
    const spare = operations.length - o - (requests.length - r)
    const here = cost(operation, request)
    if (spare > 0 && cost(operations[o + 1], request) < here) {
      left.operations.push(operation)
      o++
    } else if (spare < 0 && cost(operation, requests[r + 1]) < here) {
      left.requests.push(request)
      r++
    } else if (here > far) {
      if (operation.startNs < request.sendNs) {
        left.operations.push(operation)
        o++
      } else {
        left.requests.push(request)
        r++
      }
    } else {
      pairs.push({ operation, request })
      o++
      r++
    }
  }
  for (; o < operations.length; o++) left.operations.push(operations[o] as O)
  for (; r < requests.length; r++) left.requests.push(requests[r] as KernelRequest)
}
