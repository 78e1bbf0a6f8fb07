import type { Raw } from '../line/line.js'
import { encode } from '../line/text.js'

/** The raw bytes of an operation's text: of its twin with the exact bytes where there is one. */
export function rawOf(text: string | null, bytes: string | undefined): Raw | null {
  if (bytes !== undefined) return Buffer.from(bytes, 'base64').toString('latin1')
  return text === null ? null : encode(text)
}
