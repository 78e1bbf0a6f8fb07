import { decode } from '../line/text.js'
import type { Operation } from '../operation/operation.js'
import { ASKING, isOwn } from '../operation/own.js'
import type { RecordingReader } from './reader.js'
import type { CallRow } from './row.js'

/** Probes and calls that are remembered; a recording with more shows the rest as the test's. */
const MAX_KEPT = 100_000

/** A time in which fusetrace asked for a path. */
interface Asked {
  readonly path: string
  readonly fromNs: number
  readonly toNs: number
}

/**
 * Distinguishes the requests that fusetrace itself made (fences, probes, the first request after the mount) from those of the test or
 * workload. Where the log shows process ids, by the id of the process that looks up fences; else by what was asked when.
 */
export class OwnRequests {
  /** The test's own calls, in order of their begin. */
  readonly calls: CallRow[] = []
  readonly #pids = new Set<number>()
  readonly #asked = new Map<string, Asked[]>()

  /** Reads what is needed of a recording, once; of a pipe nothing, and only the names of fences show them. */
  constructor(reader: RecordingReader) {
    if (!reader.seekable) return
    const isTest = reader.header.origin === 'test'
    let readyFromNs: number | null = null
    let latestNs = 0
    for (const row of reader.rows({ kinds: ['operation', 'probe', 'call', 'mount', 'mark'] })) {
      if (row.kind === 'operation') {
        const { pid } = row.operation
        if (isOwn(row.operation) && pid !== null && pid > 0) this.#pids.add(pid)
      } else if (row.kind === 'call') {
        if (this.calls.length < MAX_KEPT) this.calls.push(row)
        latestNs = row.endNs
      } else if (row.kind === 'mount') {
        if (row.event === 'mountinfo') readyFromNs = row.atNs
        if (row.event === 'answered' && readyFromNs !== null) this.#add('/', readyFromNs, row.atNs)
        latestNs = row.atNs
      } else if (row.kind === 'probe') {
        // When a probe began is not recorded: not before what the test did last.
        const [path] = row.args
        if (isTest && path !== undefined) this.#add(decode(path).text, latestNs, row.atNs)
      } else if (row.kind === 'mark') latestNs = Math.max(latestNs, row.atNs)
    }
    this.calls.sort((a, b) => a.beginNs - b.beginNs)
  }

  /** Whether fusetrace made this request. */
  has(operation: Operation): boolean {
    const { path, pid, opcode, startNs } = operation
    if (isOwn(operation)) return true
    if (path === null || !ASKING.has(opcode)) return false
    if (pid !== null && this.#pids.has(pid)) return true
    const asked = this.#asked.get(path)?.some(({ fromNs, toNs }) => startNs > fromNs && startNs <= toNs)
    return asked === true && !this.#calling(startNs)
  }

  #add(path: string, fromNs: number, toNs: number): void {
    const all = this.#asked.get(path) ?? []
    if (all.length >= MAX_KEPT) return
    all.push({ path, fromNs, toNs })
    if (all.length === 1 && this.#asked.size < MAX_KEPT) this.#asked.set(path, all)
  }

  /** Whether a call of the test's was under way: then it may have made the request. */
  #calling(atNs: number): boolean {
    return this.calls.some(({ beginNs, endNs }) => beginNs <= atNs && atNs <= endNs)
  }
}
