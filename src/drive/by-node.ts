import type { Operation } from '../operation/operation.js'
import { FATTR, type Opcode } from '../wire/index.js'
import { type Making, O_LARGEFILE } from './making.js'
import { rawOf } from './raw.js'
import type { Asked, NotSent } from './step.js'

/** Requests about a node. */
export function requestByNode(making: Making, operation: Operation, nodeId: bigint): Asked | NotSent | null {
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
      return asked<'setattr'>(attributes(making, operation))
    case 'readlink':
    case 'statfs':
      return asked<'readlink'>({})
    case 'open': {
      const flags = making.value(operation, 'flags', O_LARGEFILE | making.access(operation.path))
      return asked<'open'>({ flags, openFlags: 0 })
    }
    case 'opendir':
      return asked<'opendir'>({ flags: operation.flags ?? 0o200000 | O_LARGEFILE, openFlags: 0 })
    case 'access':
      return asked<'access'>({ mask: making.value(operation, 'mode', 4) & 7 })
    case 'getxattr':
      return asked<'getxattr'>({ size: Number(operation.size ?? 0), name })
    case 'listxattr':
      return asked<'listxattr'>({ size: Number(operation.size ?? 0) })
    case 'removexattr':
      return asked<'removexattr'>({ name })
    case 'setxattr': {
      making.chosen('value of setxattr')
      return asked<'setxattr'>({ flags: 0, name, value: Buffer.alloc(Number(operation.size ?? 1), 'x') })
    }
    default:
      return null
  }
}

function attributes(making: Making, operation: Operation): Asked<'setattr'>['body'] {
  if (operation.size !== undefined) return { valid: FATTR.SIZE, size: BigInt(operation.size) }
  if (operation.mode !== undefined) return { valid: FATTR.MODE, mode: operation.mode }
  making.chosen('what setattr sets (the times)')
  return { valid: FATTR.ATIME | FATTR.MTIME | FATTR.ATIME_NOW | FATTR.MTIME_NOW }
}
