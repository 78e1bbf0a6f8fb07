import { getSystemErrorMap } from 'node:util'
import { errnoNumber } from '../../dialect/core/errno.js'
import { Errno } from '../errno.js'

/** What of a failed call is in its error, besides the errno. */
export interface CallContext {
  readonly syscall: string
  readonly path?: string
  readonly dest?: string
}

/** Node's own names, where they are not Linux's. */
const NODE_NAMES: Readonly<Record<string, string>> = { EOPNOTSUPP: 'ENOTSUP', EWOULDBLOCK: 'EAGAIN' }

/** Runs a system call, and makes its failure an error as Node's own are: `ENOENT: no such file or directory, open '/a'`. */
export async function asNode<T>(context: CallContext, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw error instanceof Errno ? nodeError(error.code, context) : error
  }
}

/** A failure as Node reports it. */
export function nodeError(errno: string, { syscall, path, dest }: CallContext): NodeJS.ErrnoException {
  // Of all errors that Linux has: Node's own list leaves some out. `errno_41` is one without a name.
  const number = -(errnoNumber(errno) ?? Number(errno.slice('errno_'.length)))
  const [name, words] = getSystemErrorMap().get(number) ?? [
    `Unknown system error ${number}`,
    `Unknown system error ${number}`,
  ]
  const code = NODE_NAMES[errno] ?? name
  const where = path === undefined ? '' : ` '${path}'${dest === undefined ? '' : ` -> '${dest}'`}`
  const error: NodeJS.ErrnoException & { dest?: string } = new Error(`${code}: ${words}, ${syscall}${where}`)
  error.errno = number
  error.code = code
  error.syscall = syscall
  if (path !== undefined) error.path = path
  if (dest !== undefined) error.dest = dest
  return error
}
