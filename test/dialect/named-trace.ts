import { kernel } from '../../src/dialect/kernel/kernel.js'
import { type NamedEdge, NamedKernelLine } from '../../src/dialect/kernel/named-line.js'
import { Interpreter } from '../../src/operation/interpreter.js'
import type { Operation } from '../../src/operation/operation.js'

export const u32 = (value: number): string => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value >>> 0)
  return bytes.toString('latin1')
}
export const u64 = (value: number | bigint): string => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes.toString('latin1')
}

interface Attributes {
  mode?: number
  size?: number
  nlink?: number
}

/** `struct fuse_attr` */
export const attr = ({ mode = 0o100644, size = 0, nlink = 1 }: Attributes): string =>
  u64(1) + u64(size) + u64(0).repeat(4) + u32(0).repeat(3) + u32(mode) + u32(nlink) + u32(0).repeat(5)

/** `struct fuse_entry_out` */
export const entry = (node: number, of: Attributes = {}): string =>
  u64(node) + u64(0).repeat(3) + u32(0).repeat(2) + attr(of)

interface How {
  error?: number
  unique?: number
  incomplete?: boolean
}

/** Events of the kernel as BPF programs read them, and the operations that they are read as. */
export class NamedTrace {
  readonly operations: Operation[] = []
  readonly interpreter: Interpreter = new Interpreter({
    dialect: kernel,
    onEnd: (operation) => this.operations.push(operation),
  })
  readonly #onLine: (line: NamedKernelLine) => void
  #unique = 0
  #atNs = 0
  #index = 0
  #node = 1

  constructor(onLine: (line: NamedKernelLine) => void = () => undefined) {
    this.#onLine = onLine
  }

  /** A request and its answer. */
  ask(opcode: string, node: number, request: string, reply = '', how: How = {}): void {
    this.send(opcode, node, request)
    this.end(opcode, reply, how)
  }

  send(opcode: string, node: number, body: string): void {
    this.#unique += 2
    this.#node = node
    this.#push('send', { opcode, body })
  }

  end(opcode: string, body = '', how: How = {}): void {
    this.#push('end', { opcode, body, ...how })
  }

  taken(afterNs: number): void {
    this.#atNs += afterNs - 1000
    this.#push('taken', {})
  }

  entry(name: string, node: number): void {
    this.#push('entry', { body: name, node })
  }

  forget(node: number, lookups: number): void {
    this.#push('forget', { node, unique: lookups })
  }

  lose(count: number): void {
    this.#push('loss', { unique: count })
  }

  #push(edge: NamedEdge, of: How & { opcode?: string; body?: string; node?: number }): void {
    this.#atNs += 1000
    const line = new NamedKernelLine(this.#index++, {
      atNs: this.#atNs,
      edge,
      unique: of.unique ?? this.#unique,
      opcode: of.opcode ?? null,
      error: edge === 'end' ? (of.error ?? 0) : null,
      details: {
        nodeId: String(of.node ?? this.#node),
        uid: 0,
        gid: 0,
        pid: 7,
        len: 40 + (of.body?.length ?? 0),
        incomplete: of.incomplete ?? false,
        body: of.body ?? '',
      },
    })
    this.#onLine(line)
    this.interpreter.push(line)
  }
}
