import {
  BEFORE_INIT,
  decodeReply,
  decodeRequest,
  isUnanswered,
  type Protocol,
  protocolOf,
  type Reply,
  type Request,
  replyHeader,
  requestHeader,
  requestName,
  UNIQUE_RESEND,
  WireError,
} from '../../wire/index.js'
import type { NodeId, OperationKey, OperationValues, ReplyEvent, RequestEvent } from '../core/dialect.js'
import { errnoName } from '../core/errno.js'
import { factsOf, valuesOf, whole } from './facts.js'

/** A request that has not been answered. */
interface Open {
  readonly key: OperationKey
  /** As decoded; null where it could not be. */
  readonly request: Request | null
  readonly opcode: string
}

/**
 * Messages between kernel and daemon as events of operations. Keeps what INIT agreed on and the requests in flight.
 * A message that is not what the protocol says counts in `wrong` and reports what its header shows.
 */
export class WireEvents {
  readonly #open = new Map<bigint, Open>()
  #protocol: Protocol
  #wrong = 0

  constructor(endianness: 'LE' | 'BE' = 'LE') {
    this.#protocol = { ...BEFORE_INIT, endianness }
  }

  /** What INIT agreed on; before that the newest version. */
  get protocol(): Protocol {
    return this.#protocol
  }

  /** Messages that could not be decoded. */
  get wrong(): number {
    return this.#wrong
  }

  /** A request as it was decoded, while it is not answered. */
  requestOf(unique: bigint): Request | null {
    return this.#open.get(unique)?.request ?? null
  }

  /** The kernel has asked. Null for a request that is sent once more, and for what has not even a header. */
  request(bytes: Uint8Array, atNs: number, position: number): RequestEvent | null {
    let header: ReturnType<typeof requestHeader>
    try {
      header = requestHeader(bytes, this.#protocol.endianness)
    } catch (error) {
      return this.#count(error)
    }
    const unique = header.unique & ~UNIQUE_RESEND
    if (unique !== header.unique && this.#open.has(unique)) return null
    const key = keyOf(unique)
    const opcode = requestName(header.number)
    const request = this.#decode(() => decodeRequest(bytes, this.#protocol))
    const noReply = isUnanswered(opcode)
    if (!noReply) this.#open.set(unique, { key, request, opcode })
    return {
      kind: 'request',
      unique: typeof key === 'number' ? key : null,
      ...(typeof key === 'string' && { slot: key }),
      opcode,
      atNs,
      lines: [position, position],
      ...(noReply && { noReply }),
      ...(header.pid !== 0 && { pid: header.pid }),
      ...(request ? factsOf(request) : header.nodeId !== 0n && { nodeId: String(header.nodeId) }),
      values: request ? valuesOf(request) : {},
    }
  }

  /** The kernel has been answered. Null for notifications and for answers to nothing. */
  reply(bytes: Uint8Array, atNs: number, position: number): ReplyEvent | null {
    let header: ReturnType<typeof replyHeader>
    try {
      header = replyHeader(bytes, this.#protocol.endianness)
    } catch (error) {
      return this.#count(error)
    }
    const unique = header.unique & ~UNIQUE_RESEND
    const open = this.#open.get(unique)
    if (!open) return null
    this.#open.delete(unique)
    const { request } = open
    const reply = request && this.#decode(() => decodeReply(bytes, request, this.#protocol))
    if (request?.opcode === 'init' && reply?.error === 0) {
      this.#protocol = protocolOf(request.body, reply.body as never, this.#protocol.endianness)
    }
    const errno = errnoName(header.error)
    return {
      kind: 'reply',
      key: open.key,
      endedBy: 'wire',
      status: errno === null ? 'ok' : 'error',
      errno,
      atNs,
      lines: [position, position],
      ...(reply?.body && answered(open.opcode, reply)),
    }
  }

  /** What is wrong with an answer, in words; null when nothing is found. */
  wrongWith(bytes: Uint8Array): string | null {
    try {
      const { unique } = replyHeader(bytes, this.#protocol.endianness)
      const open = this.#open.get(unique & ~UNIQUE_RESEND)
      if (!open) return `no request has the id ${unique}`
      if (open.request) decodeReply(bytes, open.request, this.#protocol)
      return null
    } catch (error) {
      if (error instanceof WireError) return error.message
      throw error
    }
  }

  #decode<T>(decode: () => T): T | null {
    try {
      return decode()
    } catch (error) {
      return this.#count(error)
    }
  }

  #count(error: unknown): null {
    if (!(error instanceof WireError)) throw error
    this.#wrong++
    return null
  }
}

/** By number where it is one that is exact. */
const keyOf = (unique: bigint): OperationKey => {
  const value = whole(unique)
  return typeof value === 'number' ? value : `unique ${value}`
}

/** What a successful reply shows of nodes and handles. */
function answered(opcode: string, reply: Reply): Pick<ReplyEvent, 'childNodeId' | 'children' | 'values'> {
  const body = reply.body as {
    entry?: { nodeId: bigint }
    fh?: bigint
    open?: { fh: bigint }
    entries?: { name: Buffer; entry?: { nodeId: bigint } }[]
  }
  const fh = body.open?.fh ?? (opcode === 'open' || opcode === 'opendir' ? body.fh : undefined)
  const values: OperationValues | undefined = fh === undefined ? undefined : { fh: whole(fh) }
  const children = body.entries?.flatMap(({ name, entry }): [string, NodeId][] => {
    const raw = name.toString('latin1')
    // The kernel takes no node by these two names, whatever a daemon answers with them.
    return entry && entry.nodeId !== 0n && raw !== '.' && raw !== '..' ? [[raw, String(entry.nodeId)]] : []
  })
  return {
    ...(body.entry && { childNodeId: String(body.entry.nodeId) }),
    ...(values && { values }),
    ...(children && children.length > 0 && { children }),
  }
}
