/** One of the kernel's events, at an offset from the recording's origin. */
export interface KernelMoment {
  atNs: number
  edge: 'send' | 'end'
  unique: number
  /** Only of `send`. */
  opcode: string | null
  /** 0 or a negative errno number, only of `end`. */
  error: number | null
}

/** A request as the kernel saw it. */
export interface KernelRequest {
  readonly unique: number
  readonly opcode: string
  readonly sendNs: number
  /** Null when the trace does not hold its end. */
  endNs: number | null
  /** 0 or a negative errno number. */
  error: number | null
}

/** Sends and ends to requests, in order of their sends. An id may be used again: an end belongs to the latest send. */
export class KernelRequests {
  readonly list: KernelRequest[] = []
  readonly #open = new Map<number, KernelRequest>()
  /** Ends of requests whose send is not in the trace. */
  strayEnds = 0

  push(moment: KernelMoment): void {
    if (moment.edge === 'send') {
      const request = {
        unique: moment.unique,
        opcode: moment.opcode ?? 'unknown',
        sendNs: moment.atNs,
        endNs: null,
        error: null,
      }
      this.list.push(request)
      this.#open.set(moment.unique, request)
      return
    }
    const request = this.#open.get(moment.unique)
    if (request === undefined) {
      this.strayEnds++
      return
    }
    request.endNs = moment.atNs
    request.error = moment.error
    this.#open.delete(moment.unique)
  }
}
