import type { Operation } from '../operation/operation.js'
import { rawOf } from './raw.js'
import { type Asked, bodyOf, type Outcome } from './step.js'
import type { Tree } from './tree.js'

/** What an answer shows of names, nodes and open files. */
export function learnFrom(tree: Tree, operation: Operation, asked: Asked, outcome: Outcome): void {
  if (outcome.errno !== null) return
  const path = rawOf(operation.path, operation.pathBytes) ?? ''
  const newPath = rawOf(operation.newPath, operation.newPathBytes) ?? ''
  switch (asked.opcode) {
    case 'lookup':
    case 'mkdir':
    case 'mknod':
    case 'symlink':
      tree.add(path, bodyOf<'lookup'>(outcome).entry.nodeId)
      break
    case 'link':
      tree.add(newPath, bodyOf<'link'>(outcome).entry.nodeId)
      break
    case 'create': {
      const { entry, open } = bodyOf<'create'>(outcome)
      tree.add(path, entry.nodeId)
      tree.opened(path, entry.nodeId, open.fh)
      break
    }
    case 'open':
    case 'opendir':
      tree.opened(path, asked.nodeId, bodyOf<'open'>(outcome).fh)
      break
    case 'unlink':
    case 'rmdir':
      tree.remove(path)
      break
    case 'rename':
    case 'rename2':
      tree.move(path, newPath)
      break
    case 'readdir':
    case 'readdirplus':
      listed(tree, path, asked, outcome)
      break
    default:
  }
}

function listed(tree: Tree, path: string, asked: Asked, outcome: Outcome): void {
  const { entries } = bodyOf<'readdirplus'>(outcome)
  const handle = tree.handle(path, false)
  const last = entries.at(-1)
  if (handle && last) handle.cookie = last.off
  if (asked.opcode !== 'readdirplus') return
  for (const { name, entry } of entries) {
    const text = name.toString('latin1')
    if (text !== '.' && text !== '..') tree.add(`${path === '/' ? '' : path}/${text}`, entry.nodeId)
  }
}
