import { type Child, el, fill } from './dom.js'
import type { Recording } from './recording.js'
import { summaryOf } from './summary.js'

export interface HeadOptions {
  readonly recordings: readonly Recording[]
  readonly comparing: boolean
  onPick(recording: number): void
  onTheme(): void
  onHelp(): void
}

/** The top of the page: of which recording it is, in a line. */
export class Head {
  readonly element: HTMLElement
  readonly #options: HeadOptions
  readonly #summaries: HTMLElement = el('div', { class: 'summaries' })

  constructor(options: HeadOptions) {
    this.#options = options
    const button = (name: string, title: string, onclick: () => void): HTMLElement =>
      el('button', { type: 'button', class: 'quiet', title, onclick }, name)
    const buttons = el(
      'div',
      { class: 'buttons' },
      button('Theme', 'light, dark, or as the system has it (t)', () => options.onTheme()),
      button('Keys', 'what the keys do (?)', () => options.onHelp()),
    )
    this.element = el('header', {}, el('h1', {}, 'fusetrace'), this.#summaries, buttons)
  }

  /** @param shown number of the recording that is shown, where they are not compared */
  show(shown: number): void {
    const { recordings, comparing } = this.#options
    const rows = comparing ? recordings : recordings.slice(shown, shown + 1)
    const picked = recordings.length > rows.length
    const one = (recording: Recording, i: number): HTMLElement =>
      el(
        'div',
        { class: 'summary' },
        comparing && el('b', { class: i === 0 ? 'which first' : 'which second' }, i === 0 ? '−' : '+'),
        !picked && el('strong', { title: recording.data.name }, recording.data.name),
        ...summaryOf(recording),
      )
    fill(this.#summaries, picked && this.#picker(shown), ...rows.map(one))
  }

  #picker(shown: number): Child {
    const options = this.#options.recordings.map(({ data }, i) =>
      el('option', { value: i, selected: i === shown }, data.name),
    )
    const select = el('select', { 'aria-label': 'recording' }, ...options)
    select.addEventListener('change', () => this.#options.onPick(Number(select.value)))
    return select
  }
}
