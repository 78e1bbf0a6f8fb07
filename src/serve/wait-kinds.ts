import type { WaitOptions, WaitResult } from '../wait/engine/machine.js'
import type { OperationMatch } from '../wait/engine/match.js'
import type { WaitFor } from '../wait/wait-for.js'
import { boundedPattern } from './bounded-pattern.js'
import { RPC, RpcError } from './protocol.js'

/** A wait as clients ask for it. */
interface Kind {
  /** Its arguments, all of them texts, in order. */
  readonly args: readonly string[]
  /** Names of further parameters. */
  readonly more?: readonly string[]
  run(waitFor: WaitFor, args: readonly string[], options: WaitOptions, params: Params): Promise<WaitResult>
}

type Params = Readonly<Record<string, unknown>>

const MATCH = ['opcode', 'path', 'newPath', 'name', 'errno', 'status', 'pid'] as const

const STATUSES: readonly unknown[] = ['ok', 'error', 'unknown', 'unfinished']
const isText = (value: unknown): boolean => typeof value === 'string'
const oneOrMore =
  (fits: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    Array.isArray(value) ? value.length > 0 && value.every(fits) : fits(value)

const FIELDS: Readonly<Record<(typeof MATCH)[number], (value: unknown) => boolean>> = {
  opcode: oneOrMore(isText),
  path: isText,
  newPath: isText,
  name: isText,
  errno: (value) => value === null || oneOrMore(isText)(value),
  status: oneOrMore((value) => STATUSES.includes(value)),
  pid: Number.isSafeInteger,
}

const WORDS: Readonly<Record<(typeof MATCH)[number], string>> = {
  opcode: 'the name of an opcode, or a list of them',
  path: 'a path, or a glob',
  newPath: 'a path, or a glob',
  name: 'a name',
  errno: 'the name of an errno, a list of them, or null',
  status: `one of ${STATUSES.join(', ')}`,
  pid: 'a number',
}

/** What operations are meant, from parameters of that name. A path or a name of the form `/…/` is no pattern here: globs are. */
function matchOf(params: Params): OperationMatch {
  const match: Record<string, unknown> = {}
  for (const field of MATCH) {
    if (params[field] === undefined) continue
    if (!FIELDS[field](params[field])) throw new RpcError(RPC.invalidParams, `${field} is to be ${WORDS[field]}`)
    match[field] = params[field]
  }
  if (Object.keys(match).length === 0) {
    throw new RpcError(RPC.invalidParams, `say which operation: ${MATCH.join(', ')}`)
  }
  return match as OperationMatch
}

function numberOf(params: Params, name: string): number | undefined {
  const value = params[name]
  if (value === undefined) return undefined
  if (typeof value !== 'number' || !(value >= 0)) throw new RpcError(RPC.invalidParams, `${name} is to be a number`)
  return value
}

const forMs = (params: Params): { forMs?: number } => {
  const value = numberOf(params, 'forMs')
  return value === undefined ? {} : { forMs: value }
}

const of = (run: (waitFor: WaitFor, path: string, options: WaitOptions) => Promise<WaitResult>): Kind => ({
  args: ['path'],
  run: (waitFor, [path = ''], options) => run(waitFor, path, options),
})

/** Every wait, by its name in kebab-case. */
export const WAIT_KINDS: Readonly<Record<string, Kind>> = {
  'mount-ready': { args: [], run: (waitFor, _, options) => waitFor.mountReady(options) },
  unmounted: { args: [], run: (waitFor, _, options) => waitFor.unmounted(options) },
  'file-visible': of((waitFor, path, options) => waitFor.fileVisible(path, options)),
  'dir-visible': of((waitFor, path, options) => waitFor.dirVisible(path, options)),
  'write-complete': of((waitFor, path, options) => waitFor.writeComplete(path, options)),
  deleted: of((waitFor, path, options) => waitFor.deleted(path, options)),
  released: of((waitFor, path, options) => waitFor.released(path, options)),
  renamed: {
    args: ['from', 'to'],
    run: (waitFor, [from = '', to = ''], options) => waitFor.renamed(from, to, options),
  },
  'xattr-set': {
    args: ['path', 'name'],
    more: ['value'],
    run: (waitFor, [path = '', name = ''], options, { value }) =>
      waitFor.xattrSet(path, name, { ...options, ...(value !== undefined && { value: String(value) }) }),
  },
  'xattr-removed': {
    args: ['path', 'name'],
    run: (waitFor, [path = '', name = ''], options) => waitFor.xattrRemoved(path, name, options),
  },
  operation: {
    args: [],
    more: MATCH,
    run: (waitFor, _, options, params) => waitFor.operation(matchOf(params), options),
  },
  exactly: {
    args: ['count'],
    more: [...MATCH, 'forMs'],
    run(waitFor, [count = ''], options, params) {
      if (!/^\d{1,9}$/.test(count)) throw new RpcError(RPC.invalidParams, `${JSON.stringify(count)} is not a count`)
      return waitFor.exactly(Number(count), matchOf(params), { ...options, ...forMs(params) })
    },
  },
  never: {
    args: [],
    more: [...MATCH, 'during'],
    run(waitFor, _, options, params) {
      const during = numberOf(params, 'during')
      return waitFor.never(matchOf(params), { ...options, ...(during !== undefined && { during }) })
    },
  },
  logged: {
    args: ['pattern'],
    run(waitFor, [pattern = ''], options) {
      let expression: RegExp
      try {
        expression = boundedPattern(pattern)
      } catch (error) {
        throw new RpcError(RPC.invalidParams, (error as Error).message)
      }
      return waitFor.logged(expression, options)
    },
  },
  idle: {
    args: [],
    more: ['forMs'],
    run: (waitFor, _, options, params) => waitFor.idle({ ...options, ...forMs(params) }),
  },
}
