import type { Raw } from '../line/line.js'
import type { Operation } from '../operation/operation.js'
import { Model, type ModelNode, type NodeType } from './model.js'
import { rawOf } from './raw.js'

/** What a recording's earlier operations say that an answer must be; null where they do not say. */
export interface Expectation {
  readonly type: NodeType | null
  readonly size: bigint | null
  readonly target: Raw | null
  readonly names: ReadonlySet<Raw> | null
}

const CHANGES: ReadonlySet<string> = new Set([
  'create',
  'mkdir',
  'mknod',
  'symlink',
  'link',
  'unlink',
  'rmdir',
  'rename',
  'rename2',
  'write',
  'setattr',
  'open',
  'fallocate',
  'copy_file_range',
  'copy_file_range_64',
  'ioctl',
  'tmpfile',
])
const O_ACCMODE = 3
const O_TRUNC = 0o1000

/**
 * Works out from all operations of a recording what the answers to some of them must be: what was made as a directory is one, a file
 * has the size that was written, a link the target it was given, and a directory that was made the names that were made in it.
 * Nothing is expected of what was there before, nor of what is changed while it is asked for.
 *
 * @param operations in order of their starts
 */
export function expectationsOf(operations: readonly Operation[]): Map<Operation, Expectation> {
  const model = new Model()
  const expected = new Map<Operation, Expectation>()
  let open: Operation[] = []
  const endOf = ({ lines, endNs }: Operation): number => (endNs === null ? Number.POSITIVE_INFINITY : lines[1])
  const endUntil = (position: number): void => {
    const ended = open.filter((operation) => endOf(operation) < position).sort((a, b) => endOf(a) - endOf(b))
    for (const operation of ended) apply(model, operation)
    open = open.filter((operation) => !ended.includes(operation))
  }
  for (const operation of operations) {
    endUntil(operation.lines[0])
    const path = pathOf(operation)
    const changed = open.some((other) => CHANGES.has(other.opcode) && related(other, operation))
    if (path !== null && !changed)
      expected.set(operation, snapshot(model.at(path), operation.opcode.startsWith('readdir')))
    if (CHANGES.has(operation.opcode)) {
      for (const other of open) if (related(other, operation)) expected.delete(other)
    }
    open.push(operation)
  }
  return expected
}

const snapshot = (node: ModelNode | undefined, names: boolean): Expectation => ({
  type: node?.type ?? null,
  size: node?.size ?? null,
  target: node?.target ?? null,
  names: names && node?.names ? new Set(node.names) : null,
})

const pathOf = ({ path, pathBytes }: Operation): Raw | null => rawOf(path, pathBytes)
const newPathOf = ({ newPath, newPathBytes }: Operation): Raw | null => rawOf(newPath, newPathBytes)

/** Whether two operations may be about the same thing; one whose path is not known may be about any. */
function related(a: Operation, b: Operation): boolean {
  const pathsOf = (operation: Operation): Raw[] =>
    [pathOf(operation), newPathOf(operation)].filter((path) => path !== null)
  const [first, second] = [pathsOf(a), pathsOf(b)]
  if (first.length === 0 || second.length === 0) return true
  const within = (path: Raw, other: Raw): boolean =>
    path === other || path.startsWith(other === '/' ? '/' : `${other}/`)
  return first.some((path) => second.some((other) => within(path, other) || within(other, path)))
}

/** What an operation that has ended changes in what is known. */
function apply(model: Model, operation: Operation): void {
  const { opcode, status } = operation
  const path = pathOf(operation)
  if (path === null) return
  const newPath = newPathOf(operation)
  if (status === 'error') return
  if (status !== 'ok') {
    if (CHANGES.has(opcode)) for (const one of [path, newPath]) if (one !== null) model.doubt(one)
    return
  }
  switch (opcode) {
    case 'create':
      model.add(path, { type: 'file', size: 0n })
      break
    case 'mkdir':
      model.add(path, { type: 'directory', names: new Set() })
      break
    case 'symlink':
      model.add(path, { type: 'symlink', target: rawOf(operation.target ?? null, operation.targetBytes) })
      break
    case 'mknod':
      model.add(path, {})
      break
    case 'opendir':
      model.node(path).type = 'directory'
      break
    case 'readlink':
      model.node(path).type = 'symlink'
      break
    case 'unlink':
    case 'rmdir':
      model.remove(path)
      break
    case 'link':
      if (newPath === null) break
      model.link(path, newPath)
      break
    case 'rename':
    case 'rename2':
      if (newPath === null || (opcode === 'rename2' && operation.flags !== 0)) {
        for (const one of [path, newPath]) if (one !== null) model.doubt(one)
      } else model.move(path, newPath)
      break
    default:
      if (CHANGES.has(opcode)) resize(model, operation, path)
  }
}

/** What a request on a file makes of its size. */
function resize(model: Model, operation: Operation, path: Raw): void {
  const { opcode, size, offset, flags } = operation
  const node = model.at(path)
  if (!node) return
  if (opcode === 'write' && node.size !== null && size !== undefined && offset !== undefined) {
    const end = BigInt(offset) + BigInt(size)
    node.size = end > node.size ? end : node.size
  } else if (opcode === 'setattr' && size !== undefined) node.size = BigInt(size)
  else if (opcode === 'open' && flags !== undefined) {
    if ((flags & O_ACCMODE) !== 0 && (flags & O_TRUNC) !== 0) node.size = 0n
  } else if (opcode !== 'setattr' || operation.mode === undefined) node.size = null
}
