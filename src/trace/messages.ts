import type { OperationValues } from '../dialect/core/dialect.js'
import { isAttribute } from '../dialect/core/effects.js'
import { errnoNumber } from '../dialect/core/errno.js'
import type { WrittenOutcome, WrittenRequest } from '../dialect/core/writer.js'
import { FusetraceError } from '../errors.js'
import {
  type Asked,
  encodeReply,
  encodeRequest,
  NEWEST_MINOR,
  type Protocol,
  protocolOf,
  type RequestInput,
} from '../wire/index.js'
import { type Field, type Layout, MESSAGE_LAYOUTS } from '../wire/layout.js'

/** Data that a made message may have. */
const MAX_DATA = 16 * 1024 * 1024
const FATTR = { mode: 1, size: 8 } as const
const S_IFDIR = 0o040000
const S_IFREG = 0o100000

type Given = Readonly<Record<string, number | bigint | string | Buffer | undefined>>

/** The fields of a message that somebody has given; the others are 0 or empty. */
function bodyOf(layout: Layout, given: Given): Record<string, unknown> {
  const fields = layout.fields.flatMap((field) => {
    const value = writtenValue(field, given[field.name])
    return value === undefined ? [] : [[field.name, value] as const]
  })
  return Object.fromEntries(fields)
}

function writtenValue({ kind, counts }: Field, value: Given[string]): unknown {
  // Lengths follow from what they count.
  if (value === undefined || counts !== null) return undefined
  if (kind.is === 'scalar') return kind.bytes === 8 ? BigInt(value as number) : Number(value) >>> 0
  if (kind.is === 'cstring' || kind.is === 'bytes')
    return value instanceof Buffer ? value : Buffer.from(String(value), 'latin1')
  return undefined
}

function dataOf(opcode: string, size: OperationValues['size']): Buffer {
  const bytes = Number(size ?? 0)
  if (bytes > MAX_DATA)
    throw new FusetraceError('FT_USAGE', `a ${opcode} of ${bytes} bytes is not made`, { hint: `at most ${MAX_DATA}` })
  return Buffer.alloc(bytes)
}

function givenOf(request: WrittenRequest): Given {
  const { opcode, entry, otherNodeId, otherEntry, target, xattr, values } = request
  const { size, offset, mode, flags, fh } = values
  const valid = (mode === undefined ? 0 : FATTR.mode) | (size === undefined ? 0 : FATTR.size)
  return {
    ...values,
    name: isAttribute(opcode) ? xattr : entry,
    newName: otherEntry,
    target,
    newDir: otherNodeId,
    oldNodeId: otherNodeId,
    nlookup: 1,
    umask: 0o022,
    major: 7,
    minor: NEWEST_MINOR,
    ...(opcode === 'setattr' && { valid }),
    ...(opcode === 'access' && { mask: mode }),
    ...(opcode === 'fallocate' && { length: size }),
    ...(opcode.startsWith('copy_file_range') && { fhIn: fh, offIn: offset, len: size, flags: 0 }),
    ...(opcode === 'write' && { data: dataOf(opcode, size) }),
    ...(opcode === 'setxattr' && { value: dataOf(opcode, size), flags: flags ?? 0 }),
    ...(['getattr', 'statx'].includes(opcode) && { fh: undefined }),
  }
}

/** A trace's requests and answers as messages of the protocol. */
export class Messages {
  #protocol: Protocol

  constructor(protocol: Protocol) {
    this.#protocol = protocol
  }

  request(request: WrittenRequest): Buffer {
    const { opcode, unique, nodeId, pid } = request
    const layout = MESSAGE_LAYOUTS.get(opcode)
    const body = layout ? bodyOf(layout.request, givenOf(request)) : { data: Buffer.alloc(0) }
    const input = { opcode, unique: BigInt(unique), nodeId: BigInt(nodeId), pid, body } as unknown as RequestInput
    return encodeRequest(input, this.#protocol)
  }

  reply(request: WrittenRequest, { errno, childNodeId, links = 1 }: WrittenOutcome): Buffer {
    const { opcode, values } = request
    const unique = BigInt(request.unique)
    const asked = { opcode, body: { size: values.size ?? 4096 } } as Asked
    if (errno !== null) {
      return encodeReply({ unique, error: -(errnoNumber(errno) ?? 5), body: null }, asked, this.#protocol)
    }
    const mode = values.mode ?? (opcode === 'mkdir' ? S_IFDIR | 0o755 : S_IFREG | 0o644)
    const nodeId = BigInt(childNodeId ?? 0)
    const entry = { nodeId, ...(nodeId !== 0n && { attr: { ino: nodeId, mode, nlink: links } }) }
    const open = { fh: BigInt(values.fh ?? 0) }
    const size = opcode === 'write' || opcode.startsWith('copy_file_range') ? { size: Number(values.size ?? 0) } : {}
    const init = { major: 7, minor: NEWEST_MINOR }
    const body = { entry, open, ...open, ...size, ...(opcode === 'init' && init), ...(opcode === 'cuse_init' && init) }
    const bytes = encodeReply({ unique, body } as never, asked, this.#protocol)
    if (opcode === 'init')
      this.#protocol = protocolOf({ ...init, flags: 0, flags2: 0 }, { ...init, flags: 0, flags2: 0 })
    return bytes
  }
}
