import type { RecordingReader } from '../recording/reader.js'

/** A directory that fusetrace made for a test's run, where its mount or one of its branches is named. */
const RUN =
  /(\/[^\s"'\\,;()[\]{}<>=]{0,512}?\/fusetrace-[A-Za-z0-9]{6})\/(?:mount|branch\d+|own|run\.fusetrace)(?![\w-])/g
/** More are not looked for. */
const MAX_RUNS = 16
const MAX_BRANCHES = 64

/**
 * What recordings do not say of themselves: in which directories a test ran, by the lines and calls that name them; and whether they
 * hold messages with lengths in them.
 */
export function findRun(reader: RecordingReader): { directories: Record<string, string>; hasLengths: boolean } {
  const runs = new Map<string, number>()
  let hasLengths = false
  for (const row of reader.rows({ kinds: ['line', 'call', 'mount', 'operation', 'kernel'] })) {
    if (row.kind === 'kernel') hasLengths ||= row.details !== undefined
    if (reader.header.origin !== 'test') continue
    const text = row.kind === 'line' ? row.raw : JSON.stringify(row)
    if (!text.includes('/fusetrace-')) continue
    for (const [, run] of text.matchAll(RUN)) {
      if (run !== undefined && (runs.has(run) || runs.size < MAX_RUNS)) runs.set(run, (runs.get(run) ?? 0) + 1)
    }
  }
  const [run] = [...runs].sort(([, a], [, b]) => b - a)[0] ?? []
  if (run === undefined) return { directories: {}, hasLengths }
  const branches = Array.from(
    { length: Math.min(MAX_BRANCHES, Math.max(1, reader.header.branches.length)) },
    (_, i) => [`branch${i}`, `${run}/branch${i}`],
  )
  return { directories: { mount: `${run}/mount`, run, ...Object.fromEntries(branches) }, hasLengths }
}
