import type { DialectEvent } from '../dialect/core/dialect.js'
import { WireEvents } from '../dialect/wire/events.js'
import { Assembler, type AssemblerOptions } from './assembler.js'
import type { Operation } from './operation.js'

/** A message between kernel and daemon, as the kernel has seen it. */
export interface WireMessage {
  /** `reply` is an answer or a notification. */
  readonly edge: 'request' | 'reply'
  /** When it was read from the kernel, or written to it: ns since the origin. */
  readonly atNs: number
  readonly bytes: Buffer
}

/** Turns messages into operations, as an `Interpreter` does with lines. */
export class WireInterpreter {
  readonly #assembler: Assembler
  #events: WireEvents | null = null

  constructor(options: AssemblerOptions = {}) {
    this.#assembler = new Assembler(options)
  }

  get openOperations(): readonly Operation[] {
    return this.#assembler.openOperations
  }

  /** Messages that were not what the protocol says. */
  get wrong(): number {
    return this.#events?.wrong ?? 0
  }

  /** What is wrong with an answer to a request that is open, in words; null when nothing is found. */
  wrongWith(reply: Buffer): string | null {
    return this.#events?.wrongWith(reply) ?? null
  }

  /** Takes the next message; `position` is its place in the stream. */
  push({ edge, atNs, bytes }: WireMessage, position: number): void {
    // The first is INIT, whose number shows the machine's byte order.
    this.#events ??= new WireEvents(bytes.length >= 8 && bytes.readUInt32LE(4) > 0xffff ? 'BE' : 'LE')
    const events = this.#events
    const event: DialectEvent | null =
      edge === 'request' ? events.request(bytes, atNs, position) : events.reply(bytes, atNs, position)
    if (event) this.#assembler.event(event)
  }

  /** Nothing more will come: what is open was never answered. */
  end(): void {
    this.#assembler.end('cut')
  }
}
