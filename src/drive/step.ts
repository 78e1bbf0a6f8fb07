import type { Connection } from '../vfs/connection.js'
import type { Input, Opcode, ReplyBody, RequestBody } from '../wire/index.js'

/** A request as it is to be sent: ids are the driven daemon's. */
export interface Asked<O extends Opcode = Opcode> {
  readonly opcode: O
  readonly nodeId: bigint
  readonly body: Input<RequestBody<O>>
}

/** What a request came to: the answer's body, or an errno name. */
export type Outcome = { readonly errno: null; readonly body: unknown } | { readonly errno: string; readonly body: null }

/** A request that is not sent, and why. */
export interface NotSent {
  readonly reason: string
}

/** One request of a recording. */
export interface Step {
  readonly opcode: string
  /** What it is about, for people; null where that is not known. */
  readonly path: string | null
  /** Its place in the recording, and its answer's; null when none was seen. */
  readonly startAt: number
  readonly endAt: number | null
  /** Makes the request for the driven daemon; may ask it for what is missing. */
  request(): Promise<Asked | NotSent>
  /** Takes what is to be known of the answer for later requests. */
  learn(asked: Asked, outcome: Outcome): void
  /** How the answer differs from the recorded one; null when it does not. Undefined when there is nothing to compare it with. */
  compare(outcome: Outcome): Difference | null | undefined
}

/** Two answers in a few words each. */
export interface Difference {
  readonly recorded: string
  readonly driven: string
}

/** What was done that the recording does not say. */
export interface Remarks {
  /** Values that were chosen: what, and how often. */
  readonly chosen: Map<string, number>
  /** Requests that were sent besides the recorded ones. */
  readonly added: Map<string, number>
}

export function count(map: Map<string, number>, what: string): void {
  map.set(what, (map.get(what) ?? 0) + 1)
}

/** What sources of steps work on. */
export interface Target {
  readonly connection: Connection
  readonly remarks: Remarks
}

/** An answer's body as that of a request of this name. */
export const bodyOf = <O extends Opcode>({ body }: Outcome): ReplyBody<O> => body as ReplyBody<O>
