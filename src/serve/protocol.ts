/** Version of the protocol; `hello` refuses a client that speaks another. */
export const PROTOCOL = 1

/** Longest message, bytes. */
export const MAX_MESSAGE: number = 1024 * 1024

/** JSON-RPC's own error codes, and ours from 1 on. */
export const RPC: {
  readonly parse: number
  readonly invalidRequest: number
  readonly methodNotFound: number
  readonly invalidParams: number
  readonly internal: number
  readonly unsatisfied: number
  readonly busy: number
} = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  /** A wait was not satisfied; `data` holds `code`, `reason`, `hint` and `explanation`. */
  unsatisfied: 1,
  /** Too much at once; `data` holds the bound. */
  busy: 2,
}

export type Id = string | number | null

export interface Request {
  /** Undefined for a notification, which gets no answer. */
  readonly id: Id | undefined
  readonly method: string
  readonly params: Readonly<Record<string, unknown>>
}

/** What a request is answered with when it cannot be served. */
export class RpcError extends Error {
  readonly code: number
  readonly data: unknown

  constructor(code: number, message: string, data?: unknown) {
    super(message)
    this.code = code
    this.data = data
  }
}

/**
 * A line as a request.
 *
 * @throws RpcError when it is none; its `id` is then not known
 */
export function parseRequest(line: string): Request {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    throw new RpcError(RPC.parse, 'this line is not JSON')
  }
  if (Array.isArray(value)) throw new RpcError(RPC.invalidRequest, 'batches are not served: send a message a line')
  if (typeof value !== 'object' || value === null) throw new RpcError(RPC.invalidRequest, 'a request is an object')
  const { jsonrpc, id, method, params = {} } = value as Record<string, unknown>
  if (jsonrpc !== '2.0') throw new RpcError(RPC.invalidRequest, 'jsonrpc is to be "2.0"')
  if (id !== undefined && id !== null && typeof id !== 'string' && typeof id !== 'number') {
    throw new RpcError(RPC.invalidRequest, 'id is to be a string or a number')
  }
  if (typeof method !== 'string') throw new RpcError(RPC.invalidRequest, 'method is to be a string')
  if (typeof params !== 'object' || params === null || Array.isArray(params)) {
    throw new RpcError(RPC.invalidRequest, 'params is to be an object')
  }
  return { id, method, params: params as Record<string, unknown> }
}

export const resultMessage = (id: Id, result: unknown): string => `${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`

export function errorMessage(id: Id, error: unknown): string {
  const { code, message, data } =
    error instanceof RpcError
      ? error
      : { code: RPC.internal, message: error instanceof Error ? error.message : String(error), data: undefined }
  return `${JSON.stringify({ jsonrpc: '2.0', id, error: { code, message, ...(data !== undefined && { data }) } })}\n`
}
