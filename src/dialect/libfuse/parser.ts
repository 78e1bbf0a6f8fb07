import type { Line, Raw } from '../../line/line.js'
import type { DialectEvent, DialectParser, NodeId, ReplyEvent, RequestEvent } from '../core/dialect.js'
import { isEntry, MAKES_NODE } from '../core/effects.js'
import { addNames, detailEvent, replyEvent, requestEvent } from '../core/event.js'
import { UNANSWERED } from '../core/opcode.js'
import { GuessedNodes } from '../nodes/guessed-nodes.js'
import { RecentIds } from '../text/recent-ids.js'
import { RequestIds } from '../text/request-ids.js'
import { FINDS, isFound, saysFound } from './calls.js'
import { guessedPaths } from './guess.js'
import {
  isLate,
  isProse,
  LATE,
  type ReplyLine,
  type RequestLine,
  readReply,
  readRequest,
  readTorn,
  statusOf,
} from './line.js'
import type { OpenRequest } from './match.js'
import { LongNames } from './names.js'
import { OpenRequests, type Said } from './open-requests.js'
import { Records } from './record.js'
import { Unnamed } from './unnamed.js'
import { hasNumbers, wordValues } from './values.js'

type Emit = (event: DialectEvent) => void

/** Lines that are not a whole record yet, and what they say if nothing follows. */
interface Pending {
  text: Raw
  readonly lines: Line[]
  said: Said | null
  /** How many of the lines `said` was read from. */
  saidLines: number
}

/** A name has at most 255 bytes, and lines can hold two; an attribute's value can have 64 KiB. */
const MAX_LINES = 600
const MAX_BYTES = 80_000
/** Requests that may be answered once more. */
const MAX_ANSWERED = 4096

/** What lines begin with that are tried as such: `unique:`, `dev unique:`, `cqe unique:`, `NODEID:`. */
const LETTER = { u: 117, d: 100, c: 99, N: 78 } as const
/** The blanks that a line begins with, as many as any of libfuse's has. */
function blanksOf(text: Raw): number {
  let blanks = 0
  while (blanks < 4 && text.charCodeAt(blanks) === 32) blanks++
  return blanks
}
const NODEID = /^ {0,3}NODEID: \d{1,20}$/
/** The node that `   NODEID: 2` shows; null for every other line. */
const childOf = (raw: Raw): NodeId | null =>
  raw.length > 40 || !NODEID.test(raw) ? null : raw.slice(raw.indexOf(':') + 2)
const FORGOTTEN = /^(?:DELETE: |delete: |FORGET | {2}forget )(\d{1,20})/

/** Reads the lines of libfuse's low level, and those of its high level or of a program's own between them. */
export class LibfuseParser implements DialectParser {
  readonly #open = new OpenRequests()
  readonly #long = new LongNames()
  readonly #records = new Records(this.#open, this.#long)
  readonly #ids = new RequestIds()
  /** For programs whose lines show names and no nodes. */
  readonly #guessed = new GuessedNodes()
  readonly #unnamed = new Unnamed(this.#guessed)
  #pending: Pending | null = null
  /** An answer whose path may stand in the next line. */
  #late: { readonly open: OpenRequest; readonly event: ReplyEvent } | null = null
  /** The request that the last line spoke of. */
  #last: OpenRequest | null = null
  /** The node that a line has shown last, in which line, and the request that it was taken for. */
  #node: { readonly node: NodeId; readonly line: number; readonly of: OpenRequest | null } | null = null
  /** Lookups that find something are followed by the node's number. */
  #showsNodes = false
  /** A BATCH_FORGET whose nodes are in the lines behind it. */
  #batch: { readonly event: RequestEvent; readonly nodes: Set<NodeId>; readonly count: number } | null = null
  /** Requests that may have another answer line: those that need none, and io_uring's. */
  readonly #answered = new RecentIds(MAX_ANSWERED)

  line(line: Line, emit: Emit): boolean {
    if (this.#pending) return this.#goOn(this.#pending, line.raw, line, emit)
    if (this.#late && !isLate(line.raw)) this.#finishLate(emit)
    return this.#begin(line.raw, line, emit)
  }

  end(emit: Emit): void {
    while (this.#pending) this.#giveUp(this.#pending, emit)
    this.#finishLate(emit)
    this.#flushBatch(emit)
    this.#unnamed.end(emit)
  }

  #begin(text: Raw, line: Line, emit: Emit): boolean {
    if (this.#batch) {
      const node = FORGOTTEN.exec(text.slice(0, 40))?.[1]
      if (node !== undefined) this.#batch.nodes.add(node)
      else this.#flushBatch(emit)
    }
    const blanks = blanksOf(text)
    const first = text.charCodeAt(blanks)
    if (first === LETTER.u || first === LETTER.d || first === LETTER.c) {
      const request = blanks === 0 ? readRequest(text) : null
      if (request) return this.#request(request, line, emit)
      const reply = first === LETTER.u ? readReply(text) : null
      if (reply) return this.#reply(reply, line, emit)
    }
    const child = first === LETTER.N ? childOf(text) : null
    if (child !== null) {
      if (this.#last?.opcode === 'lookup' && this.#last.path !== null) this.#showsNodes = true
      this.#node = { node: child, line: line.index, of: this.#open.answeredWith(child, this.#last) }
      return true
    }
    const said = this.#records.read(text)
    const torn = said ? null : readTorn(text, this.#ids)
    if (torn) return this.#request(torn, line, emit)
    if (said === 'more' || said?.maybe) {
      this.#pending = { text, lines: [line], said: said === 'more' ? null : said, saidLines: 1 }
      return true
    }
    if (said) {
      const lenient = said.open ? null : this.#records.read(text, true)
      this.#emit(lenient && lenient !== 'more' ? lenient : said, [line], emit)
      return true
    }
    if (isFound(text)) {
      const open = this.#open.unfound(FINDS)
      if (open) open.found = true
      return true
    }
    return isProse(text)
  }

  /** The next line: of the same record when the name in it holds a newline. */
  #goOn(pending: Pending, text: Raw, line: Line, emit: Emit): boolean {
    const whole = `${pending.text}\n${text}`
    const said = pending.lines.length < MAX_LINES && whole.length < MAX_BYTES ? this.#records.read(whole) : null
    if (said === 'more' || (said?.open && said.maybe)) {
      pending.text = whole
      pending.lines.push(line)
      if (said !== 'more') {
        pending.said = said
        pending.saidLines = pending.lines.length
      }
      return true
    }
    if (said?.open) {
      this.#pending = null
      this.#emit(said, [...pending.lines, line], emit)
      return true
    }
    this.#giveUp(pending, emit)
    return this.line(line, emit)
  }

  /** A record ended before it seemed to. */
  #giveUp(pending: Pending, emit: Emit): void {
    this.#pending = null
    const first = pending.said
      ? null
      : this.#records.read(pending.text.slice(0, pending.text.indexOf('\n') >>> 0), true)
    if (pending.said) this.#emit(pending.said, pending.lines.slice(0, pending.saidLines), emit)
    else if (first && first !== 'more') this.#emit(first, pending.lines.slice(0, 1), emit)
    // The lines behind it were lines of their own after all.
    for (const late of pending.lines.slice(pending.said ? pending.saidLines : 1)) this.line(late, emit)
  }

  #emit({ open, facts, child, bound, head }: Said, lines: readonly Line[], emit: Emit): void {
    const last = lines.at(-1)
    if (open === null || last === undefined) return
    this.#last = open
    if (child !== undefined) open.child = child
    if (bound) {
      this.#guessed.stop()
      this.#unnamed.entry(open.opcode, bound.parent, bound.entry, bound.node)
    }
    if (facts) {
      open.reported = true
      open.facts = facts
      for (const path of [facts.path, facts.newPath, facts.entry, facts.otherEntry]) {
        if (path?.includes('\n')) this.#long.learn(path)
      }
      if (facts.path !== undefined) open.path = open.opcode === 'link' ? (facts.newPath ?? facts.path) : facts.path
      if (facts.entry !== undefined) open.entry = facts.entry
      if (lines[0] && saysFound(lines[0].raw)) open.found = false
      this.#open.learn(open)
    }
    const span = [lines[0]?.index ?? last.index, last.index] as const
    const paths = facts?.entry === undefined ? null : guessedPaths(this.#guessed, open, facts, facts.entry)
    const valued = head !== undefined && lines.length === 1 && hasNumbers(open.opcode) && this.#open.isOnly(open)
    const values = valued ? wordValues(head) : undefined
    const event = detailEvent(open.unique, last.atNs, span)
    if (facts) addNames(event, facts)
    if (paths) addNames(event, paths)
    event.values = values
    emit(event)
  }

  #request(request: RequestLine, line: Line, emit: Emit): boolean {
    const { unique, opcode, nodeId, names, pid } = request
    if (!this.#ids.accept(unique, opcode, this.#open.has(unique), this.#open.none && this.#late === null)) return false
    if (opcode === 'init' || opcode === 'cuse_init') this.#open.clear()
    const open = {
      unique,
      opcode,
      nodeId,
      pid,
      names,
      path: null,
      reported: false,
      entry: null,
      child: null,
      facts: null,
      found: null,
    }
    const known = this.#unnamed.request(open, emit)
    const event = requestEvent(unique, opcode, line)
    if (nodeId !== '0') event.nodeId = nodeId
    if (pid !== null) event.pid = pid
    const { path } = this.#guessed.request(opcode, event)
    if (!isEntry(opcode)) event.path = path
    if (known) addNames(event, known)
    if (UNANSWERED.has(opcode)) {
      event.noReply = true
      this.#answered.add(unique)
      if (opcode === 'batch_forget') {
        this.#batch = { event, nodes: new Set(), count: request.forgets }
        return true
      }
      if (opcode === 'forget') {
        event.forgets = [nodeId]
        this.#open.forget(nodeId)
        this.#unnamed.forget(nodeId, emit)
        this.#guessed.forget([nodeId])
      }
    } else {
      this.#open.add(open)
    }
    emit(event)
    return true
  }

  #reply(reply: ReplyLine, line: Line, emit: Emit): boolean {
    const { unique, errno } = reply
    const open = this.#open.get(unique)
    if (open === undefined) {
      this.#ids.answered(unique)
      return this.#answered.delete(unique)
    }
    this.#ids.done(unique)
    const status = statusOf(reply, open.opcode)
    const other = this.#open.mixedUp(open, this.#last, status === 'error')
    if (other) this.#exchange(open, other, line, emit)
    else if (status === 'ok') this.#ownNode(open, line.index)
    if (this.#last === open) this.#last = null
    if (reply.ringBytes === null) this.#answered.add(unique)
    const event = replyEvent(unique, status, errno, line)
    // Requests without a pid are of ntfs-3g or of 2.7.
    const late = open.pid === null && status === 'ok' && open.path === null && LATE.has(open.opcode)
    if (late) this.#late = { open, event }
    else this.#finish(open, event, emit)
    return true
  }

  /** What makes something always shows its node: the line right before is likelier its own than that of whoever it was taken for. */
  #ownNode(open: OpenRequest, index: number): void {
    const shown = this.#node
    if (shown?.line !== index - 1 || open.child !== null || open.opcode === 'lookup' || !MAKES_NODE.has(open.opcode))
      return
    if (shown.of) shown.of.child = null
    open.child = shown.node
  }

  /** What was shown of two requests was of the other one. */
  #exchange(open: OpenRequest, other: OpenRequest, { index, atNs }: Line, emit: Emit): void {
    const { reported, facts, path, entry, child } = open
    Object.assign(open, {
      reported: other.reported,
      facts: other.facts,
      path: other.path,
      entry: other.entry,
      child: other.child,
    })
    Object.assign(other, { reported, facts, path, entry, child })
    this.#last = null
    for (const one of [open, other]) {
      if (one.facts === null) continue
      const paths = one.facts.entry === undefined ? null : guessedPaths(this.#guessed, one, one.facts, one.facts.entry)
      const event = detailEvent(one.unique, atNs, [index, index])
      addNames(event, one.facts)
      if (paths) addNames(event, paths)
      emit(event)
    }
  }

  #finishLate(emit: Emit): void {
    const late = this.#late
    this.#late = null
    if (late) this.#finish(late.open, late.event, emit)
  }

  #finish(open: OpenRequest, event: ReplyEvent, emit: Emit): void {
    if (open.found === false) open.child = '0'
    else if (open.found && open.entry !== null) this.#unnamed.entry(open.opcode, open.nodeId, open.entry, '0')
    if (open.child !== null && event.status !== 'error') event.childNodeId = open.child
    if (open.opcode === 'lookup' && event.status === 'ok' && open.child === null && this.#showsNodes && open.path) {
      // The high level says the node of everything that it finds: this name is not there, and the kernel keeps that.
      open.child = '0'
      event.childNodeId = '0'
    }
    this.#open.answered(open)
    if (event.status !== 'error' && open.child === null && open.path === null && open.facts?.entry !== undefined) {
      this.#guessed.answered(open.opcode, {
        ...open.facts,
        nodeId: open.nodeId,
        ...(open.pid !== null && { pid: open.pid }),
      })
    }
    this.#unnamed.reply(open, event, emit)
  }

  #flushBatch(emit: Emit): void {
    if (this.#batch === null) return
    const { event, nodes, count } = this.#batch
    this.#batch = null
    event.forgets = nodes.size === 0 ? this.#guessed.forgetSome(count) : [...nodes]
    emit(event)
    this.#guessed.forget([...nodes])
    for (const node of nodes) {
      this.#open.forget(node)
      this.#unnamed.forget(node, emit)
    }
  }
}
