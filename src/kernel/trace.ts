import { readKernelEvent } from '../dialect/kernel/event.js'
import type { Line } from '../line/line.js'
import { LineSplitter } from '../line/splitter.js'
import { KernelRequests } from './requests.js'

/** Longer lines are no events. */
const MAX_LINE_BYTES = 4096

/** Reads a saved trace in chunks: the requests of each connection, and how many events the kernel says it lost. */
export class KernelTraceText {
  readonly connections: Map<number, KernelRequests> = new Map()
  events = 0
  lost = 0
  readonly #originNs: bigint
  readonly #splitter = new LineSplitter({ onLine: (line) => this.#line(line), maxLineBytes: MAX_LINE_BYTES })

  /** @param originNs - offset 0 of the recording, on the trace's clock */
  constructor(originNs: bigint) {
    this.#originNs = originNs
  }

  push(chunk: Uint8Array): void {
    this.#splitter.push('stdout', chunk, 0)
  }

  end(): void {
    this.#splitter.end(0)
  }

  #line({ raw }: Line): void {
    const event = readKernelEvent(raw)
    if (event === null) {
      const lost = /^CPU:\d{1,5} \[LOST (\d{1,15}) EVENTS\]/.exec(raw)?.[1]
      if (lost !== undefined) this.lost += Number(lost)
      return
    }
    this.events++
    let requests = this.connections.get(event.connection)
    if (requests === undefined) {
      requests = new KernelRequests()
      this.connections.set(event.connection, requests)
    }
    requests.push({ ...event, atNs: Number(event.atNs - this.#originNs) })
  }
}

/** Of several verifications against several connections the one that fits best: most joined, then least wrong. */
export function bestFit<T extends { matched: number; phantom: number; opcode: { compared: number; agreeing: number } }>(
  candidates: readonly (readonly [connection: number, verification: T])[],
): readonly [connection: number, verification: T] | undefined {
  const worth = ({ matched, phantom, opcode }: T): number => matched - phantom - 2 * (opcode.compared - opcode.agreeing)
  return [...candidates].sort((a, b) => worth(b[1]) - worth(a[1]))[0]
}
