import type {
  DetailEvent,
  DialectEvent,
  NodeId,
  OperationFacts,
  ReplyEvent,
  RequestEvent,
} from '../dialect/core/dialect.js'
import { decode } from '../line/text.js'
import { type Draft, draft, extend, finish, learn, setValues, show } from './draft.js'
import { InodeTable } from './inode-table.js'
import { OpenDrafts } from './open-drafts.js'
import type { EndedBy, Operation } from './operation.js'
import { apply, derive, learnWords } from './paths.js'

export interface AssemblerOptions {
  /** Called when an operation starts. It is completed in place until its end. */
  onStart?(operation: Operation): void
  /** Called once for every operation, at its end. It does not change any more. */
  onEnd?(operation: Operation): void
}

/**
 * Events to operations. Keeps only the open operations and the inode table.
 *
 * An operation is keyed by its `unique` (used again later: whatever is open under it is meant) or its slot. Where the log
 * shows no ends, the next request of the slot ends it: `last-event` with the time of its last event when it had more than
 * its request, else `next-request` with that request's time.
 */
export class Assembler {
  readonly #options: AssemblerOptions
  #table = new InodeTable()
  readonly #open = new OpenDrafts()
  #nextId = 0
  #unmatched = 0
  #sawSpanEnd = false
  /** The slot of the first request that had one, and whether there was another. */
  #slot: string | null = null
  #slots = false

  constructor(options: AssemblerOptions = {}) {
    this.#options = options
  }

  /** Operations that have started and not ended, in order of start. */
  get openOperations(): readonly Operation[] {
    return this.#open
      .all()
      .map((open) => open.operation)
      .sort((a, b) => a.id - b.id)
  }

  /** False once requests came in several slots (threads): the daemon may do several things at a time. */
  get serial(): boolean {
    return !this.#slots
  }

  /** Ends of operations that nobody has seen start. */
  get unmatchedReplies(): number {
    return this.#unmatched
  }

  /** Which path a node stands for now. */
  get inodes(): InodeTable {
    return this.#table
  }

  /** Takes the next event. False when it is the end of an operation that is not open. */
  event(event: DialectEvent): boolean {
    switch (event.kind) {
      case 'request':
        this.#request(event)
        return true
      case 'detail':
        this.#detail(event)
        return true
      case 'reply':
        return this.#reply(event)
    }
  }

  /** What a request did to names, once it has ended. No operation is made of it. */
  learn(request: RequestEvent, { status, errno, childNodeId, onlyName }: ReplyEvent): void {
    const done = draft(-1, request)
    learn(done.facts, request)
    done.operation.status = status
    done.operation.errno = errno
    apply(done, this.#table, childNodeId, onlyName)
  }

  /**
   * The log ended. What is open and would have had a reply stays `unfinished`; what never has one ends by its last event,
   * unless the log was `cut` (the daemon was killed): then nobody knows.
   */
  end(how: 'complete' | 'cut' = 'complete'): void {
    for (const open of this.#open.all()) {
      const reported = open.operation.status !== 'unfinished'
      if (open.slot !== null && (reported || (how === 'complete' && !this.#sawSpanEnd))) {
        this.#infer(open, open.lastNs)
      } else {
        finish(open.operation, null, null, 'unfinished')
        open.operation.errno = null
        this.#close(open, undefined)
      }
    }
  }

  #request(event: RequestEvent): void {
    const { unique, slot } = event
    if (event.opcode === 'init' && this.#nextId > 0) this.beginAnew()
    if (event.resetsNodes) this.#table.reset()
    if (slot !== undefined && slot !== this.#slot) {
      this.#slots ||= this.#slot !== null
      this.#slot = slot
    }
    const before = slot === undefined ? undefined : this.#open.get(slot)
    if (before) this.#infer(before, event.atNs)
    const same = unique === null ? undefined : this.#open.get(unique)
    if (same) this.#infer(same, event.atNs)
    const open = draft(this.#nextId++, event)
    if (event.values) setValues(open.operation, event.values)
    this.#know(open, event)
    this.#options.onStart?.(open.operation)
    if (event.noReply) {
      this.#infer(open, event.atNs)
      return
    }
    this.#open.add(open)
  }

  #detail(event: DetailEvent): void {
    const open = this.#open.get(event.key)
    if (open === undefined) return
    if (event.slot !== undefined) this.#move(open, event.slot, event.atNs)
    open.details++
    open.lastNs = event.atNs
    extend(open.operation, event.lines)
    if (event.values) setValues(open.operation, event.values)
    this.#know(open, event)
    if (event.status !== undefined) {
      open.operation.status = event.status
      open.operation.errno = event.status === 'error' ? (event.errno ?? null) : null
    }
  }

  /** A mount begins: what an earlier daemon in the same log left open is never answered, and its nodes are no more. */
  beginAnew(): void {
    for (const open of this.#open.all()) {
      if (open.slot !== null && open.operation.status !== 'unfinished') this.#infer(open, open.lastNs)
      else {
        finish(open.operation, null, null, 'unfinished')
        this.#close(open, undefined)
      }
    }
    this.#table = new InodeTable()
  }

  /** Another thread took it over. */
  #move(open: Draft, slot: string, atNs: number): void {
    const there = this.#open.get(slot)
    if (there === open) return
    if (there) this.#infer(there, atNs)
    this.#open.move(open, slot)
  }

  #reply(event: ReplyEvent): boolean {
    const open = this.#open.get(event.key)
    if (open === undefined) {
      this.#unmatched++
      return false
    }
    if (event.endedBy === 'span') this.#sawSpanEnd = true
    const { operation, facts } = open
    extend(operation, event.lines)
    if (event.values) setValues(operation, event.values)
    // An end that shows no outcome leaves the one that was shown before.
    const reported = event.status === 'unknown' && operation.status !== 'unfinished'
    if (!reported) operation.errno = event.status === 'error' ? event.errno : null
    finish(operation, event.atNs, event.endedBy, reported ? operation.status : event.status)
    this.#close(open, event.childNodeId, event.onlyName)
    if (event.resetsNodes) this.#table.reset()
    if (event.loses) for (const id of event.loses) this.#table.lose(id)
    if (event.children) this.#bindChildren(facts.nodeId, event.children)
    return true
  }

  #bindChildren(parent: NodeId | undefined, children: NonNullable<ReplyEvent['children']>): void {
    for (const [name, id] of children) {
      const place = parent === undefined ? null : this.#table.place(parent, name, true)
      if (place) this.#table.bind(id, place, true)
    }
  }

  /** Ends an operation whose end the log does not show. */
  #infer(open: Draft, nextNs: number): void {
    const by: EndedBy = open.details > 0 || nextNs === open.operation.startNs ? 'last-event' : 'next-request'
    const { status } = open.operation
    finish(open.operation, by === 'last-event' ? open.lastNs : nextNs, by, status === 'unfinished' ? 'unknown' : status)
    this.#close(open, undefined)
  }

  #close(open: Draft, child: NodeId | undefined, onlyName = false): void {
    this.#open.delete(open)
    const { operation } = open
    if (child === '0' && operation.opcode === 'lookup' && operation.status === 'ok') operation.negative = true
    if (open.operation.path === null) this.#paths(open)
    apply(open, this.#table, child, onlyName)
    this.#options.onEnd?.(open.operation)
  }

  #know(open: Draft, event: OperationFacts): void {
    if (!learn(open.facts, event)) return
    const { facts, operation } = open
    learnWords(open, this.#table)
    this.#paths(open)
    if (facts.target !== undefined && operation.opcode === 'symlink') show(operation, 'target', facts.target)
    if (facts.xattr !== undefined) show(operation, 'name', facts.xattr)
    if (facts.pid !== undefined) operation.pid = facts.pid
  }

  #paths(open: Draft): void {
    const { path, newPath, names } = open
    derive(open, this.#table)
    if (open.names !== names) {
      const { operation } = open
      if (open.names === null) delete operation.paths
      else operation.paths = open.names.map((name) => decode(name).text)
    }
    if (open.path !== null && open.path !== path) show(open.operation, 'path', open.path)
    if (open.newPath !== null && open.newPath !== newPath) show(open.operation, 'newPath', open.newPath)
  }
}
