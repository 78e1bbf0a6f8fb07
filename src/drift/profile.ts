import type { Stream } from '../line/line.js'
import type { EndedBy, Status } from '../operation/operation.js'
import type { Shape, Told } from './shape.js'

/** What a log tells of the operations of one opcode. */
export interface OpcodeProfile {
  count: number
  /** How many had a path in the end. */
  path: number
  newPath: number
  name: number
  pid: number
  unique: number
  endedBy: Record<EndedBy | 'none', number>
  status: Record<Status, number>
  errno: number
  /** Requests that repeat the request before: same id, node and name. */
  doubled: number
  /** In how many operations some line told this. */
  told: Record<Told, number>
}

/** What is known of a log's format: bounded, however long the log. */
export interface Profile {
  dialect: string
  dialectVersion: number
  lines: number
  /** Lines that those which were looked at stand for: about all. Shares of lines are shares of these. */
  looked: number
  understood: number
  coloured: number
  json: number
  /** Lines that end in spaces, and in a carriage return. */
  trailing: { space: number; return: number }
  streams: Record<Stream, number>
  /** False for a plain log, which does not tell where its lines came out. */
  streamsKnown: boolean
  /** Writing of the time stamps: lines of each. */
  times: Map<string, number>
  levels: Map<string, number>
  shapes: readonly Shape[]
  /** Kinds of lines beyond the limit; not compared. */
  shapesDropped: number
  opcodes: Map<string, OpcodeProfile>
  /** Operations of each opcode and outcome. */
  contexts: Map<string, number>
  /** Outcomes of each failed opcode and path: [failed, outcome not known, ok]. */
  outcomes: Map<string, [number, number, number]>
  operations: number
  /** Requests that the kernel's own events show, by opcode; empty without them. */
  kernel: Map<string, number>
  /** Lines `close`, `enter`, `exit`, `new` of spans. */
  spanEvents: number
}

export function emptyOpcode(): OpcodeProfile {
  return {
    count: 0,
    path: 0,
    newPath: 0,
    name: 0,
    pid: 0,
    unique: 0,
    endedBy: { reply: 0, span: 0, wire: 0, 'last-event': 0, 'next-request': 0, none: 0 },
    status: { ok: 0, error: 0, unknown: 0, unfinished: 0 },
    errno: 0,
    doubled: 0,
    told: {
      request: 0,
      reply: 0,
      name: 0,
      newName: 0,
      target: 0,
      xattr: 0,
      pid: 0,
      unique: 0,
      node: 0,
      child: 0,
      status: 0,
      errno: 0,
    },
  }
}
