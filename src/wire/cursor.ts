import type { Scalar } from './layout.js'
import type { Protocol } from './protocol.js'
import { WireError } from './wire-error.js'

const NOTHING: Buffer = Buffer.alloc(0)

/** Reads a message from front to back; never beyond its end. */
export class Reader {
  offset: number
  readonly protocol: Protocol
  private readonly bytes: Buffer
  private readonly view: DataView
  private readonly little: boolean
  private end: number

  constructor(bytes: Uint8Array, protocol: Protocol, offset = 0) {
    this.bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.protocol = protocol
    this.little = protocol.endianness === 'LE'
    this.offset = offset
    this.end = bytes.byteLength
  }

  get left(): number {
    return this.end - this.offset
  }

  /** Ends the message `bytes` before its end; what was there is returned. */
  cutEnd(bytes: number): Buffer {
    if (bytes === 0) return NOTHING
    const from = this.end - bytes
    const cut = this.bytes.subarray(from, this.end)
    this.end = from
    return cut
  }

  need(bytes: number, what: string): void {
    if (bytes > this.left) throw new WireError('truncated', this.end, `the message ends within ${what}`)
  }

  scalar(kind: Scalar, what: string): number | bigint {
    const at = this.offset
    switch (kind) {
      case 'u16':
        this.need(2, what)
        this.offset += 2
        return this.view.getUint16(at, this.little)
      case 'u32':
        this.need(4, what)
        this.offset += 4
        return this.view.getUint32(at, this.little)
      case 's32':
        this.need(4, what)
        this.offset += 4
        return this.view.getInt32(at, this.little)
      case 'u64':
        this.need(8, what)
        this.offset += 8
        return this.view.getBigUint64(at, this.little)
      case 's64':
        this.need(8, what)
        this.offset += 8
        return this.view.getBigInt64(at, this.little)
    }
  }

  /** A number further on, without moving there. */
  peekU32(ahead: number): number {
    this.need(ahead + 4, 'a number')
    return this.view.getUint32(this.offset + ahead, this.little)
  }

  /** One byte. */
  byte(what: string): number {
    this.need(1, what)
    return this.view.getUint8(this.offset++)
  }

  take(bytes: number, what: string): Buffer {
    this.need(bytes, what)
    const taken = this.bytes.subarray(this.offset, this.offset + bytes)
    this.offset += bytes
    return taken
  }

  /** Bytes that should be zero; undefined when they are. */
  pad(bytes: number, what: string): Buffer | undefined {
    this.need(bytes, what)
    const end = this.offset + bytes
    for (let at = this.offset; at < end; at++) if (this.bytes[at] !== 0) return this.take(bytes, what)
    this.offset = end
    return undefined
  }

  /** Bytes up to a NUL, which is passed over. */
  cstring(what: string): Buffer {
    const nul = this.bytes.indexOf(0, this.offset)
    if (nul === -1 || nul >= this.end) throw new WireError('name', this.end, `${what} has no end`)
    const taken = this.bytes.subarray(this.offset, nul)
    this.offset = nul + 1
    return taken
  }

  finish(what: string): void {
    if (this.left > 0) {
      throw new WireError('trailing', this.offset, `${this.left} bytes more than ${what} has`)
    }
  }
}

const RANGES: Readonly<Record<Scalar, readonly [number, number] | readonly [bigint, bigint]>> = {
  u16: [0, 0xffff],
  u32: [0, 0xffff_ffff],
  s32: [-0x8000_0000, 0x7fff_ffff],
  u64: [0n, 0xffff_ffff_ffff_ffffn],
  s64: [-0x8000_0000_0000_0000n, 0x7fff_ffff_ffff_ffffn],
}

/** Whether a value can be written as it is. */
function fits(kind: Scalar, value: unknown): boolean {
  switch (kind) {
    case 'u16':
      return typeof value === 'number' && (value & 0xffff) === value
    case 'u32':
      return typeof value === 'number' && value >>> 0 === value
    case 's32':
      return typeof value === 'number' && (value | 0) === value
    case 'u64':
      return typeof value === 'bigint' && BigInt.asUintN(64, value) === value
    case 's64':
      return typeof value === 'bigint' && BigInt.asIntN(64, value) === value
  }
}

/** Writes a message from front to back into a buffer that grows. */
export class Writer {
  length = 0
  readonly protocol: Protocol
  private readonly little: boolean
  private bytes: Buffer
  private view: DataView

  constructor(protocol: Protocol, capacity: number) {
    this.protocol = protocol
    this.little = protocol.endianness === 'LE'
    this.bytes = Buffer.allocUnsafe(capacity)
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength)
  }

  scalar(kind: Scalar, value: unknown, what: string): void {
    if (!fits(kind, value)) {
      const [low, high] = RANGES[kind]
      const type = typeof low === 'bigint' ? 'a bigint' : 'a number'
      throw new WireError('value', this.length, `${what} must be ${type} of ${low} to ${high}`)
    }
    this.put(kind, value as never)
  }

  put(kind: Scalar, value: never): void {
    const at = this.grow(kind === 'u16' ? 2 : kind === 'u32' || kind === 's32' ? 4 : 8)
    switch (kind) {
      case 'u16':
        this.view.setUint16(at, value, this.little)
        break
      case 'u32':
        this.view.setUint32(at, value, this.little)
        break
      case 's32':
        this.view.setInt32(at, value, this.little)
        break
      case 'u64':
        this.view.setBigUint64(at, value, this.little)
        break
      case 's64':
        this.view.setBigInt64(at, value, this.little)
        break
    }
  }

  raw(bytes: Uint8Array): void {
    if (bytes.byteLength === 0) return
    const at = this.grow(bytes.byteLength)
    this.bytes.set(bytes, at)
  }

  /** Bytes that should be zero, or what stands there instead. */
  pad(bytes: number, instead: unknown, what: string): void {
    if (instead === undefined) {
      const at = this.grow(bytes)
      // Few bytes, mostly: that is quicker than `fill`.
      for (let i = at; i < at + bytes; i++) this.bytes[i] = 0
    } else if (instead instanceof Uint8Array && instead.byteLength === bytes) {
      this.raw(instead)
    } else {
      throw new WireError('value', this.length, `${what} must be ${bytes} bytes`)
    }
  }

  /** Writes the whole length at the message's begin and returns the message. */
  finish(): Buffer {
    this.view.setUint32(0, this.length, this.little)
    return this.bytes.subarray(0, this.length)
  }

  private grow(count: number): number {
    const at = this.length
    this.length += count
    if (this.length > this.bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.length, this.bytes.length * 2))
      this.bytes.copy(larger, 0, 0, at)
      this.bytes = larger
      this.view = new DataView(larger.buffer, larger.byteOffset, larger.byteLength)
    }
    return at
  }
}
