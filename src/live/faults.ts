import { checkFault, describeFault, type FaultSpec } from '../faults/fault.js'
import type { FaultRow } from '../recording/row.js'

/** A request that has met a fault. */
export type FiredRequest = Pick<FaultRow, 'atNs' | 'unique' | 'opcode' | 'path'>

/** A fault that was asked for. */
export interface FaultHandle {
  readonly spec: FaultSpec
  /** In words: `error ENOSPC at write number 3 of a.txt`. */
  readonly text: string
  /** The requests that have met it by now. */
  readonly fired: readonly FiredRequest[]
  /** Requests do not meet it any more. */
  remove(): void
}

/** A place where requests, or their answers, wait. */
export interface Gate extends FaultHandle {
  /** Resolves with the first request that has come to it. Rejects when the file system ends before. */
  readonly arrived: Promise<FiredRequest>
  /** What waits goes on, and nothing waits here any more. */
  open(): void
}

/** Where a test asks for faults. */
export interface FaultBoard {
  /** All that were asked for, in that order. */
  readonly all: readonly FaultHandle[]
  /** @throws FT_USAGE with what is wrong with it */
  fault(spec: FaultSpec): FaultHandle
  /** @throws FT_USAGE with what is wrong with it */
  hold(spec: Omit<FaultSpec, 'hold'>): Gate
}

/** Where faults take effect. */
export interface FaultSource {
  /** @returns the fault's number */
  addFault(spec: FaultSpec): number
  removeFault(id: number): void
  /** Everything that has happened by now has been reported. */
  catchUp(): void
}

interface Asked {
  readonly handle: FaultHandle
  readonly fired: FiredRequest[]
  arrive(request: FiredRequest): void
  fail(reason: Error): void
}

/** The faults of a run: asked for by `fault` and `hold`, reported by `fire`. */
export class Faults implements FaultBoard {
  readonly #source: FaultSource
  readonly #asked = new Map<number, Asked>()

  constructor(source: FaultSource) {
    this.#source = source
  }

  get all(): readonly FaultHandle[] {
    return [...this.#asked.values()].map(({ handle }) => handle)
  }

  fault(spec: FaultSpec): FaultHandle {
    return this.#ask(spec).handle
  }

  hold(spec: Omit<FaultSpec, 'hold'>): Gate {
    return this.#ask({ ...spec, hold: true }).handle as Gate
  }

  /** A request has met a fault. */
  fire(id: number, request: FiredRequest): void {
    const asked = this.#asked.get(id)
    asked?.fired.push(request)
    asked?.arrive(request)
  }

  /** What a fault is, in words. */
  textOf(id: number): string {
    return this.#asked.get(id)?.handle.text ?? `fault ${id}`
  }

  /** The file system has ended: nothing comes to a gate any more. */
  end(reason: Error): void {
    for (const asked of this.#asked.values()) asked.fail(reason)
  }

  #ask(spec: FaultSpec): Asked {
    const text = describeFault(checkFault(spec))
    const source = this.#source
    let arrive: Asked['arrive'] = () => undefined
    let fail: Asked['fail'] = () => undefined
    const arrived = new Promise<FiredRequest>((resolve, reject) => {
      arrive = resolve
      fail = reject
    })
    // Where it is not awaited its failure is no unhandled rejection.
    arrived.catch(() => undefined)
    const fired: FiredRequest[] = []
    const id = source.addFault(spec)
    const remove = (): void => source.removeFault(id)
    const handle: Gate = {
      spec,
      text,
      arrived,
      get fired() {
        source.catchUp()
        return fired
      },
      remove,
      open: remove,
    }
    const asked = { handle, fired, arrive, fail }
    this.#asked.set(id, asked)
    return asked
  }
}

/** Faults that were asked for, and that no request has met; those with a probability may well not be. */
export function notFired(board: FaultBoard): readonly FaultHandle[] {
  return board.all.filter(({ spec, fired }) => fired.length === 0 && spec.probability === undefined)
}
