import type { Raw } from '../../line/line.js'
import type { OperationFacts, OperationKey, RequestEvent } from '../core/dialect.js'
import { UNANSWERED } from '../core/opcode.js'
import type { FuserRequest } from '../text/fuser-request.js'
import { linesOfEvent, type RequestSpan, type TracingEvent } from './event.js'
import { type Outcome, pathsOf, quoteOf } from './words.js'

/** A request that is open on a thread. */
export interface Open {
  readonly key: OperationKey
  readonly opcode: string
  /** What is known of it: from fuser's line, else from the span's fields. */
  readonly facts: OperationFacts
  /** Names come from fuser's line, quoted. */
  fuser: boolean
  span: RequestSpan | null
  /** Where its first event comes from, and in which inner span. */
  firstSite: Raw
  firstInner: Raw
  /** Its span's `enter` was seen. */
  entered: boolean
  /** A path was shown in words. */
  pathReported: boolean
  outcome: Outcome | null
  /** The outcome was shown in a message that sums up the request. */
  lastWord: boolean
  /** Time and lines of events that showed nothing new and are not emitted yet; lines from -1 when there are none. */
  quietNs: number
  quietFrom: number
  quietTo: number
}

/** The event that begins what fuser's line says. */
export function requestEvent(request: FuserRequest, event: TracingEvent, slot: string | undefined): RequestEvent {
  const { unique, opcode, facts } = request
  return {
    kind: 'request',
    unique,
    slot,
    opcode,
    atNs: event.atNs,
    lines: linesOfEvent(event),
    nodeId: facts.nodeId,
    entry: facts.entry,
    otherNodeId: facts.otherNodeId,
    otherEntry: facts.otherEntry,
    target: facts.target,
    xattr: facts.xattr,
    forgets: request.forgets ?? undefined,
    forgetCounts: request.forgetCounts ?? undefined,
    noReply: request.noReply,
    values: request.values,
  }
}

/** The event that begins what a span alone shows. */
export function spanRequest(
  opcode: string,
  unique: number | undefined,
  slot: string | undefined,
  atNs: number,
  event: TracingEvent,
  facts: OperationFacts,
): RequestEvent {
  const started: RequestEvent = {
    kind: 'request',
    unique: unique ?? null,
    opcode,
    atNs,
    lines: linesOfEvent(event),
  }
  // Not spread into it: that takes ten times as long where facts have many shapes.
  Object.assign(started, facts)
  if (slot !== undefined) started.slot = slot
  if (opcode === 'forget' && facts.nodeId !== undefined) started.forgets = [facts.nodeId]
  if (UNANSWERED.has(opcode)) started.noReply = true
  return started
}

/** What the assembler knows threads by; the same string every time is the quickest key. */
export class Slots {
  #thread: Raw | null = null
  #slot = ''

  of(thread: Raw): string {
    if (thread !== this.#thread) {
      this.#thread = thread
      this.#slot = `thread ${thread}`
    }
    return this.#slot
  }
}

/** Ids that are remembered. */
const MAX_USED = 8192

/** The ids that spans have had of late. */
export class UsedIds {
  readonly #ids = new Set<number>()

  has(id: number): boolean {
    return this.#ids.has(id)
  }

  add(id: number): void {
    this.#ids.add(id)
    const [oldest] = this.#ids.size > MAX_USED ? this.#ids : []
    if (oldest !== undefined) this.#ids.delete(oldest)
  }
}

/** A request of which nothing is known yet. */
export const fresh = (key: OperationKey, opcode: string, facts: OperationFacts): Open => ({
  key,
  opcode,
  facts,
  fuser: false,
  span: null,
  firstSite: '',
  firstInner: '',
  entered: false,
  pathReported: false,
  outcome: null,
  lastWord: false,
  quietNs: 0,
  quietFrom: -1,
  quietTo: -1,
})

/** A span may get more fields as it goes on. */
export function sameSpan(a: RequestSpan, b: RequestSpan): boolean {
  if (a === b) return true
  if (a.opcode !== b.opcode) return false
  const [short, long] = a.text.length < b.text.length ? [a.text, b.text] : [b.text, a.text]
  return long.startsWith(short) && (long.length === short.length || long[short.length] === ' ')
}

/** `path="/d/f"`, or `old="/a" new="/b"`, of the innermost span. */
export function innerPaths(event: TracingEvent): Pick<OperationFacts, 'path' | 'newPath'> | null {
  const text = event.innerFields
  if (!text.includes('="/')) return null
  const [, path] = /(?:^| )path=("(?:[^"\\]|\\.){1,9000}")/.exec(text) ?? []
  if (path !== undefined) return quotedPaths(`path ${path}`)
  const [, from, to] = /^old=("(?:[^"\\]|\\.){1,9000}") new=("(?:[^"\\]|\\.){1,9000}")/.exec(text) ?? []
  return from === undefined || to === undefined ? null : quotedPaths(`Rename ${from} ${to}`)
}

const quotedPaths = (message: Raw): ReturnType<typeof pathsOf> => pathsOf(message, quoteOf(message))

const UNITS: Readonly<Record<string, number>> = { ns: 1, '\xc2\xb5s': 1e3, us: 1e3, ms: 1e6, s: 1e9 }

/** How long a span was open in the words of its `close`, 0 when it does not say. */
export function closedAfterNs(message: Raw): number {
  let total = 0
  for (const part of message.matchAll(/time\.(?:busy|idle)(?:=|: )([\d.]{1,12})(ns|\xc2\xb5s|us|ms|s)/g)) {
    total += Math.round(Number(part[1]) * (UNITS[part[2] ?? ''] ?? 0))
  }
  return Number.isFinite(total) ? total : 0
}
