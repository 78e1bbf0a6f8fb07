import type { Raw } from '../../line/line.js'
import { type TracingEvent, WARN } from './event.js'
import { innerPaths, type Open } from './open.js'
import { fitPaths, Handles, type Paths } from './paths.js'
import { branchOf, countsBytes, lastPathOf, type Outcome, outcomeOf, pathsOf, quoteOf, resolvedPaths } from './words.js'

const MAX_PLACES = 4096
const MAX_BRANCHES = 64

/** Requests with the handle of a file; those of directories are counted apart. */
const ON_FILES = new Set(['read', 'write', 'flush', 'release', 'fsync', 'fallocate', 'lseek'])

/** What the messages of a log show of its requests, and what they show of the log itself. */
export class Reported {
  readonly #handles = new Handles()
  /** Directories that paths of the mount do not begin with. */
  readonly #branches = new Set<Raw>()
  /** Places in the source that show a success, and places that only seem to. */
  readonly #successes = new Map<Raw, Outcome | null>()

  #paths = 0

  /** How many paths the log's words showed. */
  get pathsReported(): number {
    return this.#paths
  }

  /**
   * The path that a file handle was opened with, when it is used for the first time. Numbers of handles are used again,
   * so that with the next open all are forgotten.
   */
  handle(opcode: string, handle: string | null): Paths | null {
    if (opcode === 'open' || opcode === 'opendir') this.#handles.clear()
    if (!ON_FILES.has(opcode)) return null
    const path = this.#handles.use(handle)
    return path === null ? null : { path }
  }

  /** The outcome in an event's words. A place in the source says the same of a success every time. */
  outcome(open: Open, event: TracingEvent): Outcome | null {
    const { message } = event
    if (event.level >= WARN) return outcomeOf(event, open.opcode)
    if (event.inner !== '' || !message.includes('uccess')) {
      const may = message.startsWith(open.opcode) || countsBytes(message, open.opcode)
      return may ? outcomeOf(event, open.opcode) : null
    }
    let outcome = this.#successes.get(event.site)
    if (outcome === undefined) {
      outcome = outcomeOf(event, open.opcode)
      if (this.#successes.size < MAX_PLACES) this.#successes.set(event.site, outcome)
    }
    return outcome
  }

  /** Paths in an event's words that fit what is known of the request. */
  paths(open: Open, event: TracingEvent): Paths | null {
    const { message } = event
    const quote = quoteOf(message)
    if (quote >= 0) {
      const branch = branchOf(message, quote)
      if (branch !== null && this.#branches.size < MAX_BRANCHES) this.#branches.add(branch)
      if (event.inner === '') this.#handles.learn(open.opcode, message)
    }
    if (open.pathReported) return null
    const resolved = message.startsWith('Resolved paths') ? (resolvedPaths(message) ?? pathsOf(message, quote)) : null
    const reported = resolved ?? (event.inner !== '' ? innerPaths(event) : quote >= 0 ? pathsOf(message, quote) : null)
    return reported && this.fit(open, reported)
  }

  /** A path without quotes at the end of a message; it may go on in the next line. */
  loosePath(open: Open, event: TracingEvent): Raw | null {
    return open.pathReported || event.inner !== '' ? null : lastPathOf(event.message)
  }

  /** Paths when they fit what is known of the request. */
  fit(open: Open, reported: Paths): Paths | null {
    const facts = fitPaths(open.opcode, open.facts, reported, this.#branches)
    if (facts) {
      open.pathReported = true
      this.#paths++
    }
    return facts
  }
}
