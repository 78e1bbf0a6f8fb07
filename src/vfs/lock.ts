/** Holders take turns: one alone, or several that share, in the order in which they asked. */
export class Lock {
  #shared = 0
  #exclusive = false
  readonly #queue: { exclusive: boolean; go: () => void }[] = []

  /** Runs `fn` while nobody else holds the lock. */
  exclusive<T>(fn: () => Promise<T>): Promise<T> {
    return this.#with(true, fn)
  }

  /** Runs `fn` while nobody holds the lock alone. */
  shared<T>(fn: () => Promise<T>): Promise<T> {
    return this.#with(false, fn)
  }

  async #with<T>(exclusive: boolean, fn: () => Promise<T>): Promise<T> {
    if (this.#queue.length > 0 || !this.#free(exclusive)) {
      await new Promise<void>((go) => this.#queue.push({ exclusive, go }))
    } else this.#take(exclusive)
    try {
      return await fn()
    } finally {
      if (exclusive) this.#exclusive = false
      else this.#shared--
      this.#next()
    }
  }

  #free(exclusive: boolean): boolean {
    return !this.#exclusive && (!exclusive || this.#shared === 0)
  }

  #take(exclusive: boolean): void {
    if (exclusive) this.#exclusive = true
    else this.#shared++
  }

  #next(): void {
    for (let next = this.#queue[0]; next && this.#free(next.exclusive); next = this.#queue[0]) {
      this.#queue.shift()
      this.#take(next.exclusive)
      next.go()
    }
  }
}
