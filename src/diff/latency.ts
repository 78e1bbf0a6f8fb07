import { durationNs } from '../operation/duration.js'
import type { Operation } from '../operation/operation.js'
import { quantile } from '../quantile.js'

/** How long an opcode took in both recordings, ns. */
export interface LatencyChange {
  opcode: string
  a: Latency
  b: Latency
  /** The medians differ by more than both spreads explain. */
  beyondNoise: boolean
}

export interface Latency {
  count: number
  medianNs: number | null
  p99Ns: number | null
  /** Half the distance of the quartiles: what the median moves by without any cause. */
  noiseNs: number | null
}

const MAX_KEPT = 1 << 16
const MAX_OPCODES = 512

/** Durations of one opcode: all of them, or when they are many every second, fourth … */
class Durations {
  count = 0
  #kept: number[] = []
  #every = 1

  add(ns: number): void {
    if (this.count++ % this.#every !== 0) return
    this.#kept.push(ns)
    if (this.#kept.length < MAX_KEPT) return
    this.#kept = this.#kept.filter((_, i) => i % 2 === 0)
    this.#every *= 2
  }

  latency(): Latency {
    const sorted = this.#kept.sort((x, y) => x - y)
    const [low, high] = [quantile(sorted, 0.25), quantile(sorted, 0.75)]
    const noiseNs = low === null || high === null ? null : Math.round((high - low) / 2)
    return {
      count: this.count,
      medianNs: quantile(sorted, 0.5) || null,
      p99Ns: quantile(sorted, 0.99) || null,
      noiseNs,
    }
  }
}

/** How long the operations of a recording took, by opcode. Memory is bounded. */
export class Latencies {
  readonly #byOpcode = new Map<string, Durations>()

  /** Only where the log shows the end; 0 is too short to be measured. */
  add(operation: Operation): void {
    const took = durationNs(operation)
    if (took === null) return
    const of = this.#byOpcode.get(operation.opcode) ?? new Durations()
    if (this.#byOpcode.size < MAX_OPCODES) this.#byOpcode.set(operation.opcode, of)
    of.add(took)
  }

  /** Each opcode here and there. */
  against(other: Latencies): LatencyChange[] {
    const opcodes = [...new Set([...this.#byOpcode.keys(), ...other.#byOpcode.keys()])].sort()
    return opcodes.map((opcode) => {
      const [a, b] = [this, other].map((one) => (one.#byOpcode.get(opcode) ?? new Durations()).latency()) as [
        Latency,
        Latency,
      ]
      const moved = a.medianNs === null || b.medianNs === null ? 0 : Math.abs(a.medianNs - b.medianNs)
      const noise = (a.noiseNs ?? 0) + (b.noiseNs ?? 0)
      return { opcode, a, b, beyondNoise: a.count >= 5 && b.count >= 5 && moved > noise }
    })
  }
}
