import type { Line, Raw } from '../../line/line.js'
import type { NodeId } from '../core/dialect.js'
import { opcodeNumber } from '../core/opcode.js'
import { requestFacts } from './facts.js'

/** What happened: also that the daemon took a request, that the kernel gave a node back, an entry of a listing, a loss. */
export type NamedEdge = 'send' | 'end' | 'taken' | 'forget' | 'entry' | 'loss'

/** What is known of a request or its answer beside its id, opcode and error. */
export interface KernelDetails {
  /** Of the request; for `forget` the node that is given back, for `entry` the one that the name stands for. */
  readonly nodeId: NodeId
  readonly uid: number
  readonly gid: number
  readonly pid: number
  /** Bytes of the whole request or answer. */
  readonly len: number
  /** Its answer is not all here: entries of a READDIRPLUS are missing, or it could not be read safely. */
  readonly incomplete: boolean
  /** Arguments as on the wire, without data; for `entry` the name. */
  readonly body: Raw
}

/** One of the kernel's events with its arguments, at an offset from the recording's origin. */
export interface NamedKernelEvent {
  readonly atNs: number
  readonly edge: NamedEdge
  /** For `forget` how many lookups are given back, for `loss` how many events are missing. */
  readonly unique: number
  /** Of `send` and `end`. */
  readonly opcode: string | null
  /** 0 or a negative errno number; only of `end`. */
  readonly error: number | null
  readonly details: KernelDetails
}

/**
 * An event as a line, for whoever reads lines; the dialect `kernel` reads the event itself. Its text is that of tracefs and, behind
 * ` | `, the names; it is only made when somebody asks.
 */
export class NamedKernelLine implements Line {
  readonly index: number
  readonly stream = 'stdout'
  readonly terminated = true
  readonly event: NamedKernelEvent

  constructor(index: number, event: NamedKernelEvent) {
    this.index = index
    this.event = event
  }

  get atNs(): number {
    return this.event.atNs
  }

  get raw(): Raw {
    const { atNs, edge, unique, opcode, error, details } = this.event
    const ns = String(Math.max(0, atNs)).padStart(10, '0')
    const time = `${ns.slice(0, -9)}.${ns.slice(-9)}`
    const { nodeId, pid, len, body } = details
    if (edge === 'loss') return ` ${time}: ${unique} events lost`
    if (edge === 'end')
      return ` ${time}: fuse_request_end: connection 0 req ${unique} len ${len} error ${error ?? 0} | node ${nodeId}`
    if (edge !== 'send')
      return ` ${time}: fuse_${edge}: req ${unique} node ${nodeId}${body === '' ? '' : ` "${visible(body)}"`}`
    const { entry, otherEntry, xattr, target } = requestFacts(opcode ?? '', nodeId, body)
    const names = [entry, otherEntry, xattr, target].filter((name) => name !== undefined)
    const what = `opcode ${opcodeNumber(opcode ?? '') ?? 0} (FUSE_${(opcode ?? '').toUpperCase()}) len ${len}`
    const more = `node ${nodeId} pid ${pid}${names.map((name) => ` "${visible(name)}"`).join('')}`
    return ` ${time}: fuse_request_send: connection 0 req ${unique} ${what} | ${more}`
  }
}

/** A name may hold a whole line. */
function visible(name: Raw): string {
  return name.replace(/[\0-\x1f"\\\x7f]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)
}
