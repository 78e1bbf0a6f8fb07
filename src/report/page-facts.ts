import { printable } from '../line/text.js'
import type { RecordingReader } from '../recording/reader.js'
import type { Row } from '../recording/row.js'
import { duration } from './format.js'

const ORIGINS = { record: 'by fusetrace record', import: 'from a saved log', test: 'by a test' } as const

/** What a recording is, in names and words; what is not known is left out. */
export function factsOf(
  reader: RecordingReader,
  counts: Readonly<Record<Row['kind'], number>>,
  durationNs: number,
): [string, string][] {
  const { header } = reader
  const { kernel, originWallNs } = header
  const unparsed = reader.footer?.unparsed
  const count = (kind: Row['kind'], what: string): string | null =>
    counts[kind] > 0 ? `${counts[kind]} ${what}` : null
  const environment = Object.entries(header.environment).map(([name, value]) => `${name}=${value}`)
  const facts: [string, string | null][] = [
    ['recorded', `${ORIGINS[header.origin]}, fusetrace ${header.fusetraceVersion}, Node ${header.nodeVersion}`],
    ['at', originWallNs === null ? null : new Date(Number(originWallNs / 1_000_000n)).toISOString()],
    ['kernel', kernel === null ? null : `Linux ${kernel}`],
    ['command', header.command?.join(' ') ?? null],
    ['environment', environment.length > 0 ? environment.join(' ') : null],
    ['mountpoint', header.mountpoint],
    ['branches', header.branches.length > 0 ? header.branches.join(', ') : null],
    ['daemon', header.daemonVersion],
    ['dialect', `${header.dialect} (version ${header.dialectVersion})`],
    ['duration', duration(durationNs)],
    ['lines', `${counts.line}${unparsed === undefined ? '' : `, ${unparsed} not understood`}`],
    ['operations', String(counts.operation)],
    ['kernel events', count('kernel', 'events')],
    ['messages', counts.request > 0 ? `${counts.request} requests, ${counts.reply} replies` : null],
    ['calls', count('call', 'calls of the test')],
    ['waits', count('wait', 'waits')],
    ['probes', count('probe', 'probes')],
    ['faults', count('fault', 'faults met a request')],
  ]
  return facts.flatMap(([name, value]) => (value === null ? [] : [[name, printable(value)] as [string, string]]))
}
