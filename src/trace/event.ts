import type { OperationValues } from '../dialect/core/dialect.js'
import type { Raw } from '../line/line.js'
import type { MountRow, ProbeRow } from '../recording/row.js'

/** A request of a trace, before it is known which ids it will have. All names are raw. */
export interface TraceRequest {
  readonly kind: 'request'
  readonly atNs: number
  readonly opcode: string
  readonly path: Raw
  readonly newPath?: Raw
  readonly target?: Raw
  readonly xattr?: Raw
  readonly pid: number
  readonly values: OperationValues
}

/** What happens in a trace, in the order in which it was written down. */
export type TraceEvent =
  | TraceRequest
  | {
      readonly kind: 'reply'
      readonly atNs: number
      readonly request: TraceRequest
      readonly errno: string | null
      /** A lookup that went well and found nothing. */
      readonly negative: boolean
    }
  | { readonly kind: 'mark'; readonly atNs: number; readonly edge: 'begin' | 'end' | 'moment'; readonly name: string }
  | { readonly kind: 'line'; readonly atNs: number; readonly raw: Raw }
  | ({ readonly kind: 'probe' } & Pick<ProbeRow, 'atNs' | 'probe' | 'args' | 'answer'>)
  | { readonly kind: 'mount'; readonly atNs: number; readonly event: MountRow['event']; readonly detail: string | null }
  | { readonly kind: 'exit'; readonly atNs: number; readonly code: number | null; readonly signal: string | null }
