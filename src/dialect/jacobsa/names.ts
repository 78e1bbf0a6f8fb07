import type { OperationFacts, OperationValues } from '../core/dialect.js'
import { goQuoted, nodeIdOf } from '../text/go-text.js'
import { isDigit } from '../text/text.js'
import { numberOf } from '../text/values.js'

/** jacobsa's names for the kernel's requests. */
export const OPERATIONS: Readonly<Record<string, string>> = {
  init: 'init',
  interrupt: 'interrupt',
  StatFS: 'statfs',
  LookUpInode: 'lookup',
  GetInodeAttributes: 'getattr',
  SetInodeAttributes: 'setattr',
  ForgetInode: 'forget',
  BatchForget: 'batch_forget',
  MkDir: 'mkdir',
  MkNode: 'mknod',
  CreateFile: 'create',
  CreateSymlink: 'symlink',
  CreateLink: 'link',
  Rename: 'rename',
  RmDir: 'rmdir',
  Unlink: 'unlink',
  OpenDir: 'opendir',
  ReadDir: 'readdir',
  ReadDirPlus: 'readdirplus',
  ReleaseDirHandle: 'releasedir',
  OpenFile: 'open',
  ReadFile: 'read',
  WriteFile: 'write',
  SyncFile: 'fsync',
  FlushFile: 'flush',
  ReleaseFileHandle: 'release',
  ReadSymlink: 'readlink',
  RemoveXattr: 'removexattr',
  GetXattr: 'getxattr',
  ListXattr: 'listxattr',
  SetXattr: 'setxattr',
  Fallocate: 'fallocate',
  SyncFS: 'syncfs',
}

const XATTR = new Set(['GetXattr', 'SetXattr', 'RemoveXattr'])

/** What stands in the brackets behind a request's name. */
export interface Components {
  facts: OperationFacts
  opcode: number | null
  values?: OperationValues
}

const ITEM = /(inode|parent|PID|opcode|old_parent|new_parent|handle|offset|size) (\d{1,20})(?=[,)])/y
const BYTES = /(\d{1,15}) bytes(?=[,)])/y
const NAME = /(name|old_name|new_name) "/y
/** Of no use here, and without brackets or quotes of their own (dates, sizes, modes). */
const SKIP = /[^",()]{1,80}(?=[,)])/y

/** Reads `inode 2, name "a", PID 7, …)` from just behind the opening bracket up to what it does not know. */
export function readComponents(op: string, raw: string, from: number): Components {
  const facts: OperationFacts = {}
  const components: Components = { facts, opcode: null }
  for (let at = from; at < raw.length; ) {
    ITEM.lastIndex = at
    NAME.lastIndex = at
    const item = ITEM.exec(raw)
    const name = item ? null : NAME.exec(raw)
    if (item) {
      at = ITEM.lastIndex
      takeNumber(components, item[1] ?? '', item[2] ?? '')
    } else if (name) {
      const quoted = goQuoted(raw, NAME.lastIndex - 1)
      if (quoted === null) break
      at = quoted.end
      if (name[1] === 'new_name') facts.otherEntry = quoted.value
      else if (XATTR.has(op)) facts.xattr = quoted.value
      else facts.entry = quoted.value
    } else {
      BYTES.lastIndex = at
      const bytes = isDigit(raw.charCodeAt(at)) ? BYTES.exec(raw)?.[1] : undefined
      if (bytes !== undefined) {
        components.values ??= {}
        components.values.size = Number(bytes)
      }
      SKIP.lastIndex = at
      if (!SKIP.test(raw)) break
      at = SKIP.lastIndex
    }
    if (!raw.startsWith(', ', at)) break
    at += 2
  }
  return components
}

function takeNumber(components: Components, key: string, digits: string): void {
  const { facts } = components
  if (key === 'handle' || key === 'offset' || key === 'size') {
    components.values ??= {}
    components.values[key === 'handle' ? 'fh' : key] = numberOf(digits)
  } else if (key === 'PID') facts.pid = Number(digits)
  else if (key === 'opcode') components.opcode = Number(digits)
  else if (key === 'new_parent') facts.otherNodeId = nodeIdOf(digits) ?? digits
  else facts.nodeId = nodeIdOf(digits) ?? digits
}

/** The same from the wire log's `Args`. */
export function factsOfArgs(op: string, args: Record<string, unknown>): OperationFacts {
  const facts: OperationFacts = {}
  const id = (key: string): string | undefined => nodeIdOf(String(args[key] ?? '')) ?? undefined
  const text = (key: string): string | undefined => (typeof args[key] === 'string' ? args[key] : undefined)
  const set = <K extends keyof OperationFacts>(key: K, value: OperationFacts[K] | undefined): void => {
    if (value !== undefined) facts[key] = value
  }
  set('nodeId', id('Inode') ?? id('Parent') ?? id('OldParent'))
  set(XATTR.has(op) ? 'xattr' : 'entry', text('Name') ?? text('OldName'))
  set('otherNodeId', id('NewParent'))
  set('otherEntry', text('NewName'))
  if (op === 'CreateLink') set('otherNodeId', id('Target'))
  if (op === 'CreateSymlink') set('target', text('Target'))
  return facts
}
