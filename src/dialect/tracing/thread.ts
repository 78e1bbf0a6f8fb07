import type { Raw } from '../../line/line.js'
import { has } from '../text/text.js'
import type { RequestSpan } from './event.js'

/** What the last event on a thread said of its spans, so that the same text need not be read again. */
export interface Thread {
  readonly name: Raw
  /** All from the thread's name to the end of the request's span, as it stood; empty when there was none. */
  lead: Raw
  span: RequestSpan | null
  /** `:file_ops::create_file{…}` after it. */
  innerPrefix: Raw
  inner: Raw
  innerFields: Raw
}

const MAX_THREADS = 1024
const fresh = (name: Raw): Thread => ({ name, lead: '', span: null, innerPrefix: '', inner: '', innerFields: '' })

/** The threads of a log by their names, empty where it shows none. */
export class Threads {
  readonly #threads = new Map<Raw, Thread>()
  current: Thread = fresh('')

  /** Finds the thread's name at `at`, makes that thread the current one, and returns where the name ends. */
  find(raw: Raw, at: number): number {
    const last = this.current.name
    if (last !== '' && raw.charCodeAt(at + last.length) === 32 && has(raw, last, at)) return at + last.length + 1
    let end = 0
    if (raw.startsWith('ThreadId(', at)) end = raw.indexOf(')', at) + 1
    else {
      const space = raw.indexOf(' ', at)
      const colon = raw.indexOf(':', at)
      // A name of a thread stands before the first span or target, which end in a colon or a brace.
      if (space >= 0 && space < colon) {
        const brace = raw.indexOf('{', at)
        const mark = raw.indexOf(': ', at)
        const token = brace >= 0 && (mark < 0 || brace < mark) ? brace : mark
        end = token < 0 ? 0 : raw.lastIndexOf(' ', token - 1)
        if (raw.startsWith('FUSE(', at)) end = 0
      }
    }
    if (end <= at || end - at > 80 || raw[end] !== ' ') {
      this.#use('')
      return at
    }
    this.#use(raw.slice(at, end))
    while (raw.charCodeAt(end) === 32) end++
    return end
  }

  #use(name: Raw): void {
    if (this.current.name === name) return
    let found = this.#threads.get(name)
    if (found === undefined) {
      if (this.#threads.size >= MAX_THREADS) this.#threads.clear()
      found = fresh(name)
      this.#threads.set(name, found)
    }
    this.current = found
  }
}
