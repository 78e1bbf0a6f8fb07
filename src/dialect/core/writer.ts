import type { Raw } from '../../line/line.js'
import type { NodeId, OperationValues } from './values.js'

/** A request that is to be written as a daemon of the dialect logs it. All names are raw bytes. */
export interface WrittenRequest {
  /** The kernel's id: even, and greater than those before it. */
  readonly unique: number
  readonly opcode: string
  /** Ns since the beginning of the log. */
  readonly atNs: number
  readonly pid: number
  /** Which of the daemon's threads is at it, from 0. */
  readonly thread: number
  /** As in `OperationFacts`: of requests that name an entry, its directory. */
  readonly nodeId: NodeId
  readonly entry?: Raw
  readonly otherNodeId?: NodeId
  readonly otherEntry?: Raw
  readonly target?: Raw
  readonly xattr?: Raw
  /** Below the mountpoint, for logs that show paths. */
  readonly path: Raw
  readonly newPath?: Raw
  readonly values: OperationValues
}

/** How a request ended. */
export interface WrittenOutcome {
  readonly atNs: number
  /** Null for success. */
  readonly errno: string | null
  /** Of requests that are answered with a node; `0` where there is none of that name. */
  readonly childNodeId: NodeId | null
  /** How many names that node has then. @default 1 */
  readonly links?: number
}

/**
 * Writes lines that a dialect reads, for traces that are made without a daemon. Lines come without their line feeds; what holds one
 * becomes several lines.
 */
export interface DialectWriter {
  request(request: WrittenRequest): readonly Raw[]
  /** Nothing where the log shows no ends. */
  reply(request: WrittenRequest, outcome: WrittenOutcome): readonly Raw[]
}

/** Wall time of a written log's beginning. */
const BEGIN_MS = Date.UTC(2026, 0, 1)

/** `2026-01-01T00:00:00.005000000`, with so many digits behind the second. */
export function stamp(atNs: number, digits: number): string {
  const seconds = Math.floor(atNs / 1e9)
  const head = new Date(BEGIN_MS + seconds * 1000).toISOString().slice(0, 19)
  return `${head}.${String(atNs - seconds * 1e9)
    .padStart(9, '0')
    .slice(0, digits)}`
}

/** A name in double quotes, with the escapes of a language: what it cannot show is escaped, what is UTF-8 stays. */
export function quote(raw: Raw, style: 'go' | 'rust'): Raw {
  const text = Buffer.from(raw, 'latin1').toString('utf8')
  const valid = Buffer.from(text, 'utf8').toString('latin1') === raw
  const escaped = raw.replace(valid ? /[\x00-\x1f"\\\x7f]/g : /[\x00-\x1f"\\\x7f-\xff]/g, (c) => {
    const known = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '"': '\\"', '\\': '\\\\' }[c]
    const hex = c.charCodeAt(0).toString(16).padStart(2, '0')
    return known ?? (style === 'go' || c > '\x7f' ? `\\x${hex}` : `\\u{${hex}}`)
  })
  return `"${escaped}"`
}
