import type { SystemClock, Timer } from '../clock.js'
import type { FaultSpec } from '../faults/fault.js'
import { MessageRelay, type RelayEvent } from '../faults/message-relay.js'
import type { Wire } from '../vfs/stand-in.js'
import { Faults } from './faults.js'
import type { Recorder } from './recorder.js'
import type { PassedMessage } from './wire-rows.js'

export interface DrivenFaultsOptions {
  clock: SystemClock
  recorder: Recorder
  /** Whether an answer with this number would answer a request. */
  awaits(unique: bigint): boolean
  signalDaemon(signal: string): void
  catchUp(): void
  /** Takes messages as they pass; bytes may be kept. */
  onMessage?(message: PassedMessage): void
  /** Of the faults' probabilities. @default 1 */
  seed?: number
}

/** Faults between the stand-in kernel and a daemon: messages pass through here on their way. */
export class DrivenFaults {
  readonly faults: Faults
  readonly #options: DrivenFaultsOptions
  #relay: MessageRelay | null = null
  #timer: Timer | null = null
  #count = 0
  /** Asked for before the messages pass. */
  readonly #early: [number, FaultSpec][] = []

  constructor(options: DrivenFaultsOptions) {
    this.#options = options
    this.faults = new Faults({
      addFault: (spec) => this.#add(spec),
      removeFault: (id) => {
        this.#relay?.removeFault(id, options.clock.nowNs())
        this.#wind()
      },
      catchUp: () => options.catchUp(),
    })
  }

  /** Puts itself into a wire. */
  wrap({ send, receive }: Wire): Wire {
    const { clock, awaits, signalDaemon, seed } = this.#options
    const relay = new MessageRelay({
      faults: true,
      ...(seed !== undefined && { seed }),
      toDaemon: send,
      toKernel(bytes) {
        // A kernel refuses what it does not wait for, and nobody is notified.
        if (bytes.length >= 16 && !awaits(bytes.readBigUInt64LE(8))) return 'late'
        receive(bytes)
        return 'passed'
      },
      signalDaemon,
      onEvent: (event) => this.#take(event),
    })
    this.#relay = relay
    for (const [id, spec] of this.#early.splice(0)) relay.addFault(id, spec)
    const passing = (pass: (bytes: Buffer, nowNs: number) => void) => (bytes: Buffer) => {
      pass(bytes, clock.nowNs())
      this.#wind()
    }
    return {
      send: passing((bytes, nowNs) => relay.request(bytes, nowNs)),
      receive: passing((bytes, nowNs) => relay.reply(bytes, nowNs)),
    }
  }

  /** The daemon has ended. */
  end(reason: Error): void {
    this.#timer?.cancel()
    this.faults.end(reason)
  }

  #add(spec: FaultSpec): number {
    const id = this.#count++
    if (this.#relay) this.#relay.addFault(id, spec)
    else this.#early.push([id, spec])
    return id
  }

  /** Sets the clock for what the relay has put off. */
  #wind(): void {
    this.#timer?.cancel()
    const nextNs = this.#relay?.nextNs ?? null
    if (nextNs === null) return
    this.#timer = this.#options.clock.at(nextNs, () => {
      this.#relay?.tick(this.#options.clock.nowNs())
      this.#wind()
    })
  }

  #take(event: RelayEvent): void {
    if (event.kind !== 'fired') {
      this.#options.onMessage?.(event)
      return
    }
    const { atNs, fault, unique, opcode, path } = event
    this.faults.fire(fault, { atNs, unique, opcode, path })
    this.#options.recorder.write({ kind: 'fault', atNs, fault, text: this.faults.textOf(fault), unique, opcode, path })
  }
}
