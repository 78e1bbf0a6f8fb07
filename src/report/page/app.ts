import type { PageComparison } from '../page-data.js'
import { about } from './about.js'
import type { Actions } from './detail.js'
import { DetailPane } from './detail-pane.js'
import { differenceControls } from './differences.js'
import { el, fill } from './dom.js'
import { isBad } from './event-rows.js'
import { EventsView } from './events-view.js'
import { choosesOperations, type Filter, operationTest } from './filter.js'
import { Head } from './head.js'
import { keysOf } from './key-map.js'
import { keyHelp, listenToKeys } from './keys.js'
import { showLatencies } from './latency.js'
import { LogView } from './log-view.js'
import { type Chosen, type Moment, readMoment, type Tab, writeMoment } from './moment.js'
import type { Recording } from './recording.js'
import { Strip } from './strip.js'
import { Tabs } from './tabs.js'
import { nextTheme } from './theme.js'
import { Timeline } from './timeline.js'
import { duration } from './times.js'
import { Toolbar } from './toolbar.js'
import type { VirtualList } from './virtual-list.js'

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
  #shown: Recording | null = null
  readonly #count: HTMLElement = el('output', { class: 'count', 'aria-live': 'polite' })
  readonly #detail: DetailPane
  readonly #head: Head
  readonly #tabs: Tabs
  readonly #timelinePlace: HTMLElement = el('div')
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
    this.#detail = new DetailPane(recordings, comparison, this.#actions, () => this.#closeDetail())
    this.#head = new Head({
      recordings,
      comparing: comparison !== null,
      onPick: (recording) => this.#pick(recording),
      onTheme: () => this.theme(),
      onHelp: () => this.help.showModal(),
    })
    this.timeline = this.#makeTimeline()
    const keys = keysOf(this)
    this.help = keyHelp(keys)
    listenToKeys(keys)
    this.#tabs = new Tabs({ events: this.events.elements, log: [this.log.list.element] }, (tab) => this.showTab(tab))
    const differences =
      comparison !== null &&
      differenceControls(
        this.#moment.onlyDifferences,
        (by) => this.jump('difference', by),
        (only) => this.#onlyDifferences(only),
      )
    this.element = el(
      'div',
      { class: comparison ? 'app comparing' : 'app' },
      this.#head.element,
      this.#timelinePlace,
      el(
        'nav',
        { class: 'bar', 'aria-label': 'view' },
        this.#tabs.element,
        this.toolbar.element,
        differences,
        this.#count,
      ),
      el('main', {}, ...Object.values(this.#tabs.panels), this.#detail.element),
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
    if (this.#shown !== this.recording) this.#showRecording()
    const { chosen, at } = this.#moment
    if (chosen === null && at !== null) {
      const i = Math.min(this.recording.count - 1, this.recording.firstFrom(at * 1e9))
      if (i >= 0) this.#moment.chosen = { kind: 'op', number: this.recording.id[i] ?? 0 }
    }
    if (chosen === null && at === null && this.tab === 'events') this.#moment.chosen = this.#whatMatters()
    this.showTab(this.#moment.tab)
    if (this.#moment.chosen === null) this.#detail.hide()
    else this.#choose(this.recording, this.#moment.chosen)
  }

  /** Of two recordings the first difference; of one the wait that failed first. */
  #whatMatters(): Chosen | null {
    const pair = this.#comparison?.first ?? -1
    if (this.#comparison) return pair < 0 ? null : { kind: 'pair', number: pair }
    const event = this.recording.data.events.findIndex((event) => event.k === 'wait' && isBad(event))
    return event < 0 ? null : { kind: 'event', number: event }
  }

  /** A recording's lines have been unpacked. */
  linesCame(recording: Recording): void {
    if (recording === this.recording) this.log.show(recording)
    if (this.#moment.chosen !== null && this.#detail.waitsForLines)
      this.#detail.show(this.recording, this.#moment.chosen)
    else if (this.#moment.chosen?.kind === 'line') this.#choose(this.recording, this.#moment.chosen)
  }

  showTab(tab: Tab): void {
    this.#moment.tab = tab
    this.#tabs.show(tab)
    this.#refresh()
    this.#toAddress()
  }

  /** The list that keys move in; null where none is shown. */
  get list(): VirtualList | null {
    const { tab } = this.#moment
    return tab === 'log' ? this.log.list : tab === 'events' ? this.events.list : null
  }

  /** Goes to the next row that is wanted. */
  jump(wanted: 'bad' | 'step' | 'difference', by: 1 | -1): void {
    if (this.#moment.tab !== 'events') this.showTab('events')
    this.events.jump(wanted, by)
  }

  clear(): void {
    if (this.help.open) this.help.close()
    else if (document.activeElement instanceof HTMLInputElement) document.activeElement.blur()
    else if (this.#detail.open) this.#closeDetail()
    else this.toolbar.clear()
  }

  theme(): void {
    nextTheme()
    this.timeline.refresh()
    this.#refresh()
  }

  #onlyDifferences(only: boolean): void {
    this.#moment.onlyDifferences = only
    this.#refresh()
    this.#toAddress()
  }

  #makeTimeline(): Timeline {
    const recordings = this.#comparison ? this.#recordings : [this.recording]
    // Two of them leave little room for rows in a narrow window.
    const lanes = this.#comparison && innerWidth <= 700 ? 3 : 7
    const strips = recordings.map(
      (recording, i) => new Strip(recording, this.#comparison ? (['first', 'second'][i] ?? '') : '', lanes),
    )
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
    this.#shown = this.recording
    this.#head.show(this.#moment.recording)
    if (this.#comparison === null) this.timeline = this.#makeTimeline()
    this.events.show(this.recording)
    this.log.show(this.recording)
  }

  #pick(recording: number): void {
    this.#moment.recording = recording
    this.#moment.chosen = null
    this.#detail.hide()
    this.#showRecording()
    this.#refresh()
    this.#toAddress()
  }

  #filter(filter: Filter): void {
    this.#moment.filter = filter
    this.#refresh()
    this.#toAddress()
  }

  /** Shows what passes the filter, in the view that is shown. */
  #refresh(): void {
    const { tab, filter, onlyDifferences } = this.#moment
    // In the log the search is about lines.
    this.events.filter(tab === 'log' ? { ...filter, q: '' } : filter, onlyDifferences)
    if (tab === 'events') this.#showCount('events', this.events.countText(choosesOperations(filter) || filter.q !== ''))
    if (tab === 'log') this.log.search(filter.q)
    if (tab === 'latency') {
      const shown = this.#comparison ? this.#recordings : [this.recording]
      const of = shown.map((recording) => ({ recording, passes: operationTest(recording, filter) }))
      showLatencies(this.#tabs.panels.latency, of, (opcode) => {
        this.toolbar.choose('opcode', opcode)
        this.showTab('events')
      })
      this.#showCount('latency', '')
    }
    if (tab === 'about') {
      fill(this.#tabs.panels.about, ...(this.#comparison ? this.#recordings : [this.recording]).map(about))
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
    // First, because it takes room from the list.
    this.#detail.show(this.recording, chosen)
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
    this.#toAddress()
    const at = this.events.timeOf(recording, chosen)
    if (at !== null) this.timeline.reveal(at)
  }

  #closeDetail(): void {
    this.#detail.hide()
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
