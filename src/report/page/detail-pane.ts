import type { PageComparison } from '../page-data.js'
import { type Actions, eventDetail, operationDetail } from './detail.js'
import { type Child, el, fill } from './dom.js'
import { markedText } from './log-lines.js'
import type { Chosen } from './moment.js'
import { pairDetail } from './pair-detail.js'
import type { Recording } from './recording.js'
import { seconds } from './times.js'

/** Operations that are named of one line. */
const MAX_NAMED = 50
/** Characters of a line that stands alone. */
const MAX_LINE = 20_000

/** What is known of what is chosen. */
export class DetailPane {
  readonly element: HTMLElement = el('aside', {
    class: 'detail',
    'aria-label': 'details',
    tabindex: 0,
    hidden: true,
  })
  readonly #recordings: readonly Recording[]
  readonly #comparison: PageComparison | null
  readonly #actions: Actions
  readonly #onClose: () => void

  constructor(
    recordings: readonly Recording[],
    comparison: PageComparison | null,
    actions: Actions,
    onClose: () => void,
  ) {
    this.#recordings = recordings
    this.#comparison = comparison
    this.#actions = actions
    this.#onClose = onClose
  }

  get open(): boolean {
    return !this.element.hidden
  }

  /** Whether it shows that the log has still to be unpacked. */
  get waitsForLines(): boolean {
    return this.element.querySelector('[data-waits]') !== null
  }

  hide(): void {
    this.element.hidden = true
  }

  show(recording: Recording, chosen: Chosen): void {
    const onclick = (): void => this.#onClose()
    const close = el('button', { type: 'button', class: 'close quiet', 'aria-label': 'close details', onclick }, '×')
    const children = this.#children(recording, chosen)
    this.element.hidden = children === null
    if (children !== null) fill(this.element, close, ...children)
    this.element.scrollTop = 0
  }

  #children(recording: Recording, { kind, number }: Chosen): Child[] | null {
    const [a, b] = this.#recordings
    const event = recording.data.events[number]
    if (kind === 'line') return this.#line(recording, number - 1)
    if (kind === 'event') return event ? eventDetail(recording, event, this.#actions) : null
    if (kind === 'pair') {
      const known = this.#comparison?.kind[number] !== undefined
      return known && a && b && this.#comparison ? pairDetail(this.#comparison, [a, b], number, this.#actions) : null
    }
    const place = recording.place(number)
    return place < 0 ? null : operationDetail(recording, place, this.#actions)
  }

  #line(recording: Recording, line: number): Child[] | null {
    const text = recording.lines?.[line]
    if (text === undefined) return null
    const about: HTMLElement[] = []
    for (let i = 0; i < recording.count && about.length < MAX_NAMED; i++) {
      const range = recording.linesOf(i)
      if (range === null || range[0] > line || range[1] < line) continue
      const name = `#${recording.id[i]} ${recording.opcode(i)} ${recording.subject(i)} ${recording.outcome(i)}`
      const onclick = (): void => this.#actions.showOperation(recording, i)
      about.push(el('li', {}, el('button', { type: 'button', class: 'link', onclick }, name)))
    }
    const time = ` at ${seconds(recording.lineTimes[line] ?? 0)} s`
    return [
      el('h2', {}, `line ${line + 1}`, el('span', { class: 'dim' }, time)),
      el('p', { class: 'what' }, markedText(text, null, MAX_LINE)),
      el('h3', {}, 'Operations under way'),
      about.length > 0 ? el('ul', {}, ...about) : el('p', { class: 'dim' }, 'None.'),
    ]
  }
}
