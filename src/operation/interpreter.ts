import { Chooser, none, WAITING_LINES } from '../dialect/core/choose.js'
import type {
  Capabilities,
  Dialect,
  DialectEvent,
  DialectParser,
  ReplyEvent,
  RequestEvent,
} from '../dialect/core/dialect.js'
import { Framing } from '../dialect/framing/framing.js'
import type { Line } from '../line/line.js'
import { Assembler } from './assembler.js'
import type { Operation } from './operation.js'
import { type LineClock, ownTimeOf } from './own-clock.js'
import { rejoined, withoutSurroundings } from './pasted-line.js'
import { type Read, Repeats } from './repeats.js'

/** How lines are read, and who is given what comes of them. */
export interface InterpreterOptions {
  /** Read with this one instead of choosing from the first lines. */
  dialect?: Dialect | undefined
  /** The dialects to choose from, see `dialects`. */
  candidates?: readonly Dialect[] | undefined
  /** As given to the daemon, when known; some logs name absolute paths. */
  mountpoint?: string | undefined
  /** An operation begins; it is completed in place as more of it is read. */
  onStart?(operation: Operation): void
  /** It has ended, and does not change any more. */
  onEnd?(operation: Operation): void
  /** The dialect has become certain (or, at the end of the log, was guessed). Called once, before any operation. */
  onDialect?(dialect: Dialect): void
  /** Gives each line its time, see `OwnClock` and `AlignedClock`. @default lines keep the time of their arrival */
  clock?: LineClock
  /** The next line is about to be read, with the time that it has been given. */
  beforeLine?(line: Line): void
  /** A line was read, or given up. Lines wait until the dialect is certain. */
  onLine?(line: Line, understood: boolean): void
  /** The end of an operation that began before the log was read, from the first of these lines to the last. */
  onOrphan?(lines: readonly [number, number]): void
  /** Stands between the parser of the log and the interpreter. @default the parser itself */
  tap?(parser: DialectParser): DialectParser
}

/**
 * The one place that turns lines into operations, for live logs and saved ones. The outcome depends on the lines alone:
 * not on how the bytes were cut, nor on when they came.
 */
export class Interpreter {
  readonly #options: InterpreterOptions
  readonly #chooser: Chooser
  /** Null once nothing stands around the lines. */
  #framing: Framing | null
  readonly #assembler: Assembler
  readonly #emit: (event: DialectEvent) => void
  /** Lines that wait for the dialect. */
  #waiting: Line[] = []
  #dialect: Dialect | null = null
  /** The dialect that is chosen once it is clear what stands around its lines. */
  #likely: Dialect | null = null
  #parser: DialectParser | null = null
  /** Null once it is clear that no line is repeated. */
  #repeats: Repeats | null = new Repeats()
  /** The line before, when it was not understood: a paste may have broken one in two. */
  #half: Line | null = null
  /** Lines that only repeat the one before. */
  readonly #repeated = new Set<number>()
  #lines = 0
  #unparsed = 0
  #ended = false

  constructor(options: InterpreterOptions) {
    this.#options = options
    this.#chooser = new Chooser(options.candidates ?? [])
    this.#framing = new Framing(options.dialect ? [options.dialect] : (options.candidates ?? []))
    this.#assembler = new Assembler(options)
    this.#emit = (event) => {
      // An end without a beginning: its lines say nothing of any operation.
      if (this.#assembler.event(event)) return
      this.#unparsed += event.lines[1] - event.lines[0] + 1
      options.onOrphan?.(event.lines)
    }
    if (options.dialect) this.#choose(options.dialect)
  }

  /** The dialect in use; null while it is not certain. */
  get dialect(): Dialect | null {
    return this.#dialect
  }

  /** What the log can show; null while the dialect is not certain. */
  get capabilities(): Capabilities | null {
    return this.#parser?.capabilities ?? this.#dialect?.capabilities ?? null
  }

  /** Lines pushed so far. */
  get lines(): number {
    return this.#lines
  }

  /** Lines that were not understood: prose, other programs' lines, ends of operations that began before the log. */
  get unparsed(): number {
    return this.#unparsed
  }

  /** Lines that wait until the dialect is certain. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** False once requests of several threads have been seen. */
  get serial(): boolean {
    return this.#assembler.serial
  }

  /** Operations that have started and not ended. */
  get openOperations(): readonly Operation[] {
    return this.#assembler.openOperations
  }

  /** Takes the next line; one that comes after `end` is of another daemon's log, which goes on in the same place. */
  push(line: Line): void {
    if (this.#ended) this.#beginAnew()
    this.#lines++
    if (this.#framing) {
      this.#framing.observe(line)
      if (this.#framing.plain) this.#framing = null
    }
    const settled = this.#framing?.settled ?? true
    if (this.#parser && settled && this.#waiting.length === 0) {
      this.#take(this.#parser, line)
      return
    }
    this.#waiting.push(line)
    if (this.#parser) {
      if (settled) this.#takeWaiting(this.#parser)
      return
    }
    this.#likely ??= this.#chooser.observe(this.#framing?.unwrap(line) ?? line)
    if (this.#likely) {
      if (settled) this.#choose(this.#likely)
    } else if (this.#waiting.length >= 2 * WAITING_LINES) {
      const guess = this.#guess()
      if (guess !== none) this.#choose(guess)
      else for (const old of this.#waiting.splice(0, WAITING_LINES)) this.#giveUp(old)
    }
  }

  /** What a request did to names, once it has ended. No operation is made of it. */
  learn(request: RequestEvent, reply: ReplyEvent): void {
    this.#assembler.learn(request, reply)
  }

  /** Reads with this one from now on; the lines that wait for a dialect are not of it. For a log that nobody understands. */
  choose(dialect: Dialect): void {
    this.#waiting = []
    this.#framing = null
    this.#choose(dialect)
  }

  /** The log ended. `cut`: the daemon was killed, so that what is open may never have been done. When it ended makes no difference. */
  end(_atNs: number, how: 'complete' | 'cut' = 'complete'): void {
    if (this.#ended) return
    this.#ended = true
    if (this.#framing?.end()) {
      for (const line of this.#waiting) this.#chooser.observe(this.#framing.unwrap(line))
    }
    if (!this.#parser) this.#choose(this.#guess())
    if (this.#parser) {
      this.#takeWaiting(this.#parser)
      for (const read of this.#repeats?.end() ?? []) this.#time(this.#parser, read)
      for (const line of this.#options.clock?.end() ?? []) this.#read(this.#parser, line)
    }
    this.#parser?.end(this.#emit)
    this.#assembler.end(how)
  }

  #beginAnew(): void {
    this.#ended = false
    this.#assembler.beginAnew()
    if (this.#repeats !== null) this.#repeats = new Repeats()
    if (this.#dialect) this.#parser = this.#parserOf(this.#dialect)
  }

  #guess(): Dialect {
    return this.#chooser.guess(this.#waiting.map((line) => this.#framing?.unwrap(line) ?? line))
  }

  #choose(dialect: Dialect): void {
    this.#dialect = dialect
    this.#parser = this.#parserOf(dialect)
    this.#options.onDialect?.(dialect)
    this.#takeWaiting(this.#parser)
  }

  #takeWaiting(parser: DialectParser): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const line of waiting) this.#take(parser, line)
  }

  #parserOf(dialect: Dialect): DialectParser {
    const { mountpoint, tap } = this.#options
    const parser = dialect.parser(mountpoint === undefined ? {} : { mountpoint })
    return tap?.(parser) ?? parser
  }

  #take(parser: DialectParser, given: Line): void {
    const line = this.#framing?.unwrap(given) ?? given
    if (this.#repeats === null) {
      if (this.#options.clock === undefined) this.#read(parser, line)
      else this.#time(parser, { line, repeated: false })
      return
    }
    for (const read of this.#repeats.push(line)) this.#time(parser, read)
    if (this.#repeats.none) this.#repeats = null
  }

  #time(parser: DialectParser, { line, repeated }: Read): void {
    if (repeated) this.#repeated.add(line.index)
    const { clock } = this.#options
    if (clock === undefined) this.#read(parser, line)
    else {
      const time = ownTimeOf(line, this.#dialect ?? none, this.#framing)
      for (const timed of clock.push(line, time)) this.#read(parser, timed)
    }
  }

  #read(parser: DialectParser, line: Line): void {
    this.#options.beforeLine?.(asItCame(line))
    const repeated = this.#repeated.size > 0 && this.#repeated.delete(line.index)
    const understood = repeated || parser.line(line, this.#emit) || this.#otherwise(parser, line)
    this.#half = understood ? null : line
    if (!understood) this.#unparsed++
    this.#options.onLine?.(asItCame(line), understood)
  }

  /** A line that is not the daemon's as it stands: with something around it, or the second half of one. */
  #otherwise(parser: DialectParser, line: Line): boolean {
    if (this.#dialect === null) return false
    const bare = withoutSurroundings(line.raw, this.#dialect)
    if (bare !== null) return parser.line({ ...line, raw: bare }, this.#emit)
    const half = this.#half
    if (half === null || half.stream !== line.stream || half.index !== line.index - 1) return false
    const whole = rejoined(half.raw, line.raw, this.#dialect)
    return whole !== null && parser.line({ ...line, raw: whole }, this.#emit)
  }

  /** Of no dialect: its own time, where it begins with one, is its time all the same. */
  #giveUp(given: Line): void {
    const { clock } = this.#options
    const line = this.#framing?.unwrap(given) ?? given
    for (const timed of clock ? clock.push(line, ownTimeOf(line, none, this.#framing)) : [given]) {
      this.#unparsed++
      this.#options.beforeLine?.(asItCame(timed))
      this.#options.onLine?.(asItCame(timed), false)
    }
  }
}

/** A line with all that stood around it. */
function asItCame(line: Line): Line {
  if (line.whole === undefined) return line
  const { whole, ...rest } = line
  return { ...rest, raw: whole }
}
