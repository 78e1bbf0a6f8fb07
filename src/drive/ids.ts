import { ROOT_ID } from '../wire/index.js'

/** Ids of a recorded run by those of the driven one: of nodes, open files, and places in directories. */
export class Ids {
  readonly #nodes = new Map<bigint, bigint>([[ROOT_ID, ROOT_ID]])
  readonly #handles = new Map<bigint, bigint>()
  readonly #cookies = new Map<string, bigint>()

  /** The driven daemon's node; undefined when the recorded run never named it. */
  node(recorded: bigint): bigint | undefined {
    return recorded === 0n ? 0n : this.#nodes.get(recorded)
  }

  handle(recorded: bigint): bigint {
    return this.#handles.get(recorded) ?? recorded
  }

  cookie(handle: bigint, recorded: bigint): bigint {
    return recorded === 0n ? 0n : (this.#cookies.get(`${handle}:${recorded}`) ?? recorded)
  }

  pairNode(recorded: bigint, driven: bigint): void {
    if (recorded !== 0n && driven !== 0n) this.#nodes.set(recorded, driven)
  }

  pairHandle(recorded: bigint, driven: bigint): void {
    this.#handles.set(recorded, driven)
  }

  pairCookie(handle: bigint, recorded: bigint, driven: bigint): void {
    this.#cookies.set(`${handle}:${recorded}`, driven)
  }
}
