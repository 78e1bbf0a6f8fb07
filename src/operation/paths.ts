import type { NodeId } from '../dialect/dialect.js'
import type { Draft } from './draft.js'
import type { InodeTable, Place } from './inode-table.js'

/** Requests that name an entry: `nodeId` is the directory. */
const ENTRY = new Set([
  'lookup',
  'create',
  'mkdir',
  'mknod',
  'symlink',
  'link',
  'unlink',
  'rmdir',
  'rename',
  'rename2',
  'tmpfile',
])

/** Requests after which the entry's name stands for a node. */
const BINDS = new Set(['lookup', 'create', 'mkdir', 'mknod', 'symlink', 'link'])

const isRename = (opcode: string): boolean => opcode === 'rename' || opcode === 'rename2'

/** Derives an operation's paths: the log's own words first, then the inode table. Null stays what cannot be known. */
export function derive(draft: Draft, table: InodeTable): void {
  const { facts, operation } = draft
  const { opcode } = operation
  if (facts.path !== undefined) draft.path = facts.path
  else if (opcode === 'link') {
    if (facts.otherNodeId !== undefined) draft.path = table.path(facts.otherNodeId)
  } else if (!ENTRY.has(opcode)) {
    if (facts.nodeId !== undefined) draft.path = table.path(facts.nodeId)
  } else if (facts.nodeId !== undefined && facts.entry !== undefined) {
    draft.path = table.pathIn(facts.nodeId, facts.entry)
  }
  if (facts.newPath !== undefined) draft.newPath = facts.newPath
  else if (opcode === 'link') {
    if (facts.nodeId !== undefined && facts.entry !== undefined) draft.newPath = table.pathIn(facts.nodeId, facts.entry)
  } else if (isRename(opcode) && facts.otherNodeId !== undefined && facts.otherEntry !== undefined) {
    draft.newPath = table.pathIn(facts.otherNodeId, facts.otherEntry)
  }
}

/** What the table learns from the log's own words on the node of a request. */
export function learnWords(draft: Draft, table: InodeTable): void {
  const { facts, operation } = draft
  if (facts.path === undefined || facts.path === '/') return
  const { opcode } = operation
  const id = opcode === 'link' ? facts.otherNodeId : ENTRY.has(opcode) ? undefined : facts.nodeId
  if (id !== undefined) {
    if (table.path(id) === facts.path || table.idAt(facts.path) === id) return
    const place = table.placeAt(facts.path, true)
    if (place) table.bind(id, place)
  } else if (facts.nodeId !== undefined && facts.entry !== undefined && table.path(facts.nodeId) === null) {
    // `/d/x` as the entry `x` of a directory whose path is not known tells the directory's.
    if (!facts.path.endsWith(`/${facts.entry}`)) return
    const place = table.placeAt(facts.path.slice(0, -facts.entry.length - 1), true)
    if (place) table.bind(facts.nodeId, place)
  }
}

/** What an ended operation did to names. `outcome` unknown counts as done: most are. */
export function apply(draft: Draft, table: InodeTable, child: NodeId | undefined): void {
  const { operation, facts } = draft
  const { opcode, status } = operation
  if (draft.forgets) {
    for (const [i, id] of draft.forgets.entries()) table.forget(id, draft.forgetCounts?.[i])
    return
  }
  if (status === 'unfinished') return
  if (!ENTRY.has(opcode)) return
  if (status === 'error') {
    if (opcode === 'lookup' && operation.errno === 'ENOENT') unbindEntry(draft, table)
    return
  }
  if (BINDS.has(opcode)) {
    if (child === '0') unbindEntry(draft, table)
    const id = child ?? (opcode === 'link' ? facts.otherNodeId : undefined)
    if (id === undefined || id === '0') return
    const place = entryPlace(draft, table, true)
    if (place) table.bind(id, place, child !== undefined)
  } else if (opcode === 'unlink' || opcode === 'rmdir') unbindEntry(draft, table)
  else if (isRename(opcode)) {
    const from = entryPlace(draft, table, false)
    const to = renamePlace(draft, table)
    if (from && to) table.rename(from, to, facts.exchange)
  }
}

function unbindEntry(draft: Draft, table: InodeTable): void {
  const place = entryPlace(draft, table, false)
  if (place) table.unbind(place)
}

/** Where the entry is: below the directory's id, or by the path in the log's words. */
function entryPlace({ facts, operation }: Draft, table: InodeTable, learn: boolean): Place | null {
  const words = operation.opcode === 'link' ? facts.newPath : facts.path
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
