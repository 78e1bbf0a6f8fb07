import type { Raw } from '../../line/line.js'
import type { NodeId } from '../core/dialect.js'
import { GO, type Quoted, unquote } from './quoted.js'

/** A string in Go's quotes (`%q`) whose opening quote is at `at`; null when there is no whole one. */
export const goQuoted = (raw: Raw, at: number): Quoted | null => unquote(raw, at, GO)

/** A number as Go prints it, `0x1f` or `31`, as a canonical decimal node id. Null when it is none. */
export function nodeIdOf(text: string): NodeId | null {
  if (!/^(?:0x[0-9a-f]{1,16}|\d{1,20})$/.test(text)) return null
  return text.length <= 15 ? String(Number(text)) : BigInt(text).toString()
}
