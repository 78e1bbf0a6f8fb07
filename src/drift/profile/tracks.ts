import type { DialectEvent, OperationKey, RequestEvent } from '../../dialect/core/dialect.js'
import type { Raw } from '../../line/line.js'
import type { Operation } from '../../operation/operation.js'
import { type FactBits, factsOf } from '../../template/facts.js'
import { count, type Shape } from '../../template/shape.js'
import type { Contract } from './contract.js'
import { Names } from './names.js'

/** An operation as its lines report it. */
export interface Track {
  readonly opcode: string
  readonly request: RequestEvent
  /** Which request of the log it is. */
  readonly number: number
  facts: FactBits
  alone: boolean
  failed: boolean
  /** What it is about, as any of its lines said. */
  readonly names: Raw[]
  /** It stands for so many operations whose lines are compared; 0: its lines are only counted. */
  readonly weight: number
  readonly shapes: Shape[]
  /** Lines that have not been cut into pieces yet. */
  pending: number
  slot: string | undefined
  ended: boolean
  counted: boolean
}

/** Of each opcode the first operations' lines are all compared, of the later ones every sixteenth's. */
const ALL = 500
const SAMPLE = 16
const MAX_SHAPES = 64
/** Ids of requests that are open at the same time lie no further apart. */
const NEAR = 4096
/** A request that has waited for so many others counts as given up. */
const GIVEN_UP = 256

/** Follows operations from their request to their end, to know which lines and which facts belong to which. */
export class Tracks {
  readonly #contract: Contract
  /** Of the kinds of lines that are compared: operations of each opcode and outcome that they stand for. */
  readonly contexts: Map<string, number> = new Map()
  readonly #byKey = new Map<OperationKey, Track>()
  readonly #byOperation = new Map<Operation, Track>()
  readonly #sampled = new Map<string, number>()
  /** Open ones in order of start, without those given up. */
  readonly #waiting = new Set<Track>()
  #starting: Track | null = null
  #latest: Track | null = null
  #lastAlone: Track | null = null
  #requests = 0
  /** The latest request's id. */
  #lastId = 0
  #ending = false

  constructor(contract: Contract) {
    this.#contract = contract
  }

  /** Requests read so far. */
  get requests(): number {
    return this.#requests
  }

  /** The operation that a line without an event of its own most likely belongs to. */
  get latest(): Track | null {
    return this.#latest !== null && !this.#latest.ended ? this.#latest : null
  }

  /** The operation of an event; null when its start is not in the log. Call before the assembler gets the event. */
  event(event: DialectEvent): Track | null {
    if (event.kind === 'request') return this.#request(event)
    const track = this.#byKey.get(event.key) ?? null
    if (track === null) return null
    track.facts |= factsOf(event)
    if (track.weight > 0 && track.names.length < 8) Names.of(event, track.names)
    if (event.status !== undefined && event.status !== 'unknown') track.failed = event.status === 'error'
    if (event.kind === 'detail' && event.slot !== undefined) {
      track.slot = event.slot
      this.#byKey.set(event.slot, track)
    } else if (event.kind === 'reply') {
      const lag = this.#requests - track.number - 1
      if (lag < GIVEN_UP && lag > this.#contract.lag) this.#contract.lag = lag
    }
    return track
  }

  /** Whether a reply of this key may belong to a request of about now: a line forged in a name seldom does. */
  isNear(key: OperationKey): boolean {
    return typeof key === 'string' || (key > this.#lastId - NEAR && key < this.#lastId + NEAR)
  }

  /** The assembler opened the operation of the request that has just been read. */
  started(operation: Operation): void {
    const track = this.#starting
    if (track === null) return
    this.#starting = null
    this.#byOperation.set(operation, track)
    for (const other of this.#waiting) {
      if (this.#requests - other.number <= GIVEN_UP) break
      this.#waiting.delete(other)
    }
    if (this.#lastAlone !== null && !this.#lastAlone.ended) this.#lastAlone.alone = false
    track.alone = this.#waiting.size === 0
    this.#lastAlone = track.alone ? track : null
    this.#waiting.add(track)
  }

  /** The assembler ended it. */
  ended(operation: Operation): void {
    const track = this.#byOperation.get(operation)
    if (track === undefined) return
    this.#byOperation.delete(operation)
    this.#waiting.delete(track)
    track.ended = true
    for (const key of [track.request.unique, track.request.slot, track.slot])
      if (key !== null && key !== undefined && this.#byKey.get(key) === track) this.#byKey.delete(key)
    if (this.#ending && operation.endedBy === null) {
      this.#contract.open(operation, track.facts, track.alone, track.number, this.#requests - track.number - 1)
    } else this.#contract.operation(operation, track.facts, track.alone, track.number)
    if (track.pending === 0 && track.shapes.length > 0) this.#finish(track)
  }

  /** One of its lines has been cut into pieces. */
  read(track: Track, shape: Shape): void {
    if (track.shapes.length < MAX_SHAPES && !track.shapes.includes(shape)) track.shapes.push(shape)
    this.release(track)
  }

  /** One of its lines is done with. */
  release(track: Track): void {
    track.pending--
    if (track.ended && track.pending === 0 && track.shapes.length > 0) this.#finish(track)
  }

  /** The log ends: what ends from now on does so by that. */
  ending(): void {
    this.#ending = true
  }

  #request(event: RequestEvent): Track {
    const { unique, slot, opcode } = event
    const before = this.#latest?.request
    if (before && before.opcode === opcode && same(before, event)) this.#contract.of(opcode).doubled++
    const track: Track = {
      opcode,
      request: event,
      number: this.#requests++,
      facts: factsOf(event),
      alone: true,
      failed: false,
      names: [],
      weight: this.#weight(opcode),
      shapes: [],
      pending: 0,
      slot: undefined,
      ended: false,
      counted: false,
    }
    if (track.weight > 0) Names.of(event, track.names)
    this.#latest = track
    this.#starting = track
    if (unique !== null) {
      this.#byKey.set(unique, track)
      this.#lastId = unique
    }
    if (slot !== undefined) this.#byKey.set(slot, track)
    return track
  }

  #weight(opcode: string): number {
    const number = this.#sampled.get(opcode) ?? 0
    if (number > 0 || this.#sampled.size < 512) this.#sampled.set(opcode, number + 1)
    if (number < ALL) return 1
    return number % SAMPLE === 0 ? SAMPLE : 0
  }

  #finish(track: Track): void {
    if (track.counted) return
    track.counted = true
    const context = `${track.opcode} ${track.failed ? 'failed' : 'done'}`
    if (track.weight === 0) return
    count(this.contexts, context, 512, track.weight)
    for (const { kept: shape } of track.shapes) {
      count(shape.contexts, context, 64, track.weight)
      count(shape.opcodes, track.opcode, 64, track.weight)
    }
  }
}

/** A request that only repeats the one before, in the log's next line. */
const same = (a: RequestEvent, b: RequestEvent): boolean =>
  a.unique === b.unique &&
  a.nodeId === b.nodeId &&
  a.entry === b.entry &&
  a.path === b.path &&
  a.xattr === b.xattr &&
  // A large write is several, one after the other.
  a.values?.offset === b.values?.offset &&
  b.lines[0] - a.lines[1] === 1
