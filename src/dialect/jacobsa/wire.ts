import type { Line } from '../../line/line.js'
import type { DialectEvent, ReplyEvent, RequestEvent } from '../core/dialect.js'
import { errnoName } from '../core/errno.js'
import { UNANSWERED } from '../core/opcode.js'
import { nodeIdOf } from '../text/go-text.js'
import { readJsonLine } from '../text/json-line.js'
import { factsOfArgs, OPERATIONS } from './names.js'

/** An object of the wire log has at most so many lines; a lone `{` must not swallow a log. */
const MAX_LINES = 400

/** The wire logger's objects, one a finished operation, over several indented lines or in one. */
export class WireLog {
  #lines: Line[] = []

  /** True when the line belongs to such an object. */
  line(line: Line, emit: (event: DialectEvent) => void): boolean {
    const { raw } = line
    if (this.#lines.length === 0) {
      if (raw.startsWith('{"Operation":')) return operation(raw, line, line, emit)
      if (raw !== '{') return false
      this.#lines.push(line)
      return true
    }
    const [first] = this.#lines
    const fits = raw === '}' || raw.startsWith(' ')
    const begun = this.#lines.length > 1 || /^ +"Operation": "\w{1,40}Op",$/.test(raw)
    if (!fits || !begun || this.#lines.length >= MAX_LINES) {
      this.#lines = []
      return false
    }
    this.#lines.push(line)
    if (raw !== '}') return true
    const text = this.#lines.map((one) => one.raw).join('\n')
    this.#lines = []
    return first !== undefined && operation(text, first, line, emit)
  }

  end(_emit: (event: DialectEvent) => void): void {
    this.#lines = []
  }
}

/** A finished operation: it started its duration before the line that ends it. */
function operation(text: string, first: Line, last: Line, emit: (event: DialectEvent) => void): boolean {
  const object = readJsonLine(text)
  if (object === null || typeof object.Operation !== 'string') return false
  const op = object.Operation.replace(/Op$/, '')
  const context = record(object.Context)
  const args = record(object.Args)
  const unique = Number.isSafeInteger(context.FuseID) ? Number(context.FuseID) : null
  const lines = [first.index, last.index] as const
  const durationNs = typeof object.Duration === 'number' ? object.Duration : 0
  const request: RequestEvent = {
    kind: 'request',
    unique,
    opcode: OPERATIONS[op] ?? op.toLowerCase(),
    ...factsOfArgs(op, args),
    atNs: Math.max(0, Math.round(last.atNs - durationNs)),
    lines,
  }
  if (unique === null) request.slot = 'wire'
  if (typeof context.Pid === 'number') request.pid = context.Pid
  if (UNANSWERED.has(request.opcode)) {
    request.noReply = true
    const entries = Array.isArray(args.Entries) ? args.Entries.map(record) : [args]
    request.forgets = entries.map((entry) => nodeIdOf(String(entry.Inode)) ?? '0')
    request.forgetCounts = entries.map((entry) => (typeof entry.N === 'number' ? entry.N : 1))
    emit(request)
    return true
  }
  emit(request)
  const errno = typeof object.Status === 'number' ? errnoName(object.Status) : null
  const reply: ReplyEvent = {
    kind: 'reply',
    key: unique ?? 'wire',
    endedBy: 'reply',
    status: errno === null ? 'ok' : 'error',
    errno,
    atNs: last.atNs,
    lines,
  }
  const child = nodeIdOf(String(record(args.Entry).Child ?? ''))
  if (child !== null && errno === null) reply.childNodeId = child
  emit(reply)
  return true
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
