import type { Operation } from '../operation/operation.js'
import type { Opcode } from '../wire/index.js'
import { type Making, O_LARGEFILE } from './making.js'
import { rawOf } from './raw.js'
import type { Asked, NotSent } from './step.js'
import { nameOf, parentOf } from './tree.js'

/** Requests about a name in a directory. */
export async function requestByName(
  making: Making,
  operation: Operation,
  path: string,
): Promise<Asked | NotSent | null> {
  const name = Buffer.from(nameOf(path), 'latin1')
  const newPath = rawOf(operation.newPath, operation.newPathBytes)
  const { opcode } = operation
  if (
    !['lookup', 'create', 'mkdir', 'mknod', 'symlink', 'unlink', 'rmdir', 'rename', 'rename2', 'link'].includes(opcode)
  )
    return null
  const dir = await making.tree.nodeOrNull(parentOf(opcode === 'link' && newPath !== null ? newPath : path))
  if (dir === null) return { reason: 'its directory is not known here' }
  const asked = <O extends Opcode>(body: Asked<O>['body']): Asked => ({ opcode, nodeId: dir, body }) as unknown as Asked
  const umask = 0o022
  switch (opcode) {
    case 'lookup':
    case 'unlink':
    case 'rmdir':
      return asked<'lookup'>({ name })
    case 'mkdir':
      return asked<'mkdir'>({ mode: making.value(operation, 'mode', 0o755) & 0o7777, umask, name })
    case 'mknod':
      return asked<'mknod'>({ mode: making.value(operation, 'mode', 0o100644), umask, name, rdev: 0 })
    case 'create': {
      const flags = making.value(operation, 'flags', 0x241 | O_LARGEFILE)
      return asked<'create'>({ flags, mode: making.value(operation, 'mode', 0o100644), umask, name, openFlags: 0 })
    }
    case 'symlink': {
      if (operation.target == null) making.chosen('target of symlink')
      const link = rawOf(operation.target ?? 'target', operation.targetBytes) ?? 'target'
      return asked<'symlink'>({ name, target: Buffer.from(link, 'latin1') })
    }
  }
  if (newPath === null) return { reason: 'the log does not tell the new name' }
  const newName = Buffer.from(nameOf(newPath), 'latin1')
  if (opcode === 'link') {
    const node = await making.tree.nodeOrNull(path)
    return node === null ? { reason: 'its node is not known here' } : asked<'link'>({ oldNodeId: node, name: newName })
  }
  const newDir = await making.tree.nodeOrNull(parentOf(newPath))
  if (newDir === null) return { reason: 'its directory is not known here' }
  const body = { newDir, name, newName }
  return opcode === 'rename'
    ? asked<'rename'>(body)
    : asked<'rename2'>({ ...body, flags: making.value(operation, 'flags', 0) })
}
