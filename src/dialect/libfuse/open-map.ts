import type { OpenRequest } from './match.js'

/**
 * Open requests by their ids, in order of their begins. Most daemons do one thing at a time: one that is alone needs no map,
 * which would cost as much as reading its line.
 */
export class OpenMap {
  /** The one that is open; null where there is none, or several. */
  #alone: readonly [OpenRequest] | null = null
  readonly #several = new Map<number, OpenRequest>()

  get size(): number {
    return this.#alone === null ? this.#several.size : 1
  }

  values(): Iterable<OpenRequest> {
    return this.#alone ?? this.#several.values()
  }

  get(unique: number): OpenRequest | undefined {
    if (this.#alone === null) return this.#several.get(unique)
    return this.#alone[0].unique === unique ? this.#alone[0] : undefined
  }

  add(open: OpenRequest): void {
    if (this.#alone === null && this.#several.size === 0) {
      this.#alone = [open]
      return
    }
    if (this.#alone !== null) this.#several.set(this.#alone[0].unique, this.#alone[0])
    this.#alone = null
    this.#several.set(open.unique, open)
  }

  delete({ unique }: OpenRequest): void {
    if (this.#alone === null) this.#several.delete(unique)
    else if (this.#alone[0].unique === unique) this.#alone = null
  }

  clear(): void {
    this.#alone = null
    this.#several.clear()
  }
}
