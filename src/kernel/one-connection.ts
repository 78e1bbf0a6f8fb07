export interface OneConnectionOptions<T> {
  /** The next item of the connection that is followed. */
  onItem(item: T): void
  /** Items that could not be kept until it was known which connection is followed. */
  onLoss(count: number): void
}

/** Items of all mounts that are kept until it is known which connection is ours. */
const MAX_HELD = 100_000

/**
 * Leaves only the events of one connection, which is known later than its first events come. The kernel gives numbers again, to
 * mounts before and after ours; each mount begins with INIT.
 */
export class OneConnection<T> {
  readonly #options: OneConnectionOptions<T>
  #connection: number | null = null
  #held: { connection: number; isInit: boolean; item: T }[] = []
  /** An event of our mount was seen. */
  #begun = false
  /** Another mount has got its number. */
  #over = false

  constructor(options: OneConnectionOptions<T>) {
    this.#options = options
  }

  /** Whether what comes now is ours. */
  get current(): boolean {
    return this.#connection !== null && !this.#over
  }

  /** @param isInit - it is the request that a mount begins with */
  push(connection: number, isInit: boolean, item: T): void {
    if (this.#connection !== null) this.#give(connection, isInit, item)
    else if (this.#held.length < MAX_HELD) this.#held.push({ connection, isInit, item })
    else this.#options.onLoss(1)
  }

  /** The connection that is ours is known: held items of others are dropped, as is what came before its last INIT. */
  follow(connection: number): void {
    this.#connection = connection
    const held = this.#held.filter((one) => one.connection === connection)
    this.#held = []
    const first = held.findLastIndex(({ isInit }) => isInit)
    for (const { isInit, item } of held.slice(Math.max(0, first))) this.#give(connection, isInit, item)
  }

  #give(connection: number, isInit: boolean, item: T): void {
    if (connection !== this.#connection || this.#over) return
    if (isInit && this.#begun) {
      this.#over = true
      return
    }
    this.#begun = true
    this.#options.onItem(item)
  }
}
