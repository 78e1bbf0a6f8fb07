import type { Line, Raw } from '../../line/line.js'
import type { DialectEvent, ReplyEvent, RequestEvent } from '../core/dialect.js'
import { isAttribute, isEntry, isRename, MAKES_NODE } from '../core/effects.js'
import { errnoOf } from '../core/errno.js'
import { opcodeOf, UNANSWERED } from '../core/opcode.js'
import type { RequestIds } from '../text/request-ids.js'

type Emit = (event: DialectEvent) => void

const MAX_PREFIX = 80
const REQUEST = /(?:^|[ \t|:>\])])Dispatch(?: (\d{1,16}))?: ([A-Z_0-9]{3,24}), NodeId: (\d{1,20})\.(?: |$)/y
const REPLY =
  /(?:^|[ \t|:>\])])Serialize(?: (\d{1,16}))?: ([A-Z_0-9]{3,24}) code: (?:OK|-?(\d{1,5})=([^=]{0,80}?)) value:(?: |$)/y
const CHILD = /\{{1,2}(?:NodeId: )?(\d{1,20}) (?:Generation=|G\d|E\d)/y
const ENDS = /\] (\d{1,7}) bytes$/
/** Two names, or a name and what a symlink says. */
const MAX_NAMES = 4600
const MAX_LINES = 64
/** Names that were looked up of late: they show where the first of two ends. */
const MAX_RECENT = 256

/** Requests with one name after them. */
const named = (opcode: string): boolean => isEntry(opcode) && !isRename(opcode) && opcode !== 'symlink'

/** Where the message begins behind a logger's prefix; what stands behind a quote or a bracket is somebody's name. */
function match(pattern: RegExp, word: string, raw: Raw): RegExpExecArray | null {
  const at = raw.slice(0, MAX_PREFIX + word.length).indexOf(word)
  if (at < 0) return null
  pattern.lastIndex = Math.max(0, at - 1)
  return pattern.exec(raw)
}

/** Whether a line is one of those that go-fuse wrote until the end of 2018. */
export const isOldGoFuse = (raw: Raw): boolean => oldGoFuseAt(raw) >= 0

/** Where the message of such a line begins; -1 where it is none. */
export const oldGoFuseAt = (raw: Raw): number =>
  (match(REQUEST, 'Dispatch', raw) ?? match(REPLY, 'Serialize', raw))?.index ?? -1

/**
 * `Dispatch 6: LOOKUP, NodeId: 1. names: [a.txt] 6 bytes` and `Serialize 6: LOOKUP code: OK value: {NodeId: 3 …`: names
 * raw, but with how many bytes they have. Before April 2016 without ids.
 */
export class OldGoFuse {
  readonly #ids: RequestIds
  /** Open requests without ids by opcode, oldest first. */
  readonly #open = new Map<string, string[]>()
  readonly #recent = new Set<Raw>()
  #requests = 0
  /** A request whose names do not end in its line. */
  #held: Line[] = []

  constructor(ids: RequestIds) {
    this.#ids = ids
  }

  /** A name goes on in the next line: what that looks like says nothing. */
  get holds(): boolean {
    return this.#held.length > 0
  }

  line(line: Line, emit: Emit): boolean {
    const [first] = this.#held
    if (first !== undefined && first.stream === line.stream) return this.#resume(first, line, emit)
    const reply = match(REPLY, 'Serialize', line.raw)
    if (reply) return this.#reply(reply, line, emit)
    const request = match(REQUEST, 'Dispatch', line.raw)
    if (request === null) return false
    if (lacking(line.raw) > 0) this.#held = [line]
    else this.#request(request, line.raw, line, line, emit)
    return true
  }

  end(emit: Emit): void {
    this.#giveUp(emit)
  }

  #resume(first: Line, line: Line, emit: Emit): boolean {
    const answer = match(REPLY, 'Serialize', line.raw)?.[1]
    if (answer !== undefined && answer === match(REQUEST, 'Dispatch', first.raw)?.[1] && ENDS.test(first.raw)) {
      this.#giveUp(emit)
      return this.line(line, emit)
    }
    this.#held.push(line)
    const text = this.#held.map(({ raw }) => raw).join('\n')
    if (text.length > MAX_NAMES || this.#held.length > MAX_LINES) this.#giveUp(emit)
    else if (lacking(text) === 0) {
      this.#held = []
      const request = match(REQUEST, 'Dispatch', text)
      if (request) this.#request(request, text, first, line, emit)
    }
    return true
  }

  /** The first line is a request without a name; those after it are read anew. */
  #giveUp(emit: Emit): void {
    const [first, ...rest] = this.#held
    this.#held = []
    const request = first && match(REQUEST, 'Dispatch', first.raw)
    if (first && request) this.#request(request, first.raw, first, first, emit)
    for (const line of rest) this.line(line, emit)
    if (this.#held.length > 0) this.#giveUp(emit)
  }

  #request(found: RegExpExecArray, text: Raw, first: Line, last: Line, emit: Emit): void {
    const unique = found[1] === undefined ? null : Number(found[1])
    const word = found[2] ?? ''
    const opcode = opcodeOf(word) ?? word.toLowerCase()
    if (unique !== null && !this.#ids.accept(unique, opcode, false)) return
    const event: RequestEvent = { kind: 'request', unique, opcode, atNs: last.atNs, lines: [first.index, last.index] }
    const nodeId = found[3] ?? '0'
    if (nodeId !== '0') event.nodeId = nodeId
    const given = /^data: \{(?:Oldnodeid: |Nlookup=)?i?(\d{1,20})\}/.exec(
      text.slice(found.index + found[0].length),
    )?.[1]
    if ((opcode === 'rename' || opcode === 'link') && given !== undefined) event.otherNodeId = given
    this.#names(opcode, text, event)
    if (UNANSWERED.has(opcode)) event.noReply = true
    else if (unique === null) event.slot = this.#wait(opcode)
    if (opcode === 'forget') {
      event.forgets = [nodeId]
      if (given !== undefined) event.forgetCounts = [Number(given)]
    }
    emit(event)
  }

  #names(opcode: string, text: Raw, event: RequestEvent): void {
    const names = namesOf(text)
    if (names === null || names.text === '') return
    if (isAttribute(opcode)) event.xattr = names.text
    else if (named(opcode)) {
      event.entry = names.text
      this.#remember(event.nodeId ?? '', names.text)
    } else if (opcode === 'rename' || opcode === 'symlink') {
      const two = this.#split(names.text, event.nodeId ?? '', opcode === 'rename' ? event.otherNodeId : undefined)
      if (two === null) return
      event.entry = two[0]
      if (opcode === 'rename') event.otherEntry = two[1]
      else event.target = two[1]
    }
  }

  /** Two names with a space between. Both of a rename, and the first of a symlink, were looked up before. */
  #split(text: Raw, parent: string, otherParent: string | undefined): [Raw, Raw] | null {
    const splits: [Raw, Raw][] = []
    for (let at = text.indexOf(' '); at >= 0 && splits.length < 64; at = text.indexOf(' ', at + 1)) {
      splits.push([text.slice(0, at), text.slice(at + 1)])
    }
    if (splits.length < 2) return splits[0] ?? null
    const known = splits.filter(
      ([first, second]) =>
        this.#recent.has(`${parent}/${first}`) &&
        (otherParent === undefined || this.#recent.has(`${otherParent}/${second}`)),
    )
    return known.length === 1 ? (known[0] ?? null) : null
  }

  #remember(parent: string, name: Raw): void {
    const key = `${parent}/${name}`
    this.#recent.delete(key)
    this.#recent.add(key)
    const [oldest] = this.#recent.size > MAX_RECENT ? this.#recent : []
    if (oldest !== undefined) this.#recent.delete(oldest)
  }

  #wait(opcode: string): string {
    const slot = `${opcode} ${this.#requests++}`
    const queue = this.#open.get(opcode)
    if (queue) queue.push(slot)
    else this.#open.set(opcode, [slot])
    return slot
  }

  #reply(found: RegExpExecArray, { raw, atNs, index }: Line, emit: Emit): boolean {
    const opcode = opcodeOf(found[2] ?? '') ?? ''
    if (UNANSWERED.has(opcode)) return true
    const key = found[1] === undefined ? this.#open.get(opcode)?.shift() : Number(found[1])
    if (key === undefined) return false
    const event: ReplyEvent = {
      kind: 'reply',
      key,
      endedBy: 'reply',
      status: 'ok',
      errno: null,
      atNs,
      lines: [index, index],
    }
    if (found[3] !== undefined) {
      event.errno = errnoOf(Number(found[3]), found[4] ?? '')
      event.status = 'error'
    } else if (MAKES_NODE.has(opcode)) {
      CHILD.lastIndex = found.index + found[0].length
      const child = CHILD.exec(raw)?.[1]
      if (child !== undefined) event.childNodeId = child
    }
    emit(event)
    return true
  }
}

/** What stands in the brackets, and how many bytes it says it has; `bytes` null where the bracket is not closed. */
function namesOf(text: Raw): { text: Raw; bytes: number | null } | null {
  const from = text.indexOf('names: [')
  if (from < 0) return null
  const end = ENDS.exec(text.slice(-24))
  if (end === null) return { text: text.slice(from + 8), bytes: null }
  return { text: text.slice(from + 8, text.length - end[0].length), bytes: Number(end[1]) }
}

/** How many bytes the names lack of what they say they have; more than they have while they are not closed. */
function lacking(text: Raw): number {
  const names = namesOf(text)
  if (names === null) return 0
  if (names.bytes === null) return Number.POSITIVE_INFINITY
  // An xattr's value comes behind its name.
  const value = /: SETXATTR, NodeId: \d+\. data: \{sz (\d{1,7}) /.exec(text.slice(0, 200))?.[1] ?? 0
  return names.bytes - 1 - Number(value) - names.text.length
}
