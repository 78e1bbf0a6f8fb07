import { isEntry } from '../dialect/core/effects.js'
import { opcodeNumber } from '../dialect/core/opcode.js'
import { AT, HEAD_BYTES, KIND, readNumber } from './bpf-record.js'
import type { CopiedRecords } from './bpf-ring.js'
import type { WantedRequest } from './kernel-source.js'

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
      const number = opcodeNumber(opcode)
      if (number === null) continue
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
    const unique = readNumber(bytes, at + AT.unique)
    if (kind === KIND.end) return this.#open.delete(unique)
    const names = this.#names.get(bytes.readUInt32LE(at + AT.opcode))
    if (names === undefined) return false
    if (names !== null && !names.some((name) => hasName(bytes, at + HEAD_BYTES, at + length, name))) return false
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
