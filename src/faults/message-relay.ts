import { requestName } from '../wire/index.js'
import type { Fault, FaultSpec } from './fault.js'
import { FaultPlan } from './plan.js'
import { type Go, Postponed } from './postponed.js'
import type { Subjects } from './subjects.js'

/**
 * What became of a message for the kernel: passed on; made by the relay in place of the daemon's; kept from the kernel; too late,
 * since nobody waited for it any more; refused by the kernel as no answer at all.
 */
export type Fate = 'passed' | 'made' | 'lost' | 'late' | 'refused'

/** A message as it passes. Times are those that the relay is given. */
export type PassedMessage =
  | { readonly kind: 'request'; readonly atNs: number; readonly bytes: Buffer }
  | { readonly kind: 'reply' | 'notification'; readonly atNs: number; readonly bytes: Buffer; readonly fate: Fate }

/** A request has met a fault. */
export interface FiredFault {
  readonly kind: 'fired'
  readonly atNs: number
  readonly fault: number
  readonly unique: string
  readonly opcode: string
  readonly path: string | null
}

export interface MessageRelayOptions {
  toDaemon(bytes: Buffer): void
  /** @param repeated a fault made the answer come twice: the second is no mistake of the daemon's */
  toKernel(bytes: Buffer, repeated: boolean): 'passed' | 'late' | 'refused'
  signalDaemon(signal: string): void
  onMessage?(message: PassedMessage): void
  onFired(event: FiredFault): void
  /** What requests are about; null where there are to be no faults. */
  subjects: Subjects | null
  seed?: number
}

const INTERRUPT = 36
const EINTR = 4
/** Requests whose answers may come twice. */
const MAX_REPEATED = 1024

/**
 * Passes messages on between a kernel and a daemon, one after the other, unchanged but for the faults that were asked for.
 * Does no I/O and reads no clock: whoever uses it brings both, and calls `tick` when `nextNs` has come.
 */
export class MessageRelay {
  readonly #options: MessageRelayOptions
  readonly #plan: FaultPlan
  /** Faults that wait for an answer. */
  readonly #pending = new Map<bigint, Fault & { id: number }>()
  readonly #postponed: Postponed = new Postponed()
  /** Requests that the daemon has not been given, and how to give up each. */
  readonly #withheld = new Map<bigint, () => void>()
  /** Requests, or answers, that a fault has doubled. */
  readonly #repeated = new Set<bigint>()
  #reordered: { done: boolean; send(nowNs: number): void }[] = []

  constructor(options: MessageRelayOptions) {
    this.#options = options
    this.#plan = new FaultPlan(options.seed)
  }

  /** When `tick` is to be called; null: not before something else happens. */
  get nextNs(): number | null {
    return this.#postponed.nextNs
  }

  /** @throws FT_USAGE with what is wrong with it */
  addFault(id: number, spec: FaultSpec): void {
    this.#plan.add(id, spec)
    if (spec.hold === true) this.#postponed.closeGate(id)
  }

  /** No more requests meet this fault; what waits at its gate goes on. */
  removeFault(id: number, nowNs: number): void {
    this.#plan.remove(id)
    this.#postponed.openGate(id, nowNs)
  }

  /** The kernel has a request for the daemon. The bytes are the caller's again when this returns. */
  request(bytes: Buffer, nowNs: number): void {
    const { toDaemon, onMessage, onFired, subjects } = this.#options
    onMessage?.({ kind: 'request', atNs: nowNs, bytes })
    if (!subjects) {
      toDaemon(bytes)
      return
    }
    const number = bytes.length >= 40 ? bytes.readUInt32LE(4) : 0
    if (number === INTERRUPT && bytes.length >= 48 && this.#interrupt(bytes.readBigUInt64LE(40), nowNs)) return
    const opcode = requestName(number)
    if (!this.#plan.concerns(opcode)) {
      toDaemon(bytes)
      subjects.passed(bytes, nowNs)
      return
    }
    const { path, newPath } = subjects.of(bytes, nowNs)
    const chosen = this.#plan.next({ opcode, path, newPath })
    if (!chosen) {
      toDaemon(bytes)
      return
    }
    const { id, fault } = chosen
    const unique = bytes.readBigUInt64LE(8)
    onFired({ kind: 'fired', atNs: nowNs, fault: id, unique: String(unique), opcode, path })
    if (fault.on === 'reply') {
      this.#pending.set(unique, { ...fault, id })
      toDaemon(bytes)
    } else this.#actOnRequest(fault, id, bytes, unique, nowNs)
  }

  /** The daemon has answered, or says something unasked. The bytes are the caller's again when this returns. */
  reply(bytes: Buffer, nowNs: number): void {
    const { toKernel, onMessage } = this.#options
    const unique = bytes.length >= 16 ? bytes.readBigUInt64LE(8) : 0n
    if (unique === 0n) {
      const fate = toKernel(bytes, false)
      onMessage?.({ kind: 'notification', atNs: nowNs, bytes, fate })
      return
    }
    const fault = this.#pending.get(unique)
    if (fault) {
      this.#pending.delete(unique)
      this.#actOnReply(fault, bytes, unique, nowNs)
    } else this.#answer(bytes, nowNs)
    if (this.#reordered.length > 0 && fault?.action.do !== 'reorder') {
      for (const one of this.#reordered.splice(0)) one.send(nowNs)
    }
  }

  /** A time has come. */
  tick(nowNs: number): void {
    this.#postponed.tick(nowNs)
  }

  #actOnRequest({ action }: Fault, id: number, bytes: Buffer, unique: bigint, nowNs: number): void {
    const { toDaemon, signalDaemon } = this.#options
    switch (action.do) {
      case 'error':
        this.#answer(errorReply(unique, action.errno), nowNs, 'made')
        break
      case 'drop':
        break
      case 'delay':
        this.#postponed.at(nowNs + action.ns, this.#withhold(bytes, unique))
        break
      case 'hold':
        this.#postponed.behindGate(id, nowNs, this.#withhold(bytes, unique))
        break
      case 'duplicate':
        this.#mayRepeat(unique)
        toDaemon(bytes)
        toDaemon(bytes)
        break
      case 'reorder':
        toDaemon(bytes)
        break
      case 'kill':
        signalDaemon(action.signal)
        toDaemon(bytes)
        break
      case 'freeze':
        this.#freeze(action.ns, nowNs)
        toDaemon(bytes)
    }
  }

  #actOnReply(fault: Fault & { id: number }, bytes: Buffer, unique: bigint, nowNs: number): void {
    const { action } = fault
    const waits = action.do === 'delay' || action.do === 'hold' || action.do === 'reorder'
    const own = waits ? Buffer.from(bytes) : bytes
    const pass = (atNs: number): void => this.#answer(own, atNs)
    switch (action.do) {
      case 'error':
        this.#answer(errorReply(unique, action.errno), nowNs, 'made')
        break
      case 'drop':
        this.#options.onMessage?.({ kind: 'reply', atNs: nowNs, bytes, fate: 'lost' })
        break
      case 'delay':
        this.#postponed.at(nowNs + action.ns, pass)
        break
      case 'hold':
        this.#postponed.behindGate(fault.id, nowNs, pass)
        break
      case 'duplicate':
        this.#mayRepeat(unique)
        pass(nowNs)
        pass(nowNs)
        break
      case 'reorder': {
        const one = {
          done: false,
          send(atNs: number) {
            if (!one.done) pass(atNs)
            one.done = true
          },
        }
        this.#reordered.push(one)
        this.#postponed.at(nowNs + action.ns, one.send)
        break
      }
      case 'kill':
        this.#options.signalDaemon(action.signal)
        pass(nowNs)
        break
      case 'freeze':
        pass(nowNs)
        this.#freeze(action.ns, nowNs)
    }
  }

  /** Hands an answer to the kernel. */
  #answer(bytes: Buffer, nowNs: number, fate: Fate = 'passed'): void {
    const { toKernel, onMessage, subjects } = this.#options
    const repeated = this.#repeated.size > 0 && this.#repeated.has(bytes.readBigUInt64LE(8))
    const taken = toKernel(bytes, repeated)
    onMessage?.({ kind: 'reply', atNs: nowNs, bytes, fate: taken === 'passed' ? fate : taken })
    if (taken !== 'refused') subjects?.answered(bytes, nowNs)
  }

  #mayRepeat(unique: bigint): void {
    this.#repeated.add(unique)
    if (this.#repeated.size > MAX_REPEATED) this.#repeated.delete(this.#repeated.values().next().value as bigint)
  }

  /** A request is kept back; what is returned gives it to the daemon, unless its caller has given up. */
  #withhold(bytes: Buffer, unique: bigint): Go {
    let given = false
    const own = Buffer.from(bytes)
    const give = (): void => {
      if (!given) this.#options.toDaemon(own)
      given = true
      this.#withheld.delete(unique)
    }
    this.#withheld.set(unique, () => {
      given = true
      this.#withheld.delete(unique)
    })
    return give
  }

  /** A caller gives up a request that the daemon has not been given: it is answered as the kernel would. */
  #interrupt(unique: bigint, nowNs: number): boolean {
    const giveUp = this.#withheld.get(unique)
    if (!giveUp) return false
    giveUp()
    this.#answer(errorReply(unique, EINTR), nowNs, 'made')
    return true
  }

  #freeze(ns: number | null, nowNs: number): void {
    this.#options.signalDaemon('SIGSTOP')
    if (ns !== null) this.#postponed.at(nowNs + ns, () => this.#options.signalDaemon('SIGCONT'))
  }
}

function errorReply(unique: bigint, errno: number): Buffer {
  const bytes = Buffer.alloc(16)
  bytes.writeUInt32LE(16, 0)
  bytes.writeInt32LE(-errno, 4)
  bytes.writeBigUInt64LE(unique, 8)
  return bytes
}
