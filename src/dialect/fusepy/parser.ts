import type { Line, Raw } from '../../line/line.js'
import type { DialectEvent, DialectParser, OperationFacts, ReplyEvent } from '../core/dialect.js'
import { HighLevelNames } from '../nodes/high-level-names.js'
import { type Call, MAX_PATH, METHODS, outcome, readArguments, readCall } from './calls.js'

type Emit = (event: DialectEvent) => void

/** Lines that wait for a call of the root. */
const MAX_HELD = 500

/** A call that runs; without a slot it is part of a request that was shown already. */
interface Running {
  readonly slot: string | null
  readonly opcode: string
  readonly path: Raw
}

/** Reads LoggingMixIn's lines: libfuse's high level makes several calls of one request, and a lookup looks like a getattr. */
export class FusepyParser implements DialectParser {
  /** The calls that run, by method: a return names nothing else. */
  readonly #open = new Map<string, Running[]>()
  readonly #names = new HighLevelNames()
  #calls = 0
  /** A call whose path goes on in the next line. */
  #begun: { text: Raw; index: number } | null = null

  /** Lines of a log that did not begin with the mount: the first call of the root shows what stands before every path. */
  #held: Line[] | null = []

  line(line: Line, emit: Emit): boolean {
    if (this.#held === null) return this.#read(line, emit)
    const call = readCall(line.raw)
    const path = call?.arrow === '->' ? readArguments(call.method, call.rest)?.path : undefined
    this.#held.push(line)
    if (path?.endsWith('/')) this.#names.below(path)
    if (this.#names.settled || call?.method === 'init' || this.#held.length >= MAX_HELD) this.#release(emit)
    return call !== null || this.#begun !== null
  }

  end(emit: Emit): void {
    this.#release(emit)
  }

  #release(emit: Emit): void {
    const held = this.#held ?? []
    this.#held = null
    for (const line of held) this.#read(line, emit)
  }

  #read(line: Line, emit: Emit): boolean {
    let { raw } = line
    let first = line.index
    let call = readCall(raw)
    if (call === null && this.#begun !== null) {
      raw = `${this.#begun.text}\n${raw}`
      first = this.#begun.index
      call = raw.length < MAX_PATH ? readCall(raw) : null
    }
    this.#begun = null
    if (call === null) return false
    if (call.arrow === '<-') {
      return this.#return(call, line, emit)
    }
    const given = readArguments(call.method, call.rest)
    if (given === null) {
      if (call.rest.startsWith('/')) this.#begun = { text: raw, index: first }
      return false
    }
    this.#call(call.method, given, first, line, emit)
    return true
  }

  #call(
    method: string,
    given: { path: Raw; first: Raw | null; handle: boolean },
    from: number,
    { atNs, index }: Line,
    emit: (event: DialectEvent) => void,
  ): void {
    const meaning = METHODS[method]?.[1]
    const { first } = given
    const path = this.#names.below(given.path)
    const facts: OperationFacts = { path }
    if (first !== null && meaning === 'oldPath') Object.assign(facts, { path: first, newPath: path })
    else if (first !== null && meaning !== undefined && meaning !== 'oldPath') facts[meaning] = first
    const opcode = this.#names.opcodeOf(METHODS[method]?.[0] ?? method, facts, given.handle, atNs)
    const slot = opcode === null ? null : `${method}:${this.#calls++}`
    const running = { slot, opcode: opcode ?? '', path }
    const open = this.#open.get(method)
    if (open) open.push(running)
    else this.#open.set(method, [running])
    if (opcode === null) return
    if (opcode === 'unlink') delete facts.newPath
    emit({ kind: 'request', unique: null, slot: slot ?? '', opcode, ...facts, atNs, lines: [from, index] })
  }

  /** False when it answers a call that the log does not show. */
  #return({ method, rest }: Call, { atNs, index }: Line, emit: (event: DialectEvent) => void): boolean {
    const running = this.#open.get(method)?.shift()
    if (running === undefined) return false
    if (running.slot === null) return true
    const { status, errno } = outcome(rest)
    this.#names.answered(running.opcode, running.path, status, atNs)
    const reply: ReplyEvent = {
      kind: 'reply',
      key: running.slot,
      endedBy: 'reply',
      status,
      errno,
      atNs,
      lines: [index, index],
    }
    emit(reply)
    return true
  }
}
