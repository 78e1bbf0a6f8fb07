import type { PageComparison } from '../page-data.js'
import { filteredPairs, isDifference, renderPair } from './compare-rows.js'
import { el } from './dom.js'
import { isBad } from './event-rows.js'
import { type Filter, filteredRows, NO_FILTER, operationTest } from './filter.js'
import type { Chosen } from './moment.js'
import { allRows, eventOf, rowOfEvent } from './order.js'
import type { Recording } from './recording.js'
import { renderRow } from './rows.js'
import type { Marks } from './strip.js'
import { counted, plural } from './times.js'
import { VirtualList } from './virtual-list.js'

const HEADS = ['time', 'took', 'opcode', 'outcome', 'subject', 'pid'] as const

export interface EventsOptions {
  onChoose(chosen: Chosen): void
  onScroll(): void
}

/** The list of what happened: of one recording, or of two side by side. */
export class EventsView {
  readonly list: VirtualList
  readonly elements: readonly HTMLElement[]
  readonly #comparison: PageComparison | null
  readonly #both: readonly [Recording, Recording] | null
  #recording: Recording
  #all: Int32Array
  /** What is shown: rows, or numbers of pairs. */
  #rows: Int32Array = new Int32Array()
  #chosen: { readonly recording: Recording; readonly chosen: Chosen } | null = null
  readonly #passes = new Map<Recording, Uint8Array | null>()

  constructor(recordings: readonly Recording[], comparison: PageComparison | null, options: EventsOptions) {
    const [a, b] = recordings as readonly [Recording, Recording]
    this.#comparison = comparison
    this.#both = comparison ? [a, b] : null
    this.#recording = a
    this.#all = new Int32Array()
    this.list = new VirtualList('events', {
      label: comparison ? 'operations of both, side by side' : 'what happened',
      rowHeight: 22,
      render: (row, index) => this.#render(row, this.#rows[index] ?? 0),
      onSelect: (index) => options.onChoose(this.#chosenAt(index)),
      onScroll: () => options.onScroll(),
    })
    const head = (): HTMLElement[] =>
      HEADS.map((name) => el('span', { class: name }, name === 'subject' ? 'path' : name))
    const heads = comparison
      ? [
          el('span', { class: 'side' }, ...head().slice(0, 5)),
          el('span', { class: 'mark' }),
          el('span', { class: 'side' }, ...head().slice(0, 5)),
        ]
      : head()
    this.elements = [
      el('div', { class: comparison ? 'heads pair' : 'heads', 'aria-hidden': 'true' }, ...heads),
      this.list.element,
    ]
  }

  show(recording: Recording): void {
    this.#recording = recording
    this.#all = this.#comparison ? new Int32Array() : allRows(recording)
  }

  filter(filter: Filter, onlyDifferences: boolean): void {
    const before = this.#rows[this.list.selected]
    this.#rows =
      this.#comparison && this.#both
        ? filteredPairs(this.#comparison, this.#both, filter, onlyDifferences)
        : filteredRows(this.#recording, this.#all, filter)
    const chooses = JSON.stringify({ ...filter, own: false }) !== JSON.stringify(NO_FILTER)
    for (const recording of this.#both ?? [this.#recording]) {
      const test = operationTest(recording, filter)
      this.#passes.set(
        recording,
        chooses ? Uint8Array.from({ length: recording.count }, (_, i) => (test(i) ? 1 : 0)) : null,
      )
    }
    this.list.setCount(this.#rows.length, before === undefined ? -1 : this.#rows.indexOf(before))
    if (this.list.selected >= 0) this.list.reveal(this.list.selected)
  }

  /** How much is shown. */
  countText(filtered: boolean): string {
    const all = this.#comparison ? this.#comparison.kind.length : this.#all.length
    if (this.#comparison) {
      const pairs = this.#comparison
      const differ = pairs.kind.filter((_, pair) => isDifference(pairs, pair)).length
      return `${filtered ? `${counted(this.#rows.length)} of ` : ''}${plural(all, 'pair')}, ${plural(differ, 'difference')}`
    }
    return filtered ? `${counted(this.#rows.length)} of ${plural(all, 'row')}` : plural(this.#rows.length, 'row')
  }

  /** What the timeline shows besides. */
  marks(recording: Recording): Marks {
    const chosen = this.#chosen?.recording === recording ? this.#chosen.chosen : null
    const at = chosen && this.#spanOf(recording, chosen)
    return { passes: this.#passes.get(recording) ?? null, selected: at, shown: this.#shown(recording) }
  }

  timeOf(recording: Recording, chosen: Chosen): number | null {
    return (
      this.#spanOf(this.#comparison && chosen.kind === 'pair' ? this.#recordingOf(chosen.number) : recording, chosen)
        ?.from ?? null
    )
  }

  /** Chooses and shows something; false when it is filtered out. */
  reveal(recording: Recording, chosen: Chosen): boolean {
    const row = this.#rowOf(recording, chosen)
    const index = row === null ? -1 : this.#rows.indexOf(row)
    const of = this.#comparison && row !== null ? this.#recordingOf(row) : recording
    this.#chosen = { recording: chosen.kind === 'pair' ? of : recording, chosen }
    if (index < 0) return false
    this.list.select(index)
    this.list.reveal(index)
    return true
  }

  /** Goes to the next row that is wanted, round the end. */
  jump(wanted: 'bad' | 'step' | 'difference', by: 1 | -1): void {
    const count = this.#rows.length
    const from = this.list.selected < 0 ? (by > 0 ? -1 : count) : this.list.selected
    for (let n = 1; n <= count; n++) {
      const index = (((from + by * n) % count) + count) % count
      if (!this.#isWanted(this.#rows[index] ?? 0, wanted)) continue
      this.list.select(index, true)
      this.list.reveal(index)
      return
    }
  }

  #isWanted(row: number, wanted: 'bad' | 'step' | 'difference'): boolean {
    if (this.#comparison) return wanted !== 'step' && isDifference(this.#comparison, row)
    if (row >= 0) return wanted === 'bad' && this.#recording.failed(row)
    const event = this.#recording.data.events[eventOf(row)]
    if (event === undefined || wanted === 'difference') return false
    return wanted === 'step' ? event.k === 'step' : isBad(event)
  }

  #render(row: HTMLElement, number: number): void {
    if (this.#comparison && this.#both) renderPair(this.#comparison, this.#both, row, number)
    else renderRow(this.#recording, row, number)
  }

  #chosenAt(index: number): Chosen {
    const row = this.#rows[index] ?? 0
    if (this.#comparison) return { kind: 'pair', number: row }
    return row >= 0 ? { kind: 'op', number: this.#recording.id[row] ?? 0 } : { kind: 'event', number: eventOf(row) }
  }

  #rowOf(recording: Recording, { kind, number }: Chosen): number | null {
    if (kind === 'pair') return number
    if (kind === 'op') {
      const place = recording.place(number)
      if (!this.#comparison || !this.#both) return place < 0 ? null : place
      return (recording === this.#both[0] ? this.#comparison.a : this.#comparison.b).indexOf(place)
    }
    return this.#comparison ? null : rowOfEvent(number)
  }

  /** The side of a pair that has an operation. */
  #recordingOf(pair: number): Recording {
    const [a, b] = this.#both ?? [this.#recording, this.#recording]
    return (this.#comparison?.a[pair] ?? -1) >= 0 ? a : b
  }

  #spanOf(recording: Recording, { kind, number }: Chosen): { from: number; to: number } | null {
    if (kind === 'event') {
      const event = recording.data.events[number]
      if (!event) return null
      return { from: event.at, to: ('end' in event ? event.end : null) ?? event.at }
    }
    const left = this.#both && recording === this.#both[0]
    const pairPlace = (left ? this.#comparison?.a : this.#comparison?.b)?.[number] ?? -1
    const place = kind === 'op' ? recording.place(number) : kind === 'pair' ? pairPlace : -1
    const from = recording.start[place]
    return from === undefined ? null : { from, to: from + Math.max(0, recording.took[place] ?? 0) }
  }

  /** From when to when the rows in view are. */
  #shown(recording: Recording): readonly [number, number] | null {
    const last = Math.min(this.#rows.length - 1, this.list.first + this.list.visible)
    if (last < 0 || this.list.count <= this.list.visible) return null
    const at = (index: number): number | null => {
      const row = this.#rows[index] ?? 0
      if (!this.#comparison)
        return row >= 0 ? (recording.start[row] ?? null) : (recording.data.events[eventOf(row)]?.at ?? null)
      const place = (recording === this.#both?.[0] ? this.#comparison.a : this.#comparison.b)[row] ?? -1
      return place < 0 ? null : (recording.start[place] ?? null)
    }
    const [from, to] = [at(this.list.first), at(last)]
    return from === null || to === null ? null : [from, to]
  }
}
