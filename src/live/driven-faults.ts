import type { SystemClock, Timer } from '../clock.js'
import type { FaultSpec } from '../faults/fault.js'
import { type FiredFault, MessageRelay, type PassedMessage } from '../faults/message-relay.js'
import { FollowedSubjects, type Subjects } from '../faults/subjects.js'
import { decode } from '../line/text.js'
import type { Wire } from '../vfs/stand-in.js'
import type { NamedPaths } from '../vfs/subject.js'
import { Faults } from './faults.js'
import type { Recorder } from './recorder.js'

export interface DrivenFaultsOptions {
  clock: SystemClock
  recorder: Recorder
  /** Whether an answer with this number would answer a request. */
  awaits(unique: bigint): boolean
  signalDaemon(signal: string): void
  catchUp(): void
  /** What a request is about; null: that is learnt from the messages. */
  subjectOf: ((request: Buffer) => NamedPaths) | null
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
    const { clock, awaits, signalDaemon, onMessage, subjectOf, seed } = this.#options
    const relay = new MessageRelay({
      subjects: subjectOf ? new TreeSubjects(subjectOf) : new FollowedSubjects(),
      ...(seed !== undefined && { seed }),
      toDaemon: send,
      toKernel(bytes, repeated) {
        // The second answer that a fault has made; one that the daemon made is its mistake.
        if (repeated && !awaits(bytes.readBigUInt64LE(8))) return 'late'
        receive(bytes)
        return 'passed'
      },
      signalDaemon,
      ...(onMessage && { onMessage }),
      onFired: (event) => this.#fired(event),
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
    this.#timer = null
    const nextNs = this.#relay?.nextNs ?? null
    if (nextNs === null) return
    this.#timer = this.#options.clock.at(nextNs, () => {
      this.#relay?.tick(this.#options.clock.nowNs())
      this.#wind()
    })
  }

  #fired({ atNs, fault, unique, opcode, path }: FiredFault): void {
    this.faults.fire(fault, { atNs, unique, opcode, path })
    this.#options.recorder.write({ kind: 'fault', atNs, fault, text: this.faults.textOf(fault), unique, opcode, path })
  }
}

/** Asks the stand-in's own names: nothing is to be done for messages that no fault could meet. */
class TreeSubjects implements Subjects {
  readonly #subjectOf: (request: Buffer) => NamedPaths

  constructor(subjectOf: (request: Buffer) => NamedPaths) {
    this.#subjectOf = subjectOf
  }

  passed(): void {}

  of(bytes: Buffer): ReturnType<Subjects['of']> {
    const { path, newPath } = this.#subjectOf(bytes)
    return { path: path && decode(path).text, newPath: newPath && decode(newPath).text }
  }

  answered(): void {}
}
