import type { Raw } from '../../line/line.js'
import type { NodeId, OperationFacts, OperationValues } from '../core/dialect.js'
import { effectOf, isAttribute, isEntry, isRename } from '../core/effects.js'
import { OPCODE_NAMES, UNANSWERED } from '../core/opcode.js'
import { NodeIds } from './node-ids.js'
import { RUST, unquote } from './quoted.js'
import { digitsEnd, has, isDigit, Scan } from './text.js'
import { fuserValues } from './values.js'

/** What one of fuser's request lines says. */
export interface FuserRequest {
  readonly unique: number
  /** `unknown` for an opcode that the library has no name for. */
  readonly opcode: string
  /** Entries, xattr names, targets: as the assembler wants them. */
  readonly facts: OperationFacts & { nodeId: NodeId }
  /** Sizes, offsets, modes and flags, where the request has some. */
  readonly values: OperationValues | undefined
  /** The file handle, where the request has one. */
  readonly handle: string | null
  /** The session's thread, from 0.17 on. */
  readonly thread: Raw | null
  readonly forgets: readonly NodeId[] | null
  readonly forgetCounts: readonly number[] | null
  /** True for requests that are never answered. */
  readonly noReply: boolean
}

/** Requests whose `name "…"` is an entry of the directory `ino`. */
const namesEntry = (opcode: string): boolean => isEntry(opcode) && effectOf(opcode).answer !== 'nameless'

/**
 * Reads fuser's `FUSE(  8) ino 0x0000000000000001 CREATE name "a.txt", mode 0o100644, flags 0x8041`, that begins at `from`,
 * as all its versions write it: names quoted and escaped, with or without a colon, with or without ` thread=…` at the end.
 * Null when it is none.
 *
 * @param ids keeps the node ids that were seen, to be quicker over a whole log
 */
export function readFuserRequest(raw: Raw, from: number, ids: NodeIds = new NodeIds(1)): FuserRequest | null {
  if (!has(raw, 'FUSE(', from)) return null
  let at = from + 5
  while (raw.charCodeAt(at) === 32) at++
  let unique = 0
  let idEnd = at
  for (let code = raw.charCodeAt(at); isDigit(code); code = raw.charCodeAt(++idEnd)) unique = unique * 10 + code - 48
  if (idEnd === at || idEnd - at > 15 || !has(raw, ') ino 0x', idEnd)) return null
  const nodeId = ids.read(raw, idEnd + 8)
  if (nodeId === null) return null
  let end = ids.end
  if (raw.charCodeAt(end) === 58) end++
  while (raw.charCodeAt(end) === 32) end++
  const request: Writable = {
    unique,
    opcode: 'unknown',
    facts: {
      nodeId,
      entry: undefined,
      otherNodeId: undefined,
      otherEntry: undefined,
      target: undefined,
      xattr: undefined,
    },
    values: undefined,
    handle: null,
    thread: null,
    forgets: null,
    forgetCounts: null,
    noReply: false,
  }
  if (end < raw.length && !raw.startsWith('thread=', end)) {
    const space = raw.indexOf(' ', end)
    const word = raw.slice(end, space < 0 ? raw.length : space)
    const opcode = opcodeOfWord(word)
    if (opcode === null) return null
    end += word.length
    request.opcode = opcode
    if (!names(raw, end, opcode, request.facts)) return null
    if (UNANSWERED.has(opcode)) {
      unanswered(raw, end, request)
      return request
    }
    request.handle = handle(raw, end)
    request.values = fuserValues(raw, end, opcode)
  }
  request.thread = thread(raw, end)
  return request
}

/** Reads the request lines of a log, as `readFuserRequest`, and knows the node ids that it has read. */
export class FuserRequests {
  readonly #ids = new NodeIds(4096)

  read(raw: Raw, from: number): FuserRequest | null {
    return readFuserRequest(raw, from, this.#ids)
  }
}

function unanswered(raw: Raw, at: number, request: Writable): void {
  request.noReply = true
  if (request.opcode === 'batch_forget') Object.assign(request, batch(raw, at))
  if (request.opcode !== 'forget') return
  const scan = new Scan(raw, at)
  const count = scan.text(' nlookup ') ? scan.decimal() : null
  request.forgets = [request.facts.nodeId]
  request.forgetCounts = count === null ? null : [count]
}

type Writable = { -readonly [K in keyof FuserRequest]: FuserRequest[K] }

/** In capitals, as fuser writes them. */
const OPCODES: ReadonlyMap<string, string> = new Map(
  OPCODE_NAMES.flatMap((name) => [
    [name.toUpperCase(), name],
    [name.toUpperCase().replaceAll('_', ''), name],
  ]),
)

function opcodeOfWord(word: string): string | null {
  return OPCODES.get(word) ?? (/^[A-Z][A-Z0-9_]*$/.test(word) ? word.toLowerCase() : null)
}

/** Reads the quoted names of a request into facts. False when one that must be there is not. */
function names(raw: Raw, at: number, opcode: string, facts: OperationFacts): boolean {
  if (has(raw, ' name ', at)) {
    const name = unquote(raw, at + 6, RUST)
    if (name === null) return false
    if (isAttribute(opcode)) facts.xattr = name.value
    else facts.entry = name.value
    const rest = name.end
    if (opcode === 'symlink') return optional(raw, rest, ', link ', (value) => (facts.target = value))
    if (opcode === 'link') return number(raw, rest, ', oldnodeid ', (id) => (facts.otherNodeId = id))
    if (!isRename(opcode)) return true
    const dir = number(raw, rest, ', newdir ', (id) => (facts.otherNodeId = id))
    const newName = raw.indexOf(', newname ', rest)
    return dir && newName > 0 && optional(raw, newName, ', newname ', (value) => (facts.otherEntry = value))
  }
  if (opcode === 'symlink') {
    const target = raw.startsWith(' target ', at) ? unquote(raw, at + 8, RUST) : null
    if (target === null) return false
    facts.target = target.value
    const link = raw.startsWith(', link_name ', target.end) ? 12 : raw.startsWith(', link ', target.end) ? 7 : 0
    const entry = link > 0 ? unquote(raw, target.end + link, RUST) : null
    if (entry === null) return false
    facts.entry = entry.value
    return true
  }
  if (opcode === 'link') {
    const scan = new Scan(raw, at)
    const id = scan.text(' ino ') ? inode(scan) : null
    if (id === null) return false
    facts.otherNodeId = id
    const place = directoryEntry(raw, scan.at)
    if (place === null) return false
    facts.nodeId = place.id
    facts.entry = place.name
    return true
  }
  if (isRename(opcode)) {
    const source = directoryEntry(raw, at)
    const target = source && directoryEntry(raw, source.end)
    if (!source || !target) return false
    facts.nodeId = source.id
    facts.entry = source.name
    facts.otherNodeId = target.id
    facts.otherEntry = target.name
    return true
  }
  return !namesEntry(opcode) && !isAttribute(opcode)
}

function optional(raw: Raw, at: number, words: string, take: (value: Raw) => void): boolean {
  const value = raw.startsWith(words, at) ? unquote(raw, at + words.length, RUST) : null
  if (value) take(value.value)
  return value !== null
}

function number(raw: Raw, at: number, words: string, take: (id: NodeId) => void): boolean {
  const scan = new Scan(raw, at)
  const id = scan.text(words) ? inode(scan) : null
  if (id !== null) take(id)
  return id !== null
}

/** `0x000000000000000b`, `11` or `INodeNo(11)`. */
function inode(scan: Scan): NodeId | null {
  if (scan.raw.startsWith('0x', scan.at)) return scan.hex()
  scan.text('INodeNo(')
  const id = scan.digits()
  scan.text(')')
  return id === null ? null : id.replace(/^0+(?=\d)/, '')
}

/** `FilenameInDir { dir: INodeNo(1), name: "r1.txt" }` and what is like it, the next one after `at`. */
function directoryEntry(raw: Raw, at: number): { id: NodeId; name: Raw; end: number } | null {
  const from = raw.indexOf('dir: ', at)
  if (from < 0 || from > at + 60) return null
  const scan = new Scan(raw, from + 5)
  const id = inode(scan)
  const name = id !== null && scan.text(', name: ') ? unquote(raw, scan.at, RUST) : null
  return id === null || name === null ? null : { id, name: name.value, end: name.end }
}

/** ` fh 3` or ` fh FileHandle(3)`. */
function handle(raw: Raw, at: number): string | null {
  if (raw.charCodeAt(at + 1) !== 102 || !has(raw, ' fh ', at)) return null
  const from = raw.charCodeAt(at + 4) === 70 && has(raw, 'FileHandle(', at + 4) ? at + 15 : at + 4
  const end = digitsEnd(raw, from)
  return end > from && end - from <= 20 ? raw.slice(from, end) : null
}

/** ` thread=fuser-0` at the very end; a name that ends so is quoted. */
function thread(raw: Raw, from: number): Raw | null {
  const last = Math.max(from - 1, raw.length - 120)
  if (raw.indexOf('=', last) < 0) return null
  let at = raw.indexOf(' thread=', last)
  for (let next = at; next >= 0; next = raw.indexOf(' thread=', next + 1)) at = next
  return at < 0 || raw.includes('"', at) ? null : raw.slice(at + 8).trimEnd()
}

/** `nodes [ForgetOne { nodeid: INodeNo(5), nlookup: 1 }, …]`; the oldest versions give only a number. */
function batch(raw: Raw, at: number): { forgets: NodeId[]; forgetCounts: number[] } {
  const forgets: NodeId[] = []
  const forgetCounts: number[] = []
  for (let next = raw.indexOf('nodeid: ', at); next >= 0; next = raw.indexOf('nodeid: ', next + 8)) {
    const scan = new Scan(raw, next + 8)
    const id = inode(scan)
    const count = id !== null && scan.text(', nlookup: ') ? scan.decimal() : null
    if (id === null || count === null) continue
    forgets.push(id)
    forgetCounts.push(count)
  }
  return { forgets, forgetCounts }
}
