import { none } from '../../dialect/core/choose.js'
import type { Dialect, DialectEvent, DialectParser } from '../../dialect/core/dialect.js'
import { stripAnsi } from '../../line/colours.js'
import type { Line, Raw } from '../../line/line.js'
import { Interpreter } from '../../operation/interpreter.js'
import { factsOf } from '../../template/facts.js'
import { type Head, takeHead } from '../../template/head.js'
import { Miner } from '../../template/miner.js'
import { scan } from '../../template/scan.js'
import { count, type Shape } from '../../template/shape.js'
import { Tokens } from '../../template/tokens.js'
import { Names } from './names.js'
import { emptyProfile, type Profile } from './profile.js'
import { type Track, Tracks } from './tracks.js'

export interface ProfilerOptions {
  /** Read with this one instead of choosing from the first lines. */
  dialect?: Dialect
  candidates?: readonly Dialect[]
  mountpoint?: string
  /** False when the lines' streams are not known. @default true */
  streamsKnown?: boolean
  /** Called for lines that are cut into pieces: the line without colour, and where names stand in it (see `Names`). */
  onLine?(shape: Shape, raw: Raw, names: readonly number[], line: LineReading): void
}

/** What came of a line. */
export interface LineReading {
  line: Line
  understood: boolean
  /** The dialect reported something of it. */
  spoken: boolean
}

/** A line that waits for events which speak of it later: the last line of a group shows what it is. */
interface Pending extends LineReading {
  facts: number
  /** Shared while empty. */
  names: readonly Raw[]
  tracks: readonly Track[]
  /** Its operation is only the latest one: nothing has been reported of it yet. */
  guessed: boolean
  /** Requests that came before it. */
  after: number
  /** It answers a request that the log does not show. */
  isStray: boolean
}

const NOTHING: readonly never[] = []
/** Lines that an event may still speak of. At a log's begin a dialect may hold lines back for long. */
const HELD = 12
const HELD_FIRST = 640
const ALL_LINES = 10_000
const SAMPLE = 16

/**
 * Reads a log once, line by line, and keeps what is known of its format: the contract of every opcode, counted exactly,
 * and the kinds of its lines. Memory is bounded; the order of the lines among different operations does not matter.
 *
 * @example
 * const profiler = new Profiler({ candidates: dialects })
 * for (const line of lines) profiler.push(line)
 * const profile = profiler.end(0)
 */
export class Profiler {
  readonly #interpreter: Interpreter
  readonly #tokens = new Tokens()
  readonly #miner = new Miner()
  readonly #tracks: Tracks
  readonly #names = new Names()
  readonly #head: Head = { time: '', level: '' }
  readonly #pending: Pending[] = []
  readonly #onLine: ProfilerOptions['onLine']
  readonly profile: Profile
  /** Lines of no operation. */
  #loose = 0
  #lastRaw: Raw = ''
  /** An event has come. */
  #spoken = false

  constructor(options: ProfilerOptions) {
    this.profile = emptyProfile(options.streamsKnown !== false)
    this.#tracks = new Tracks(this.profile.contract)
    this.#onLine = options.onLine
    this.#interpreter = new Interpreter({
      ...(options.dialect && { dialect: options.dialect }),
      candidates: options.candidates ?? [],
      tap: (parser) => this.#tap(parser),
      ...(options.mountpoint !== undefined && { mountpoint: options.mountpoint }),
      onStart: (operation) => this.#tracks.started(operation),
      onEnd: (operation) => this.#tracks.ended(operation),
      // Without a dialect nothing holds them.
      onLine: (line) => {
        if (this.#pending.at(-1)?.line.index !== line.index) this.#hold(line)
      },
    })
  }

  /** No dialect knows the log: nobody says what varies in its lines. */
  get #isUnknown(): boolean {
    return (this.#interpreter.dialect?.name ?? none.name) === none.name
  }

  get dialect(): Dialect | null {
    return this.#interpreter.dialect
  }

  push(line: Line): void {
    this.#interpreter.push(line)
  }

  /** The log ended. */
  end(atNs: number, how: 'complete' | 'cut' = 'complete'): Profile {
    this.#tracks.ending()
    this.#interpreter.end(atNs, how)
    while (this.#pending.length > 0) this.#flush()
    const { profile } = this
    profile.dialect = this.#interpreter.dialect?.name ?? 'none'
    profile.shapes = this.#miner.shapes()
    profile.contexts = this.#tracks.contexts
    return profile
  }

  /** The parser, with us listening. */
  #tap(parser: DialectParser): DialectParser {
    const listen =
      (emit: (event: DialectEvent) => void) =>
      (event: DialectEvent): void => {
        this.#event(event)
        emit(event)
      }
    return {
      line: (line, emit) => {
        const pending = this.#hold(line)
        pending.understood = parser.line(line, listen(emit))
        if (pending.tracks.length === 0 && this.#tracks.latest) {
          this.#attach(pending, this.#tracks.latest)
          pending.guessed = true
        }
        return pending.understood
      },
      end: (emit) => parser.end(listen(emit)),
    }
  }

  #hold(line: Line): Pending {
    while (this.#pending.length >= (this.#spoken ? HELD : HELD_FIRST)) this.#flush()
    const pending: Pending = {
      line: line.whole === undefined ? line : { ...line, raw: line.whole },
      understood: false,
      facts: 0,
      names: NOTHING,
      tracks: NOTHING,
      spoken: false,
      guessed: false,
      after: this.#tracks.requests,
      isStray: false,
    }
    this.#pending.push(pending)
    return pending
  }

  #event(event: DialectEvent): void {
    this.#spoken = true
    const track = this.#tracks.event(event)
    const facts = factsOf(event)
    const names: Raw[] = []
    if (track === null || track.weight > 0) {
      Names.of(event, names)
      this.#names.remember(names)
    }
    const [first, last] = event.lines
    for (let i = this.#pending.length - 1; i >= 0; i--) {
      const pending = this.#pending[i] as Pending
      if (pending.line.index < first) break
      if (pending.line.index > last) continue
      if (pending.line.index === last && track === null && event.kind === 'reply')
        pending.isStray = this.#tracks.isNear(event.key)
      pending.facts |= facts
      pending.spoken = true
      if (pending.guessed && track) {
        for (const other of pending.tracks) this.#tracks.release(other)
        pending.tracks = NOTHING
        pending.guessed = false
      }
      for (const name of names) if (!pending.names.includes(name)) pending.names = [...pending.names, name]
      if (track) this.#attach(pending, track)
    }
  }

  #attach(pending: Pending, track: Track): void {
    if (pending.tracks.includes(track) || track.counted) return
    pending.tracks = [...pending.tracks, track]
    track.pending++
  }

  #flush(): void {
    const pending = this.#pending.shift() as Pending
    const { line, tracks } = pending
    const { profile } = this
    profile.lines++
    if (pending.understood) profile.understood++
    const weight = this.#weight(pending)
    if (weight > 0) this.#cut(pending, weight)
    else for (const track of tracks) this.#tracks.release(track)
    this.#lastRaw = line.raw
  }

  /** How many lines this one stands for: the contract is exact, of kinds of lines a sample is enough. */
  #weight({ tracks, spoken, understood }: Pending): number {
    let weight = 0
    for (const track of tracks) weight = Math.max(weight, track.weight)
    if (tracks.length > 0 && spoken) return weight
    // Lines that are not understood are the interesting ones, as long as they are not all.
    if ((!understood || this.#loose < ALL_LINES) && this.#loose++ < ALL_LINES) return 1
    return this.#loose++ % SAMPLE === 0 ? SAMPLE : 0
  }

  #cut(pending: Pending, weight: number): void {
    const { line, names, tracks } = pending
    const { profile } = this
    const own = tracks.length > 0 ? withNames(names, tracks) : names
    const raw = stripAnsi(line.raw)
    const ranges = this.#names.find(raw, own, pending.spoken)
    scan(raw, ranges, this.#tokens)
    takeHead(this.#tokens, this.#head)
    profile.sampled += weight
    if (raw !== line.raw) profile.coloured += weight
    if (line.raw.charCodeAt(0) === 123 && line.raw.charCodeAt(line.raw.length - 1) === 125) profile.json += weight
    const end = raw.charCodeAt(raw.length - 1)
    if (end === 32) profile.trailing.space += weight
    else if (end === 13) profile.trailing.return += weight
    count(profile.levels, this.#head.level, 16, weight)
    const shape = this.#miner.shape(this.#tokens, line.index, this.#isUnknown, this.#head.level)
    if (shape !== null) this.#count(shape, pending, weight)
    if (shape !== null) this.#onLine?.(shape, raw, ranges, pending)
    for (const track of tracks) {
      if (shape !== null && track.weight > 0) this.#tracks.read(track, shape)
      else this.#tracks.release(track)
    }
  }

  #count(shape: Shape, pending: Pending, weight: number): void {
    shape.count += weight
    if (pending.understood) shape.understood += weight
    if (pending.spoken) shape.spoken += weight
    // The line before once more answers no other request.
    const isRepeat = pending.line.raw === this.#lastRaw
    if ((pending.isStray || !pending.understood) && !isRepeat) shape.stray(pending.after, weight)
    shape.streams[pending.line.stream] += weight
    count(shape.levels, this.#head.level, 8, weight)
    count(shape.times, this.#head.time, 8, weight)
    shape.report(pending.facts, this.#tokens, pending.line.index, weight)
    shape.sample(this.#tokens)
    if (pending.spoken) for (const { opcode } of pending.tracks) shape.show(opcode, this.#tokens, pending.line.index)
  }
}

/** The names of the operations that a line belongs to, also where it is another line that gave them. */
function withNames(names: readonly Raw[], tracks: readonly Track[]): Raw[] {
  const own = [...names]
  for (const track of tracks) for (const name of track.names) if (!own.includes(name)) own.push(name)
  return own
}
