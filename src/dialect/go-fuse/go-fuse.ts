import type { Line, Raw } from '../../line/line.js'
import { leadingTime, timeIn } from '../../line/own-time.js'
import { ALL_CAPABILITIES } from '../core/capabilities.js'
import type { Dialect, DialectEvent, DialectParser, ReplyEvent, RequestEvent } from '../core/dialect.js'
import { isAttribute, isEntry, isRename } from '../core/effects.js'
import { errnoOf } from '../core/errno.js'
import { opcodeName, opcodeOf, UNANSWERED } from '../core/opcode.js'
import { longestMatch, type Piece } from '../text/longest-match.js'
import { GO, unquote } from '../text/quoted.js'
import { RequestIds } from '../text/request-ids.js'
import { digitsEnd } from '../text/text.js'
import { numberOf, valuesOf } from '../text/values.js'
import { isOldGoFuse, OldGoFuse, oldGoFuseAt } from './old.js'
import { goFuseSamples } from './samples.js'
import { goFuseFailed, goFuseWriter } from './write.js'

/** Loggers put a prefix, a date and a time before: nobody's is longer. */
const MAX_PREFIX = 80
const RX =
  /(?:^|[ \t|:>\])])rx (\d{1,16}): (?:([A-Z_0-9]{1,24})|(OPCODE-\d{1,10}|unknown|\d{1,10})) [ni](\d{1,20})(?: |$)/y
const TX = /(?:^|[ \t|:>\])])tx (\d{1,16}): {1,5}(?=OK|\d{1,5}=|-\d{1,5}=|\d{1,10}b(?: |$))/y
/**
 * The request or reply after a prefix that is the logger's; null when neither comes. What stands behind the first quote
 * or reply is somebody's name.
 */
function messageIn(raw: Raw): { request: boolean; found: RegExpExecArray; end: number } | null {
  for (let at = 0; at < raw.length && at <= MAX_PREFIX; at++) {
    const code = raw.charCodeAt(at)
    if (code === 34) return null
    if ((code !== 114 && code !== 116) || raw.charCodeAt(at + 1) !== 120) continue
    const pattern = code === 114 ? RX : TX
    pattern.lastIndex = Math.max(0, at - 1)
    const found = pattern.exec(raw)
    if (found) return { request: code === 114, found, end: pattern.lastIndex }
  }
  return null
}

/** The strings in Go's quotes from `at` on, and where the last of them ends. */
function quotedNames(raw: Raw, from: number): { names: Raw[]; end: number } {
  const names: Raw[] = []
  let end = from
  for (let at = raw.indexOf('"', from); at >= 0; at = raw.indexOf('"', end)) {
    // Between names there is only a space.
    if (names.length > 0 && raw.slice(end, at) !== ' ') break
    const name = unquote(raw, at, GO)
    if (name === null) break
    // Data is cut after eight bytes and says so, or names its length.
    if (raw.startsWith('...', name.end)) break
    names.push(name.value)
    end = name.end
  }
  return { names, end }
}

const VALUED: ReadonlySet<string> = new Set(
  'create mkdir mknod read write setattr getattr flush release fsync readdir readdirplus releasedir fallocate'.split(
    ' ',
  ),
)
/** `{Fh 1 [0 +4096) …}`, `{0100644 […`, `{mode 0100600}`. */
const GIVEN =
  /^\{(?:Fh (?<fh>\d{1,20})(?: \[(?<offset>\d{1,20}) \+(?<size>\d{1,20})\))?|(?:mode )?0(?<mode>[0-7]{1,7})[ }])/

class GoFuseParser implements DialectParser {
  /** Against a program that prints names raw beside these lines. */
  readonly #ids = new RequestIds()
  readonly #old = new OldGoFuse(this.#ids)
  readonly #unanswered = new Set<number>()
  /** Requests that wait for their answers. */
  readonly #open = new Set<number>()

  line(line: Line, emit: (event: DialectEvent) => void): boolean {
    const { raw } = line
    if (this.#old.holds) return this.#old.line(line, emit)
    const message = messageIn(raw)
    if (message === null) return this.#old.line(line, emit)
    return message.request
      ? this.#request(message.found, line, emit)
      : this.#reply(Number(message.found[1]), message.end, line, emit)
  }

  end(emit: (event: DialectEvent) => void): void {
    this.#old.end(emit)
  }

  #request(rx: RegExpExecArray, { raw, atNs, index }: Line, emit: (event: DialectEvent) => void): boolean {
    const unique = Number(rx[1])
    const word = rx[2] ?? ''
    const opcode = opcodeOf(word) ?? (rx[3] ? opcodeName(Number(/\d+/.exec(rx[3])?.[0])) : word.toLowerCase())
    if (!this.#ids.accept(unique, opcode, false, this.#open.size === 0)) return false
    if (this.#open.size > 4096) this.#open.clear()
    if (!UNANSWERED.has(opcode) && opcode !== 'interrupt') this.#open.add(unique)
    const event: RequestEvent = { kind: 'request', unique, opcode, atNs, lines: [index, index] }
    const nodeId = rx[4] ?? '0'
    if (nodeId !== '0') event.nodeId = nodeId
    const from = rx.index + rx[0].length
    const { names, end } = quotedNames(raw, from)
    const quote = raw.indexOf('"', from)
    const given = quote < 0 ? raw.slice(from) : raw.slice(from, quote)
    const [first, second] = names
    if (isRename(opcode)) {
      const parent = /^\{[in](\d{1,20})[ }]/.exec(given)?.[1]
      if (parent !== undefined) event.otherNodeId = parent
      if (first !== undefined) event.entry = first
      if (second !== undefined) event.otherEntry = second
      if (given.includes('EXCHANGE')) event.exchange = true
    } else if (opcode === 'symlink') {
      if (first !== undefined) event.entry = first
      if (second !== undefined) event.target = second
    } else if (isAttribute(opcode)) {
      if (first !== undefined) event.xattr = first
    } else if (isEntry(opcode) && first !== undefined) event.entry = first
    if (opcode === 'link') {
      const old = /^\{Old(?:nodeid)?: [in]?(\d{1,20})\}/.exec(given)?.[1]
      if (old !== undefined) event.otherNodeId = old
    }
    const values = given.charCodeAt(0) === 123 && VALUED.has(opcode) ? valuesOf(GIVEN.exec(given)?.groups) : undefined
    if (values) event.values = values
    const pid = /(?:^| )p(\d{1,10})$/.exec(raw.slice(Math.max(end, raw.length - 14)))?.[1]
    if (pid !== undefined) event.pid = Number(pid)
    if (UNANSWERED.has(opcode)) {
      event.noReply = true
      this.#unanswered.add(unique)
      if (this.#unanswered.size > 1024) this.#unanswered.clear()
    }
    if (opcode === 'forget') {
      const count = /^\{Nlookup=(\d{1,15})\}/.exec(given)?.[1]
      event.forgets = [nodeId]
      if (count !== undefined) event.forgetCounts = [Number(count)]
    }
    emit(event)
    return true
  }

  #reply(unique: number, at: number, { raw, atNs, index }: Line, emit: (event: DialectEvent) => void): boolean {
    this.#ids.answered(unique)
    if (this.#open.delete(unique)) this.#ids.done(unique)
    // An interrupt, or in old versions a FORGET, can have an answer line as well.
    if (this.#unanswered.delete(unique)) return true
    const event: ReplyEvent = {
      kind: 'reply',
      key: unique,
      endedBy: 'reply',
      status: 'ok',
      errno: null,
      atNs,
      lines: [index, index],
    }
    const error = raw.startsWith('OK', at) ? null : /^-?(\d{1,5})=([^,]*)/.exec(raw.slice(at, at + 160))
    if (error) {
      // macOS has other numbers for the same words.
      event.errno = errnoOf(Number(error[1]), error[2] ?? '')
      event.status = 'error'
    }
    const handle = raw.indexOf('{Fh ', at)
    if (handle > 0 && handle < at + 400)
      event.values = { fh: numberOf(raw.slice(handle + 4, digitsEnd(raw, handle + 4))) }
    // A failed lookup shows the empty entry that lets the kernel keep it: no node.
    const child = / \{[ni](\d{1,20}) g\d{1,20} /.exec(raw.slice(at, at + 160))?.[1]
    if (child !== undefined) event.childNodeId = child
    emit(event)
    return true
  }
}

const PIECES: readonly Piece[] = [
  [/[^"]{0,80}?\b[rt]x /y, 'rx or tx'],
  [/\d{1,16}: /y, "the request's number"],
  [/(?:[A-Z_0-9]{1,24} [ni]\d{1,20}| {4}(?:OK|-?\d{1,5}=))/y, 'REQUEST nN, or OK or N=words'],
]

/** The debug log of go-fuse, of gocryptfs and of many programs in Go. */
export const goFuse: Dialect = {
  name: 'go-fuse',
  version: 2,
  description:
    'hanwen/go-fuse (gocryptfs -fusedebug and others): requests and replies; names are quoted, so that forged lines are told; ' +
    'until 2018 (Dispatch, Serialize) they are not, and a name that says its own length could forge one',
  capabilities: { ...ALL_CAPABILITIES, timestamps: 'us' },
  samples: goFuseSamples,
  recognize: (raw) => {
    const head = raw.slice(0, MAX_PREFIX + 80)
    if (messageIn(head) || isOldGoFuse(raw)) return 2
    return /^[^"]{0,80}\b[rt]x \d/.test(head) ? 1 : 0
  },
  time(raw) {
    const head = raw.slice(0, MAX_PREFIX + 80)
    const at = messageIn(head)?.found.index ?? oldGoFuseAt(raw)
    return at < 0 ? leadingTime(raw) : timeIn(raw.slice(0, at + 1))
  },
  explain: (raw) => longestMatch(raw, 0, PIECES),
  writer: goFuseWriter,
  failed: goFuseFailed,
  parser: () => new GoFuseParser(),
}
