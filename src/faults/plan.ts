import { UNANSWERED } from '../dialect/core/opcode.js'
import { checkFault, type Fault, type FaultSpec } from './fault.js'

/** What a fault is chosen by. */
export interface RequestView {
  readonly opcode: string
  /** Null while it is not known. */
  readonly path: string | null
  readonly newPath: string | null
}

interface Entry {
  readonly fault: Fault
  /** Requests that it has matched. */
  matched: number
  /** Times that it was chosen. */
  fired: number
  readonly random: () => number
}

/** Faults by number, and which of them the next request meets. Pure: the same requests and seed give the same faults. */
export class FaultPlan {
  readonly #entries = new Map<number, Entry>()
  readonly #seed: number

  constructor(seed: number = 1) {
    this.#seed = seed
  }

  /** Whether there are any. */
  get size(): number {
    return this.#entries.size
  }

  /** @throws FT_USAGE with what is wrong with it */
  add(id: number, spec: FaultSpec): Fault {
    const fault = checkFault(spec)
    this.#entries.set(id, { fault, matched: 0, fired: 0, random: randomOf(this.#seed, id) })
    return fault
  }

  remove(id: number): void {
    this.#entries.delete(id)
  }

  /** Whether a request of this opcode could meet one. */
  concerns(opcode: string): boolean {
    for (const { fault, fired } of this.#entries.values()) {
      if (fired < fault.times && isOf(fault, opcode)) return true
    }
    return false
  }

  /** The fault that a request meets; the first that was added, where it is more than one. All count it. */
  next(view: RequestView): { id: number; fault: Fault } | null {
    let chosen: { id: number; fault: Fault } | null = null
    for (const [id, entry] of this.#entries) {
      const { fault } = entry
      if (!isOf(fault, view.opcode) || !hasPath(fault, view)) continue
      entry.matched++
      if (fault.nth !== null && entry.matched < fault.nth) continue
      if (entry.fired >= fault.times) continue
      // Each request takes its number, whether it is used or not: what others do changes nothing.
      if (fault.probability < 1 && entry.random() >= fault.probability) continue
      if (chosen) continue
      entry.fired++
      chosen = { id, fault }
    }
    return chosen
  }
}

function isOf(fault: Fault, opcode: string): boolean {
  if (fault.opcodes) return fault.opcodes.has(opcode)
  // INIT is not meant by whoever says "any": without it there is no mount.
  return !UNANSWERED.has(opcode) && opcode !== 'init'
}

function hasPath(fault: Fault, { path, newPath }: RequestView): boolean {
  if (!fault.path) return true
  return (path !== null && fault.path(path)) || (newPath !== null && fault.path(newPath))
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomOf(seed: number, id: number): () => number {
  let state = (Math.imul(seed | 0, 0x9e37_79b1) ^ Math.imul(id + 1, 0x85eb_ca6b)) | 0
  return () => {
    state = (state + 0x6d2b_79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
