import { isEntry } from '../dialect/core/effects.js'
import { OPCODE_NAMES, opcodeName } from '../dialect/core/opcode.js'
import type { CopiedRecords } from './bpf-ring.js'
import type { WantedRequest } from './kernel-source.js'

/** Places in `struct record` of fuse.bpf.c, and what stands there. */
const AT = { kind: 0, unique: 16, opcode: 32, body: 64 } as const
const KIND = { send: 1, end: 2 } as const

/** Opcodes by number; those without a name are none of anybody's wishes. */
const NUMBERS: ReadonlyMap<string, number> = new Map(
  Array.from({ length: 256 }, (_, number) => [opcodeName(number), number] as const).filter(([name]) =>
    OPCODE_NAMES.includes(name),
  ),
)

/**
 * Finds the records of requests that somebody waits for among many others, without reading these: by opcode, and where the request is
 * about a name in a directory, by that. What it finds may be in another directory, or a name that ends in it.
 */
export class BpfFilter {
  /** Names of which one must be in the request; null: any. */
  readonly #names = new Map<number, Buffer[] | null>()
  /** Ids of such requests that have not been answered. */
  readonly #open: Set<number>

  /** @param open - ids of requests whose answers are wanted, beside those that it finds itself */
  constructor(wanted: readonly WantedRequest[], open: readonly number[]) {
    this.#open = new Set(open)
    for (const { opcode, name } of wanted) {
      const number = NUMBERS.get(opcode)
      if (number === undefined) continue
      const names = this.#names.get(number)
      if (name === null || !isEntry(opcode)) this.#names.set(number, null)
      else if (names !== null) this.#names.set(number, [...(names ?? []), Buffer.from(name, 'latin1')])
    }
  }

  /** Whether one of the records is wanted. */
  anyOf(records: CopiedRecords): boolean {
    let any = false
    records.each((bytes, at, length) => {
      any = this.wants(bytes, at, length) || any
    })
    return any
  }

  /** Whether a record is wanted. What is read without asking is to be shown as well, so that the answer is known. */
  wants(bytes: Buffer, at: number, length: number): boolean {
    const kind = bytes.readUInt32LE(at + AT.kind)
    if (kind !== KIND.send && kind !== KIND.end) return false
    const unique = bytes.readUInt32LE(at + AT.unique) + bytes.readUInt32LE(at + AT.unique + 4) * 2 ** 32
    if (kind === KIND.end) return this.#open.delete(unique)
    const names = this.#names.get(bytes.readUInt32LE(at + AT.opcode))
    if (names === undefined) return false
    if (names !== null && !names.some((name) => hasName(bytes, at + AT.body, at + length, name))) return false
    this.#open.add(unique)
    return true
  }
}

/** Whether a name, ended by a zero, is between two places. */
function hasName(bytes: Buffer, from: number, to: number, name: Buffer): boolean {
  for (let end = from + name.length; end < to; end++) {
    if (bytes[end] === 0 && bytes.compare(name, 0, name.length, end - name.length, end) === 0) return true
  }
  return false
}
