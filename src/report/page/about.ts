import { facts, section } from './detail.js'
import { type Child, el } from './dom.js'
import { eventText } from './filter.js'
import type { Recording } from './recording.js'
import { duration, seconds } from './times.js'

/** What a recording is: its header, the phases of its mount, its losses and its end. */
export function about(recording: Recording): HTMLElement {
  const { data } = recording
  const phases = data.events.filter((event) => event.k === 'mount')
  const losses = data.events.filter((event) => event.k === 'loss')
  const exits = data.events.filter((event) => event.k === 'exit')
  let before = 0
  const rows = phases.map((phase) => {
    const after = phase.at - before
    before = phase.at
    return el(
      'tr',
      { class: phase.bad ? 'bad' : null },
      el('td', { class: 'number' }, seconds(phase.at)),
      el('td', { class: 'number' }, `+${duration(Math.max(0, after))}`),
      el('td', {}, eventText(phase)),
    )
  })
  const end: Child =
    exits.length > 0
      ? el(
          'ul',
          {},
          ...exits.map((exit) =>
            el('li', { class: exit.bad ? 'bad' : null }, `${eventText(exit)}, at ${seconds(exit.at)} s`),
          ),
        )
      : el('p', { class: 'dim' }, 'The recording does not say how the daemon ended.')
  const lost: Child =
    losses.length > 0
      ? el(
          'ul',
          {},
          ...losses.map((loss) => el('li', { class: 'bad' }, `${eventText(loss)}, at ${seconds(loss.at)} s`)),
        )
      : el('p', { class: 'dim' }, 'Nothing was lost.')
  const { unparsed } = data
  return el(
    'article',
    {},
    el('h2', {}, data.name),
    ...data.problems.map((problem) => el('p', { class: 'problem' }, problem)),
    facts(...data.facts),
    rows.length > 0 && section('Mount', el('table', {}, el('tbody', {}, ...rows))),
    section('Losses', lost, unparsed !== null && unparsed > 0 && el('p', {}, `${unparsed} lines were not understood.`)),
    section('The daemon’s end', end),
  )
}
