import type { Raw } from '../../line/line.js'
import type { OperationFacts } from '../core/dialect.js'
import { opcodeOf } from '../core/opcode.js'
import { type Match, type OpenRequest, reported } from './match.js'

/** A line of a program's own about the call that it serves: `lo_lookup(parent=1, name=a.txt)`. */
export interface Call {
  readonly opcodes: readonly string[]
  readonly match: (open: OpenRequest) => Match
}

const HEAD = /^[a-z][a-z0-9]{0,15}_([a-z_]{4,16})\(/
/** Names of calls that are not their request's. */
const CALLS: Readonly<Record<string, readonly string[]>> = {
  rename: ['rename', 'rename2'],
  write_buf: ['write'],
  forget_multi: ['batch_forget'],
  create: ['create', 'tmpfile'],
}

/** Reads the begin of such a line; null for every other line. `name=` is cut by the length that the request shows. */
export function callOf(text: Raw): Call | null {
  if (text.startsWith(HP_LOOKUP)) return { opcodes: FINDS, match: (open) => hpLookup(text, open) }
  const head = HEAD.exec(text.length > 40 ? text.slice(0, 40) : text)
  if (head === null) return null
  const name = head[1] ?? ''
  const opcode = opcodeOf(name)
  const opcodes = CALLS[name] ?? (opcode === null ? null : [opcode])
  return opcodes && { opcodes, match: (open) => matchCall(text, head[0].length, open) }
}

/** libfuse's passthrough_hp: every new entry is looked up, `DEBUG: lookup(): name=a.txt, parent=1`. */
const HP_LOOKUP = 'DEBUG: lookup(): name='
export const FINDS: readonly string[] = ['lookup', 'create', 'mkdir', 'mknod', 'symlink', 'unlink']
/** Whether such a line is followed by another one where there is such an entry. */
export const saysFound = (text: Raw): boolean => text.startsWith(HP_LOOKUP)
/** Whether it is that other one. */
export const isFound = (text: Raw): boolean =>
  /^DEBUG: lookup\(\): (?:created userspace inode \d|inode \d{1,20} \(userspace\) already)/.test(text.slice(0, 80))

function hpLookup(text: Raw, open: OpenRequest): Match {
  const end = `, parent=${open.nodeId}`
  if (!text.endsWith(end)) return text.length < HP_LOOKUP.length + (open.names ?? 0) + end.length ? 'more' : null
  const entry = text.slice(HP_LOOKUP.length, -end.length)
  // A symlink's target is in the request as well.
  const fits = open.opcode === 'symlink' ? entry.length < (open.names ?? 0) : entry.length + 1 === open.names
  return fits ? reported({ entry }) : null
}

const NODE = /(?:parent|ino|inode|nodeid)=(\d{1,20})/y
const NONE: Match = reported({})

function matchCall(text: Raw, at: number, open: OpenRequest): Match {
  if (open.opcode === 'symlink' && text.startsWith('link=', at)) return symlinkCall(text, at + 5, open)
  NODE.lastIndex = at
  const node = NODE.exec(text)
  if (node === null) return NONE
  const rest = at + node[0].length
  if (open.opcode === 'link') return linkCall(text, rest, node[1] ?? '', open)
  if (node[1] !== open.nodeId) return null
  if (open.names === null) return NONE
  const names = text.startsWith(', name=', rest) ? rest + 7 : text.startsWith(' name=', rest) ? rest + 6 : -1
  if (names < 0) return NONE
  if (open.opcode === 'rename' || open.opcode === 'rename2') return renameCall(text, names, open)
  if (open.opcode === 'setxattr') return setxattrCall(text, names, open)
  const end = names + open.names - 1
  const name = text.slice(names, end)
  if (text.length <= end) return 'more'
  if (text[end] !== ')' && text[end] !== ',' && text[end] !== ' ') return null
  if (!text.endsWith(')')) return null
  return open.opcode === 'getxattr' || open.opcode === 'removexattr'
    ? reported({ xattr: name })
    : reported({ entry: name })
}

function linkCall(text: Raw, at: number, node: string, open: OpenRequest): Match {
  const parent = /^, newparent=(\d{1,20}), (?:new)?name=/.exec(text.slice(at, at + 60))
  if (parent === null || open.names === null) return NONE
  if (parent[1] !== open.nodeId) return null
  const from = at + parent[0].length
  const end = from + open.names - 1
  if (text.length <= end) return 'more'
  if (text[end] !== ')') return null
  return reported({ otherNodeId: node, entry: text.slice(from, end) })
}

/** `ovl_symlink(link=TARGET, ino=1, name=NAME)`: together as long as the request says. */
function symlinkCall(text: Raw, at: number, open: OpenRequest): Match {
  const between = [`, ino=${open.nodeId}, name=`, `, parent=${open.nodeId}, name=`]
  return twoNames(text, at, between, open, (target, entry) => ({ target, entry }))
}

function renameCall(text: Raw, at: number, open: OpenRequest): Match {
  for (
    let from = text.indexOf('=', at), tries = 0;
    from >= 0 && tries < 64;
    from = text.indexOf('=', from + 1), tries++
  ) {
    const second = / ?, (?:new)?(?:parent|ino)=(\d{1,20}), (?:new)?name=$/.exec(
      text.slice(Math.max(at, from - 48), from + 1),
    )
    if (second === null) continue
    const first = text.slice(at, from + 1 - second[0].length)
    const match = twoNames(text, at, [second[0]], open, (entry, otherEntry) => ({
      entry,
      otherEntry,
      otherNodeId: second[1] ?? '',
    }))
    if (match === null && first.length < (open.names ?? 0)) continue
    return match
  }
  return text.length - at < (open.names ?? 0) ? 'more' : null
}

function twoNames(
  text: Raw,
  at: number,
  separators: readonly string[],
  open: OpenRequest,
  facts: (left: Raw, right: Raw) => OperationFacts,
): Match {
  if (open.names === null) return NONE
  for (const separator of separators) {
    for (let cut = text.indexOf(separator, at), tries = 0; cut >= 0 && tries < 64; tries++) {
      const from = cut + separator.length
      const end = from + open.names - 2 - (cut - at)
      if (end >= text.length && end > from) return 'more'
      if (end > from && (text[end] === ')' || text[end] === ',')) {
        return reported(facts(text.slice(at, cut), text.slice(from, end)))
      }
      cut = text.indexOf(separator, cut + 1)
    }
  }
  return text.length - at < open.names + 12 ? 'more' : null
}

/** The value is printed up to its first zero byte, whatever is in it; its size stands at the end. */
function setxattrCall(text: Raw, at: number, open: OpenRequest): Match {
  const size = /[ ,] ?size=(\d{1,10})(?:, flags=-?\d{1,10})?\)$/.exec(text.slice(Math.max(0, text.length - 60)))
  if (size === null) return text.length - at < (open.names ?? 0) + 80 ? 'more' : null
  const length = (open.names ?? 0) - 1 - Number(size[1])
  for (const name of [length, length - 8]) {
    if (name > 0 && / ?value=/y.test(text.slice(at + name).replace(/^,/, ''))) {
      return reported({ xattr: text.slice(at, at + name) })
    }
  }
  return text.length - at < (open.names ?? 0) + 80 ? 'more' : null
}

/** An indentation may have been lost on the way, and the arrow may be written as a page of the web does. */
const ARROW = /^(?: {2})?(-?\d{1,20})\//

/** `  1/a.txt -> 140421539827392`: an entry was looked up or made. Null for every other line. */
export function arrowOf(text: Raw): { parent: string; match(open: OpenRequest): ArrowMatch } | null {
  const digit = text.charCodeAt(text.charCodeAt(0) === 32 ? 2 : 0)
  if (digit > 57 || digit < 45) return null
  const head = ARROW.exec(text.length > 32 ? text.slice(0, 32) : text)
  if (head === null) return null
  const parent = head[1] ?? ''
  return {
    parent,
    match(open) {
      const arrow = /^([\s\S]*) -(?:>|&gt;) (-?\d{1,20})$/.exec(text.slice(head[0].length))
      const fixed = open.opcode === 'symlink' || open.names === null ? null : open.names - 1
      if (arrow === null) return text.length - head[0].length <= (fixed ?? 255) ? 'more' : null
      const name = arrow[1] ?? ''
      if (fixed !== null && name.length !== fixed) return name.length < fixed ? 'more' : null
      if (open.opcode === 'symlink' && name.length > (open.names ?? 0) - 3) return null
      return { entry: name, node: BigInt.asUintN(64, BigInt(arrow[2] ?? '0')).toString() }
    },
  }
}

export type ArrowMatch = { readonly entry: Raw; readonly node: string } | 'more' | null
