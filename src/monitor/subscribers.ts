import type { MonitorEvent, SubscribeOptions } from './monitor.js'

interface Subscriber {
  onEvent(event: MonitorEvent): void
  readonly lines: boolean
  readonly passive: boolean
  /** Number of the first event that it is given. */
  readonly first: number
}

/** The subscribers, and the events that are yet to be handed on: to all of them in the same order. */
export class Subscribers {
  readonly #subscribers = new Set<Subscriber>()
  /** The same, as a list made anew whenever they change. */
  #list: readonly Subscriber[] | null = null
  /** How many of them take lines. */
  #lineSubscribers = 0
  readonly #queue: MonitorEvent[] = []
  /** Number of events that have been emitted. */
  #emitted = 0
  #emitting = false
  #errors = 0
  readonly #onError: ((error: unknown) => void) | undefined

  /** `onError`: called with what a subscriber threw, which is only counted otherwise. */
  constructor(onError?: (error: unknown) => void) {
    this.#onError = onError
  }

  /** How often a subscriber threw. */
  get errors(): number {
    return this.#errors
  }

  /** Whether a subscriber wants to be given operations as they come. */
  get listened(): boolean {
    for (const { passive } of this.#subscribers) if (!passive) return true
    return false
  }

  /** Whether a subscriber takes lines. */
  get takesLines(): boolean {
    return this.#lineSubscribers > 0
  }

  /** Adds one; returns what takes it away again: true when that had not been done. */
  add(onEvent: (event: MonitorEvent) => void, { lines = true, passive = false }: SubscribeOptions): () => boolean {
    // What is queued has happened already: a subscriber that comes now finds it in the history.
    const subscriber = { onEvent, lines, passive, first: this.#emitted + this.#queue.length }
    this.#subscribers.add(subscriber)
    this.#list = null
    if (lines) this.#lineSubscribers++
    return () => {
      if (!this.#subscribers.delete(subscriber)) return false
      if (lines) this.#lineSubscribers--
      this.#list = null
      return true
    }
  }

  /** This has happened; `drain` hands it on. */
  queue(event: MonitorEvent): void {
    this.#queue.push(event)
  }

  /** One event after the other, also when a subscriber causes the next: all see the same order. */
  drain(): void {
    if (this.#emitting) return
    this.#emitting = true
    for (let event = this.#queue.shift(); event; event = this.#queue.shift()) {
      const number = this.#emitted++
      this.#list ??= [...this.#subscribers]
      for (const subscriber of this.#list) {
        if (number < subscriber.first || !this.#subscribers.has(subscriber)) continue
        if (event.type === 'line' && !subscriber.lines) continue
        try {
          subscriber.onEvent(event)
        } catch (error) {
          this.#errors++
          this.#onError?.(error)
        }
      }
    }
    this.#emitting = false
  }
}
