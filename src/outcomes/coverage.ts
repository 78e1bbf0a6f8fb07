import { OPCODE_NAMES } from '../dialect/core/opcode.js'
import type { Operation } from '../operation/operation.js'
import { OwnRequests } from '../recording/own-requests.js'
import type { RecordingReader } from '../recording/reader.js'
import { USUAL_ERRORS } from './usual.js'

/** What was seen of one opcode. */
export interface OpcodeCoverage {
  readonly opcode: string
  readonly count: number
  /** In how many recordings. */
  readonly recordings: number
  /**
   * How often each outcome was seen, most frequent first: `ok`, an errno, `none` (a lookup that found nothing, kept), `error` (which
   * one is not known), `unknown` and `unfinished`.
   */
  readonly outcomes: Readonly<Record<string, number>>
  /** Failures that such requests usually have, and that were not seen. */
  readonly never: readonly string[]
}

export interface Coverage {
  readonly recordings: number
  readonly operations: number
  /** Recordings that could not be read whole. */
  readonly incomplete: number
  /** In alphabetical order. */
  readonly opcodes: readonly OpcodeCoverage[]
  /** Requests of the protocol that were not seen. */
  readonly neverSeen: readonly string[]
}

/** Names that are kept; a log may have any. */
const MAX_OPCODES = 10_000

/** What test code hardly brings about: the kernel's own business, and devices. */
const RARE: ReadonlySet<string> = new Set([
  'cuse_init',
  'notify_reply',
  'setupmapping',
  'removemapping',
  'bmap',
  'syncfs',
])

/** Opcodes and their outcomes, over recordings. Requests of fusetrace itself are not counted. */
export class CoverageCount {
  readonly #opcodes = new Map<string, { count: number; recordings: number; outcomes: Map<string, number> }>()
  #recordings = 0
  #operations = 0
  #incomplete = 0

  /** Counts a recording. */
  add(reader: RecordingReader): void {
    const own = new OwnRequests(reader)
    const here = new Set<string>()
    for (const row of reader.rows({ kinds: ['operation'] })) {
      if (row.kind !== 'operation' || own.has(row.operation)) continue
      this.#count(row.operation, here)
    }
    this.#recordings++
    if (reader.problem !== null) this.#incomplete++
  }

  #count(operation: Operation, here: Set<string>): void {
    const { opcode } = operation
    let seen = this.#opcodes.get(opcode)
    if (seen === undefined) {
      if (this.#opcodes.size >= MAX_OPCODES) return
      seen = { count: 0, recordings: 0, outcomes: new Map() }
      this.#opcodes.set(opcode, seen)
    }
    this.#operations++
    seen.count++
    if (!here.has(opcode)) seen.recordings++
    here.add(opcode)
    const outcome = outcomeOf(operation)
    seen.outcomes.set(outcome, (seen.outcomes.get(outcome) ?? 0) + 1)
  }

  result(): Coverage {
    const opcodes = [...this.#opcodes]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([opcode, { count, recordings, outcomes }]) => ({
        opcode,
        count,
        recordings,
        outcomes: Object.fromEntries([...outcomes].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))),
        never: (USUAL_ERRORS[opcode] ?? []).filter(
          (errno) => !outcomes.has(errno) && !(errno === 'ENOENT' && outcomes.has('none')),
        ),
      }))
    return {
      recordings: this.#recordings,
      operations: this.#operations,
      incomplete: this.#incomplete,
      opcodes,
      neverSeen: OPCODE_NAMES.filter((opcode) => !this.#opcodes.has(opcode) && !RARE.has(opcode)),
    }
  }
}

function outcomeOf({ status, errno, negative }: Operation): string {
  if (status === 'error') return errno ?? 'error'
  return negative ? 'none' : status
}
