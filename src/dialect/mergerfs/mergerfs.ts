import type { Line, Raw } from '../../line/line.js'
import { ALL_CAPABILITIES } from '../core/capabilities.js'
import type {
  Dialect,
  DialectEvent,
  DialectParser,
  NodeId,
  OperationValues,
  ReplyEvent,
  RequestEvent,
} from '../core/dialect.js'
import { MAKES_NODE } from '../core/effects.js'
import { errnoName } from '../core/errno.js'
import { failedReply } from '../core/failed.js'
import { opcodeName, opcodeOf, UNANSWERED } from '../core/opcode.js'
import { longestMatch, type Piece } from '../text/longest-match.js'
import { hexToDecimal } from '../text/text.js'
import { valuesOf } from '../text/values.js'
import { type Fields, readFields, splitRecords } from './record.js'
import { mergerfsSamples } from './samples.js'

type Emit = (event: DialectEvent) => void

/** A line whose quotes are open, with those that follow it. */
interface Carry {
  text: Raw
  readonly first: number
  lines: number
}

/** What an unquoted value of each key can be at most; what is longer was no open quote. */
const MAX_VALUE_OF: Readonly<Record<string, number>> = { name: 600, oldname: 600, newname: 600, linkname: 8400 }
const MAX_VALUE = 140_000

const node = (fields: Fields, key: string): NodeId | undefined => {
  const value = fields.get(key)
  if (value === undefined) return undefined
  if (/^\d{1,20}$/.test(value)) return value
  return /^0x[0-9A-Fa-f]{1,16}$/.test(value) ? hexToDecimal(value.slice(2)) : undefined
}

const integer = (fields: Fields, key: string): number | null => {
  const value = fields.get(key) ?? ''
  if (/^-?\d{1,15}$/.test(value)) return Number(value)
  return /^0x[0-9A-Fa-f]{1,16}$/.test(value) ? Number(hexToDecimal(value.slice(2))) : null
}

/** Numbers of a request; a setattr has only those that its bits name. */
function numbersOf(opcode: string, fields: Fields): OperationValues | undefined {
  const valid = opcode === 'setattr' ? (integer(fields, 'valid') ?? 0) : -1
  const groups: Record<string, string | undefined> = {
    offset: opcode.startsWith('readdir') ? undefined : fields.get('offset'),
    flags: opcode === 'init' ? undefined : fields.get('flags'),
  }
  if ((valid & 1) !== 0) groups.mode = fields.get('mode')
  if ((valid & 8) !== 0) groups.size = fields.get('size') ?? fields.get('length')
  if ((valid & 64) !== 0 && opcode !== 'getattr') groups.fh = fields.get('fh')
  for (const [key, text] of Object.entries(groups)) {
    if (!/^(?:0x[0-9A-Fa-f]{1,16}|\d{1,20})$/.test(text ?? '')) groups[key] = undefined
  }
  return valuesOf(groups)
}

class MergerfsParser implements DialectParser {
  readonly #open = new Map<number, string>()
  /** Answers whose node has not been written yet. */
  #headless: { readonly event: ReplyEvent; readonly opcode: string }[] = []
  #carry: Carry | null = null
  #extendedXattr = false

  line(line: Line, emit: Emit): boolean {
    const { raw, index } = line
    const carry = this.#carry
    if (carry === null && !isPart(raw)) return false
    const text = carry ? `${carry.text}\n${raw}` : raw
    const records = splitRecords(text)
    if (records.open) {
      if (records.openBytes <= (MAX_VALUE_OF[records.openKey] ?? MAX_VALUE)) {
        if (carry) {
          carry.text = text
          carry.lines++
        } else this.#carry = { text, first: index, lines: 1 }
        return true
      }
      this.#carry = null
      return false
    }
    this.#carry = null
    const lines = [carry?.first ?? index, index] as const
    let understood = true
    for (const part of records.parts) {
      const fields = readFields(part)
      if (fields === null || !this.#record(fields, line.atNs, lines, emit)) understood = false
    }
    return understood
  }

  end(emit: Emit): void {
    for (const { event } of this.#headless) emit(event)
    this.#headless = []
  }

  #record(fields: Fields, atNs: number, lines: readonly [number, number], emit: Emit): boolean {
    const direction = fields.get('dir')
    if (direction === undefined) return this.#tail(fields, lines, emit)
    const unique = integer(fields, 'unique')
    if (unique === null) return false
    if (direction === 'IN') return this.#request(fields, unique, atNs, lines, emit)
    return direction === 'OUT' && this.#reply(fields, unique, atNs, lines, emit)
  }

  #request(fields: Fields, unique: number, atNs: number, lines: readonly [number, number], emit: Emit): boolean {
    const id = integer(fields, 'opcode_id')
    const opcode = id === null ? opcodeOf(fields.get('opcode') ?? '') : opcodeName(id)
    if (opcode === null) return false
    const event: RequestEvent = { kind: 'request', unique, opcode, atNs, lines }
    const nodeId = node(fields, 'nodeid')
    if (nodeId !== undefined && nodeId !== '0') event.nodeId = nodeId
    const pid = integer(fields, 'pid')
    if (pid !== null) event.pid = pid
    this.#names(event, fields)
    const values = numbersOf(opcode, fields)
    if (values) event.values = values
    if (UNANSWERED.has(opcode)) event.noReply = true
    else this.#open.set(unique, opcode)
    if (opcode === 'forget' && nodeId !== undefined) {
      event.forgets = [nodeId]
      event.forgetCounts = [integer(fields, 'nlookup') ?? 1]
    } else if (opcode === 'batch_forget') {
      const items = [...fields].flatMap(([key, value]) => {
        const item = key.startsWith('item.') && /^\{nodeid=(\d{1,20}),nlookup=(\d{1,15})\}$/.exec(value)
        return item ? [[item[1] ?? '', Number(item[2])] as const] : []
      })
      event.forgets = items.map(([id]) => id)
      event.forgetCounts = items.map(([, count]) => count)
    }
    emit(event)
    return true
  }

  #names(event: RequestEvent, fields: Fields): void {
    const name = fields.get('name')
    switch (event.opcode) {
      case 'rename':
      case 'rename2': {
        const [from, to, parent] = [fields.get('oldname'), fields.get('newname'), node(fields, 'newdir')]
        if (from !== undefined) event.entry = from
        if (to !== undefined) event.otherEntry = to
        if (parent !== undefined) event.otherNodeId = parent
        if (((integer(fields, 'flags') ?? 0) & 2) !== 0) event.exchange = true
        return
      }
      case 'setxattr':
        // Unless the long form of this request was agreed on, mergerfs prints the name without its first eight bytes.
        if (this.#extendedXattr && name !== undefined) event.xattr = name
        return
      case 'getxattr':
      case 'removexattr':
        if (name !== undefined) event.xattr = name
        return
      case 'symlink': {
        const target = fields.get('linkname')
        if (target !== undefined) event.target = target
        break
      }
      case 'link': {
        const old = node(fields, 'oldnodeid')
        if (old !== undefined) event.otherNodeId = old
      }
    }
    if (name !== undefined) event.entry = name
  }

  #reply(fields: Fields, unique: number, atNs: number, lines: readonly [number, number], emit: Emit): boolean {
    const opcode = this.#open.get(unique)
    const error = integer(fields, 'error')
    if (opcode === undefined || error === null) return false
    this.#open.delete(unique)
    if (opcode === 'init') this.#extendedXattr = (fields.get('flags_str') ?? '').includes('SETXATTR_EXT')
    const errno = errnoName(error)
    const event: ReplyEvent = {
      kind: 'reply',
      key: unique,
      endedBy: 'reply',
      status: errno === null ? 'ok' : 'error',
      errno,
      atNs,
      lines,
    }
    const child = node(fields, 'nodeid')
    if (child !== undefined) event.childNodeId = child
    // Replies with a node are written in pieces.
    if (child === undefined && errno === null && MAKES_NODE.has(opcode) && !fields.has('error_str')) {
      this.#headless.push({ event, opcode })
    } else emit(event)
    return true
  }

  /** The rest of an answer whose begin stands in an earlier line, or earlier in this one. */
  #tail(fields: Fields, lines: readonly [number, number], emit: Emit): boolean {
    const child = node(fields, 'nodeid')
    if (child === undefined) return true
    const mode = fields.get('mode') ?? ''
    const i = this.#headless.findIndex(({ opcode }) => couldBe(opcode, child, mode))
    const reply = i < 0 ? undefined : this.#headless.splice(i, 1)[0]?.event
    if (reply === undefined) return false
    emit({ ...reply, childNodeId: child, lines: [reply.lines[0], lines[1]] })
    return true
  }
}

/** Types of what is made, as the first octal digits of their mode. */
const MADE: Readonly<Record<string, string>> = { mkdir: '4', create: '10', symlink: '12' }

/** Whether a node of this mode can be the answer to such a request; the oldest that fits is taken. */
function couldBe(opcode: string, child: NodeId, mode: string): boolean {
  if (opcode === 'lookup') return true
  const made = MADE[opcode]
  const type = /^\d{5,6}$/.test(mode) ? mode.slice(0, -4) : null
  return child !== '0' && (made === undefined || type === null || type === made)
}

/** Whether a line begins as a record or as the tail of one does. */
const isPart = (raw: Raw): boolean =>
  (raw.startsWith('ts=') && raw.charCodeAt(3) >= 48 && raw.charCodeAt(3) <= 57) ||
  raw.startsWith('nodeid=0x') ||
  raw.startsWith('ino=0x') ||
  raw.startsWith(' fh=0x') ||
  raw === ''

const REQUEST = /^ts=\d{1,20} dir=IN unique=0x[0-9A-F]{1,16} opcode=\w{1,24} opcode_id=\d/
const REPLY = /^ts=\d{1,20} dir=OUT unique=0x[0-9A-F]{1,16} error=-?\d/

const PIECES: readonly Piece[] = [
  [/ts=\d{1,20}/y, 'ts= and nanoseconds'],
  [/ dir=(?:IN|OUT)/y, ' dir=IN or dir=OUT'],
  [/ unique=0x[0-9A-Fa-f]{1,16}/y, ' unique=0x and the id'],
  [
    / (?:opcode=\w{1,24} opcode_id=\d{1,10} nodeid=\d{1,20}|error=-?\d{1,6})/y,
    ' opcode= opcode_id= nodeid=, or error=',
  ],
]

/** The debug log of mergerfs as of 2026 (`-d`). */
export const mergerfs: Dialect = {
  name: 'mergerfs',
  version: 2,
  description:
    'mergerfs -d since its own log format (2026; 2.33 logs no requests): requests and replies; names are quoted, so that forged ' +
    'lines are told; the log holds the attribute name of setxattr without its first bytes, it is left out',
  capabilities: { ...ALL_CAPABILITIES, timestamps: 'ns' },
  samples: mergerfsSamples,
  recognize: (raw) => {
    if (!raw.startsWith('ts=')) return 0
    const head = raw.slice(0, 120)
    return REQUEST.test(head) || REPLY.test(head) ? 2 : 1
  },
  time(raw) {
    const ts = /^ts=(\d{1,19}) /.exec(raw.slice(0, 32))?.[1]
    return ts === undefined ? null : { of: 'monotonic', ns: BigInt(ts) }
  },
  explain: (raw) => longestMatch(raw, 0, PIECES),
  failed: failedReply(
    /^(ts=\d{1,20} dir=OUT unique=0x[0-9A-F]{1,16} error=)/,
    (_, { number, words }) => `-${number} error_str="${words}" len=16`,
  ),
  parser: () => new MergerfsParser(),
}
