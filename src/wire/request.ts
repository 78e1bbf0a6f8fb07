import { Reader, Writer } from './cursor.js'
import { type Extension, readExtensions, writeExtensions } from './extensions.js'
import { INIT } from './flags.js'
import { REQUEST_HEADER_BYTES, requestHeader } from './header.js'
import { MESSAGE_LAYOUTS } from './layout.js'
import type { Input, Opcode, RequestBody } from './layout-types.js'
import { requestName, requestNumber } from './opcodes.js'
import type { Protocol } from './protocol.js'
import { readFields } from './read-fields.js'
import { WireError } from './wire-error.js'
import { writeFields } from './write-fields.js'

interface Envelope {
  /** The kernel's id of it; its reply has the same. Bit 63: it is sent again. */
  unique: bigint
  /** The node that it is about; the directory, where it has a name. */
  nodeId: bigint
  uid: number
  gid: number
  /** The process whose call it comes from; 0 when it is nobody's. */
  pid: number
  extensions?: Extension[]
  /** What stands where the header should be zero. */
  headerPadding?: number
}

/** A request of one name. */
export type RequestOf<O extends Opcode> = Envelope & { opcode: O; body: RequestBody<O> }

/** A request whose number the table does not have. */
export type UnknownRequest = Envelope & { opcode: `opcode_${number}`; body: { data: Buffer } }

/** Any request; `opcode` says which. */
export type Request = { [O in Opcode]: RequestOf<O> }[Opcode] | UnknownRequest

/** What is needed to encode a request: numbers that are left out are 0. */
export type RequestInput<O extends Opcode = Opcode> = Partial<Envelope> &
  ({ [P in O]: { opcode: P; body?: Input<RequestBody<P>> } }[O] | Pick<UnknownRequest, 'opcode' | 'body'>)

/** Requests behind whose names labels can stand. */
const LABELLED: ReadonlySet<string> = new Set(['create', 'mkdir', 'mknod', 'symlink', 'tmpfile'])
/** From this version on the header says how many bytes of extensions there are. */
const EXTENSION_LENGTHS_SINCE = 38

/** Labels came two versions before the header's field for their length: then they are what is left after the names. */
function labelsUnannounced(opcode: string, { minor, flags }: Protocol): boolean {
  return minor < EXTENSION_LENGTHS_SINCE && (flags & INIT.SECURITY_CTX) !== 0n && LABELLED.has(opcode)
}

/** INIT is sent before anything is agreed on: it says itself of which version it is. */
function protocolFor(opcode: string, minor: number | undefined, protocol: Protocol): Protocol {
  return opcode === 'init' && minor !== undefined ? { ...protocol, minor } : protocol
}

/**
 * Decodes a request. Names and data are views into `bytes`, not copies.
 *
 * @throws {WireError} `FT_WIRE` with the offset, when it is not what the protocol says
 */
export function decodeRequest(bytes: Uint8Array, protocol: Protocol): Request {
  const { number, unique, nodeId, uid, gid, pid, extensionBytes, padding } = requestHeader(bytes, protocol.endianness)
  const opcode = requestName(number)
  const layout = MESSAGE_LAYOUTS.get(opcode)
  let reader = new Reader(bytes, protocol, REQUEST_HEADER_BYTES)
  if (extensionBytes > reader.left) {
    throw new WireError('length', 36, `${extensionBytes} bytes of extensions where ${reader.left} are left`)
  }
  if (opcode === 'init' && reader.left >= 8) {
    reader = new Reader(bytes, protocolFor(opcode, reader.peekU32(4), protocol), REQUEST_HEADER_BYTES)
  }
  let behind = reader.cutEnd(extensionBytes)
  const body = layout ? readFields(layout.request, reader) : { data: reader.take(reader.left, 'data') }
  if (labelsUnannounced(opcode, protocol) && behind.length === 0) behind = reader.take(reader.left, 'extensions')
  reader.finish(`a ${opcode} request`)
  const extensions = readExtensions(behind, protocol, bytes.byteLength - behind.length)
  return {
    opcode,
    unique,
    nodeId,
    uid,
    gid,
    pid,
    body,
    ...(extensions.length > 0 && { extensions }),
    ...(padding !== 0 && { headerPadding: padding }),
  } as Request
}

/**
 * Encodes a request.
 *
 * @throws {WireError} `FT_WIRE` when a value does not fit its field
 */
export function encodeRequest<O extends Opcode>(request: RequestInput<O> | Request, protocol: Protocol): Buffer {
  const { opcode, unique = 0n, nodeId = 0n, uid = 0, gid = 0, pid = 0, extensions = [], headerPadding = 0 } = request
  const layout = MESSAGE_LAYOUTS.get(opcode)
  const number = layout?.number ?? requestNumber(opcode)
  if (number === null) throw new WireError('value', 4, `${opcode} is no request`)
  const body = (request.body ?? {}) as { minor?: number; data?: Uint8Array; value?: Uint8Array }
  const behind = writeExtensions(extensions, protocol)
  if (behind.length % 8 !== 0 || behind.length / 8 > 0xffff) {
    throw new WireError('value', 36, `extensions of ${behind.length} bytes cannot be sent`)
  }
  const announced = labelsUnannounced(opcode, protocol) ? 0 : behind.length / 8
  const room = 256 + (body.data?.length ?? body.value?.length ?? 0)
  const writer = new Writer(protocolFor(opcode, body.minor, protocol), room)
  writer.pad(4, undefined, 'len')
  writer.scalar('u32', number, 'opcode')
  writer.scalar('u64', unique, 'unique')
  writer.scalar('u64', nodeId, 'nodeId')
  writer.scalar('u32', uid, 'uid')
  writer.scalar('u32', gid, 'gid')
  writer.scalar('u32', pid, 'pid')
  writer.scalar('u16', announced, 'extensions')
  writer.scalar('u16', headerPadding, 'headerPadding')
  if (layout) writeFields(layout.request, body, writer)
  else writer.raw(body.data ?? new Uint8Array())
  writer.raw(behind)
  return writer.finish()
}
