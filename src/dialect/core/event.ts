import type { Line } from '../../line/line.js'
import type { DetailEvent, OperationFacts, OperationKey, ReplyEvent, RequestEvent } from './dialect.js'
import type { EventValues } from './values.js'

export type { EventValues } from './values.js'

/**
 * A request that was read from one line, with all fields there from the beginning: whoever reads events then meets a few
 * shapes of objects instead of dozens, which is several times as quick. What is known of it is set on it.
 */
export function requestEvent(unique: number | null, opcode: string, { index, atNs }: Line): RequestEvent {
  return {
    kind: 'request',
    unique,
    slot: undefined,
    opcode,
    atNs,
    lines: [index, index],
    nodeId: undefined,
    entry: undefined,
    otherNodeId: undefined,
    otherEntry: undefined,
    path: undefined,
    newPath: undefined,
    target: undefined,
    xattr: undefined,
    exchange: undefined,
    pid: undefined,
    values: undefined,
    forgets: undefined,
    forgetCounts: undefined,
    noReply: undefined,
    resetsNodes: undefined,
  }
}

/** Something more about an open operation, from these lines: as `requestEvent`. */
export function detailEvent(key: OperationKey, atNs: number, lines: readonly [number, number]): DetailEvent {
  return {
    kind: 'detail',
    key,
    slot: undefined,
    atNs,
    lines,
    nodeId: undefined,
    entry: undefined,
    otherNodeId: undefined,
    otherEntry: undefined,
    path: undefined,
    newPath: undefined,
    target: undefined,
    xattr: undefined,
    exchange: undefined,
    pid: undefined,
    values: undefined,
    status: undefined,
    errno: undefined,
  }
}

/** The end of an operation by its reply, from one line: as `requestEvent`. */
export function replyEvent(
  key: OperationKey,
  status: ReplyEvent['status'],
  errno: string | null,
  { index, atNs }: Line,
): ReplyEvent {
  return {
    kind: 'reply',
    key,
    endedBy: 'reply',
    status,
    errno,
    atNs,
    lines: [index, index],
    values: undefined,
    children: undefined,
    childNodeId: undefined,
    onlyName: undefined,
    resetsNodes: undefined,
    loses: undefined,
  }
}

/** Sets what is known of an operation's names, beside or in the place of what was known before. */
export function addNames(to: OperationFacts, from: OperationFacts): void {
  const { entry, otherNodeId, otherEntry, path, newPath, target, xattr, exchange } = from
  if (entry !== undefined) to.entry = entry
  if (otherNodeId !== undefined) to.otherNodeId = otherNodeId
  if (otherEntry !== undefined) to.otherEntry = otherEntry
  if (path !== undefined) to.path = path
  if (newPath !== undefined) to.newPath = newPath
  if (target !== undefined) to.target = target
  if (xattr !== undefined) to.xattr = xattr
  if (exchange !== undefined) to.exchange = exchange
}

/** Names of which none is known yet, as `requestEvent`. */
export const noNames = (): OperationFacts => ({
  entry: undefined,
  otherNodeId: undefined,
  otherEntry: undefined,
  path: undefined,
  newPath: undefined,
  target: undefined,
  xattr: undefined,
  exchange: undefined,
})

/** Numbers of which none is known yet, as `requestEvent`. */
export const noValues = (): EventValues => ({
  size: undefined,
  offset: undefined,
  mode: undefined,
  flags: undefined,
  nodeId: undefined,
  fh: undefined,
  queueNs: undefined,
})
