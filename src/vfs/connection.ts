import type { Clock } from '../clock.js'
import { FusetraceError } from '../errors.js'
import {
  BEFORE_INIT,
  decodeNotification,
  decodeReply,
  encodeRequest,
  type Input,
  isUnanswered,
  type Notification,
  type Opcode,
  type Protocol,
  type ReplyBody,
  type RequestBody,
  type RequestInput,
  replyHeader,
  WireError,
} from '../wire/index.js'
import { Errno, errnoOf } from './errno.js'
import { Unanswered } from './unanswered.js'

/** Who asks: goes into the header of every request. */
export interface Credentials {
  readonly uid: number
  readonly gid: number
  readonly pid: number
}

/** What passes by, for recordings and counts. `bytes` is the whole message. */
export interface Observer {
  onRequest?(request: { unique: bigint; opcode: Opcode; nodeId: bigint; bytes: Buffer }): void
  onReply?(reply: { unique: bigint; opcode: Opcode; error: number; bytes: Buffer }): void
  onNotification?(bytes: Buffer): void
}

export interface ConnectionOptions {
  clock: Clock
  /** Sends a message to the daemon. */
  send(message: Buffer): void
  /** The daemon's name, for messages. */
  name: string
  credentials: Credentials
  /**
   * How long the daemon may take to answer a request, ns. A request that takes longer fails, the others go on.
   * @default 20 s
   */
  limitNs?: number
  observer?: Observer
  onNotification?(notification: Notification): void
  /** Nothing will be answered any more, for this reason. */
  onBroken?(reason: Error): void
}

export interface AskOptions {
  /** Interrupts the request (INTERRUPT) and rejects with EINTR once the daemon has answered. */
  signal?: AbortSignal
  /** Somebody else's request. */
  credentials?: Partial<Credentials>
  /** Waits as long as it takes: for locks. */
  patient?: boolean
}

interface Pending {
  readonly request: RequestInput
  readonly resolve: (body: unknown) => void
  readonly reject: (error: Error) => void
}

/** A kernel's ids of requests are even; odd ones are INTERRUPTs of the request before. */
const ID_STEP = 2n
const DEFAULT_LIMIT_NS = 20_000_000_000

/**
 * Requests to a daemon and their answers, several at a time. A daemon that breaks the protocol ends the connection: all that wait,
 * and whoever asks later, get an error that says how.
 */
export class Connection {
  protocol: Protocol = BEFORE_INIT
  readonly #options: ConnectionOptions
  readonly #limitNs: number
  readonly #pending: Unanswered<Pending>
  #next = ID_STEP
  #broken: Error | null = null

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.#limitNs = options.limitNs ?? DEFAULT_LIMIT_NS
    this.#pending = new Unanswered(options.clock, (unique, pending) => this.#giveUp(unique, pending))
  }

  /** Requests that have no answer yet. */
  get inFlight(): number {
    return this.#pending.size
  }

  /** What ended the connection; null while it goes on. */
  get broken(): Error | null {
    return this.#broken
  }

  /** Whether an answer with this number would answer a request. */
  awaits(unique: bigint): boolean {
    return unique === 0n || this.#pending.has(unique)
  }

  /**
   * Sends a request and waits for its answer.
   *
   * @throws {Errno} what the daemon answered; ENOTCONN when it is gone, ECONNABORTED when it went before it answered
   * @throws FT_DAEMON when it did not answer in time, or broke the protocol
   */
  ask<O extends Opcode>(
    opcode: O,
    nodeId: bigint,
    body: Input<RequestBody<O>>,
    { signal, credentials, patient = false }: AskOptions = {},
  ): Promise<ReplyBody<O>> {
    if (this.#broken) return Promise.reject(this.#broken instanceof Errno ? new Errno('ENOTCONN') : this.#broken)
    const unique = this.#id()
    const request = this.#request(opcode, nodeId, body, unique, credentials)
    const endNs = patient ? Number.POSITIVE_INFINITY : this.#options.clock.nowNs() + this.#limitNs
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#pending.add(unique, { request, resolve, reject }, endNs)
      try {
        this.#send(request)
      } catch (error) {
        this.#pending.take(unique)
        throw error
      }
    }) as Promise<ReplyBody<O>>
    return signal ? this.#interruptible(answer, unique, signal) : answer
  }

  async #interruptible<T>(answer: Promise<T>, unique: bigint, signal: AbortSignal): Promise<T> {
    const interrupt = (): void => {
      if (this.#pending.has(unique)) this.#send(this.#request('interrupt', 0n, { unique }, unique | 1n))
    }
    signal.addEventListener('abort', interrupt, { once: true })
    if (signal.aborted) interrupt()
    try {
      return await answer
    } finally {
      signal.removeEventListener('abort', interrupt)
    }
  }

  /** Sends a request whose answer, if there is one, nobody waits for. */
  post<O extends Opcode>(opcode: O, nodeId: bigint, body: Input<RequestBody<O>>): void {
    if (this.#broken) return
    if (isUnanswered(opcode)) this.#send(this.#request(opcode, nodeId, body, this.#id(), { uid: 0, gid: 0, pid: 0 }))
    else this.ask(opcode, nodeId, body, { patient: true }).catch(() => undefined)
  }

  /** Sends what the daemon has asked for by a notification, under the number that it gave. */
  postAs<O extends Opcode>(unique: bigint, opcode: O, nodeId: bigint, body: Input<RequestBody<O>>): void {
    if (!this.#broken) this.#send(this.#request(opcode, nodeId, body, unique, { uid: 0, gid: 0, pid: 0 }))
  }

  /** Takes a message from the daemon. */
  receive(bytes: Buffer): void {
    if (this.#broken) return
    try {
      this.#take(bytes)
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      this.#break(this.#violation(`sent a message that is none: ${error.message}`, error))
    }
  }

  /** The daemon's end of the socket is closed. */
  end(): void {
    this.#break(new Errno('ECONNABORTED'))
  }

  /** Nobody answers any more, for this reason. */
  abort(reason: Error): void {
    this.#break(reason)
  }

  #id(): bigint {
    const unique = this.#next
    this.#next += ID_STEP
    return unique
  }

  #request<O extends Opcode>(
    opcode: O,
    nodeId: bigint,
    body: Input<RequestBody<O>>,
    unique: bigint,
    credentials: Partial<Credentials> = {},
  ): RequestInput {
    return { opcode, nodeId, body, unique, ...this.#options.credentials, ...credentials } as unknown as RequestInput
  }

  #send(request: RequestInput): void {
    const bytes = encodeRequest(request, this.protocol)
    const { unique = 0n, opcode, nodeId = 0n } = request
    this.#options.observer?.onRequest?.({ unique, opcode: opcode as Opcode, nodeId, bytes })
    this.#options.send(bytes)
  }

  #take(bytes: Buffer): void {
    const { unique, error } = replyHeader(bytes, this.protocol.endianness)
    if (unique === 0n) {
      this.#options.observer?.onNotification?.(bytes)
      this.#options.onNotification?.(decodeNotification(bytes, this.protocol))
      return
    }
    const pending = this.#pending.get(unique)
    if (!pending) {
      // An answer to INTERRUPT says that it is to be asked again; it may also come after its request was answered.
      if (this.#pending.isLate(unique) || (unique & 1n) === 1n) return
      const asked = unique < this.#next
      this.#break(
        this.#violation(asked ? `answered request ${unique} twice` : `answered a request ${unique} that nobody sent`),
      )
      return
    }
    const opcode = pending.request.opcode as Opcode
    this.#options.observer?.onReply?.({ unique, opcode, error, bytes })
    const reply = decodeReply(bytes, pending.request, this.protocol)
    this.#pending.take(unique)
    if (reply.body === null) pending.reject(errnoOf(reply.error))
    else pending.resolve(reply.body)
  }

  #giveUp(unique: bigint, { request, reject }: Pending): void {
    this.#send(this.#request('interrupt', 0n, { unique }, unique | 1n))
    const what = `${request.opcode} (request ${unique}, node ${request.nodeId})`
    reject(
      new FusetraceError(
        'FT_DAEMON',
        `${this.#options.name} has not answered ${what} within ${this.#limitNs / 1e6} ms`,
        { hint: 'does it hang? Look at its log, or allow more time' },
      ),
    )
  }

  #violation(what: string, cause?: unknown): FusetraceError {
    return new FusetraceError('FT_DAEMON', `${this.#options.name} ${what}: the connection was ended`, {
      hint: 'a kernel would refuse this message with an error',
      ...(cause !== undefined && { cause }),
    })
  }

  #break(reason: Error): void {
    if (this.#broken) return
    this.#broken = reason
    for (const { reject } of this.#pending.end()) reject(reason)
    this.#options.onBroken?.(reason)
  }
}
