// Not from wire/index: whoever reads names needs none of the layouts, which take ten milliseconds to be made ready.
import { MESSAGES } from '../../wire/messages.js'
import { isUnanswered, requestName, requestNumber } from '../../wire/opcodes.js'

/** The kernel's name of a request, in lower case without `FUSE_`. */
export type Opcode = keyof typeof MESSAGES

/** The kernel's names of all requests. */
export const OPCODE_NAMES: readonly string[] = Object.keys(MESSAGES)

/** By the name without underscores and case: `BatchForget`, `BATCHFORGET` and `batch_forget` are one. */
const LOOSE = new Map(OPCODE_NAMES.map((name) => [name.replaceAll('_', ''), name]))

/** The kernel's name of a request number; `opcode_N` where it has none. */
export function opcodeName(number: number): string {
  return requestName(number)
}

/** The number of a request by the kernel's name, or `opcode_N`; null when it has none. */
export function opcodeNumber(name: string): number | null {
  return requestNumber(name)
}

/** The kernel's name for what a log calls a request, in whatever case and with or without underscores; null when unknown. */
export function opcodeOf(word: string): string | null {
  const loose = word.replaceAll('_', '').toLowerCase()
  return LOOSE.get(loose) ?? (loose.startsWith('fuse') ? (LOOSE.get(loose.slice(4)) ?? null) : null)
}

/** Requests that the daemon does not answer. */
export const UNANSWERED: ReadonlySet<string> = new Set(OPCODE_NAMES.filter(isUnanswered))
