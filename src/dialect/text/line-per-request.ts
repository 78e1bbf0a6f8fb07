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
  /** The line is only the begin, or the end, of what the other line says the same `of`. */
  readonly part?: { readonly of: string; readonly is: 'begin' | 'end' } | undefined
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
/** Begins whose ends have not come; more are of a log that does not show ends. */
const MAX_BEGUN = 1024

interface Held {
  text: Raw
  readonly lines: Line[]
}

/**
 * The parser of a log with one line a request. `ignore` says which lines, of those that `read` answers null to, are the
 * log's own and about no request; all others are not understood. `meant` says which request of the kernel's a call was, null where
 * it is part of one that was shown.
 */
export function linePerRequest(
  read: ReadWhole,
  ignore: (raw: Raw) => boolean = () => false,
  meant: (whole: WholeRequest, atNs: number) => WholeRequest | null = (whole) => whole,
): DialectParser {
  let held: Held | null = null
  let count = 0
  /** Slots of begins, by what they are of. */
  const begun = new Map<string, string[]>()

  const emitted = (said: WholeRequest, first: number, last: Line, emit: (event: DialectEvent) => void): true => {
    const whole = meant(said, last.atNs)
    if (whole === null) return true
    const { opcode, unique = null, durationNs = 0, status, errno, childNodeId, part, ...facts } = whole
    const lines = [first, last.index] as const
    const open = part?.is === 'end' ? begun.get(part.of)?.shift() : undefined
    const slot = unique === null ? { slot: open ?? `${opcode} ${count++}` } : null
    if (open === undefined) {
      emit({ kind: 'request', unique, opcode, ...slot, ...facts, atNs: Math.max(0, last.atNs - durationNs), lines })
    }
    if (part?.is === 'begin') {
      if (begun.size > MAX_BEGUN) begun.clear()
      begun.set(part.of, [...(begun.get(part.of) ?? []), slot?.slot ?? ''])
      return true
    }
    if (part && begun.get(part.of)?.length === 0) begun.delete(part.of)
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
