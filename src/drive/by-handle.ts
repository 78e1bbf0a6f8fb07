import type { Operation } from '../operation/operation.js'
import type { Opcode } from '../wire/index.js'
import { type Making, O_LARGEFILE } from './making.js'
import type { Asked, NotSent } from './step.js'

/** Requests about an open file. */
export function requestByHandle(making: Making, operation: Operation, path: string): Asked | NotSent | null {
  const { opcode } = operation
  const release = opcode === 'release' || opcode === 'releasedir'
  const of = ['read', 'write', 'flush', 'fsync', 'fsyncdir', 'readdir', 'readdirplus', 'fallocate', 'lseek', 'poll']
  if (!release && !of.includes(opcode)) return null
  const handle = making.tree.handle(path, release)
  if (!handle) return { reason: 'no file is open there' }
  const { fh, nodeId } = handle
  const asked = <O extends Opcode>(body: Asked<O>['body']): Asked => ({ opcode, nodeId, body }) as unknown as Asked
  const offset = (): bigint => BigInt(operation.offset ?? handle.position)
  switch (opcode) {
    case 'read': {
      const size = making.value(operation, 'size', 4096)
      const body = { fh, offset: offset(), size, readFlags: 0, lockOwner: 0n, flags: O_LARGEFILE }
      handle.position = body.offset + BigInt(size)
      return asked<'read'>(body)
    }
    case 'write': {
      const size = making.value(operation, 'size', 1)
      making.chosen('contents of write')
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
      const length = BigInt(making.value(operation, 'size', 4096))
      return asked<'fallocate'>({ fh, offset: BigInt(operation.offset ?? 0), length, mode: operation.mode ?? 0 })
    }
    case 'lseek':
      making.chosen('whence of lseek')
      return asked<'lseek'>({ fh, offset: BigInt(operation.offset ?? 0), whence: 4 })
    case 'poll':
      return asked<'poll'>({ fh, kh: fh, flags: 0, events: 1 })
    default:
      return asked<'release'>({ fh, flags: O_LARGEFILE, releaseFlags: 0, lockOwner: 0n })
  }
}
