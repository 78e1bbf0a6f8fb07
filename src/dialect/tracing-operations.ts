import type { Raw } from '../line/line.js'
import type { DetailEvent, DialectEvent, OperationFacts } from './dialect.js'
import { type FuserRequest, NodeIds, readFuserRequest } from './fuser-request.js'
import { linesOfEvent, type RequestSpan, spanEvent, type TracingEvent } from './tracing-event.js'
import { spanFacts } from './tracing-fields.js'
import { closedAfterNs, fresh, type Open, requestEvent, Slots, sameSpan, spanRequest } from './tracing-open.js'
import { Told } from './tracing-told.js'
import { fitsSpan, Waiting } from './tracing-waiting.js'
import { isLastWord, notImplemented, type Outcome, outcomeOf } from './tracing-words.js'

/** More of these are forgotten. */
const MOST_ASIDE = 64

type Emit = (event: DialectEvent) => void

/**
 * Turns tracing's events into a dialect's: which event belongs to which request. fuser's own request line begins one
 * (with the kernel's id); else the first event in a `fuse::…` span. A thread does one at a time.
 */
export class TracingOperations {
  readonly #threads = new Map<Raw, Open>()
  readonly #told = new Told()
  readonly #ids = new NodeIds()
  readonly #slots = new Slots()
  /** fuser's requests without a span yet, for spans on other threads. */
  readonly #waiting = new Waiting()
  #sawFuser = false
  /** Spans come on other threads than fuser's lines. */
  #handsOver = false
  /** Opcodes that have spans, and those of which the log shows the spans' ends. */
  readonly #spanned = new Set<string>()
  readonly #closed = new Set<string>()
  /** Requests that go on while their thread is at another: of async code, or where no threads are shown. */
  #aside: Open[] = []
  #spans = 0
  /** The log shows where spans are made or closed. */
  #showsLife = false
  #lastStartNs = 0
  /** A raw path at the end of an event: the next line may belong to it. */
  #loose: { open: Open; path: Raw; event: TracingEvent } | null = null

  event(event: TracingEvent, emit: Emit): void {
    if (this.#loose) this.settle(emit)
    if (event.span !== null) this.#inSpan(event, event.span, emit)
    else if (
      event.message.startsWith('FUSE(') &&
      (event.target === '' || event.target.startsWith('fuse') || event.target === 'log')
    ) {
      const request = readFuserRequest(event.message, 0, this.#ids)
      if (request) this.#fuser(event, request, emit)
    } else this.#outside(event, emit)
  }

  /** True when fuser's own request lines are in the log: they tell names beyond doubt. */
  get sawFuser(): boolean {
    return this.#sawFuser
  }

  /** The name in the request that a thread is at, as fuser's line quoted it; null when none did. */
  nameOn(thread: Raw): Raw | null {
    const open = this.#threads.get(thread)
    return open?.fuser ? (open.facts.otherEntry ?? open.facts.entry ?? open.facts.xattr ?? null) : null
  }

  /** The span of the request that a thread is at has more to it than was read at first. */
  grow(thread: Raw, span: RequestSpan, event: TracingEvent, emit: Emit): void {
    const open = this.#threads.get(thread)
    if (!open?.span) return
    open.span = span
    const facts = open.fuser ? null : spanFacts(span.opcode, span.fields())
    if (facts) Object.assign(open.facts, facts)
    this.#detail(open, event, facts, null, emit)
  }

  /** A line without a header came after an event: says whether it is the rest of a raw path. */
  rest(raw: Raw, index: number): boolean {
    if (this.#loose === null) return false
    this.#loose.path += `\n${raw}`
    this.#loose.event.to = index
    return true
  }

  /** The log ended: emits what has waited. */
  end(emit: Emit): void {
    this.settle(emit)
    for (const open of [...this.#aside, ...this.#threads.values()]) this.#flush(open, emit)
  }

  /** Emits what waited for the next line. */
  settle(emit: Emit): void {
    if (this.#loose === null) return
    const { open, path, event } = this.#loose
    this.#loose = null
    const facts = this.#told.fit(open, { path })
    if (facts) this.#detail(open, event, facts, null, emit)
  }

  #fuser(event: TracingEvent, request: FuserRequest, emit: Emit): void {
    this.#sawFuser = true
    const { unique, opcode, facts } = request
    const thread = event.thread === '' ? (request.thread ?? '') : event.thread
    const open = fresh(unique, opcode, facts)
    open.fuser = true
    // What a worker thread takes over, or what a span will end, is not ended by the next request that is read.
    const goesOn = (this.#handsOver && this.#spanned.has(opcode)) || this.#closed.has(opcode)
    this.#lastStartNs = event.atNs
    this.#leave(thread, emit)
    emit(requestEvent(request, event, goesOn ? undefined : this.#slots.of(thread)))
    if (request.noReply) {
      this.#threads.delete(thread)
      return
    }
    this.#threads.set(thread, open)
    this.#waiting.add(open)
    const path = this.#told.handle(opcode, request.handle)
    if (path) this.#detail(open, event, path, null, emit)
  }

  #inSpan(event: TracingEvent, span: RequestSpan, emit: Emit): void {
    const what = spanEvent(event.message)
    const own = event.inner === ''
    if (what === 'new' || what === 'close') this.#showsLife = true
    const before = this.#threads.get(event.thread)
    let open = before
    if (
      open === undefined ||
      open.span !== span ||
      ((what === null || what === 'enter') && !open.fuser && this.#again(open, event))
    ) {
      open = this.#find(event, span, open, own ? what : null, emit)
      if (open === undefined) return
    }
    if (own && what === 'enter') open.entered = true
    if (own && what === 'close') {
      this.#flush(open, emit)
      emit({
        kind: 'reply',
        key: open.key,
        endedBy: 'span',
        status: open.outcome?.status ?? 'unknown',
        errno: open.outcome?.errno ?? null,
        atNs: event.atNs,
        lines: linesOfEvent(event),
      })
      this.#closed.add(open.opcode)
      this.#threads.delete(event.thread)
      return
    }
    // The line that began it needs no event of its own unless it tells something.
    const begun = open !== before && !open.fuser
    if (what === null) this.#words(open, event, begun, emit)
    else if (!begun) this.#detail(open, event, null, null, emit)
  }

  /** The same span's text, but it begins anew: its first place in the source, or the opposite of its last word. */
  #again(open: Open, event: TracingEvent): boolean {
    const what = spanEvent(event.message)
    // Where only this is logged of spans, another `enter` is another's.
    if (what !== null) return what === 'enter' && open.entered && event.inner === '' && !this.#showsLife
    if (event.site === open.firstSite && event.inner === open.firstInner) return true
    if (open.outcome === null || !open.lastWord || event.inner !== '' || !isLastWord(event.message, open.opcode))
      return false
    return outcomeOf(event, open.opcode)?.status !== open.outcome.status
  }

  /** The request that an event belongs to which is not just one more of the thread's. */
  #find(
    event: TracingEvent,
    span: RequestSpan,
    open: Open | undefined,
    what: 'new' | 'enter' | 'exit' | 'close' | null,
    emit: Emit,
  ): Open | undefined {
    if (open?.span && what !== 'new' && sameSpan(open.span, span) && (open.fuser || !this.#again(open, event))) {
      open.span = span
      return open
    }
    const aside = what === 'new' ? undefined : this.#aside.findLast((other) => other.span && sameSpan(other.span, span))
    if (aside && (aside.fuser || !this.#again(aside, event))) {
      this.#aside = this.#aside.filter((other) => other !== aside)
      this.#leave(event.thread, emit)
      this.#threads.set(event.thread, aside)
      return aside
    }
    if (open?.fuser && open.opcode === span.opcode && (open.span === null || !this.#overlap)) {
      if (open.span !== null || !this.#waiting.rivals(open) || fitsSpan(open, span))
        return this.#claim(open, span, event)
    }
    if (this.#sawFuser) {
      const waiting = this.#waiting.of(span)
      if (waiting) {
        if (waiting !== open) this.#takeOver(waiting, event, emit)
        return this.#claim(waiting, span, event)
      }
      // Every request has its line: a span without one is a request's call of another.
      return open?.fuser ? open : undefined
    }
    return this.#begin(event, span, what, emit)
  }

  /** Requests may go on while their thread is at others. */
  get #overlap(): boolean {
    return this.#handsOver || this.#closed.size > 0
  }

  /** A thread goes to another request. Of the one that it was at more may come. */
  #leave(thread: Raw, emit: Emit): void {
    const open = this.#threads.get(thread)
    if (open === undefined) return
    this.#flush(open, emit)
    if (open.span === null || !(this.#handsOver || this.#closed.has(open.opcode))) return
    this.#aside.push(open)
    if (this.#aside.length > MOST_ASIDE) this.#aside.shift()
  }

  /** A thread works on what fuser's session read on another. */
  #takeOver(waiting: Open, event: TracingEvent, emit: Emit): void {
    this.#leave(event.thread, emit)
    this.#flush(waiting, emit)
    const slot = this.#slots.of(event.thread)
    if (this.#threads.get(event.thread) !== waiting && !this.#closed.has(waiting.opcode)) {
      emit({ kind: 'detail', key: waiting.key, slot, atNs: event.atNs, lines: linesOfEvent(event) })
    }
    this.#handsOver = true
    this.#threads.set(event.thread, waiting)
  }

  #claim(open: Open, span: RequestSpan, event: TracingEvent): Open {
    open.span = span
    open.firstSite = event.site
    this.#spanned.add(span.opcode)
    this.#waiting.done(open, this.#overlap)
    return open
  }

  /** A request begins with the first event in its span. */
  #begin(event: TracingEvent, span: RequestSpan, what: string | null, emit: Emit): Open {
    // What a span will end is not ended by the next request of the thread.
    const slot = this.#closed.has(span.opcode) ? `span ${++this.#spans}` : this.#slots.of(event.thread)
    const facts = spanFacts(span.opcode, span.fields())
    const open: Open = { ...fresh(slot, span.opcode, facts), span, firstInner: event.inner }
    if (what === null) open.firstSite = event.site
    // Where only the end of a span is logged, it tells how long it took.
    const since = what === 'close' ? event.atNs - closedAfterNs(event.message) : event.atNs
    const atNs = Math.max(since, Math.min(this.#lastStartNs, event.atNs))
    this.#lastStartNs = atNs
    this.#leave(event.thread, emit)
    this.#threads.set(event.thread, open)
    emit(spanRequest(span.opcode, slot, atNs, event, facts))
    const handle = span.fields().find(([key]) => key === 'fh')
    const path = this.#told.handle(span.opcode, handle?.[1] ?? null)
    if (path) this.#detail(open, event, path, null, emit)
    return open
  }

  /** An event in no request's span: of the request that the thread is at, when that has no span. */
  #outside(event: TracingEvent, emit: Emit): void {
    const open = this.#threads.get(event.thread)
    if (!open?.fuser || open.span !== null) return
    const answer = event.target.startsWith('fuser') ? notImplemented(event.message) : null
    if (answer) this.#detail(open, event, null, answer, emit)
    else if (event.target.includes('::') && !event.target.startsWith('fuser'))
      this.#detail(open, event, null, null, emit)
  }

  #words(open: Open, event: TracingEvent, begun: boolean, emit: Emit): void {
    const outcome = this.#told.outcome(open, event)
    const facts = this.#told.paths(open, event)
    const loose = this.#told.loosePath(open, event)
    if (loose !== null) this.#loose = { open, path: loose, event }
    if (!begun || facts || outcome) this.#detail(open, event, facts, outcome, emit)
  }

  #detail(open: Open, event: TracingEvent, facts: OperationFacts | null, outcome: Outcome | null, emit: Emit): void {
    const { from, to } = event
    const told = outcome !== null && (outcome.status !== open.outcome?.status || outcome.errno !== open.outcome.errno)
    if (outcome) open.lastWord = event.inner === '' && isLastWord(event.message, open.opcode)
    if (facts === null && !told) {
      if (open.quietFrom < 0) open.quietFrom = from
      open.quietTo = to
      open.quietNs = event.atNs
      return
    }
    this.#flush(open, emit)
    const detail: DetailEvent = { kind: 'detail', key: open.key, atNs: event.atNs, lines: linesOfEvent(event) }
    if (facts) Object.assign(detail, facts)
    if (outcome) {
      open.outcome = outcome
      detail.status = outcome.status
      detail.errno = outcome.errno
    }
    emit(detail)
  }

  /** Emits one event for all that told nothing but that the request goes on. */
  #flush(open: Open | undefined, emit: Emit): void {
    if (open === undefined || open.quietFrom < 0) return
    emit({ kind: 'detail', key: open.key, atNs: open.quietNs, lines: [open.quietFrom, open.quietTo] })
    open.quietFrom = -1
  }
}
