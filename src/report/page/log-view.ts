import { literalPattern } from '../../literal-pattern.js'
import { el, put } from './dom.js'
import { markedText } from './log-lines.js'
import { searchLines } from './log-search.js'
import type { Recording } from './recording.js'
import { counted, plural, seconds } from './times.js'
import { VirtualList } from './virtual-list.js'

const STREAMS = ['out', 'err', 'tty'] as const

/** The log as it was written, searched. */
export class LogView {
  readonly list: VirtualList
  #recording: Recording
  /** Lines that are shown; null: all. */
  #found: readonly number[] | null = null
  #pattern: RegExp | null = null
  #q = ''
  #end: () => void = () => undefined
  readonly #onCount: (text: string) => void

  constructor(recording: Recording, onSelect: (line: number) => void, onCount: (text: string) => void) {
    this.#recording = recording
    this.#onCount = onCount
    this.list = new VirtualList('log', {
      label: 'lines of the log',
      rowHeight: 20,
      render: (row, index) => this.#render(row, this.lineAt(index)),
      onSelect: (index) => onSelect(this.lineAt(index)),
    })
  }

  lineAt(index: number): number {
    return this.#found === null ? index : (this.#found[index] ?? 0)
  }

  show(recording: Recording): void {
    this.#recording = recording
    this.search(this.#q)
  }

  search(q: string): void {
    this.#end()
    this.#q = q
    const { lines } = this.#recording
    this.#pattern = q === '' ? null : new RegExp(literalPattern(q), q === q.toLowerCase() ? 'gi' : 'g')
    if (lines === null || q === '') {
      this.#found = null
      this.list.setCount(lines?.length ?? 0)
      this.#onCount(lines === null ? 'unpacking the log…' : plural(lines.length, 'line'))
      return
    }
    this.#found = []
    this.#end = searchLines(lines, q, (found, done) => {
      this.#found = found
      this.list.setCount(found.length, this.list.selected)
      this.#onCount(`${counted(found.length)} of ${plural(lines.length, 'line')}${done ? '' : ' …'}`)
    })
  }

  /** Brings a line into view and chooses it; where it is filtered out, the search ends. */
  reveal(line: number): boolean {
    const index = this.#found === null ? line : this.#found.indexOf(line)
    if (index < 0) return false
    this.list.select(index)
    this.list.reveal(index, true)
    return true
  }

  #render(row: HTMLElement, line: number): void {
    const { lines, lineTimes, lineStreams } = this.#recording
    const stream = lineStreams[line] ?? 0
    row.classList.add('line')
    put(
      row,
      el('span', { class: 'number' }, String(line + 1)),
      el('span', { class: 'time' }, seconds(lineTimes[line] ?? 0)),
      el('span', { class: stream === 1 ? 'stream err' : 'stream' }, STREAMS[stream] ?? ''),
      markedText(inView(lines?.[line] ?? '', this.#pattern), this.#pattern),
    )
  }
}

/** Characters of a line that can be seen in any window, and how much of it is left before what was found. */
const SEEN = 110
const BEFORE = 50

/** A line from where something was found in it, when that is far from its begin. */
function inView(text: string, pattern: RegExp | null): string {
  const at = pattern === null ? -1 : text.search(pattern)
  return at < SEEN ? text : `…${text.slice(at - BEFORE)}`
}
