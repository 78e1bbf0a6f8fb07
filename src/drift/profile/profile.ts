import type { Shape } from '../../template/shape.js'
import { Contract } from './contract.js'

/** What is known of a log: what it reports of each opcode, and the kinds of its lines. Bounded, however long the log. */
export interface Profile {
  dialect: string
  lines: number
  understood: number
  /** What the log reports, counted exactly. */
  contract: Contract
  /** Lines that those which were cut into pieces stand for: about all. Shares of lines are shares of these. */
  sampled: number
  coloured: number
  json: number
  /** Lines that end in spaces, and in a carriage return. */
  trailing: { space: number; return: number }
  /** False for a plain log, which does not show where its lines came out. */
  streamsKnown: boolean
  levels: Map<string, number>
  /** Kinds of lines, up to a limit. */
  shapes: readonly Shape[]
  /** Operations of each opcode and outcome whose lines were compared. */
  contexts: Map<string, number>
  /** Requests that the kernel's own events or the wire beside the log show, by opcode; empty without them. */
  witnessed: Map<string, number>
  /** Calls of the workload that must have caused a request, by opcode; empty where they are not recorded. */
  called: Map<string, number>
  /** What is wrong with the file, and what was lost when it was recorded, in words; empty for a whole one. */
  damage: string[]
}

export const emptyProfile = (streamsKnown: boolean): Profile => ({
  dialect: 'none',
  lines: 0,
  understood: 0,
  contract: new Contract(),
  sampled: 0,
  coloured: 0,
  json: 0,
  trailing: { space: 0, return: 0 },
  streamsKnown,
  levels: new Map(),
  shapes: [],
  contexts: new Map(),
  witnessed: new Map(),
  called: new Map(),
  damage: [],
})
