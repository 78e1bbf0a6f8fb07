import { FATTR, GETATTR, type Request } from '../../wire/index.js'
import type { OperationFacts, OperationValues, RequestEvent } from '../core/dialect.js'

const RENAME_EXCHANGE = 2

/** A number of 64 bits as operations have it: as text beyond 2^53. */
export function whole(value: bigint): number | string {
  return value >= -0x1f_ffff_ffff_ffffn && value <= 0x1f_ffff_ffff_ffffn ? Number(value) : String(value)
}

const raw = (bytes: Buffer): string => bytes.toString('latin1')

/** The names and nodes that a request names. */
export function factsOf(request: Request): OperationFacts & Pick<RequestEvent, 'forgets' | 'forgetCounts'> {
  const nodeId = request.nodeId === 0n ? undefined : String(request.nodeId)
  switch (request.opcode) {
    case 'lookup':
    case 'mknod':
    case 'mkdir':
    case 'create':
    case 'unlink':
    case 'rmdir':
      return { nodeId, entry: raw(request.body.name) }
    case 'symlink':
      return { nodeId, entry: raw(request.body.name), target: raw(request.body.target) }
    case 'link':
      return { nodeId, entry: raw(request.body.name), otherNodeId: String(request.body.oldNodeId) }
    case 'rename':
    case 'rename2': {
      const { name, newDir, newName } = request.body
      const exchange = request.opcode === 'rename2' && (request.body.flags & RENAME_EXCHANGE) !== 0
      return { nodeId, entry: raw(name), otherNodeId: String(newDir), otherEntry: raw(newName), exchange }
    }
    case 'setxattr':
    case 'getxattr':
    case 'removexattr':
      return { nodeId, xattr: raw(request.body.name) }
    case 'forget': {
      const { nlookup } = request.body
      return { nodeId, ...(nodeId !== undefined && { forgets: [nodeId], forgetCounts: [Number(nlookup)] }) }
    }
    case 'batch_forget': {
      const { forgets } = request.body
      return {
        forgets: forgets.map((one) => String(one.nodeId)),
        forgetCounts: forgets.map((one) => Number(one.nlookup)),
      }
    }
    default:
      return { nodeId }
  }
}

/** The numbers that a request names. */
export function valuesOf(request: Request): OperationValues {
  const values = ownValues(request)
  if (request.nodeId !== 0n) values.nodeId = whole(request.nodeId)
  return values
}

function ownValues(request: Request): OperationValues {
  switch (request.opcode) {
    case 'read':
    case 'write':
    case 'readdir':
    case 'readdirplus': {
      const { size, offset, flags, fh } = request.body
      return { size, offset: whole(offset), flags, fh: whole(fh) }
    }
    case 'open':
    case 'opendir':
    case 'rename2':
      return { flags: request.body.flags }
    case 'create':
    case 'tmpfile':
      return { mode: request.body.mode, flags: request.body.flags }
    case 'mkdir':
    case 'mknod':
      return { mode: request.body.mode }
    case 'access':
      return { mode: request.body.mask }
    case 'release':
    case 'releasedir':
      return { flags: request.body.flags, fh: whole(request.body.fh) }
    case 'setattr':
      return setattrValues(request.body)
    case 'fallocate': {
      const { offset, length, mode, fh } = request.body
      return { size: whole(length), offset: whole(offset), mode, fh: whole(fh) }
    }
    case 'copy_file_range':
    case 'copy_file_range_64':
      return { size: whole(request.body.len), offset: whole(request.body.offIn), fh: whole(request.body.fhIn) }
    case 'lseek':
      return { offset: whole(request.body.offset), fh: whole(request.body.fh) }
    case 'setxattr':
      return { size: request.body.size, flags: request.body.flags }
    case 'getxattr':
    case 'listxattr':
      return { size: request.body.size }
    case 'getattr':
    case 'statx':
      return request.body.getattrFlags & GETATTR.FH ? { fh: whole(request.body.fh) } : {}
    case 'flush':
    case 'fsync':
    case 'fsyncdir':
    case 'getlk':
    case 'setlk':
    case 'setlkw':
    case 'poll':
    case 'ioctl':
      return { fh: whole(request.body.fh) }
    default:
      return {}
  }
}

function setattrValues(body: { valid: number; size: bigint; mode: number; fh: bigint }): OperationValues {
  return {
    ...(body.valid & FATTR.SIZE && { size: whole(body.size) }),
    ...(body.valid & FATTR.MODE && { mode: body.mode }),
    ...(body.valid & FATTR.FH && { fh: whole(body.fh) }),
  }
}
