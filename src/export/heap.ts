/** The smallest first, of those that were pushed; of equals the one pushed first. */
export class Heap<T> {
  readonly #keys: number[] = []
  readonly #orders: number[] = []
  readonly #items: T[] = []
  #pushed = 0

  get size(): number {
    return this.#items.length
  }

  /** The smallest key; infinite when there is none. */
  get first(): number {
    return this.#keys[0] ?? Number.POSITIVE_INFINITY
  }

  push(key: number, item: T): void {
    let at = this.#items.length
    this.#set(at, key, this.#pushed++, item)
    while (at > 0) {
      const up = (at - 1) >> 1
      if (!this.#before(at, up)) break
      this.#swap(at, up)
      at = up
    }
  }

  pop(): T | undefined {
    const last = this.#items.length - 1
    if (last < 0) return undefined
    this.#swap(0, last)
    const item = this.#items.pop() as T
    this.#keys.pop()
    this.#orders.pop()
    for (let at = 0; ; ) {
      const left = 2 * at + 1
      if (left >= last) break
      const least = left + 1 < last && this.#before(left + 1, left) ? left + 1 : left
      if (!this.#before(least, at)) break
      this.#swap(least, at)
      at = least
    }
    return item
  }

  #before(a: number, b: number): boolean {
    const [one, other] = [this.#keys[a] as number, this.#keys[b] as number]
    return one < other || (one === other && (this.#orders[a] as number) < (this.#orders[b] as number))
  }

  #set(at: number, key: number, order: number, item: T): void {
    this.#keys[at] = key
    this.#orders[at] = order
    this.#items[at] = item
  }

  #swap(a: number, b: number): void {
    const [key, order, item] = [this.#keys[a] as number, this.#orders[a] as number, this.#items[a] as T]
    this.#set(a, this.#keys[b] as number, this.#orders[b] as number, this.#items[b] as T)
    this.#set(b, key, order, item)
  }
}
