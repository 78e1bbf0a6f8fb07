import { decode } from '../line/text.js'
import type { RecordingReader } from '../recording/reader.js'

/** A daemon says what it is in its first lines, if at all. */
const MAX_LINES = 100
const VERSION = /\b((?:[A-Za-z][\w.-]{0,30} ){0,3}?)version[:=]?\s{1,3}"?v?(\d{1,5}\.\d{1,5}[\w.+-]{0,30})/i

/** What a daemon says of its version, or that of its library; null when it says nothing. */
export function daemonVersionIn(reader: RecordingReader): string | null {
  if (reader.header.daemonVersion !== null) return reader.header.daemonVersion
  if (!reader.seekable) return null
  let lines = 0
  for (const row of reader.rows({ kinds: ['line'] })) {
    if (row.kind !== 'line' || ++lines > MAX_LINES) break
    const [, name = '', version] = VERSION.exec(decode(row.raw.slice(0, 500)).text) ?? []
    if (version !== undefined) return `${name}${version}`
  }
  return null
}
