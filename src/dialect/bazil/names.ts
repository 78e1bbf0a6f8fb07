import type { OperationFacts, OperationValues } from '../core/dialect.js'
import { goQuoted, nodeIdOf } from '../text/go-text.js'
import { valuesOf } from '../text/values.js'

/** What stands behind the header of a request's text form: where an entry's or xattr's name is, and words before it. */
interface Shape {
  readonly opcode: string
  /** Known from `dir=true` or the flags; bazil has one name for both. */
  readonly directory?: string
  /** Text before the first quoted string, and what that string is. */
  readonly first?: readonly [before: string, fact: 'entry' | 'xattr']
}

/** bazil's request names. One of them can stand for two opcodes. */
export const SHAPES: Readonly<Record<string, Shape>> = {
  Init: { opcode: 'init' },
  Statfs: { opcode: 'statfs' },
  Access: { opcode: 'access' },
  Getattr: { opcode: 'getattr' },
  Setattr: { opcode: 'setattr' },
  Getxattr: { opcode: 'getxattr', first: ['', 'xattr'] },
  Listxattr: { opcode: 'listxattr' },
  Setxattr: { opcode: 'setxattr', first: ['', 'xattr'] },
  Removexattr: { opcode: 'removexattr', first: ['', 'xattr'] },
  Lookup: { opcode: 'lookup', first: ['', 'entry'] },
  Create: { opcode: 'create', first: ['', 'entry'] },
  Mkdir: { opcode: 'mkdir', first: ['', 'entry'] },
  Mknod: { opcode: 'mknod', first: ['Name ', 'entry'] },
  Symlink: { opcode: 'symlink', first: ['from ', 'entry'] },
  Link: { opcode: 'link' },
  Rename: { opcode: 'rename', first: ['from ', 'entry'] },
  Remove: { opcode: 'unlink', directory: 'rmdir', first: ['', 'entry'] },
  Readlink: { opcode: 'readlink' },
  Open: { opcode: 'open', directory: 'opendir' },
  Read: { opcode: 'read', directory: 'readdir' },
  Release: { opcode: 'release', directory: 'releasedir' },
  Fsync: { opcode: 'fsync', directory: 'fsyncdir' },
  Write: { opcode: 'write' },
  Flush: { opcode: 'flush' },
  Forget: { opcode: 'forget' },
  BatchForget: { opcode: 'batch_forget' },
  Interrupt: { opcode: 'interrupt' },
  Destroy: { opcode: 'destroy' },
  Poll: { opcode: 'poll' },
  Lock: { opcode: 'setlk' },
  LockWait: { opcode: 'setlkw' },
  Unlock: { opcode: 'setlk' },
  QueryLock: { opcode: 'getlk' },
  FAllocate: { opcode: 'fallocate' },
  ExchangeData: { opcode: 'exchange' },
}

/** `0x1 4096 @0x0 …`. */
const HANDLE = /^(?<fh>0x[0-9a-f]{1,16})(?: (?<size>\d{1,12}) @(?<offset>0x[0-9a-f]{1,16}|\d{1,20}))?(?= |$)/

/** What is known of a request besides its header. */
export interface Details {
  facts: OperationFacts
  directory: boolean
  values?: OperationValues | undefined
  forgets?: string[]
  forgetCounts?: number[]
}

/** Reads what follows the header of a request line. */
export function readDetails(op: string, rest: string, node: string): Details {
  const details: Details = { facts: {}, directory: false }
  const { facts } = details
  const first = SHAPES[op]?.first
  let after = rest
  if (first && rest.startsWith(first[0])) {
    const name = goQuoted(rest, first[0].length)
    if (name) {
      facts[first[1]] = name.value
      after = rest.slice(name.end)
    }
  }
  switch (op) {
    case 'Rename': {
      const to = /^ to dirnode (0x[0-9a-f]{1,16}|\d{1,20}) /.exec(after)
      const name = to && goQuoted(after, to[0].length)
      const id = to && nodeIdOf(to[1] ?? '')
      if (name && id) Object.assign(facts, { otherNodeId: id, otherEntry: name.value })
      break
    }
    case 'Link': {
      const from = /^node (0x[0-9a-f]{1,16}|\d{1,20}) to /.exec(rest)
      const name = from && goQuoted(rest, from[0].length)
      const id = from && nodeIdOf(from[1] ?? '')
      if (name && id) Object.assign(facts, { otherNodeId: id, entry: name.value })
      break
    }
    case 'Symlink': {
      const target = after.startsWith(' to target ') ? goQuoted(after, 11) : null
      if (target) facts.target = target.value
      break
    }
    case 'Forget':
      details.forgets = [node]
      if (/^\d{1,15}$/.test(rest)) details.forgetCounts = [Number(rest)]
      break
    case 'BatchForget':
      details.forgets = []
      details.forgetCounts = []
      for (const item of rest.split(' ')) {
        const [id = '', count = ''] = item.split('x', 2)
        if (!/^\d{1,20}$/.test(id) || !/^\d{1,15}$/.test(count)) continue
        details.forgets.push(nodeIdOf(id) ?? id)
        details.forgetCounts.push(Number(count))
      }
      break
    case 'Remove':
      details.directory = after === ' dir=true'
      break
    case 'Open':
      details.directory = rest.startsWith('dir=true ')
      break
    case 'Write':
    case 'Flush':
    case 'Fsync':
      details.values = valuesOf(HANDLE.exec(rest)?.groups)
      break
    case 'Read':
      details.values = valuesOf(HANDLE.exec(rest)?.groups)
      details.directory = / dir=true(?: |$)/.test(rest.slice(0, 200))
      break
    case 'Release':
      details.values = valuesOf(HANDLE.exec(rest)?.groups)
      details.directory = rest.slice(0, 300).includes('OpenDirectory')
      break
  }
  return details
}

/** The same from the `In` object of the JSON form. */
export function detailsOfJson(op: string, given: Record<string, unknown>, node: string): Details {
  const text = (key: string): string | undefined => (typeof given[key] === 'string' ? given[key] : undefined)
  const id = (key: string): string | null => nodeIdOf(String(given[key] ?? ''))
  const details: Details = { facts: {}, directory: given.Dir === true }
  const { facts } = details
  const name = text(op === 'Symlink' || op === 'Link' ? 'NewName' : op === 'Rename' ? 'OldName' : 'Name')
  const isXattr = SHAPES[op]?.first?.[1] === 'xattr'
  if (name !== undefined) facts[isXattr ? 'xattr' : 'entry'] = name
  if (op === 'Symlink') {
    const target = text('Target')
    if (target !== undefined) facts.target = target
  }
  const other = op === 'Rename' ? id('NewDir') : op === 'Link' ? id('OldNode') : null
  if (other !== null) facts.otherNodeId = other
  if (op === 'Rename') {
    const to = text('NewName')
    if (to !== undefined) facts.otherEntry = to
  }
  if (op === 'Forget') {
    details.forgets = [node]
    if (typeof given.N === 'number') details.forgetCounts = [given.N]
  }
  if (op === 'BatchForget') {
    const items = Array.isArray(given.Forget) ? (given.Forget as Record<string, unknown>[]) : []
    details.forgets = items.map((item) => nodeIdOf(String(item?.NodeID)) ?? '0')
    details.forgetCounts = items.map((item) => Number(item?.N ?? 1))
  }
  return details
}
