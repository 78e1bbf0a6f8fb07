import type { NodeId } from '../dialect/core/dialect.js'
import type { Draft } from './draft.js'
import type { InodeTable, Place } from './inode-table.js'

/** Derives an operation's paths: the log's own words first, then the inode table. Null stays what cannot be known. */
export function derive(draft: Draft, table: InodeTable): void {
  const { facts, kind } = draft
  const { nodeId, entry, otherNodeId, otherEntry } = facts
  const id = kind === 'node' ? nodeId : kind === 'link' ? otherNodeId : undefined
  const names = id === undefined ? null : table.names(id)
  draft.names = names
  if (facts.path !== undefined) draft.path = facts.path
  else if (id !== undefined) draft.path = names !== null && table.isDoubtful(id) ? null : table.path(id)
  else if (kind !== 'node' && kind !== 'link' && nodeId !== undefined && entry !== undefined)
    draft.path = table.pathIn(nodeId, entry)
  if (facts.newPath !== undefined) draft.newPath = facts.newPath
  else if (kind === 'link') {
    if (nodeId !== undefined && entry !== undefined) draft.newPath = table.pathIn(nodeId, entry)
  } else if (kind === 'rename' && otherNodeId !== undefined && otherEntry !== undefined) {
    draft.newPath = table.pathIn(otherNodeId, otherEntry)
  }
}

/** What the table learns from the log's own words on the node of a request. */
export function learnWords({ facts, kind }: Draft, table: InodeTable): void {
  const { path, nodeId, entry } = facts
  if (path === undefined || path === '/') return
  const id = kind === 'link' ? facts.otherNodeId : kind === 'node' ? nodeId : undefined
  if (id !== undefined) {
    if (table.path(id) === path || table.idAt(path) === id) return
    const place = table.placeAt(path, true)
    if (place) table.bind(id, place)
  } else if (nodeId !== undefined && entry !== undefined && table.path(nodeId) === null) {
    // `/d/x` as the entry `x` of a directory whose path is not known shows the directory's.
    if (!path.endsWith(`/${entry}`)) return
    const place = table.placeAt(path.slice(0, -entry.length - 1), true)
    if (place) table.bind(nodeId, place)
  }
}

/** What an ended operation did to names. `outcome` unknown counts as done: most are. `onlyName`: its node has no other. */
export function apply(draft: Draft, table: InodeTable, child: NodeId | undefined, onlyName = false): void {
  const { operation, facts, kind } = draft
  const { status } = operation
  if (draft.forgets) {
    for (const [i, id] of draft.forgets.entries()) table.forget(id, draft.forgetCounts?.[i])
    return
  }
  if (kind === 'node' || kind === 'entry' || status === 'unfinished') return
  if (status === 'error') {
    if (operation.opcode === 'lookup' && operation.errno === 'ENOENT') unbindEntry(draft, table)
  } else if (kind === 'unbind') unbindEntry(draft, table)
  else if (kind === 'rename') {
    const from = entryPlace(draft, table, false)
    const to = renamePlace(draft, table)
    if (from && to) table.rename(from, to, facts.exchange)
  } else {
    if (child === '0') unbindEntry(draft, table)
    const id = child ?? (kind === 'link' ? facts.otherNodeId : undefined)
    if (id === undefined || id === '0') return
    const place = entryPlace(draft, table, true)
    if (place && kind === 'link') table.link(id, place, child !== undefined)
    else if (place) table.bind(id, place, child !== undefined)
    if (place && onlyName) table.keepLatest(id)
  }
}

function unbindEntry(draft: Draft, table: InodeTable): void {
  const place = entryPlace(draft, table, false)
  if (place) table.unbind(place)
}

/** Where the entry is: below the directory's id, or by the path in the log's words. */
function entryPlace({ facts, kind }: Draft, table: InodeTable, learn: boolean): Place | null {
  const words = kind === 'link' ? facts.newPath : facts.path
  if (facts.nodeId !== undefined && facts.entry !== undefined) {
    const place = table.place(facts.nodeId, facts.entry, learn && words === undefined)
    if (place) return place
  }
  return words === undefined ? null : table.placeAt(words, learn)
}

function renamePlace({ facts }: Draft, table: InodeTable): Place | null {
  if (facts.otherNodeId !== undefined && facts.otherEntry !== undefined) {
    const place = table.place(facts.otherNodeId, facts.otherEntry)
    if (place) return place
  }
  return facts.newPath === undefined ? null : table.placeAt(facts.newPath, true)
}
