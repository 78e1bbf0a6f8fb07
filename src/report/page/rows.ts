import { el, put } from './dom.js'
import { EVENT_WORDS, eventColumns, isBad } from './event-rows.js'
import { eventOf, type RowNumber } from './order.js'
import type { Recording } from './recording.js'
import { duration, seconds } from './times.js'

/** One row of the list of events. */
export function renderRow(recording: Recording, row: HTMLElement, number: RowNumber): void {
  if (number >= 0) operationRow(recording, row, number)
  else eventRow(recording, row, eventOf(number))
}

const cell = (name: string, text: string): HTMLElement => el('span', { class: name }, text)

function operationRow(recording: Recording, row: HTMLElement, i: number): void {
  const step = recording.stepAt(recording.start[i] ?? 0)
  const kind = recording.outcomeKind(i)
  row.classList.add('operation')
  if (recording.own(i)) row.classList.add('own')
  put(
    row,
    cell('time', seconds(recording.start[i] ?? 0)),
    tookCell(recording.measured(i)),
    cell('opcode', recording.opcode(i)),
    cell(`outcome ${kind === 1 ? 'bad' : kind === 0 || kind === 4 ? 'good' : 'dim'}`, recording.outcome(i)),
    subjectCell(recording.subject(i), step === null ? 0 : step.depth + 1),
    cell('pid', recording.pid(i) > 0 ? String(recording.pid(i)) : ''),
  )
}

/** A name is given whole to whoever points at it: it may be cut. */
function subjectCell(text: string, depth: number): HTMLElement {
  const subject = el('span', { class: 'subject', title: text.length > 60 ? text : null }, text)
  if (depth > 0) subject.style.paddingInlineStart = `${Math.min(depth, 8) * 10}px`
  return subject
}

/** How long it took, with a bar: each decade from a microsecond to ten seconds is a seventh of the width. */
export function tookCell(ns: number | null): HTMLElement {
  if (ns === null) return cell('took dim', '–')
  const bar = el('i', { class: ns >= 1e8 ? 'gauge slow' : 'gauge' })
  bar.style.width = `${Math.max(2, Math.min(100, (Math.log10(ns / 1e3) / 7) * 100))}%`
  return el('span', { class: 'took' }, bar, duration(ns))
}

function eventRow(recording: Recording, row: HTMLElement, place: number): void {
  const event = recording.data.events[place]
  if (!event) return
  const { took, outcome, text } = eventColumns(event)
  const bad = isBad(event)
  row.classList.add('event', event.k)
  if (bad) row.classList.add('wrong')
  const depth = event.k === 'step' ? event.depth : (recording.stepAt(event.at)?.depth ?? -1) + 1
  put(
    row,
    cell('time', seconds(event.at)),
    cell('took', took),
    cell('opcode kind', EVENT_WORDS[event.k]),
    cell(`outcome ${bad ? 'bad' : 'dim'}`, outcome),
    subjectCell(event.k === 'step' ? `▸ ${text}` : text, depth),
    cell('pid', ''),
  )
}
