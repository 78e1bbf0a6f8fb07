import type { RingMemory } from '../../src/kernel/bpf-ring.js'

/** A record of fuse.bpf.c; what is not said is as in a lookup that found nothing. */
export function record(of: {
  kind: number
  connection?: number
  ns?: bigint
  unique?: bigint
  node?: bigint
  opcode?: number
  error?: number
  flags?: number
  body?: string
}): Buffer {
  const body = Buffer.from(of.body ?? '', 'latin1')
  const bytes = Buffer.alloc(64 + body.length)
  bytes.writeUInt32LE(of.kind, 0)
  bytes.writeUInt32LE(of.connection ?? 1, 4)
  bytes.writeBigUInt64LE(of.ns ?? 0n, 8)
  bytes.writeBigUInt64LE(of.unique ?? 2n, 16)
  bytes.writeBigUInt64LE(of.node ?? 1n, 24)
  bytes.writeUInt32LE(of.opcode ?? 1, 32)
  bytes.writeInt32LE(of.error ?? -2, 36)
  bytes.writeUInt32LE(40 + body.length, 40)
  bytes.writeUInt32LE(1, 44)
  bytes.writeUInt32LE(2, 48)
  bytes.writeUInt32LE(3, 52)
  bytes.writeUInt32LE(of.flags ?? 0, 56)
  bytes.writeUInt32LE(body.length, 60)
  body.copy(bytes, 64)
  return bytes
}

const PAGE = 64

/** The memory of a BPF ring buffer, and what the kernel does to it. */
export class FakeRing {
  readonly memory: RingMemory
  readonly #consumer: BigInt64Array
  readonly #producer: BigInt64Array
  readonly #data: Buffer
  readonly #bytes: number
  #at = 0

  constructor(bytes: number) {
    const [consumer, producer] = [new ArrayBuffer(PAGE), new ArrayBuffer(PAGE + 2 * bytes)]
    this.memory = { consumer, producer, pageBytes: PAGE, bytes }
    this.#consumer = new BigInt64Array(consumer, 0, 1)
    this.#producer = new BigInt64Array(producer, 0, 1)
    this.#data = Buffer.from(producer, PAGE)
    this.#bytes = bytes
  }

  get free(): number {
    return this.#bytes - (this.#at - Number(this.#consumer[0]))
  }

  /** Returns the place of its header. A number: the length that it says, whatever it has. */
  write(record: Buffer, how: 'whole' | 'busy' | 'discarded' | number = 'whole'): number {
    const at = this.#at
    const flag = how === 'busy' ? 2 ** 31 : how === 'discarded' ? 2 ** 30 : 0
    this.#word(at, (typeof how === 'number' ? how : record.length) + flag)
    // Both mappings show the same memory.
    for (let i = 0; i < record.length; i++) {
      const place = (at + 8 + i) % this.#bytes
      this.#data[place] = this.#data[place + this.#bytes] = record[i] as number
    }
    this.#at += Math.ceil((record.length + 8) / 8) * 8
    this.#producer[0] = BigInt(this.#at)
    return at
  }

  commit(at: number): void {
    this.#word(at, this.#data.readUInt32LE(at % this.#bytes) % 2 ** 31)
  }

  #word(at: number, value: number): void {
    for (const place of [at % this.#bytes, (at % this.#bytes) + this.#bytes]) this.#data.writeUInt32LE(value, place)
  }
}
