import { type Child, el } from './dom.js'
import { eventText } from './filter.js'
import type { Recording } from './recording.js'
import { duration, plural } from './times.js'

/** A recording in a line: what was done, what failed, what is missing, how it ended. */
export function summaryOf(recording: Recording): Child[] {
  const { data, count } = recording
  let failed = 0
  let own = 0
  for (let i = 0; i < count; i++) {
    if (recording.own(i)) own++
    else if (recording.failed(i)) failed++
  }
  const waits = recording.waits.filter(({ outcome }) => outcome !== 'satisfied').length
  const losses = data.events.filter(({ k }) => k === 'loss').length
  const exit = data.events.findLast((event) => event.k === 'exit')
  const item = (text: string, name = ''): HTMLElement => el('span', { class: name }, text)
  return [
    item(plural(count - own, 'operation')),
    failed > 0 && item(`${failed} failed`, 'bad'),
    waits > 0 && item(`${plural(waits, 'wait')} not satisfied`, 'bad'),
    item(duration(recording.endNs)),
    item(data.dialect),
    losses > 0 && item('losses', 'bad'),
    data.problems.length > 0 && item('not whole', 'bad'),
    exit !== undefined && item(eventText(exit), exit.k === 'exit' && exit.bad ? 'bad' : ''),
  ]
}
