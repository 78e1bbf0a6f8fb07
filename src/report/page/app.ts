import type { PageComparison } from '../page-data.js'
import { about } from './about.js'
import { type Actions, eventDetail, operationDetail } from './detail.js'
import { el, fill } from './dom.js'
import { EventsView } from './events-view.js'
import { choosesOperations, type Filter, operationTest } from './filter.js'
import { keysOf } from './key-map.js'
import { keyHelp, listenToKeys } from './keys.js'
import { showLatencies } from './latency.js'
import { markedText } from './log-lines.js'
import { LogView } from './log-view.js'
import { type Chosen, type Moment, readMoment, TABS, type Tab, writeMoment } from './moment.js'
import { pairDetail } from './pair-detail.js'
import type { Recording } from './recording.js'
import { Strip } from './strip.js'
import { summaryOf } from './summary.js'
import { nextTheme } from './theme.js'
import { Timeline } from './timeline.js'
import { duration, seconds } from './times.js'
import { Toolbar } from './toolbar.js'

const TAB_NAMES: Readonly<Record<Tab, string>> = { events: 'Events', latency: 'Latency', log: 'Log', about: 'About' }

/** The page: what is chosen and shown, and the parts that show it. */
export class App {
  readonly element: HTMLElement
  readonly toolbar: Toolbar
  readonly events: EventsView
  readonly log: LogView
  readonly help: HTMLDialogElement
  timeline: Timeline
  readonly #recordings: readonly Recording[]
  readonly #comparison: PageComparison | null
  readonly #moment: Moment
  readonly #count: HTMLElement = el('output', { class: 'count', 'aria-live': 'polite' })
  readonly #detail: HTMLElement = el('aside', { class: 'detail', 'aria-label': 'details', tabindex: 0, hidden: true })
  readonly #panels: Readonly<Record<Tab, HTMLElement>>
  readonly #tabs: Readonly<Record<Tab, HTMLButtonElement>>
  readonly #timelinePlace: HTMLElement = el('div')
  readonly #summary: HTMLElement = el('div', { class: 'summaries' })
  readonly #actions: Actions = {
    showOperation: (recording, i) => this.#choose(recording, { kind: 'op', number: recording.id[i] ?? 0 }),
    showEvent: (recording, place) => this.#choose(recording, { kind: 'event', number: place }),
    showLine: (recording, line) => this.#choose(recording, { kind: 'line', number: line + 1 }),
  }

  constructor(recordings: readonly Recording[], comparison: PageComparison | null) {
    this.#recordings = recordings
    this.#comparison = comparison
    this.#moment = readMoment(location.hash)
    this.#moment.recording = Math.min(this.#moment.recording, recordings.length - 1)
    this.toolbar = new Toolbar({ recordings, onFilter: (filter) => this.#filter(filter) })
    this.events = new EventsView(recordings, comparison, {
      onChoose: (chosen) => this.#choose(this.recording, chosen),
      onScroll: () => this.timeline.refresh(),
    })
    this.log = new LogView(
      this.recording,
      (line) => this.#choose(this.recording, { kind: 'line', number: line + 1 }),
      (text) => this.#showCount('log', text),
    )
    this.timeline = this.#makeTimeline()
    const keys = keysOf(this)
    this.help = keyHelp(keys)
    listenToKeys(keys)
    const panel = (tab: Tab, ...children: HTMLElement[]): HTMLElement =>
      el('div', { class: `panel ${tab}`, id: `panel-${tab}`, role: 'tabpanel', 'aria-label': TAB_NAMES[tab] }, ...children)
    this.#panels = {
      events: panel('events', ...this.events.elements),
      latency: panel('latency'),
      log: panel('log', this.log.list.element),
      about: panel('about'),
    }
    for (const tab of ['latency', 'about'] as const) this.#panels[tab].tabIndex = 0
    const tabs = TABS.map((tab) => [tab, el('button', { type: 'button', role: 'tab', 'aria-controls': `panel-${tab}`, onclick: () => this.showTab(tab) }, TAB_NAMES[tab])] as const)
    this.#tabs = Object.fromEntries(tabs) as Record<Tab, HTMLButtonElement>
    this.element = el(
      'div',
      { class: comparison ? 'app comparing' : 'app' },
      this.#header(),
      this.#timelinePlace,
      el(
        'nav',
        { class: 'bar', 'aria-label': 'view' },
        el('div', { role: 'tablist', 'aria-label': 'view' }, ...tabs.map(([, button]) => button)),
        this.toolbar.element,
        comparison && this.#differenceControls(),
        this.#count,
      ),
      el('main', {}, ...TABS.map((tab) => this.#panels[tab]), this.#detail),
      this.help,
    )
    addEventListener('hashchange', () => this.#fromAddress())
  }

  /** The recording that is shown; of two that are compared, the one that something was last chosen of. */
  get recording(): Recording {
    return this.#recordings[this.#moment.recording] as Recording
  }

  get tab(): Tab {
    return this.#moment.tab
  }

  /** Shows what the address says, or what matters most. */
  open(): void {
    this.toolbar.set(this.#moment.filter)
    this.#showRecording()
    const { chosen, at } = this.#moment
    if (chosen === null && at !== null) {
      const i = Math.min(this.recording.count - 1, this.recording.firstFrom(at * 1e9))
      if (i >= 0 && this.#comparison === null) this.#moment.chosen = { kind: 'op', number: this.recording.id[i] ?? 0 }
    }
    const first = this.#comparison?.first ?? -1
    if (chosen === null && at === null && first >= 0) this.#moment.chosen = { kind: 'pair', number: first }
    this.showTab(this.#moment.tab)
    if (this.#moment.chosen !== null) this.#choose(this.recording, this.#moment.chosen)
  }

  /** A recording's lines have been unpacked. */
  linesCame(recording: Recording): void {
    if (recording === this.recording) this.log.show(recording)
    if (this.#moment.chosen !== null && this.#detail.querySelector('[data-waits]')) this.#showDetail(this.#moment.chosen)
    else if (this.#moment.chosen?.kind === 'line') this.#choose(this.recording, this.#moment.chosen)
  }

  showTab(tab: Tab): void {
    this.#moment.tab = tab
    for (const name of TABS) {
      const shown = name === tab
      this.#panels[name].hidden = !shown
      this.#tabs[name].setAttribute('aria-selected', String(shown))
      this.#tabs[name].tabIndex = shown ? 0 : -1
    }
    this.#refresh()
    this.#toAddress()
  }

  /** The list that keys move in. */
  get list(): { move(by: number): void; select(index: number, notify?: boolean): void; reveal(index: number): void; readonly visible: number; readonly count: number; readonly element: HTMLElement } {
    return this.#moment.tab === 'log' ? this.log.list : this.events.list
  }

  /** Goes to the next row that is wanted. */
  jump(wanted: 'bad' | 'step' | 'difference', by: 1 | -1): void {
    if (this.#moment.tab !== 'events') this.showTab('events')
    this.events.jump(wanted, by)
  }

  clear(): void {
    if (this.help.open) this.help.close()
    else if (document.activeElement instanceof HTMLInputElement) document.activeElement.blur()
    else if (!this.#detail.hidden) this.#closeDetail()
    else this.toolbar.clear()
  }

  #header(): HTMLElement {
    const theme = el('button', { type: 'button', class: 'quiet', title: 'light, dark or as the system has it (t)' }, 'Theme')
    theme.addEventListener('click', () => this.theme())
    const help = el('button', { type: 'button', class: 'quiet', onclick: () => this.help.showModal() }, 'Keys')
    return el('header', {}, el('h1', {}, 'fusetrace'), this.#summary, el('div', { class: 'buttons' }, theme, help))
  }

  theme(): void {
    nextTheme()
    this.timeline.refresh()
    this.#refresh()
  }

  #differenceControls(): HTMLElement {
    const only = el('input', { type: 'checkbox', id: 'only', ...(this.#moment.onlyDifferences && { checked: true }) })
    only.addEventListener('change', () => {
      this.#moment.onlyDifferences = only.checked
      this.#refresh()
      this.#toAddress()
    })
    const go = (by: 1 | -1): void => this.jump('difference', by)
    return el(
      'div',
      { class: 'differences' },
      el('button', { type: 'button', onclick: () => go(-1), title: 'previous difference (D)' }, '↑'),
      el('button', { type: 'button', onclick: () => go(1), title: 'next difference (d)' }, '↓ difference'),
      el('label', { class: 'check' }, only, 'only these'),
    )
  }

  #makeTimeline(): Timeline {
    const recordings = this.#comparison ? this.#recordings : [this.recording]
    const strips = recordings.map((recording, i) => new Strip(recording, this.#comparison ? ['first', 'second'][i] ?? '' : ''))
    const timeline = new Timeline({
      strips,
      label: `timeline of ${recordings.map(({ data, endNs }) => `${data.name}, ${duration(endNs)}`).join(' and ')}`,
      marks: (index) => this.events.marks(recordings[index] as Recording),
      onPick: (index, i) => {
        const recording = recordings[index] as Recording
        this.#choose(recording, { kind: 'op', number: recording.id[i] ?? 0 })
      },
    })
    this.#timelinePlace.replaceChildren(timeline.element)
    return timeline
  }

  #showRecording(): void {
    const one = (recording: Recording, i: number): HTMLElement => {
      const mark = this.#comparison ? el('b', { class: i === 0 ? 'which first' : 'which second' }, i === 0 ? '−' : '+') : null
      return el('div', { class: 'summary' }, mark, el('strong', { title: recording.data.name }, recording.data.name), ...summaryOf(recording))
    }
    const shown = this.#comparison ? this.#recordings : [this.recording]
    fill(this.#summary, this.#recordings.length > shown.length ? this.#picker() : null, ...shown.map(one))
    if (this.#comparison === null) this.timeline = this.#makeTimeline()
    this.events.show(this.recording)
    this.log.show(this.recording)
  }

  #picker(): HTMLElement {
    const options = this.#recordings.map(({ data }, i) => el('option', { value: i, ...(i === this.#moment.recording && { selected: true }) }, data.name))
    const select = el('select', { 'aria-label': 'recording' }, ...options)
    select.addEventListener('change', () => {
      this.#moment.recording = Number(select.value)
      this.#moment.chosen = null
      this.#closeDetail()
      this.#showRecording()
      this.#refresh()
    })
    return select
  }

  #filter(filter: Filter): void {
    this.#moment.filter = filter
    this.#refresh()
    this.#toAddress()
  }

  /** Shows what passes the filter, in the view that is shown. */
  #refresh(): void {
    const { tab, filter, onlyDifferences } = this.#moment
    this.events.filter(filter, onlyDifferences)
    if (tab === 'events') this.#showCount('events', this.events.countText(choosesOperations(filter) || filter.q !== ''))
    if (tab === 'log') this.log.search(filter.q)
    if (tab === 'latency') {
      const shown = this.#comparison ? this.#recordings : [this.recording]
      const of = shown.map((recording) => ({ recording, passes: operationTest(recording, filter) }))
      showLatencies(this.#panels.latency, of, (opcode) => {
        this.toolbar.choose('opcode', opcode)
        this.showTab('events')
      })
      this.#showCount('latency', '')
    }
    if (tab === 'about') {
      fill(this.#panels.about, ...(this.#comparison ? this.#recordings : [this.recording]).map(about))
      this.#showCount('about', '')
    }
    this.timeline.refresh()
  }

  #showCount(tab: Tab, text: string): void {
    if (this.#moment.tab === tab) this.#count.textContent = text
  }

  #choose(recording: Recording, chosen: Chosen): void {
    if (chosen.kind !== 'pair') this.#moment.recording = Math.max(0, this.#recordings.indexOf(recording))
    this.#moment.chosen = chosen
    const tab = chosen.kind === 'line' ? 'log' : 'events'
    if (this.#moment.tab !== tab) this.showTab(tab)
    if (chosen.kind === 'line') {
      if (recording.lines !== null) {
        if (this.#comparison) this.log.show(recording)
        if (!this.log.reveal(chosen.number - 1)) {
          this.toolbar.clear()
          this.log.reveal(chosen.number - 1)
        }
      }
    } else if (!this.events.reveal(recording, chosen)) {
      // It does not pass the filter: whoever asks for it wants to see it.
      this.toolbar.clear()
      this.events.reveal(recording, chosen)
    }
    this.#showDetail(chosen)
    this.#toAddress()
    const at = this.events.timeOf(recording, chosen)
    if (at !== null) this.timeline.reveal(at)
  }

  #showDetail({ kind, number }: Chosen): void {
    const recording = this.recording
    const close = el('button', { type: 'button', class: 'close quiet', 'aria-label': 'close details', onclick: () => this.#closeDetail() }, '×')
    const [a, b] = this.#recordings
    const event = recording.data.events[number]
    const children =
      kind === 'op' && recording.place(number) >= 0
        ? operationDetail(recording, recording.place(number), this.#actions)
        : kind === 'event' && event
          ? eventDetail(recording, event, this.#actions)
          : kind === 'pair' && a && b && this.#comparison
            ? pairDetail(this.#comparison, [a, b], number, this.#actions)
            : kind === 'line'
              ? this.#lineDetail(recording, number - 1)
              : null
    this.#detail.hidden = children === null
    if (children !== null) fill(this.#detail, close, ...children)
    this.#detail.scrollTop = 0
  }

  #lineDetail(recording: Recording, line: number): HTMLElement[] {
    const about: HTMLElement[] = []
    for (let i = 0; i < recording.count && about.length < 50; i++) {
      const range = recording.linesOf(i)
      if (range === null || range[0] > line || range[1] < line) continue
      const text = `#${recording.id[i]} ${recording.opcode(i)} ${recording.subject(i)} ${recording.outcome(i)}`
      about.push(el('li', {}, el('button', { type: 'button', class: 'link', onclick: () => this.#actions.showOperation(recording, i) }, text)))
    }
    return [
      el('h2', {}, `line ${line + 1}`, el('span', { class: 'dim' }, ` at ${seconds(recording.lineTimes[line] ?? 0)} s`)),
      el('p', { class: 'what whole' }, markedText(recording.lines?.[line] ?? '', null, 20_000)),
      el('h3', {}, 'Operations under way'),
      about.length > 0 ? el('ul', {}, ...about) : el('p', { class: 'dim' }, 'None.'),
    ]
  }

  #closeDetail(): void {
    this.#detail.hidden = true
    this.#moment.chosen = null
    this.events.list.element.focus()
    this.#toAddress()
  }

  #toAddress(): void {
    const hash = writeMoment(this.#moment)
    try {
      history.replaceState(null, '', hash === '' ? location.pathname + location.search : `#${hash}`)
    } catch {
      // A page from disk may not be allowed to; it works without.
    }
  }

  #fromAddress(): void {
    Object.assign(this.#moment, readMoment(location.hash))
    this.#moment.recording = Math.min(this.#moment.recording, this.#recordings.length - 1)
    this.open()
  }
}
