import { FusetraceError } from '../errors.js'
import type { Operation } from '../operation/operation.js'
import { judge, type OperationMatch, toMatch } from '../wait/engine/match.js'

/** Filters as they are written on a command line. */
export interface FilterOptions {
  opcode?: string
  path?: string
  pid?: string
  errno?: string
}

/** Help texts of the filters, the same for every command that has them. */
export const FILTER_HELP = {
  opcode: 'only these opcodes, with commas between: create,unlink',
  path: 'only this path or glob: a.txt, "/dir/**"',
  pid: 'only requests of this process',
  errno: 'only these failures: ENOENT,EACCES',
} as const

/**
 * Whether an operation passes the filters. A rename or link passes `--path` by either name.
 *
 * @throws {FusetraceError} `FT_USAGE` for a pid that is no number
 */
export function operationFilter(options: FilterOptions): (operation: Operation) => boolean {
  const match: OperationMatch = {}
  if (options.opcode !== undefined)
    match.opcode = list(options.opcode).map((name) => name.toLowerCase().replace(/^fuse_/, ''))
  if (options.errno !== undefined) match.errno = list(options.errno).map((name) => name.toUpperCase())
  if (options.pid !== undefined) {
    match.pid = Number(options.pid)
    if (options.pid === '' || !Number.isSafeInteger(match.pid)) {
      throw new FusetraceError('FT_USAGE', `--pid ${options.pid} is not a process id`, { hint: 'it is a number' })
    }
  }
  const { path } = options
  const other = fromCommandLine(match)
  if (path === undefined) return (operation) => judge(other, operation) === 'match'
  const byPath = toMatch({ ...match, path })
  const byNewPath = toMatch({ ...match, newPath: path })
  return (operation) => judge(byPath, operation) === 'match' || judge(byNewPath, operation) === 'match'
}

/** What a test could do about a misspelt name is nothing that a command line can. */
function fromCommandLine(match: OperationMatch): OperationMatch {
  try {
    return toMatch(match)
  } catch (error) {
    if (!(error instanceof FusetraceError)) throw error
    throw new FusetraceError(error.code, error.message, { hint: 'without the filter, all that is there is shown' })
  }
}

const list = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
