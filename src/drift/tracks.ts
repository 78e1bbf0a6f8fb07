import type { DialectEvent, OperationKey, RequestEvent } from '../dialect/core/dialect.js'
import type { Raw } from '../line/line.js'
import { Names } from './names.js'
import { emptyOpcode, type OpcodeProfile } from './profile.js'
import { count, type Shape, TOLD, toldBy } from './shape.js'

/** An operation as its lines tell of it. */
export interface Track {
  readonly opcode: string
  readonly request: RequestEvent
  status: 'ok' | 'error' | 'unknown'
  told: number
  /** What it is about, as any of its lines told. */
  readonly names: Raw[]
  /** It stands for so many operations; 0: its lines are not looked at. */
  readonly weight: number
  readonly shapes: Shape[]
  /** Lines that are still to be read. */
  pending: number
  ended: boolean
  done: boolean
}

const ALL = 4000
const SAMPLE = 16
const MAX_OPEN = 10_000
const MAX_SHAPES = 64

/** Follows the operations from request to reply, to know which kinds of lines belong to which, and what they told. */
export class Tracks {
  readonly contexts: Map<string, number> = new Map()
  readonly opcodes: Map<string, OpcodeProfile> = new Map()
  readonly #open = new Map<OperationKey, Track>()
  #last: Track | null = null
  #seen = false
  #requests = 0

  /** A request has been read. */
  get seen(): boolean {
    return this.#seen
  }

  /** The operation that a line without an event of its own most likely belongs to. */
  get latest(): Track | null {
    return this.#last !== null && !this.#last.ended ? this.#last : null
  }

  opcode(name: string): OpcodeProfile {
    let profile = this.opcodes.get(name)
    if (profile === undefined) {
      profile = emptyOpcode()
      if (this.opcodes.size < 256) this.opcodes.set(name, profile)
    }
    return profile
  }

  /** The operation of an event; null when nobody has seen it start. */
  event(event: DialectEvent): Track | null {
    if (event.kind === 'request') return this.#request(event)
    const track = this.#open.get(event.key) ?? null
    if (track === null) return null
    track.told |= toldBy(event)
    if (track.weight > 0 && track.names.length < 8) Names.of(event, track.names)
    if (event.status !== undefined && event.status !== 'unknown') track.status = event.status
    if (event.kind === 'reply') this.#end(track)
    return track
  }

  /** One of its lines has been read. */
  read(track: Track, shape: Shape): void {
    track.pending--
    if (track.shapes.length < MAX_SHAPES && !track.shapes.includes(shape)) track.shapes.push(shape)
    if (track.ended && track.pending === 0) this.#finish(track)
  }

  /** The log ended. */
  end(): void {
    for (const track of new Set(this.#open.values())) {
      this.#end(track)
      this.#finish(track)
    }
  }

  #request(event: RequestEvent): Track {
    this.#seen = true
    const { unique, slot, opcode } = event
    const profile = this.opcode(opcode)
    const before = this.#last?.request
    if (before && before.opcode === opcode && same(before, event)) profile.doubled++
    const track: Track = {
      opcode,
      request: event,
      status: 'unknown',
      told: toldBy(event),
      names: [],
      weight: this.#weight(),
      shapes: [],
      pending: 0,
      ended: false,
      done: false,
    }
    if (track.weight > 0) Names.of(event, track.names)
    this.#last = track
    for (const key of [unique, slot]) {
      if (key === null || key === undefined) continue
      const other = this.#open.get(key)
      if (other) this.#end(other)
      this.#open.set(key, track)
    }
    if (event.noReply) this.#end(track)
    if (this.#open.size > MAX_OPEN) this.#end(this.#open.values().next().value as Track)
    return track
  }

  /** The first operations are all looked at, of the later ones every eighth. */
  #weight(): number {
    const number = this.#requests++
    if (number < ALL) return 1
    return number % SAMPLE === 0 ? SAMPLE : 0
  }

  #end(track: Track): void {
    track.ended = true
    const { unique, slot } = track.request
    if (unique !== null && this.#open.get(unique) === track) this.#open.delete(unique)
    if (slot !== undefined && this.#open.get(slot) === track) this.#open.delete(slot)
    if (track.pending === 0 && track.shapes.length > 0) this.#finish(track)
  }

  #finish(track: Track): void {
    if (track.done) return
    track.done = true
    const context = `${track.opcode} ${track.status === 'error' ? 'failed' : 'done'}`
    if (track.weight > 0) count(this.contexts, context, 512, track.weight)
    const { told } = this.opcode(track.opcode)
    for (let i = 0; i < TOLD.length; i++) {
      const name = TOLD[i]
      if (name !== undefined && track.told & (1 << i)) told[name]++
    }
    for (const shape of track.shapes) {
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
  b.lines[0] - a.lines[1] === 1
