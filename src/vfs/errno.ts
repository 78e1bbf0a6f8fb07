import { errnoName } from '../dialect/core/errno.js'

/** A system call's failure: `code` is an errno name, as a kernel would have returned it. */
export class Errno extends Error {
  readonly code: string

  constructor(code: string) {
    super(code)
    this.name = 'Errno'
    this.code = code
  }
}

/** The failure that a reply's negative error number says. */
export function errnoOf(error: number): Errno {
  return new Errno(errnoName(error) ?? 'EIO')
}

/** Whether something thrown is a system call's failure, and one of these if there are any. */
export function isErrno(thrown: unknown, ...codes: readonly string[]): thrown is Errno {
  return thrown instanceof Errno && (codes.length === 0 || codes.includes(thrown.code))
}
