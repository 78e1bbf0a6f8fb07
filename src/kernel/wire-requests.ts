import { dialects } from '../dialect/builtin.js'
import type { Dialect } from '../dialect/core/dialect.js'
import { errnoNumber } from '../dialect/core/errno.js'
import { Interpreter } from '../operation/interpreter.js'
import type { Operation } from '../operation/operation.js'
import { WireInterpreter } from '../operation/wire-interpreter.js'
import { lineOf, type RecordingHeader, type Row } from '../recording/row.js'
import { wireMessage } from '../recording/wire-message.js'
import type { KernelRequest } from './requests.js'

/** Requests that no log is held against: they are not answered, or not part of a mount's life. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'init',
  'destroy',
  'forget',
  'batch_forget',
  'interrupt',
  'notify_reply',
])

/**
 * The two sides of a recording that was made between kernel and daemon: what its lines show, read anew, and what its messages say.
 */
export class WireSides {
  /** The log's operations. */
  readonly operations: Operation[] = []
  /** The requests of the messages, each with all that it says. */
  readonly requests: KernelRequest[] = []
  readonly #log: Interpreter
  readonly #wire: WireInterpreter
  #lines = 0
  #messages = 0

  constructor(header: RecordingHeader, candidates: readonly Dialect[] = dialects) {
    const dialect = candidates.find(({ name }) => name === header.dialect)
    this.#log = new Interpreter({
      candidates,
      ...(dialect && { dialect }),
      ...(header.mountpoint !== null && { mountpoint: header.mountpoint }),
      onEnd: (operation) => this.operations.push(operation),
    })
    this.#wire = new WireInterpreter({ onEnd: (operation) => this.#request(operation) })
  }

  push(row: Row): void {
    if (row.kind === 'line') this.#log.push(lineOf(row, this.#lines++))
    else if (row.kind === 'request' || row.kind === 'reply') {
      const message = wireMessage(row)
      if (message) this.#wire.push(message, this.#messages++)
    }
  }

  end(atNs: number): void {
    this.#log.end(atNs)
    this.#wire.end()
    this.requests.sort((a, b) => a.sendNs - b.sendNs)
  }

  #request(operation: Operation): void {
    const { unique, opcode, startNs, endNs, status, errno, path, newPath, size, offset } = operation
    if (unique === null || LEFT_OUT.has(opcode)) return
    const error = status === 'ok' ? 0 : status === 'error' ? -(errnoNumber(errno ?? '') ?? 1) : null
    this.requests.push({
      unique,
      opcode,
      sendNs: startNs,
      endNs,
      error,
      path,
      newPath,
      ...(size !== undefined && { size }),
      ...(offset !== undefined && { offset }),
    })
  }
}
