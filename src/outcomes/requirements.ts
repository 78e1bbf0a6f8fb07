import { closest } from '../closest.js'
import { errnoOfName } from '../dialect/core/errno.js'
import { OPCODE_NAMES, opcodeOf } from '../dialect/core/opcode.js'
import { FusetraceError } from '../errors.js'
import { printable } from '../line/text.js'
import type { Coverage } from './coverage.js'

/** What must have been seen: an opcode, or one of its outcomes. */
export interface Requirement {
  readonly text: string
  readonly opcode: string
  /** Null for any. `error`: any failure. */
  readonly outcome: string | null
}

const OUTCOMES = ['ok', 'error', 'none', 'unknown', 'unfinished']

/**
 * Reads `mkdir:EEXIST`, `rename`, `unlink:ok`, `write:error`.
 *
 * @throws FT_USAGE for an opcode or outcome that there is not
 */
export function readRequirement(text: string): Requirement {
  const [word = '', outcome, ...more] = text.trim().split(':')
  const opcode = opcodeOf(word) ?? (/^opcode_\d+$/.test(word) ? word : null)
  const refuse = (what: string, hint: string): FusetraceError =>
    new FusetraceError('FT_USAGE', `--require ${printable(text)}: ${what}`, { hint })
  if (opcode === null || more.length > 0) {
    const near = closest(word, OPCODE_NAMES)
    const hint =
      near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'write OPCODE or OPCODE:OUTCOME, as mkdir:EEXIST'
    throw refuse(`there is no opcode ${JSON.stringify(word)}`, hint)
  }
  if (outcome === undefined) return { text, opcode, outcome: null }
  const known = OUTCOMES.includes(outcome) ? outcome : errnoOfName(outcome)
  if (known !== null) return { text, opcode, outcome: known }
  throw refuse(`there is no outcome ${JSON.stringify(outcome)}`, `give ${OUTCOMES.join(', ')} or an errno`)
}

/** Whether it was seen. */
function isMet({ opcodes }: Coverage, { opcode, outcome }: Requirement): boolean {
  const seen = opcodes.find((one) => one.opcode === opcode || (opcode === 'rename' && one.opcode === 'rename2'))
  if (seen === undefined || outcome === null) return seen !== undefined
  if (outcome === 'error') return Object.keys(seen.outcomes).some((one) => one.startsWith('E') || one === 'error')
  return Object.hasOwn(seen.outcomes, outcome)
}

/** What a coverage is held to. */
export interface Thresholds {
  /** Least number of different opcodes. */
  readonly opcodes?: number
  /** Least number of different outcomes, over all opcodes. */
  readonly outcomes?: number
  readonly require?: readonly Requirement[]
}

/** What was missed, one line each. */
export function missed(coverage: Coverage, { opcodes, outcomes, require = [] }: Thresholds): string[] {
  const seen = coverage.opcodes.length
  const pairs = coverage.opcodes.reduce((sum, one) => sum + Object.keys(one.outcomes).length, 0)
  return [
    ...(opcodes !== undefined && seen < opcodes ? [`${seen} opcodes were seen, ${opcodes} are asked for`] : []),
    ...(outcomes !== undefined && pairs < outcomes ? [`${pairs} outcomes were seen, ${outcomes} are asked for`] : []),
    ...require.filter((one) => !isMet(coverage, one)).map(({ text }) => `${text} was never seen`),
  ]
}
