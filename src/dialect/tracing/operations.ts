import type { Raw } from '../../line/line.js'
import type { DialectEvent } from '../core/dialect.js'
import { type FuserRequest, FuserRequests } from '../text/fuser-request.js'
import { fieldValues } from '../text/values.js'
import { detail, flush } from './detail.js'
import { linesOfEvent, type RequestSpan, spanEvent, type TracingEvent } from './event.js'
import { spanFacts } from './fields.js'
import { PathGuess } from './guess.js'
import { closedAfterNs, fresh, type Open, requestEvent, Slots, sameSpan, spanRequest, UsedIds } from './open.js'
import { plainRequest } from './plain.js'
import { Reported } from './reported.js'
import { Aside, fitsSpan, Waiting } from './waiting.js'
import { isLastWord, notImplemented, outcomeOf } from './words.js'

type Emit = (event: DialectEvent) => void

/**
 * Turns tracing's events into a dialect's: which event belongs to which request. fuser's own request line begins one
 * (with the kernel's id); else the first event in a `fuse::…` span. A thread does one at a time.
 */
export class TracingOperations {
  readonly #threads = new Map<Raw, Open>()
  readonly #reported = new Reported()
  readonly #requests = new FuserRequests()
  readonly #slots = new Slots()
  /** fuser's requests without a span yet, for spans on other threads. */
  readonly #waiting = new Waiting()
  readonly #guess = new PathGuess()
  /** Ids that spans had: what other threads log later in the span of a request is no new one. */
  readonly #used = new UsedIds()
  #sawFuser = false
  /** Spans come on other threads than fuser's lines. */
  #handsOver = false
  /** Opcodes that have spans, and those of which the log shows the spans' ends. */
  readonly #spanned = new Set<string>()
  readonly #closed = new Set<string>()
  /** Requests that go on while their thread is at another: of async code, or where no threads are shown. */
  readonly #aside = new Aside()
  #spans = 0
  /** The log shows where spans are made or closed. */
  #showsLife = false
  #lastStartNs = 0
  /** What the event that is being read began. */
  #begun: Open | null = null
  /** A raw path at the end of an event: the next line may belong to it. */
  #loose: { open: Open; path: Raw; event: TracingEvent } | null = null

  event(event: TracingEvent, emit: Emit): void {
    if (this.#loose) this.settle(emit)
    if (event.span !== null) this.#inSpan(event, event.span, emit)
    else if (
      event.message.startsWith('FUSE(') &&
      (event.target === '' || event.target === 'log' || event.target.startsWith('fuse') || isFuser(event.target))
    ) {
      const request = this.#requests.read(event.message, 0)
      if (request) this.#fuser(event, request, emit)
    } else this.#outside(event, emit)
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
    detail(open, event, facts, null, emit)
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
    for (const open of [...this.#aside.all, ...this.#threads.values()]) flush(open, emit)
  }

  /** Emits what waited for the next line. */
  settle(emit: Emit): void {
    if (this.#loose === null) return
    const { open, path, event } = this.#loose
    this.#loose = null
    const facts = this.#reported.fit(open, { path })
    if (facts) detail(open, event, facts, null, emit)
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
    const started = requestEvent(request, event, goesOn ? undefined : this.#slots.of(thread))
    this.#guess.add(started, facts, this.#reported.pathsReported, false)
    emit(started)
    if (request.noReply) {
      this.#threads.delete(thread)
      return
    }
    this.#threads.set(thread, open)
    this.#waiting.add(open)
    const path = this.#reported.handle(opcode, request.handle)
    if (path) detail(open, event, path, null, emit)
  }

  #inSpan(event: TracingEvent, span: RequestSpan, emit: Emit): void {
    const what = spanEvent(event.message)
    const own = event.inner === ''
    if (what === 'new' || what === 'close') this.#showsLife = true
    let open = this.#threads.get(event.thread)
    if (
      open === undefined ||
      open.span !== span ||
      ((what === null || what === 'enter') && !open.fuser && this.#again(open, event))
    ) {
      open = this.#find(event, span, open, own ? what : null, emit)
      if (open === undefined) return
      askedBy(open, span, event, emit)
    }
    if (own && what === 'enter') open.entered = true
    if (own && what === 'close') {
      flush(open, emit)
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
      for (const [thread, other] of this.#threads) if (other === open) this.#threads.delete(thread)
      return
    }
    // The line that began it needs no event of its own unless it shows something.
    const begun = open === this.#begun
    this.#begun = null
    if (what === null) this.#words(open, event, begun, emit)
    else if (!begun) detail(open, event, null, null, emit)
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
    if (span.unique !== undefined) return this.#identified(event, span, span.unique, what, emit)
    if (open?.span && what !== 'new' && sameSpan(open.span, span) && (open.fuser || !this.#again(open, event))) {
      open.span = span
      return open
    }
    const aside = what === 'new' ? undefined : this.#aside.of(span)
    if (aside && (aside.fuser || !this.#again(aside, event))) {
      this.#aside.drop(aside)
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

  /** The request with the id that the span has. */
  #identified(event: TracingEvent, span: RequestSpan, id: number, what: string | null, emit: Emit): Open | undefined {
    let open = this.#threads.get(event.thread)
    if (open?.key !== id) open = [...this.#threads.values(), ...this.#aside.all].find(({ key }) => key === id)
    const waiting = open ? undefined : this.#waiting.withKey(id)
    if (waiting) this.#takeOver(waiting, event, emit)
    open ??= waiting
    if (open) {
      open.span = span
      this.#waiting.done(open, true)
      return open
    }
    if (this.#used.has(id)) return undefined
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
    flush(open, emit)
    if (open.span === null || !(this.#handsOver || this.#closed.has(open.opcode))) return
    this.#aside.add(open)
  }

  /** A thread works on what fuser's session read on another. */
  #takeOver(waiting: Open, event: TracingEvent, emit: Emit): void {
    this.#leave(event.thread, emit)
    flush(waiting, emit)
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
    const ends = this.#closed.has(span.opcode)
    const slot = ends ? (span.unique === undefined ? `span ${++this.#spans}` : undefined) : this.#slots.of(event.thread)
    const facts = spanFacts(span.opcode, span.fields())
    const open = fresh(span.unique ?? slot ?? '', span.opcode, facts)
    open.span = span
    open.firstInner = event.inner
    if (what === null) open.firstSite = event.site
    // Where only the end of a span is logged, it shows how long it took.
    const since = what === 'close' ? event.atNs - closedAfterNs(event.message) : event.atNs
    const atNs = Math.max(since, Math.min(this.#lastStartNs, event.atNs))
    this.#lastStartNs = atNs
    this.#leave(event.thread, emit)
    this.#threads.set(event.thread, open)
    this.#begun = open
    if (event.span !== null) this.#spanned.add(span.opcode)
    const started = spanRequest(span.opcode, span.unique, slot, atNs, event, facts)
    started.values = fieldValues(span.fields())
    if (span.unique !== undefined) this.#used.add(span.unique)
    this.#guess.add(started, facts, this.#reported.pathsReported, span.unique !== undefined)
    emit(started)
    const handle = span.fields().find(([key]) => key === 'fh')
    const path = this.#reported.handle(span.opcode, handle?.[1] ?? null)
    if (path) detail(open, event, path, null, emit)
    return open
  }

  /** An event in no request's span: of the request that the thread is at, when that has no span. */
  #outside(event: TracingEvent, emit: Emit): void {
    const open = this.#threads.get(event.thread)
    const plain = this.#sawFuser ? null : plainRequest(event.message)
    if (plain && !this.#spanned.has(plain.opcode)) this.#begin(event, plain, null, emit)
    this.#begun = null
    if (!open?.fuser || open.span !== null) return
    const answer = isFuser(event.target) ? notImplemented(event.message) : null
    if (answer) detail(open, event, null, answer, emit)
    else if (event.target.includes('::') && !isFuser(event.target)) detail(open, event, null, null, emit)
  }

  #words(open: Open, event: TracingEvent, begun: boolean, emit: Emit): void {
    const outcome = this.#reported.outcome(open, event)
    if (outcome?.status === 'error') this.#guess.failed(open.opcode, open.facts)
    const facts = this.#reported.paths(open, event)
    const loose = this.#reported.loosePath(open, event)
    if (loose !== null) this.#loose = { open, path: loose, event }
    if (!begun || facts || outcome) detail(open, event, facts, outcome, emit)
  }
}

/** fuser's line does not show which process asked; a program may put it into the span. */
function askedBy(open: Open, span: RequestSpan, event: TracingEvent, emit: Emit): void {
  if (!open.fuser || open.facts.pid !== undefined || !span.text.includes('pid')) return
  const { pid } = spanFacts(span.opcode, span.fields())
  if (pid === undefined) return
  open.facts.pid = pid
  detail(open, event, { pid }, null, emit)
}

/** A module of fuser's, or of a copy of it under a name of its own (`mountpoint_s3_fuser::request`). */
const isFuser = (target: Raw): boolean => target.startsWith('fuser') || /^\w{1,40}_fuser(?:::|$)/.test(target)
