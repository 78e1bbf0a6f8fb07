import type { PageEvent } from '../page-data.js'
import { eventText } from './filter.js'
import { duration } from './times.js'

/** The word in the column of opcodes. */
export const EVENT_WORDS: Readonly<Record<PageEvent['k'], string>> = {
  step: 'step',
  moment: 'mark',
  call: 'call',
  probe: 'probe',
  wait: 'wait',
  mount: 'mount',
  exit: 'daemon',
  loss: 'lost',
  fault: 'fault',
}

/** Whether it is something that went wrong. */
export function isBad(event: PageEvent): boolean {
  if (event.k === 'wait') return event.outcome !== 'satisfied'
  return event.k === 'loss' || ('bad' in event && event.bad)
}

/** How long it lasted, and how it came out. */
export function eventColumns(event: PageEvent): { took: string; outcome: string; text: string } {
  const end = 'end' in event ? event.end : null
  const took = end === null ? '' : duration(Math.max(0, end - event.at))
  const outcome = event.k === 'call' || event.k === 'wait' ? event.outcome : ''
  return { took, outcome, text: eventText(event) }
}
