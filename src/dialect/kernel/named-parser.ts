import type { Raw } from '../../line/line.js'
import { ALL_CAPABILITIES } from '../core/capabilities.js'
import type { Capabilities, DialectEvent, NodeId, ReplyEvent, RequestEvent } from '../core/dialect.js'
import { isEntry } from '../core/effects.js'
import { errnoName } from '../core/errno.js'
import { UNANSWERED } from '../core/opcode.js'
import { isName, replyFacts, replyNode, requestFacts, requestNames } from './facts.js'
import type { NamedKernelEvent, NamedKernelLine } from './named-line.js'

/** What events with their arguments show. */
export const NAMED_CAPABILITIES: Capabilities = { ...ALL_CAPABILITIES, timestamps: 'ns' }

interface Open {
  readonly opcode: string
  readonly sendNs: number
  readonly children: [name: Raw, id: NodeId][]
}

type Emit = (event: DialectEvent) => void

/** Events with their arguments to requests and replies. */
export class NamedEvents {
  readonly #open = new Map<number, Open>()
  /** Nodes that are given back are reported, so that a number that comes again is noticed. */
  #forgets = false
  /** Something is missing, and no request has been marked for it yet. */
  #lost = false

  push({ index, event }: NamedKernelLine, emit: Emit): void {
    const lines = [index, index] as const
    switch (event.edge) {
      case 'send':
        this.#send(event, lines, emit)
        break
      case 'end':
        this.#end(event, lines, emit)
        break
      case 'taken':
        this.#taken(event, lines, emit)
        break
      case 'entry':
        this.#entry(event)
        break
      case 'forget':
        this.#forgets = true
        emit(forget(event, lines))
        break
      case 'loss':
        this.#lost = true
    }
  }

  #send(event: NamedKernelEvent, lines: readonly [number, number], emit: Emit): void {
    const { unique, atNs, details } = event
    const opcode = event.opcode ?? 'unknown'
    const noReply = hasNoEnd(opcode)
    if (!noReply) this.#open.set(unique, { opcode, sendNs: atNs, children: [] })
    const facts = requestFacts(opcode, details.nodeId, details.body)
    const request: RequestEvent = { kind: 'request', unique, opcode, ...facts, atNs, lines }
    if (noReply) request.noReply = true
    if (details.pid !== 0) request.pid = details.pid
    if (this.#lost) request.resetsNodes = true
    this.#lost = false
    emit(request)
  }

  #entry({ unique, details: { body, nodeId } }: NamedKernelEvent): void {
    if (nodeId !== '0' && isName(body)) this.#open.get(unique)?.children.push([body, nodeId])
  }

  #taken({ unique, atNs }: NamedKernelEvent, lines: readonly [number, number], emit: Emit): void {
    const open = this.#open.get(unique)
    if (open === undefined) return
    emit({ kind: 'detail', key: unique, values: { queueNs: Math.max(0, atNs - open.sendNs) }, atNs, lines })
  }

  #end(event: NamedKernelEvent, lines: readonly [number, number], emit: Emit): void {
    const { unique, atNs, details } = event
    const open = this.#open.get(unique)
    if (open === undefined) {
      // It was sent before anybody watched. A name that was looked up since may have moved by it.
      if (isEntry(event.opcode ?? '')) this.#lost = true
      return
    }
    this.#open.delete(unique)
    const errno = errnoName(event.error ?? 0)
    const reply: ReplyEvent = {
      kind: 'reply',
      key: unique,
      endedBy: 'reply',
      status: errno === null ? 'ok' : 'error',
      errno,
      ...(errno === null && replyFacts(open.opcode, details.body)),
      atNs,
      lines,
    }
    if (open.children.length > 0) reply.children = open.children
    if (details.incomplete && !this.#forgets) reply.resetsNodes = true
    emit(reply)
  }
}

/** The kernel traces no end of it: there is no answer, or, for an INTERRUPT, only one that says that it came too early. */
export const hasNoEnd = (opcode: string): boolean => opcode === 'interrupt' || UNANSWERED.has(opcode)

/** A request and its answer, of which only what they did to names is wanted. Null for an event without its arguments. */
export function changeOf(
  send: Partial<NamedKernelEvent>,
  end: Partial<NamedKernelEvent>,
  index: number,
): { readonly request: RequestEvent; readonly reply: ReplyEvent } | null {
  const { unique = 0, atNs = 0, opcode, details } = send
  if (!opcode || details === undefined) return null
  const lines = [index, index] as const
  const errno = errnoName(end.error ?? 0)
  return {
    request: { kind: 'request', unique, opcode, ...requestNames(opcode, details.nodeId, details.body), atNs, lines },
    reply: {
      kind: 'reply',
      key: unique,
      endedBy: 'reply',
      status: errno === null ? 'ok' : 'error',
      errno,
      ...(errno === null && replyNode(opcode, end.details?.body ?? '')),
      atNs: end.atNs ?? atNs,
      lines,
    },
  }
}

function forget({ unique, atNs, details }: NamedKernelEvent, lines: readonly [number, number]): RequestEvent {
  return {
    kind: 'request',
    unique: null,
    opcode: 'forget',
    nodeId: details.nodeId,
    forgets: [details.nodeId],
    forgetCounts: [unique],
    noReply: true,
    atNs,
    lines,
  }
}
