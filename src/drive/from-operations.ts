import type { Operation } from '../operation/operation.js'
import { FATTR, type Opcode } from '../wire/index.js'
import { type Expectation, expectationsOf } from './expectations.js'
import { rawOf } from './raw.js'
import {
  type Asked,
  bodyOf,
  count,
  type Difference,
  type NotSent,
  type Outcome,
  type Step,
  type Target,
} from './step.js'
import { nameOf, parentOf, Tree } from './tree.js'
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

const O_LARGEFILE = 0x8000

/** Makes the requests of a log's operations again. What the log does not show is chosen, and remarked on. */
export function stepsFromOperations(operations: readonly Operation[], target: Target): Step[] {
  const tree = new Tree(target)
  const expected = expectationsOf(operations)
  const listings: Listings = new Map()
  const writes = new Set(operations.filter(({ opcode }) => opcode === 'write').map(({ path }) => path))
  const reads = new Set(operations.filter(({ opcode }) => opcode === 'read').map(({ path }) => path))
  const maker = new Maker(tree, target, (path) => (writes.has(path) ? (reads.has(path) ? 2 : 1) : 0))
  return operations
    .filter(({ opcode }) => !OWN.has(opcode))
    .map((operation) => ({
      opcode: operation.opcode,
      path: operation.path,
      startAt: operation.lines[0],
      endAt: operation.endNs === null ? null : operation.lines[1],
      request: () => maker.request(operation),
      learn: (asked, outcome) => maker.learn(operation, asked, outcome),
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

class Maker {
  readonly #tree: Tree
  readonly #target: Target
  readonly #access: (path: string | null) => number

  constructor(tree: Tree, target: Target, access: (path: string | null) => number) {
    this.#tree = tree
    this.#target = target
    this.#access = access
  }

  /** What is in a log if it is there, else what is chosen. */
  #value(operation: Operation, key: 'size' | 'offset' | 'mode' | 'flags', otherwise: number): number {
    const value = operation[key]
    if (value !== undefined) return Number(value)
    count(this.#target.remarks.chosen, `${key} of ${operation.opcode}`)
    return otherwise
  }

  #chosen(what: string): void {
    count(this.#target.remarks.chosen, what)
  }

  async request(operation: Operation): Promise<Asked | NotSent> {
    const { opcode } = operation
    if (UNTOLD.has(opcode)) return { reason: 'the log does not tell what it asked for' }
    const path = rawOf(operation.path, operation.pathBytes)
    if (path === null) return { reason: 'the log does not tell what it was about' }
    const about = await this.#about(operation, path)
    return about ?? { reason: 'no request of this name can be made' }
  }

  async #about(operation: Operation, path: string): Promise<Asked | NotSent | null> {
    const byName = await this.#byName(operation, path)
    if (byName) return byName
    const byHandle = await this.#byHandle(operation, path)
    if (byHandle) return byHandle
    if (operation.opcode === 'forget') {
      const known = this.#tree.forget(path)
      return known && known.nlookup > 0n
        ? { opcode: 'forget', nodeId: known.nodeId, body: { nlookup: known.nlookup } }
        : { reason: 'its node is not known here' }
    }
    const node = await this.#tree.nodeOrNull(path)
    if (node === null) return { reason: 'its node is not known here' }
    return this.#byNode(operation, node)
  }

  /** Requests about a name in a directory. */
  async #byName(operation: Operation, path: string): Promise<Asked | NotSent | null> {
    const name = Buffer.from(nameOf(path), 'latin1')
    const newPath = rawOf(operation.newPath, operation.newPathBytes)
    const { opcode } = operation
    if (
      !['lookup', 'create', 'mkdir', 'mknod', 'symlink', 'unlink', 'rmdir', 'rename', 'rename2', 'link'].includes(
        opcode,
      )
    )
      return null
    const dir = await this.#tree.nodeOrNull(parentOf(opcode === 'link' && newPath !== null ? newPath : path))
    if (dir === null) return { reason: 'its directory is not known here' }
    const asked = <O extends Opcode>(body: Asked<O>['body']): Asked =>
      ({ opcode, nodeId: dir, body }) as unknown as Asked
    const umask = 0o022
    switch (opcode) {
      case 'lookup':
      case 'unlink':
      case 'rmdir':
        return asked<'lookup'>({ name })
      case 'mkdir':
        return asked<'mkdir'>({ mode: this.#value(operation, 'mode', 0o755) & 0o7777, umask, name })
      case 'mknod':
        return asked<'mknod'>({ mode: this.#value(operation, 'mode', 0o100644), umask, name, rdev: 0 })
      case 'create': {
        const flags = this.#value(operation, 'flags', 0x241 | O_LARGEFILE)
        return asked<'create'>({ flags, mode: this.#value(operation, 'mode', 0o100644), umask, name, openFlags: 0 })
      }
      case 'symlink': {
        if (operation.target == null) this.#chosen('target of symlink')
        const link = rawOf(operation.target ?? 'target', operation.targetBytes) ?? 'target'
        return asked<'symlink'>({ name, target: Buffer.from(link, 'latin1') })
      }
    }
    if (newPath === null) return { reason: 'the log does not tell the new name' }
    const newName = Buffer.from(nameOf(newPath), 'latin1')
    if (opcode === 'link') {
      const node = await this.#tree.nodeOrNull(path)
      return node === null
        ? { reason: 'its node is not known here' }
        : asked<'link'>({ oldNodeId: node, name: newName })
    }
    const newDir = await this.#tree.nodeOrNull(parentOf(newPath))
    if (newDir === null) return { reason: 'its directory is not known here' }
    const body = { newDir, name, newName }
    return opcode === 'rename'
      ? asked<'rename'>(body)
      : asked<'rename2'>({ ...body, flags: this.#value(operation, 'flags', 0) })
  }

  /** Requests about an open file. */
  async #byHandle(operation: Operation, path: string): Promise<Asked | NotSent | null> {
    const { opcode } = operation
    const release = opcode === 'release' || opcode === 'releasedir'
    const of = ['read', 'write', 'flush', 'fsync', 'fsyncdir', 'readdir', 'readdirplus', 'fallocate', 'lseek', 'poll']
    if (!release && !of.includes(opcode)) return null
    const handle = this.#tree.handle(path, release)
    if (!handle) return { reason: 'no file is open there' }
    const { fh, nodeId } = handle
    const asked = <O extends Opcode>(body: Asked<O>['body']): Asked => ({ opcode, nodeId, body }) as unknown as Asked
    const offset = (): bigint => BigInt(operation.offset ?? handle.position)
    switch (opcode) {
      case 'read': {
        const size = this.#value(operation, 'size', 4096)
        const body = { fh, offset: offset(), size, readFlags: 0, lockOwner: 0n, flags: O_LARGEFILE }
        handle.position = body.offset + BigInt(size)
        return asked<'read'>(body)
      }
      case 'write': {
        const size = this.#value(operation, 'size', 1)
        this.#chosen('contents of write')
        const body = {
          fh,
          offset: offset(),
          writeFlags: 0,
          lockOwner: 0n,
          flags: O_LARGEFILE | 1,
          data: Buffer.alloc(size, 'x'),
        }
        handle.position = body.offset + BigInt(size)
        return asked<'write'>(body)
      }
      case 'readdir':
      case 'readdirplus': {
        const size = operation.size === undefined ? 4096 : Number(operation.size)
        return asked<'readdir'>({ fh, offset: handle.cookie, size, readFlags: 0, lockOwner: 0n, flags: 0 })
      }
      case 'flush':
        return asked<'flush'>({ fh, lockOwner: 0n })
      case 'fsync':
      case 'fsyncdir':
        return asked<'fsync'>({ fh, fsyncFlags: 0 })
      case 'fallocate': {
        const length = BigInt(this.#value(operation, 'size', 4096))
        return asked<'fallocate'>({ fh, offset: BigInt(operation.offset ?? 0), length, mode: operation.mode ?? 0 })
      }
      case 'lseek':
        this.#chosen('whence of lseek')
        return asked<'lseek'>({ fh, offset: BigInt(operation.offset ?? 0), whence: 4 })
      case 'poll':
        return asked<'poll'>({ fh, kh: fh, flags: 0, events: 1 })
      default:
        return asked<'release'>({ fh, flags: O_LARGEFILE, releaseFlags: 0, lockOwner: 0n })
    }
  }

  /** Requests about a node. */
  #byNode(operation: Operation, nodeId: bigint): Asked | NotSent | null {
    const { opcode } = operation
    const asked = <O extends Opcode>(body: Asked<O>['body']): Asked => ({ opcode, nodeId, body }) as unknown as Asked
    const name = Buffer.from(rawOf(operation.name, operation.nameBytes) ?? '', 'latin1')
    const named = opcode === 'getxattr' || opcode === 'setxattr' || opcode === 'removexattr'
    if (named && name.length === 0) return { reason: 'the log does not tell the name of the attribute' }
    switch (opcode) {
      case 'getattr':
        return asked<'getattr'>({ getattrFlags: 0, fh: 0n })
      case 'statx':
        return asked<'statx'>({ getattrFlags: 0, fh: 0n, sxFlags: 0, sxMask: 0xfff })
      case 'setattr':
        return asked<'setattr'>(this.#attributes(operation))
      case 'readlink':
      case 'statfs':
        return asked<'readlink'>({})
      case 'open': {
        const flags = this.#value(operation, 'flags', O_LARGEFILE | this.#access(operation.path))
        return asked<'open'>({ flags, openFlags: 0 })
      }
      case 'opendir':
        return asked<'opendir'>({ flags: operation.flags ?? 0o200000 | O_LARGEFILE, openFlags: 0 })
      case 'access':
        return asked<'access'>({ mask: this.#value(operation, 'mode', 4) & 7 })
      case 'getxattr':
        return asked<'getxattr'>({ size: Number(operation.size ?? 0), name })
      case 'listxattr':
        return asked<'listxattr'>({ size: Number(operation.size ?? 0) })
      case 'removexattr':
        return asked<'removexattr'>({ name })
      case 'setxattr': {
        this.#chosen('value of setxattr')
        return asked<'setxattr'>({ flags: 0, name, value: Buffer.alloc(Number(operation.size ?? 1), 'x') })
      }
      default:
        return null
    }
  }

  #attributes(operation: Operation): Asked<'setattr'>['body'] {
    if (operation.size !== undefined) return { valid: FATTR.SIZE, size: BigInt(operation.size) }
    if (operation.mode !== undefined) return { valid: FATTR.MODE, mode: operation.mode }
    this.#chosen('what setattr sets (the times)')
    return { valid: FATTR.ATIME | FATTR.MTIME | FATTR.ATIME_NOW | FATTR.MTIME_NOW }
  }

  learn(operation: Operation, asked: Asked, outcome: Outcome): void {
    if (outcome.errno !== null) return
    const path = rawOf(operation.path, operation.pathBytes) ?? ''
    const newPath = rawOf(operation.newPath, operation.newPathBytes) ?? ''
    switch (asked.opcode) {
      case 'lookup':
      case 'mkdir':
      case 'mknod':
      case 'symlink':
        this.#tree.add(path, bodyOf<'lookup'>(outcome).entry.nodeId)
        break
      case 'link':
        this.#tree.add(newPath, bodyOf<'link'>(outcome).entry.nodeId)
        break
      case 'create': {
        const { entry, open } = bodyOf<'create'>(outcome)
        this.#tree.add(path, entry.nodeId)
        this.#tree.opened(path, entry.nodeId, open.fh)
        break
      }
      case 'open':
      case 'opendir':
        this.#tree.opened(path, asked.nodeId, bodyOf<'open'>(outcome).fh)
        break
      case 'unlink':
      case 'rmdir':
        this.#tree.remove(path)
        break
      case 'rename':
      case 'rename2':
        this.#tree.move(path, newPath)
        break
      case 'readdir':
      case 'readdirplus':
        this.#listed(path, asked, outcome)
        break
      default:
    }
  }

  #listed(path: string, asked: Asked, outcome: Outcome): void {
    const { entries } = bodyOf<'readdirplus'>(outcome)
    const handle = this.#tree.handle(path, false)
    const last = entries.at(-1)
    if (handle && last) handle.cookie = last.off
    if (asked.opcode !== 'readdirplus') return
    for (const { name, entry } of entries) {
      const text = name.toString('latin1')
      if (text !== '.' && text !== '..') this.#tree.add(`${path === '/' ? '' : path}/${text}`, entry.nodeId)
    }
  }
}
