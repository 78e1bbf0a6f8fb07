import type { Raw } from '../../line/line.js'
import { bytesOf, type Kind, type Layout, MESSAGE_LAYOUTS } from '../../wire/layout.js'
import { BEFORE_INIT } from '../../wire/protocol.js'

/** Where the numbers of a message's fixed part are, and which names follow it. */
interface Plan {
  /** `offset`, `entry.attr.mode` …, each with its place and bytes. */
  readonly numbers: ReadonlyMap<string, { readonly at: number; readonly bytes: number }>
  readonly bytes: number
  readonly names: readonly string[]
}

/** A message's arguments without its data, read as they are asked for. The kernel sends the layouts of its own version. */
export class Arguments {
  readonly #raw: Raw
  readonly #plan: Plan
  /** Bytes by which the fixed part is shorter than in the newest version. */
  readonly #missing: number

  private constructor(raw: Raw, plan: Plan, missing: number) {
    this.#raw = raw
    this.#plan = plan
    this.#missing = missing
  }

  /** Of a request; null for one that nobody knows. */
  static ofRequest(opcode: string, raw: Raw): Arguments | null {
    const plan = planOf(requests, opcode, MESSAGE_LAYOUTS.get(opcode)?.request)
    if (plan === null) return null
    // Without FUSE_SETXATTR_EXT eight bytes are not there; a name has none of four zeros.
    const short = opcode === 'setxattr' && raw.slice(12, 16) !== '\0\0\0\0'
    return new Arguments(raw, plan, short ? 8 : 0)
  }

  /** Of a successful answer. */
  static ofReply(opcode: string, raw: Raw): Arguments | null {
    const plan = planOf(replies, opcode, MESSAGE_LAYOUTS.get(opcode)?.reply)
    return plan === null ? null : new Arguments(raw, plan, 0)
  }

  /** A number of the fixed part, decimal beyond 2^53; undefined when it is not there. */
  value(name: string): number | string | undefined {
    const field = this.#field(name)
    if (field === undefined) return undefined
    const { at, bytes } = field
    if (bytes === 2) return this.#raw.charCodeAt(at) + this.#raw.charCodeAt(at + 1) * 256
    const low = readU32(this.#raw, at)
    const high = bytes === 8 ? readU32(this.#raw, at + 4) : 0
    return high < 2 ** 21 ? low + high * 2 ** 32 : String((BigInt(high) << 32n) | BigInt(low))
  }

  /** A number that is smaller; 0 when it is not there. */
  small(name: string): number {
    return Number(this.value(name) ?? 0)
  }

  /** A number with all its bits, decimal. */
  decimal(name: string): string | undefined {
    const value = this.value(name)
    return value === undefined ? undefined : String(value)
  }

  /** The names behind the fixed part, in the order of the bytes: as many as are whole. */
  names(): readonly Raw[] {
    const names: Raw[] = []
    let at = this.#plan.bytes - this.#missing
    while (names.length < this.#plan.names.length) {
      const end = this.#raw.indexOf('\0', at)
      if (end < 0) break
      names.push(this.#raw.slice(at, end))
      at = end + 1
    }
    return names
  }

  #field(name: string): { readonly at: number; readonly bytes: number } | undefined {
    const field = this.#plan.numbers.get(name)
    return field !== undefined && field.at + field.bytes <= this.#raw.length ? field : undefined
  }
}

const requests = new Map<string, Plan>()
const replies = new Map<string, Plan>()

function planOf(plans: Map<string, Plan>, opcode: string, layout: Layout | null | undefined): Plan | null {
  if (!layout) return null
  let plan = plans.get(opcode)
  if (plan === undefined) {
    plan = makePlan(layout)
    plans.set(opcode, plan)
  }
  return plan
}

function makePlan(layout: Layout): Plan {
  const numbers = new Map<string, { at: number; bytes: number }>()
  const names: string[] = []
  let bytes = 0
  const walk = (kind: Kind, name: string): void => {
    if (kind.is === 'struct') for (const field of kind.layout.fields) walk(field.kind, `${name}.${field.name}`)
    else if (kind.is === 'scalar' || kind.is === 'pad') {
      if (kind.is === 'scalar') numbers.set(name, { at: bytes, bytes: kind.bytes })
      bytes += bytesOf(kind, BEFORE_INIT)
    } else if (kind.is === 'cstring') names.push(name)
  }
  for (const { kind, name } of layout.fields) walk(kind, name)
  return { numbers, bytes, names }
}

function readU32(raw: Raw, at: number): number {
  const [a, b, c, d] = [raw.charCodeAt(at), raw.charCodeAt(at + 1), raw.charCodeAt(at + 2), raw.charCodeAt(at + 3)]
  return a + b * 2 ** 8 + c * 2 ** 16 + d * 2 ** 24
}
