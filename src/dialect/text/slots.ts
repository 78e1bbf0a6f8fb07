import { FusetraceError } from '../../errors.js'
import type { Raw } from '../../line/line.js'
import type { NodeId, OperationFacts, OperationValues } from '../core/dialect.js'

/** What the arguments of a request say. */
export interface Slots extends OperationFacts {
  values?: OperationValues
}

const NAMES = ['entry', 'otherEntry', 'path', 'newPath', 'target', 'xattr'] as const
const NODES = ['nodeId', 'otherNodeId'] as const
const VALUES = ['size', 'offset', 'mode', 'flags', 'fh'] as const
type Slot = (typeof NAMES)[number] | (typeof NODES)[number] | (typeof VALUES)[number] | '-' | '*'

/** How each is written: names may hold anything, numbers are decimal, hexadecimal or (`rw-r--r--:0100644`) octal behind a colon. */
const PATTERN: Readonly<Record<Slot, string>> = {
  ...fill(NAMES, '([\\s\\S]{1,9000}?)'),
  ...fill(NODES, '(0x[0-9a-fA-F]{1,16}|\\d{1,20})'),
  ...fill(VALUES, '(-?(?:[\\w?-]{10}:)?(?:0x[0-9a-fA-F]{1,16}|\\d{1,20}))'),
  '-': '[^,]{0,400}',
  '*': '[\\s\\S]*',
}

function fill<K extends string>(keys: readonly K[], pattern: string): Record<K, string> {
  return Object.fromEntries(keys.map((key) => [key, pattern])) as Record<K, string>
}

/**
 * Reads arguments by a list of what they are: `nodeId entry mode` for `1,a b,-rw-r--r--:0100644`. `-` is anything without a
 * separator, `*` all that is left. Where raw names can be cut in two ways, they are left out: no name is better than a wrong
 * one. Null when the arguments are not these.
 *
 * @param separator what stands between them, `,` by default
 * @throws {FusetraceError} `FT_DIALECT` when the list names a slot that there is not
 *
 * @example
 * const rename = slots('nodeId entry otherNodeId otherEntry')
 * rename('1,a,2,b') // { nodeId: '1', entry: 'a', otherNodeId: '2', otherEntry: 'b' }
 */
export function slots(list: string, separator = ','): (text: Raw) => Slots | null {
  const given = list.split(' ').filter((slot) => slot !== '') as Slot[]
  const unknown = given.find((slot) => !Object.hasOwn(PATTERN, slot))
  if (unknown !== undefined) {
    throw new FusetraceError('FT_DIALECT', `${JSON.stringify(list)}: there is no slot ${unknown}`, {
      hint: `slots are ${Object.keys(PATTERN).join(' ')}`,
    })
  }
  const pattern = given.map((slot) => PATTERN[slot]).join(separator)
  const short = new RegExp(`^${pattern}$`)
  const long = new RegExp(`^${pattern.replaceAll('9000}?', '9000}')}$`)
  const keys = given.filter((slot) => slot !== '-' && slot !== '*')
  const names = keys.filter((key) => (NAMES as readonly string[]).includes(key))
  return (text) => {
    const found = text.length > 20_000 ? null : short.exec(text)
    if (found === null) return null
    const read: Slots = {}
    const doubtful = names.length > 1 && long.exec(text)?.some((part, i) => part !== found[i])
    for (const [i, key] of keys.entries()) {
      const value = found[i + 1] ?? ''
      if ((VALUES as readonly string[]).includes(key)) read.values = { ...read.values, [key]: numberOf(value) }
      else if ((NODES as readonly string[]).includes(key)) read[key as 'nodeId'] = nodeOf(value)
      else if (!doubtful) read[key as 'entry'] = value
    }
    return read
  }
}

const nodeOf = (text: string): NodeId => (text.length < 16 ? String(Number(text)) : BigInt(text).toString())

function numberOf(text: string): number | string {
  const octal = /:0?([0-7]{1,8})$/.exec(text)?.[1] ?? /^-?0([0-7]{1,8})$/.exec(text)?.[1]
  const value = octal === undefined ? Number(text) : Number.parseInt(octal, 8)
  return Number.isSafeInteger(value) ? value : BigInt(text).toString()
}

/**
 * Reads the arguments of each of a log's operations, by a table of what they are and which operations are logged with them:
 * `{ 'nodeId entry': 'lookup unlink', 'nodeId *': 'flush getlk' }`. The first list that fits is taken.
 */
export class ArgumentTable {
  readonly #readers = new Map<string, ((text: Raw) => Slots | null)[]>()

  constructor(table: Readonly<Record<string, string>>, separator = ',') {
    for (const [list, operations] of Object.entries(table)) {
      const reader = slots(list, separator)
      for (const name of operations.split(' ')) this.#readers.set(name, [...(this.#readers.get(name) ?? []), reader])
    }
  }

  /** The operations that the log names, for a pattern. */
  get names(): string {
    return [...this.#readers.keys()].join('|')
  }

  read(operation: string, text: Raw): Slots | null {
    for (const reader of this.#readers.get(operation) ?? []) {
      const given = reader(text)
      if (given !== null) return given
    }
    return null
  }
}
