import { ByteReader } from './bytes.js'
import { Damaged } from './damaged.js'
import { unpackPool } from './pool.js'

const MAX_ROWS = 2 ** 16
export const SECTION = { texts: 0, columns: 1, operationTexts: 2, operationColumns: 3 } as const

/** The sections of a block, unpacked when they are asked for. */
export class Sections {
  readonly kinds: number
  readonly rows: number
  readonly firstLine: number
  /** Characters that come out of it besides the sections. */
  readonly characters: number
  readonly #lengths: number[] = []
  readonly #packed: Buffer[] = []

  constructor(stored: Buffer, plainBytes: number) {
    const head = new ByteReader(stored)
    this.kinds = head.number()
    this.rows = head.number()
    this.firstLine = head.number()
    const packed: number[] = []
    for (const _ of Object.keys(SECTION)) {
      this.#lengths.push(head.number())
      packed.push(head.number())
    }
    let at = head.at
    for (const length of packed) {
      this.#packed.push(stored.subarray(at, at + length))
      at += length
    }
    this.characters = this.#lengths.reduce((rest, length) => rest - length, plainBytes)
    if (at > stored.length || this.characters < 0 || this.rows > MAX_ROWS) throw new Damaged()
  }

  /** @throws Damaged */
  section(at: (typeof SECTION)[keyof typeof SECTION]): Buffer {
    return this.#lengths[at] === 0 ? Buffer.alloc(0) : unpackPool(this.#packed[at]!, this.#lengths[at]!)
  }
}
