import { WireEvents } from '../dialect/wire/events.js'
import { Assembler } from '../operation/assembler.js'
import type { Operation } from '../operation/operation.js'

/** What a request is about: paths below the mountpoint, null where they are not known. */
export interface Subject {
  readonly path: string | null
  readonly newPath: string | null
}

/** Where a relay learns what requests are about. It is asked only about those that a fault could meet. */
export interface Subjects {
  /** A request that no fault could meet has passed. */
  passed(bytes: Buffer, nowNs: number): void
  /** What a request is about. Called before the daemon is given it. */
  of(bytes: Buffer, nowNs: number): Subject
  /** The kernel has been answered. */
  answered(bytes: Buffer, nowNs: number): void
}

/** Longer answers (contents, listings) are not kept until the next request. */
const MAX_KEPT = 4096

const UNKNOWN: Subject = { path: null, newPath: null }

/** Learns names and nodes from the messages themselves: from all of them. */
export class FollowedSubjects implements Subjects {
  readonly #wire: WireEvents = new WireEvents()
  readonly #assembler: Assembler
  #latest: Operation | null = null
  #messages = 0
  /** Answers that are followed with the next request: whoever waits for them asks for more meanwhile, and the daemon has yet to work. */
  #answers: { bytes: Buffer; nowNs: number }[] = []

  constructor() {
    this.#assembler = new Assembler({
      onStart: (operation) => {
        this.#latest = operation
      },
    })
  }

  passed(bytes: Buffer, nowNs: number): void {
    this.of(bytes, nowNs)
  }

  of(bytes: Buffer, nowNs: number): Subject {
    this.#catchUp()
    this.#latest = null
    const event = this.#wire.request(bytes, nowNs, this.#messages++)
    if (event) this.#assembler.event(event)
    return this.#latest ?? UNKNOWN
  }

  answered(bytes: Buffer, nowNs: number): void {
    this.#answers.push({ bytes: bytes.length > MAX_KEPT ? bytes : Buffer.from(bytes), nowNs })
    if (bytes.length > MAX_KEPT) this.#catchUp()
  }

  #catchUp(): void {
    if (this.#answers.length === 0) return
    for (const { bytes, nowNs } of this.#answers) {
      const event = this.#wire.reply(bytes, nowNs, this.#messages++)
      if (event) this.#assembler.event(event)
    }
    this.#answers = []
  }
}
