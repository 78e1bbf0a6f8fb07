import { UNANSWERED } from '../dialect/core/opcode.js'
import { Trials } from '../transport/trials.js'
import { requestNumber } from '../wire/opcodes.js'

/** So long the thread keeps asking for the next message before it sleeps, ns: less than what it takes to wake it up. */
const SPIN_NS = 60_000

/** Numbers of requests that are not answered. */
const NO_REPLY: ReadonlySet<number | null> = new Set([...UNANSWERED].map(requestNumber))

/**
 * Whether a thread that waits for the next message asks for it again and again instead of sleeping. Waking it up takes longer than many a
 * daemon takes to answer, and a caller to ask for more. Where messages come later than that it is soon no longer tried; nor where several
 * requests are in flight: the processors have enough to do then, and messages are there without waiting.
 */
export class Spin {
  #untilNs = 0
  readonly #trials: Trials = new Trials()
  #spinning = false
  #inFlight = 0

  /** The kernel has asked the daemon. */
  request(opcode: number): void {
    if (!NO_REPLY.has(opcode)) this.#inFlight++
  }

  /** The daemon has answered, or said something unasked. */
  reply(unique: bigint): void {
    if (unique !== 0n && this.#inFlight > 0) this.#inFlight--
  }

  /** Whether the next message is to come from the daemon. */
  get awaitsReply(): boolean {
    return this.#inFlight > 0
  }

  /** Messages have passed. */
  passed(nowNs: number): void {
    if (this.#spinning) this.#trials.paid()
    this.#spinning = this.#inFlight <= 1 && this.#trials.due()
    this.#untilNs = nowNs + SPIN_NS
  }

  /** No message for long: what is still counted as in flight may never be answered. */
  slept(): void {
    this.#inFlight = 0
  }

  /** Whether to ask once more without sleeping. */
  wanted(nowNs: number): boolean {
    if (this.#spinning && nowNs < this.#untilNs) return true
    if (this.#spinning) {
      this.#spinning = false
      this.#trials.inVain()
    }
    return false
  }
}
