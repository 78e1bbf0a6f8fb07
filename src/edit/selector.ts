import { closest } from '../closest.js'
import { FusetraceError } from '../errors.js'
import { printable } from '../line/text.js'
import type { Operation } from '../operation/operation.js'
import { isOwn } from '../operation/own.js'
import { judge, type OperationMatch, toMatch } from '../wait/engine/match.js'

/** Which operations are meant: `create`, `create:/a.txt`, `write:/d/**#2`. */
export interface Selector {
  readonly text: string
  readonly match: OperationMatch
  /** The how manieth of those that match, from 1; null for all. */
  readonly nth: number | null
}

/**
 * Reads `OPCODE[:PATH][#NTH]`; the path may be a glob.
 *
 * @throws FT_USAGE when it is none, or the opcode is nearly one that there is
 */
export function readSelector(text: string): Selector {
  const found = /^([A-Za-z_0-9]+)(?::(.+?))?(?:#(\d{1,9}))?$/s.exec(text)
  const nth = found?.[3] === undefined ? null : Number(found[3])
  if (!found || nth === 0) {
    throw new FusetraceError('FT_USAGE', `${JSON.stringify(text)} names no operation`, {
      hint: 'write OPCODE, OPCODE:PATH or OPCODE:PATH#NTH, as create:/a.txt or write:"/d/**"#2',
    })
  }
  const [, opcode = '', path] = found
  return { text, match: matchOf(opcode, path), nth }
}

function matchOf(opcode: string, path: string | undefined): OperationMatch {
  try {
    return toMatch({ opcode, ...(path !== undefined && { path }) })
  } catch (error) {
    if (!(error instanceof FusetraceError)) throw error
    // Its hint is for programs.
    throw new FusetraceError(error.code, error.message, { hint: 'fusetrace show FILE has the names of what is there' })
  }
}

/**
 * The operations that are meant, in order of their starts. Requests of fusetrace itself are not counted.
 *
 * @throws FT_USAGE when there is none
 */
export function select(operations: readonly Operation[], { text, match, nth }: Selector): readonly Operation[] {
  const all = operations.filter((operation) => !isOwn(operation) && judge(match, operation) === 'match')
  const chosen = nth === null ? all : all.slice(nth - 1, nth)
  if (chosen.length > 0) return chosen
  const what = all.length > 0 ? `only ${all.length} match, there is no #${nth}` : nearest(operations, match)
  throw new FusetraceError('FT_USAGE', `nothing matches ${printable(text)}`, { hint: what })
}

function nearest(operations: readonly Operation[], { opcode }: OperationMatch): string {
  const wanted = String(opcode)
  const same = operations.filter((operation) => operation.opcode === wanted && operation.path !== null)
  if (same.length > 0) {
    const paths = [...new Set(same.map(({ path }) => printable(path ?? '')))].slice(0, 5)
    return `${wanted} is asked of ${paths.join(', ')}`
  }
  const opcodes = [...new Set(operations.map((operation) => operation.opcode))].sort()
  const near = closest(wanted, opcodes)
  return near.length > 0 ? `did you mean ${near.join(' or ')}?` : `there are ${opcodes.slice(0, 12).join(', ')}`
}
