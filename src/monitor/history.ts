import type { Line } from '../line/line.js'
import type { Operation } from '../operation/operation.js'
import { isAfter, type Mark, type OperationEvent } from './monitor.js'
import { Ring } from './ring.js'

interface Kept {
  readonly event: OperationEvent
  /** Number of lines read when it came. */
  readonly line: number
}

/** The latest lines, operations, and their starts and ends; what falls out is counted. */
export class History {
  readonly #finished: Ring<Operation>
  readonly #events: Ring<Kept>
  readonly #lines: Ring<Line>
  readonly #opcodes = new Set<string>()
  #lineCount = 0
  #linesAfterEnd = 0
  /** Line count at which the latest event was let go. */
  #forgottenTo = 0

  /** Keeps so many finished operations, twice as many starts and ends, and so many lines. */
  constructor(operationLimit: number, lineLimit: number) {
    this.#finished = new Ring(operationLimit)
    this.#events = new Ring(2 * operationLimit)
    this.#lines = new Ring(lineLimit)
  }

  /** Number of lines so far; what came by the wire has a place among them. */
  get lineCount(): number {
    return this.#lineCount
  }

  get losses(): readonly { readonly what: string; readonly count: number }[] {
    const all = [
      { what: 'history-operations', count: this.#finished.dropped },
      { what: 'history-lines', count: this.#lines.dropped },
      { what: 'lines-after-end', count: this.#linesAfterEnd },
    ]
    return all.filter((loss) => loss.count > 0)
  }

  addLine(line: Line): void {
    this.#lineCount++
    this.#lines.push(line)
  }

  /** A message without a line; returns its place among the lines. */
  addMessage(): number {
    return this.#lineCount++
  }

  /** Counts what came when everything had ended. */
  addLate(): void {
    this.#linesAfterEnd++
  }

  addEvent(event: OperationEvent): void {
    if (event.type === 'started') this.#opcodes.add(event.operation.opcode)
    const out = this.#events.push({ event, line: this.#lineCount })
    if (out) this.#forgottenTo = out.line
  }

  addFinished(operation: Operation): void {
    this.#finished.push(operation)
  }

  /** So many lines, of so many operations, were left out because they would fall out anyway. */
  skip(lines: number, operations: number): void {
    this.#lineCount += lines
    this.#lines.skip(lines)
    this.#finished.skip(operations)
    this.#events.skip(2 * operations)
    this.#forgottenTo = this.#lineCount
  }

  /** The latest finished operations, oldest first. */
  finished(count?: number): readonly Operation[] {
    return this.#finished.latest(count)
  }

  /** The latest lines, oldest first. */
  lines(count?: number): readonly Line[] {
    return this.#lines.latest(count)
  }

  /** Number of lines before the first that was written at `atNs` or later. */
  linesBefore(atNs: number): number {
    return this.#lineCount - this.#lines.from((line) => line.atNs >= atNs).length
  }

  /** Starts and ends after a mark, in stream order. */
  eventsSince(mark: Mark): readonly OperationEvent[] {
    const events: OperationEvent[] = []
    for (const { event } of this.#events.from((kept) => kept.line > mark.line)) {
      if (isAfter(mark, event.operation)) events.push(event)
    }
    return events
  }

  /** Number of starts and ends after the mark that are not here any more. */
  forgottenSince(mark: Mark): number {
    return this.#forgottenTo > mark.line ? this.#events.dropped : 0
  }

  /** Whether an operation of this opcode has ever started. */
  hasSeen(opcode: string): boolean {
    return this.#opcodes.has(opcode)
  }
}
