/** What goes on later, and when it does. */
export type Go = (nowNs: number) => void

/** What a relay has put off: until a time, or until a gate is opened. */
export class Postponed {
  #timers: { readonly atNs: number; readonly go: Go }[] = []
  readonly #gates = new Map<number, Go[]>()

  /** When `tick` is to be called; null: there is nothing that waits for a time. */
  get nextNs(): number | null {
    return this.#timers.length === 0 ? null : Math.min(...this.#timers.map(({ atNs }) => atNs))
  }

  at(atNs: number, go: Go): void {
    this.#timers.push({ atNs, go })
  }

  /** A time has come. */
  tick(nowNs: number): void {
    const due = this.#timers.filter(({ atNs }) => atNs <= nowNs)
    this.#timers = this.#timers.filter(({ atNs }) => atNs > nowNs)
    for (const { go } of due) go(nowNs)
  }

  closeGate(id: number): void {
    this.#gates.set(id, [])
  }

  /** Waits at a gate; goes on at once where it is open. */
  behindGate(id: number, nowNs: number, go: Go): void {
    const gate = this.#gates.get(id)
    if (gate) gate.push(go)
    else go(nowNs)
  }

  /** What waits goes on, and nothing waits there any more. */
  openGate(id: number, nowNs: number): void {
    const waiting = this.#gates.get(id) ?? []
    this.#gates.delete(id)
    for (const go of waiting) go(nowNs)
  }
}
