import { kernel } from '../dialect/kernel/kernel.js'
import { Interpreter } from '../operation/interpreter.js'
import type { Operation } from '../operation/operation.js'
import { kernelLine, kernelLossLine } from '../recording/kernel-line.js'
import type { KernelRow, LossRow } from '../recording/row.js'

/** A request as the kernel saw it. */
export interface KernelRequest {
  readonly unique: number
  readonly opcode: string
  readonly sendNs: number
  /** Null when the trace does not hold its end. */
  endNs: number | null
  /** 0 or a negative errno number. */
  error: number | null
  /** What it was about, where the kernel's events have names: null when that cannot be known. */
  path: string | null
  newPath: string | null
  /** All names of what has several. */
  paths?: readonly string[]
  /** What it asked for, where its message was seen. */
  size?: number | string
  offset?: number | string
}

/** Sends and ends to requests, in order of their sends. An id may be used again: an end belongs to the latest send. */
export class KernelRequests {
  readonly list: KernelRequest[] = []
  readonly #open = new Map<number, KernelRequest>()
  /** Ends of requests whose send is not in the trace. */
  strayEnds = 0

  /** Reads the events with names; null until there is one. */
  #interpreter: Interpreter | null = null
  #lines = 0

  push(event: Omit<KernelRow, 'kind'>): void {
    if (event.edge === 'send') {
      const request: KernelRequest = {
        unique: event.unique,
        opcode: event.opcode ?? 'unknown',
        sendNs: event.atNs,
        endNs: null,
        error: null,
        path: null,
        newPath: null,
      }
      this.list.push(request)
      this.#open.set(event.unique, request)
    }
    if (event.details !== undefined) {
      this.#interpreter ??= new Interpreter({ dialect: kernel, onEnd: (operation) => this.#name(operation) })
      this.#interpreter.push(kernelLine({ kind: 'kernel', ...event }, this.#lines++))
    }
    if (event.edge !== 'end') return
    const request = this.#open.get(event.unique)
    if (request === undefined) {
      this.strayEnds++
      return
    }
    request.endNs = event.atNs
    request.error = event.error
    this.#open.delete(event.unique)
  }

  /** Events are missing here: what nodes stand for is not known any more. */
  lose(loss: Pick<LossRow, 'atNs' | 'count'>): void {
    this.#interpreter?.push(kernelLossLine(loss, this.#lines++))
  }

  #name({ unique, path, newPath, paths }: Operation): void {
    const request = unique === null ? undefined : this.#open.get(unique)
    if (request === undefined) return
    request.path = path
    request.newPath = newPath
    if (paths !== undefined) request.paths = paths
  }
}
