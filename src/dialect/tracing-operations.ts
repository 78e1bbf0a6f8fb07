import type { Raw } from '../line/line.js'
import type { DetailEvent, DialectEvent, OperationFacts, RequestEvent } from './dialect.js'
import { type FuserRequest, readFuserRequest } from './fuser-request.js'
import { type RequestSpan, spanEvent, type TracingEvent, WARN } from './tracing-event.js'
import { spanFacts } from './tracing-fields.js'
import { closedAfterNs, fresh, innerPaths, type Open, sameSpan, slotOf } from './tracing-open.js'
import { fitPaths, Handles } from './tracing-paths.js'
import { Waiting } from './tracing-waiting.js'
import { branchOf, isLastWord, lastPathOf, notImplemented, type Outcome, outcomeOf, pathsOf } from './tracing-words.js'

type Emit = (event: DialectEvent) => void

/**
 * Turns tracing's events into a dialect's: which event belongs to which request. fuser's own request line begins one
 * (with the kernel's id); else the first event in a `fuse::…` span. A thread does one at a time.
 */
export class TracingOperations {
  readonly #threads = new Map<Raw, Open>()
  readonly #handles = new Handles()
  readonly #branches = new Set<Raw>()
  /** Places in the source that tell a success, and places that seem to. */
  readonly #successes = new Map<Raw, Outcome | null>()
  /** fuser's requests without a span yet, for spans on other threads. */
  readonly #waiting = new Waiting()
  #sawFuser = false
  /** Spans come on other threads than fuser's lines. */
  #handsOver = false
  /** Opcodes that have spans. */
  readonly #spanned = new Set<string>()
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
      const request = readFuserRequest(event.message, 0)
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
    this.#loose.event.lines = [this.#loose.event.lines[0], index]
    return true
  }

  /** The log ended: emits what has waited. */
  end(emit: Emit): void {
    this.settle(emit)
    for (const open of this.#threads.values()) this.#flush(open, emit)
  }

  /** Emits what waited for the next line. */
  settle(emit: Emit): void {
    if (this.#loose === null) return
    const { open, path, event } = this.#loose
    this.#loose = null
    const facts = fitPaths(open.opcode, open.facts, { path }, this.#branches)
    if (facts) this.#detail(open, event, facts, null, emit)
  }

  #fuser(event: TracingEvent, request: FuserRequest, emit: Emit): void {
    this.#sawFuser = true
    const { unique, opcode, facts } = request
    const thread = request.thread ?? event.thread
    const open = fresh(unique, opcode, facts)
    open.fuser = true
    // What a worker thread takes over is not ended by the next request that the session reads.
    const slot = this.#handsOver && this.#spanned.has(opcode) ? undefined : slotOf(thread)
    this.#lastStartNs = event.atNs
    this.#flush(this.#threads.get(thread), emit)
    const started: RequestEvent = { kind: 'request', unique, opcode, atNs: event.atNs, lines: event.lines }
    started.nodeId = facts.nodeId
    if (facts.entry !== undefined) started.entry = facts.entry
    if (facts.xattr !== undefined) started.xattr = facts.xattr
    if (facts.target !== undefined) started.target = facts.target
    if (facts.otherNodeId !== undefined) started.otherNodeId = facts.otherNodeId
    if (facts.otherEntry !== undefined) started.otherEntry = facts.otherEntry
    if (slot !== undefined) started.slot = slot
    if (request.forgets) started.forgets = request.forgets
    if (request.forgetCounts) started.forgetCounts = request.forgetCounts
    if (request.noReply) started.noReply = true
    emit(started)
    if (request.noReply) {
      this.#threads.delete(thread)
      return
    }
    this.#threads.set(thread, open)
    this.#waiting.add(open)
    const path = this.#handles.use(request.handle)
    if (path !== null) this.#detail(open, event, { path }, null, emit)
  }

  #inSpan(event: TracingEvent, span: RequestSpan, emit: Emit): void {
    const what = spanEvent(event.message)
    const own = event.inner === ''
    const before = this.#threads.get(event.thread)
    let open = before
    if (open === undefined || open.span !== span || (what === null && !open.fuser && this.#again(open, event))) {
      open = this.#find(event, span, open, own ? what : null, emit)
      if (open === undefined) return
    }
    if (own && what === 'close') {
      this.#flush(open, emit)
      emit({
        kind: 'reply',
        key: open.key,
        endedBy: 'span',
        status: open.outcome?.status ?? 'unknown',
        errno: open.outcome?.errno ?? null,
        atNs: event.atNs,
        lines: event.lines,
      })
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
    if (spanEvent(event.message) !== null) return false
    if (event.site === open.firstSite) return true
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
    if (open?.span && what !== 'new' && sameSpan(open.span, span)) {
      const again = this.#again(open, event)
      if (open.fuser || !again) {
        open.span = span
        return open
      }
    }
    if (open?.fuser && (open.span === null || !this.#handsOver) && open.opcode === span.opcode) {
      return this.#claim(open, span, event)
    }
    if (this.#sawFuser) {
      const waiting = this.#waiting.of(span)
      if (waiting) {
        this.#handsOver = true
        this.#flush(open, emit)
        this.#threads.set(event.thread, waiting)
        emit({ kind: 'detail', key: waiting.key, slot: slotOf(event.thread), atNs: event.atNs, lines: event.lines })
        return this.#claim(waiting, span, event)
      }
      // Every request has its line: a span without one is a request's call of another.
      return open?.fuser ? open : undefined
    }
    return this.#begin(event, span, what, emit)
  }

  #claim(open: Open, span: RequestSpan, event: TracingEvent): Open {
    open.span = span
    open.firstSite = event.site
    this.#spanned.add(span.opcode)
    this.#waiting.done(open, this.#handsOver)
    return open
  }

  /** A request begins with the first event in its span. */
  #begin(event: TracingEvent, span: RequestSpan, what: string | null, emit: Emit): Open {
    const slot = slotOf(event.thread)
    const facts = spanFacts(span.opcode, span.fields())
    const open: Open = { ...fresh(slot, span.opcode, facts), span, firstSite: what === null ? event.site : '' }
    // Where only the end of a span is logged, it tells how long it took.
    const since = what === 'close' ? event.atNs - closedAfterNs(event.message) : event.atNs
    const atNs = Math.max(since, Math.min(this.#lastStartNs, event.atNs))
    this.#lastStartNs = atNs
    const forgets = span.opcode === 'forget' && facts.nodeId !== undefined ? { forgets: [facts.nodeId] } : {}
    const noReply = span.opcode === 'forget' || span.opcode === 'batch_forget'
    this.#flush(this.#threads.get(event.thread), emit)
    this.#threads.set(event.thread, open)
    emit({
      kind: 'request',
      unique: null,
      slot,
      opcode: span.opcode,
      atNs,
      lines: event.lines,
      ...facts,
      ...forgets,
      ...(noReply && { noReply }),
    })
    const handle = span.fields().find(([key]) => key === 'fh')
    const path = handle ? this.#handles.use(handle[1]) : null
    if (path !== null) this.#detail(open, event, { path }, null, emit)
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
    const { message, inner } = event
    const outcome = this.#outcome(open, event)
    let told: Pick<OperationFacts, 'path' | 'newPath'> | null = null
    const quotes = message.includes('"/')
    if (quotes) {
      const branch = branchOf(message)
      if (branch !== null && this.#branches.size < 64) this.#branches.add(branch)
    }
    if (inner === '') {
      if (quotes) {
        if (!open.pathTold) told = pathsOf(message)
        this.#handles.learn(open.opcode, message)
      }
      const loose = told === null && !open.pathTold ? lastPathOf(message) : null
      if (loose !== null) this.#loose = { open, path: loose, event }
    } else if (!open.pathTold && event.innerFields.includes('="/')) told = innerPaths(event)
    const facts = told && fitPaths(open.opcode, open.facts, told, this.#branches)
    if (facts) open.pathTold = true
    if (!begun || facts || outcome) this.#detail(open, event, facts, outcome, emit)
  }

  /** Says the same of a place in the source as before, where it tells a success. */
  #outcome(open: Open, event: TracingEvent): Outcome | null {
    if (event.level >= WARN) return outcomeOf(event, open.opcode)
    if (event.inner !== '' || !event.message.includes('uccess')) {
      return event.message.startsWith(open.opcode) ? outcomeOf(event, open.opcode) : null
    }
    let outcome = this.#successes.get(event.site)
    if (outcome === undefined) {
      outcome = outcomeOf(event, open.opcode)
      if (this.#successes.size < 4096) this.#successes.set(event.site, outcome)
    }
    return outcome
  }

  #detail(open: Open, event: TracingEvent, facts: OperationFacts | null, outcome: Outcome | null, emit: Emit): void {
    const [from, to] = event.lines
    if (facts === null && outcome === null) {
      if (open.quietFrom < 0) open.quietFrom = from
      open.quietTo = to
      open.quietNs = event.atNs
      return
    }
    this.#flush(open, emit)
    const detail: DetailEvent = { kind: 'detail', key: open.key, atNs: event.atNs, lines: event.lines }
    if (facts) Object.assign(detail, facts)
    if (outcome) {
      open.outcome = outcome
      open.lastWord = event.inner === '' && isLastWord(event.message, open.opcode)
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
