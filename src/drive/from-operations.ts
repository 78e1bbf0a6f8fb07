import type { Operation } from '../operation/operation.js'
import { requestByHandle } from './by-handle.js'
import { requestByName } from './by-name.js'
import { requestByNode } from './by-node.js'
import { type Expectation, expectationsOf } from './expectations.js'
import { learnFrom } from './learn.js'
import { Making } from './making.js'
import { rawOf } from './raw.js'
import type { Asked, Difference, NotSent, Outcome, Step, Target } from './step.js'
import { Tree } from './tree.js'
import { type Listings, unexpected } from './unexpected.js'

/** Requests of which a log does not show what would be needed to send them again. */
const UNTOLD: ReadonlySet<string> = new Set([
  'batch_forget',
  'bmap',
  'copy_file_range',
  'copy_file_range_64',
  'cuse_init',
  'getlk',
  'ioctl',
  'notify_reply',
  'removemapping',
  'setlk',
  'setlkw',
  'setupmapping',
  'syncfs',
  'tmpfile',
])
/** What the stand-in sends by itself. */
const OWN: ReadonlySet<string> = new Set(['init', 'destroy', 'interrupt'])

/** Most that a request can carry, or ask for, bytes: a log can claim any size. */
const MAX_SIZE = 1024 * 1024
/** Requests whose size is one of data. */
const CARRIES: ReadonlySet<string> = new Set([
  'getxattr',
  'listxattr',
  'read',
  'readdir',
  'readdirplus',
  'setxattr',
  'write',
])

/** Makes the requests of a log's operations again. What the log does not show is chosen, and remarked on. */
export function stepsFromOperations(operations: readonly Operation[], target: Target): Step[] {
  const tree = new Tree(target)
  const expected = expectationsOf(operations)
  const listings: Listings = new Map()
  const writes = new Set(operations.filter(({ opcode }) => opcode === 'write').map(({ path }) => path))
  const reads = new Set(operations.filter(({ opcode }) => opcode === 'read').map(({ path }) => path))
  const making = new Making(tree, target, (path) => (writes.has(path) ? (reads.has(path) ? 2 : 1) : 0))
  return operations
    .filter(({ opcode }) => !OWN.has(opcode))
    .map((operation) => ({
      opcode: operation.opcode,
      path: operation.path,
      startAt: operation.lines[0],
      endAt: operation.endNs === null ? null : operation.lines[1],
      request: () => requestOf(making, operation),
      learn: (asked, outcome) => learnFrom(tree, operation, asked, outcome),
      compare: (outcome) => compare(operation, outcome, expected.get(operation) ?? null, listings),
    }))
}

/** Errors can be compared, and what earlier operations make of an answer: what was answered a log does not show. */
function compare(
  operation: Operation,
  outcome: Outcome,
  expected: Expectation | null,
  listings: Listings,
): Difference | null | undefined {
  const { errno, body } = outcome
  const { status } = operation
  if (status === 'unknown' || status === 'unfinished' || (status === 'error' && operation.errno === null)) {
    return errno !== null && status === 'error' ? null : undefined
  }
  const nothing =
    operation.opcode === 'lookup' && errno === null && (body as { entry: { nodeId: bigint } }).entry.nodeId === 0n
  const driven = nothing ? 'ENOENT' : (errno ?? 'ok')
  const recorded = status === 'error' ? (operation.errno as string) : operation.negative ? 'ENOENT' : 'ok'
  // Some logs do not show that a good answer named no node.
  if (nothing && recorded === 'ok' && expected?.type == null) return undefined
  if (driven !== recorded) return { recorded, driven }
  if (driven !== 'ok') return null
  return unexpected(operation, outcome, expected, listings) ?? null
}

async function requestOf(making: Making, operation: Operation): Promise<Asked | NotSent> {
  const { opcode, size } = operation
  if (UNTOLD.has(opcode)) return { reason: 'the log does not tell what it asked for' }
  const path = rawOf(operation.path, operation.pathBytes)
  if (path === null) return { reason: 'the log does not tell what it was about' }
  if (CARRIES.has(opcode) && Number(size ?? 0) > MAX_SIZE) return { reason: 'it is longer than a request can be' }
  const about =
    (await requestByName(making, operation, path)) ??
    requestByHandle(making, operation, path) ??
    (opcode === 'forget' ? forget(making.tree, path) : await aboutNode(making, operation, path))
  return about ?? { reason: 'no request of this name can be made' }
}

function forget(tree: Tree, path: string): Asked | NotSent {
  const known = tree.forget(path)
  return known && known.nlookup > 0n
    ? { opcode: 'forget', nodeId: known.nodeId, body: { nlookup: known.nlookup } }
    : { reason: 'its node is not known here' }
}

async function aboutNode(making: Making, operation: Operation, path: string): Promise<Asked | NotSent | null> {
  const node = await making.tree.nodeOrNull(path)
  return node === null ? { reason: 'its node is not known here' } : requestByNode(making, operation, node)
}
