import { constants } from 'node:os'
import { closest } from '../closest.js'
import { errnoNumber } from '../dialect/core/errno.js'
import { OPCODE_NAMES, UNANSWERED } from '../dialect/core/opcode.js'
import { FusetraceError } from '../errors.js'
import { checkKeys } from '../known-keys.js'
import { pathTest } from '../path-pattern.js'

/**
 * What is to go wrong, and with which requests. One of `errno`, `delayMs`, `drop`, `duplicate`, `reorder`, `kill`, `freeze`,
 * `hold` says what.
 *
 * @example { opcode: 'write', path: 'a.txt', nth: 3, errno: 'ENOSPC' }
 */
export interface FaultSpec {
  /** Requests of this opcode, or of one of these. @default all that are answered */
  opcode?: string | readonly string[]
  /** About this path below the mountpoint, or a glob: `*` stands for anything in a name, `**` for anything. @default any */
  path?: string
  /** Only the nth such request, from 1. @default every one */
  nth?: number
  /** At most so many times. @default 1 with `nth`, else always */
  times?: number
  /** How likely each such request is met, 0 to 1. @default 1 */
  probability?: number
  /** The caller gets this error. */
  errno?: string
  /** It takes so much longer, ms; at most 24 days. */
  delayMs?: number
  /** The answer is lost: the caller waits for it for ever. */
  drop?: boolean
  /** The answer comes twice. */
  duplicate?: boolean
  /** The answer comes after the next answer to another request, or after a second (or `delayMs`). */
  reorder?: boolean
  /** The daemon is killed, with this signal. @default SIGKILL */
  kill?: boolean | string
  /** The daemon is stopped (SIGSTOP); with a number it goes on after so many ms. */
  freeze?: boolean | number
  /** It waits until its gate is opened. */
  hold?: boolean
  /** When the request comes: with `errno` and `drop` the daemon never sees it. @default true, but for drop, duplicate, reorder */
  instead?: boolean
  /** When the answer comes: the daemon has done it. */
  after?: boolean
}

/** What happens. */
export type Action =
  | { readonly do: 'error'; readonly errno: number }
  | { readonly do: 'delay' | 'reorder'; readonly ns: number }
  | { readonly do: 'drop' | 'duplicate' | 'hold' }
  | { readonly do: 'kill'; readonly signal: string }
  | { readonly do: 'freeze'; readonly ns: number | null }

/** A fault that was checked. */
export interface Fault {
  readonly spec: FaultSpec
  /** Null: any that is answered. */
  readonly opcodes: ReadonlySet<string> | null
  readonly path: ((path: string) => boolean) | null
  readonly nth: number | null
  readonly times: number
  readonly probability: number
  readonly action: Action
  /** When the request comes, or when its answer does. */
  readonly on: 'request' | 'reply'
}

const KEYS: readonly (keyof FaultSpec)[] = [
  ...(['opcode', 'path', 'nth', 'times', 'probability', 'errno', 'delayMs', 'drop', 'duplicate', 'reorder'] as const),
  ...(['kill', 'freeze', 'hold', 'instead', 'after'] as const),
]

const SWITCHES = ['drop', 'duplicate', 'reorder', 'hold', 'instead', 'after'] as const
/** The longest time that timers take, ms. */
const MAX_MS = 2 ** 31 - 1
const isTime = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value <= MAX_MS

/**
 * Checks a fault.
 *
 * @throws FT_USAGE with what is wrong with it
 */
export function checkFault(spec: FaultSpec): Fault {
  if (typeof spec !== 'object' || spec === null || Array.isArray(spec)) throw wrong('a fault must be an object')
  checkKeys('a field of a fault', spec, KEYS)
  for (const key of SWITCHES) {
    if (spec[key] !== undefined && typeof spec[key] !== 'boolean') throw wrong(`"${key}" must be true or false`)
  }
  const action = actionOf(spec)
  const late = action.do === 'drop' || action.do === 'duplicate' || action.do === 'reorder'
  if (spec.instead === true && spec.after === true) throw wrong('"instead" and "after" exclude each other')
  if (action.do === 'reorder' && spec.instead === true) throw wrong('"reorder" is about answers, not requests')
  const on = spec.after === true || (late && spec.instead !== true) ? 'reply' : 'request'
  const opcodes = opcodesOf(spec)
  if (on === 'reply' || action.do === 'error') {
    for (const opcode of opcodes ?? []) if (UNANSWERED.has(opcode)) throw wrong(`${opcode} is never answered`)
  }
  const { nth = null, probability = 1 } = spec
  if (nth !== null && !(Number.isInteger(nth) && nth >= 1)) throw wrong('"nth" must be a whole number from 1')
  const times = spec.times ?? (nth === null ? Number.POSITIVE_INFINITY : 1)
  if (!(times === Number.POSITIVE_INFINITY || (Number.isInteger(times) && times >= 1))) {
    throw wrong('"times" must be a whole number from 1')
  }
  if (!(typeof probability === 'number' && probability >= 0 && probability <= 1))
    throw wrong('"probability" must be between 0 and 1')
  if (spec.path !== undefined && typeof spec.path !== 'string') throw wrong('"path" must be text')
  const path = spec.path === undefined ? null : pathTest(spec.path)
  return { spec, opcodes, path, nth, times, probability, action, on }
}

function opcodesOf({ opcode }: FaultSpec): ReadonlySet<string> | null {
  if (opcode === undefined) return null
  const names = typeof opcode === 'string' ? [opcode] : opcode
  if (!Array.isArray(names) || names.length === 0) throw wrong('"opcode" must be a name or a list of names')
  const all: string[] = []
  for (const name of names) {
    if (!OPCODE_NAMES.includes(name) && !/^opcode_\d{1,10}$/.test(name)) {
      const [near] = closest(String(name), OPCODE_NAMES)
      throw wrong(
        `"${name}" is no opcode${near ? `: did you mean ${near}?` : ''}`,
        'opcodes have the names that the kernel has',
      )
    }
    // The kernel chooses between the two by flags that a test seldom thinks of.
    all.push(name, ...(name === 'rename' ? ['rename2'] : []))
  }
  return new Set(all)
}

function actionOf(spec: FaultSpec): Action {
  const { errno, delayMs, drop, duplicate, reorder, kill, freeze, hold } = spec
  if (delayMs !== undefined && !isTime(delayMs)) throw wrong('"delayMs" must be a time in ms, at most 24 days')
  const actions: Action[] = []
  if (errno !== undefined) {
    const number = typeof errno === 'string' ? errnoNumber(errno) : null
    if (number === null || number > 511) throw wrong(`"${errno}" is no error`, 'name one as errno(3) does: ENOSPC, EIO')
    actions.push({ do: 'error', errno: number })
  }
  if (drop === true) actions.push({ do: 'drop' })
  if (duplicate === true) actions.push({ do: 'duplicate' })
  if (reorder === true) actions.push({ do: 'reorder', ns: (delayMs ?? 1000) * 1e6 })
  else if (delayMs !== undefined) actions.push({ do: 'delay', ns: delayMs * 1e6 })
  if (kill !== undefined && kill !== false) {
    if (kill !== true && !Object.hasOwn(constants.signals, kill)) throw wrong(`"${kill}" is no signal`)
    actions.push({ do: 'kill', signal: kill === true ? 'SIGKILL' : kill })
  }
  if (freeze !== undefined && freeze !== false) {
    if (freeze !== true && !isTime(freeze)) throw wrong('"freeze" must be true or a time in ms, at most 24 days')
    actions.push({ do: 'freeze', ns: freeze === true ? null : freeze * 1e6 })
  }
  if (hold === true) actions.push({ do: 'hold' })
  const [action] = actions
  if (!action || actions.length > 1) {
    throw wrong(
      action ? `a fault does one thing, not ${actions.length}` : 'a fault must say what goes wrong',
      'one of errno, delayMs, drop, duplicate, reorder, kill, freeze, hold',
    )
  }
  return action
}

/** The fault in a few words: `errno ENOSPC on the 3rd write of a.txt`. */
export function describeFault({ spec, action, on }: Pick<Fault, 'spec' | 'action' | 'on'>): string {
  const what: string = {
    error: `error ${spec.errno}`,
    delay: `a delay of ${spec.delayMs} ms`,
    drop: on === 'request' ? 'a lost request' : 'a lost answer',
    duplicate: on === 'request' ? 'a request sent twice' : 'an answer given twice',
    reorder: 'an answer after the next one',
    kill: `${typeof spec.kill === 'string' ? spec.kill : 'SIGKILL'} for the daemon`,
    freeze: 'a stopped daemon',
    hold: 'a hold',
  }[action.do]
  const opcode = spec.opcode === undefined ? 'request' : [spec.opcode].flat().join(' or ')
  const which = spec.nth === undefined ? `a ${opcode}` : `${opcode} number ${spec.nth}`
  const of = spec.path === undefined ? '' : ` of ${spec.path}`
  const chance = spec.probability === undefined ? '' : ` (probability ${spec.probability})`
  return `${what} ${on === 'request' ? 'at' : 'after'} ${which}${of}${chance}`
}

function wrong(message: string, hint?: string): FusetraceError {
  return new FusetraceError('FT_USAGE', message, hint === undefined ? {} : { hint })
}
