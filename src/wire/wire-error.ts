import { FusetraceError } from '../errors.js'

/**
 * What is wrong with a message:
 *
 * - `truncated`: it ends before a field does
 * - `trailing`: it goes on after its last field
 * - `length`: a length or count in it does not fit the rest of it
 * - `name`: a name without its end, or an empty or too long one where that cannot be
 * - `error-number`: a reply whose error the kernel does not take
 * - `value`: a value given to an encoder does not fit its field
 */
export type WireProblem = 'truncated' | 'trailing' | 'length' | 'name' | 'error-number' | 'value'

/** A message that is not what the protocol says; `offset` bytes into it. */
export class WireError extends FusetraceError {
  readonly problem: WireProblem
  /** Bytes from the message's begin. */
  readonly offset: number

  constructor(problem: WireProblem, offset: number, message: string) {
    super('FT_WIRE', `${message} (byte ${offset})`)
    this.name = 'WireError'
    this.problem = problem
    this.offset = offset
  }
}
