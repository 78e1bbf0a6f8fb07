import type { Line, Raw } from '../../line/line.js'
import type { Capabilities, DialectEvent, DialectParser, NodeId } from '../core/dialect.js'
import type { Slots } from './slots.js'

/** A request and its outcome, from one line. */
export interface WholeRequest extends Slots {
  readonly opcode: string
  /** The kernel's id, where the line has it. */
  readonly unique?: number
  /** How long it took: the line was written at its end. Without it start and end are one: `capabilities.start` is false then. */
  readonly durationNs?: number
  readonly status: 'ok' | 'error' | 'unknown'
  readonly errno: string | null
  /** The node that it was answered with. */
  readonly childNodeId?: NodeId | undefined
}

/** What is known of a log that shows begin, end, outcome and names of every request: to be narrowed down. */
export const TELLS_ALL: Capabilities = {
  ids: true,
  start: true,
  end: 'reply',
  errno: 'all',
  path: 'all',
  pid: true,
  timestamps: null,
  lookupNames: true,
}

/**
 * Reads a request and its outcome. Null: the text is none. `more`: it begins as a request and does not end as one, as a name
 * with a newline goes on in the next line; it is then asked again with that line behind a line feed, up to 64 lines.
 */
export type ReadWhole = (text: Raw) => WholeRequest | 'more' | null

const MAX_LINES = 64
const MAX_BYTES = 9000

interface Held {
  text: Raw
  readonly lines: Line[]
}

/**
 * The parser of a log with one line a request. `ignore` says which lines, of those that `read` answers null to, are the
 * log's own and about no request; all others are not understood.
 */
export function linePerRequest(read: ReadWhole, ignore: (raw: Raw) => boolean = () => false): DialectParser {
  let held: Held | null = null
  let count = 0

  const emitted = (whole: WholeRequest, first: number, last: Line, emit: (event: DialectEvent) => void): true => {
    const { opcode, unique = null, durationNs = 0, status, errno, childNodeId, ...facts } = whole
    const lines = [first, last.index] as const
    const slot = unique === null ? { slot: `${opcode} ${count++}` } : null
    emit({ kind: 'request', unique, opcode, ...slot, ...facts, atNs: Math.max(0, last.atNs - durationNs), lines })
    const key = unique ?? slot?.slot ?? ''
    const child = childNodeId === undefined ? null : { childNodeId }
    emit({ kind: 'reply', key, endedBy: 'reply', status, errno, ...child, atNs: last.atNs, lines })
    return true
  }

  /** The name that was thought to go on in these lines did not end: each is what it says by itself. */
  const each = (lines: readonly Line[], emit: (event: DialectEvent) => void): void => {
    for (const line of lines) {
      const whole = read(line.raw)
      if (whole !== null && whole !== 'more') emitted(whole, line.index, line, emit)
    }
  }

  return {
    line(line, emit) {
      if (held !== null && held.lines[0]?.stream === line.stream) {
        const text = `${held.text}\n${line.raw}`
        const whole = text.length > MAX_BYTES || held.lines.length >= MAX_LINES ? null : read(text)
        if (whole === 'more') {
          held.text = text
          held.lines.push(line)
          return true
        }
        const [first = line, ...others] = held.lines
        held = null
        if (whole !== null) return emitted(whole, first.index, line, emit)
        if (ignore(text)) return true
        each(others, emit)
      }
      const whole = read(line.raw)
      if (whole === null) return ignore(line.raw)
      if (whole !== 'more') return emitted(whole, line.index, line, emit)
      held = { text: line.raw, lines: [line] }
      return true
    },
    end(emit) {
      each(held?.lines.slice(1) ?? [], emit)
      held = null
    },
  }
}
