import type { Line, Raw } from '../../line/line.js'
import type { DialectEvent, DialectParser, NodeId } from '../core/dialect.js'
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

/**
 * Reads a request and its outcome. Null: the text is none. `more`: it begins as a request and does not end as one, as a name
 * with a newline goes on in the next line; it is then asked again with that line behind a line feed, up to 64 lines. Where the
 * line that would end it is a request by itself, it is not known whether that stands in a name or the line before was cut off: the
 * first is then a request without names and outcome, and the other is not understood.
 */
export type ReadWhole = (text: Raw) => WholeRequest | 'more' | null

const MAX_LINES = 64
const MAX_BYTES = 9000
/** Begins whose ends have not come; more are of a log that does not show ends. */
const MAX_BEGUN = 1024
/** Lines as long as the longest, all without an end, that show that the log was cut off at that width. */
const MIN_CUT = 3

interface Held {
  text: Raw
  readonly lines: Line[]
}

type Emit = (event: DialectEvent) => void

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
  const requests = new WholeRequests(meant)
  const width = new CutWidth()
  let held: Held | null = null

  /** The first line was cut off, and what was thought to go on in the others did not end: each is what it says by itself. */
  const each = ([first, ...others]: readonly Line[], emit: Emit): void => {
    if (first !== undefined) notUnderstood(first, emit)
    for (const line of others) {
      const whole = read(line.raw)
      if (whole !== null && whole !== 'more') requests.emit(whole, line.index, line, emit)
      else if (!ignore(line.raw)) notUnderstood(line, emit)
    }
  }

  /** The next line after one that did not end: whether it was understood, or null where it is to be read by itself. */
  const goesOn = ({ text: begin, lines }: Held, line: Line, own: boolean, emit: Emit): boolean | null => {
    const text = `${begin}\n${line.raw}`
    const whole = text.length > MAX_BYTES || lines.length >= MAX_LINES ? null : read(text)
    if (whole === 'more') {
      held = { text, lines: [...lines, line] }
      return true
    }
    const first = lines[0] ?? line
    if (whole !== null && !own) return requests.emit(whole, first.index, line, emit)
    if (whole === null && ignore(text)) return true
    if (whole === null || width.cut(first.raw)) {
      each(lines, emit)
      return null
    }
    const { opcode, nodeId, pid } = whole
    requests.emit({ opcode, nodeId, pid, status: 'unknown', errno: null }, first.index, first, emit)
    for (const between of lines.slice(1)) notUnderstood(between, emit)
    return false
  }

  return {
    line(line, emit) {
      const alone = read(line.raw)
      width.observe(line.raw)
      if (held !== null && held.lines[0]?.stream === line.stream) {
        const before = held
        held = null
        const understood = goesOn(before, line, alone !== null, emit)
        if (understood !== null) return understood
      }
      if (alone === null) return ignore(line.raw)
      if (alone !== 'more') return requests.emit(alone, line.index, line, emit)
      held = { text: line.raw, lines: [line] }
      return true
    },
    end(emit) {
      each(held?.lines ?? [], emit)
      held = null
    },
  }
}

/** A line that was held back and says nothing: the end of no request. */
function notUnderstood({ atNs, index }: Line, emit: Emit): void {
  const none = { key: 'none', endedBy: 'reply', status: 'unknown', errno: null } as const
  emit({ kind: 'reply', ...none, atNs, lines: [index, index] })
}

/** The width at which a log was cut off: no line is longer, and those of it do not end. */
class CutWidth {
  #longest = 0
  #cut = 0

  observe(raw: Raw): void {
    if (raw.length <= this.#longest) return
    this.#longest = raw.length
    this.#cut = 0
  }

  /** Whether this line, behind which another one of the log would end it, was cut off as others were. */
  cut(raw: Raw): boolean {
    return raw.length === this.#longest && ++this.#cut > MIN_CUT
  }
}

/** Emits requests with their outcomes, and puts those together that are shown in two lines. */
class WholeRequests {
  readonly #meant: (whole: WholeRequest, atNs: number) => WholeRequest | null
  #count = 0
  /** Slots of begins, by what they are of. */
  readonly #begun = new Map<string, string[]>()

  constructor(meant: (whole: WholeRequest, atNs: number) => WholeRequest | null) {
    this.#meant = meant
  }

  emit(read: WholeRequest, first: number, last: Line, emit: Emit): true {
    const whole = this.#meant(read, last.atNs)
    if (whole === null) return true
    const begun = this.#begun
    const { opcode, unique = null, durationNs = 0, status, errno, childNodeId, part, ...facts } = whole
    const lines = [first, last.index] as const
    const open = part?.is === 'end' ? begun.get(part.of)?.shift() : undefined
    const slot = unique === null ? { slot: open ?? `${opcode} ${this.#count++}` } : null
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
}
