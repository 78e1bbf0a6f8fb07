import type { PageEvent, PageWait } from '../page-data.js'
import { type Child, el } from './dom.js'
import { EVENT_WORDS, isBad } from './event-rows.js'
import { eventText } from './filter.js'
import { logLines } from './log-lines.js'
import type { Recording } from './recording.js'
import { duration, seconds } from './times.js'
import { wordsOf } from './words.js'

/** What a detail can lead to. */
export interface Actions {
  showOperation(recording: Recording, i: number): void
  showEvent(recording: Recording, place: number): void
  showLine(recording: Recording, line: number): void
}

/** Names and values; empty ones are left out. */
export function facts(...pairs: readonly (readonly [string, Child])[]): HTMLElement {
  const known = pairs.filter(([, value]) => value !== null && value !== undefined && value !== '' && value !== false)
  return el('dl', {}, ...known.flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)]))
}

export function section(title: string, ...children: readonly Child[]): HTMLElement {
  return el('section', {}, el('h3', {}, title), ...children)
}

/** A button that is read as a link. */
const link = (text: string, onclick: () => void): HTMLElement =>
  el('button', { type: 'button', class: 'link', onclick }, text)

const since = (ns: number): string => `${seconds(ns)} s`

const HOW: Readonly<Record<string, string>> = {
  reply: 'the log shows the reply',
  span: 'the log shows the end of its span',
  wire: 'the reply itself was recorded',
  'last-event': 'inferred: the last that the log shows of it',
  'next-request': 'inferred: over by the next request at the latest',
}

/** A guess of when it ended, or times that do not separate request and reply, measure nothing. */
const tookText = (measured: number | null, ended: string): string =>
  measured !== null ? duration(measured) : ended === 'next-request' ? 'not known' : 'too short for the log'

/** All that is known of one operation. */
export function operationDetail(recording: Recording, i: number, actions: Actions): Child[] {
  const { operations } = recording.data
  const start = recording.start[i] ?? 0
  const took = recording.took[i] ?? -1
  const kind = recording.outcomeKind(i)
  const step = recording.stepAt(start)
  const ended = recording.ended(i)
  const unique = operations.unique[i] ?? -1
  const request = recording.list('request', i)
  const reply = recording.list('reply', i)
  const name = recording.text(operations.name?.[i])
  return [
    el(
      'h2',
      {},
      el('span', { class: 'id' }, `#${recording.id[i]}`),
      ` ${recording.opcode(i)} `,
      el('span', { class: kind === 1 ? 'bad' : kind === 0 || kind === 4 ? 'good' : 'dim' }, recording.outcome(i)),
    ),
    el('p', { class: 'what' }, recording.subject(i)),
    facts(
      ['began', since(start)],
      ['took', took < 0 ? 'never ended' : tookText(recording.measured(i), ended)],
      ['step', step && link(step.name, () => actions.showEvent(recording, recording.data.events.indexOf(step)))],
      ['process', recording.pid(i) > 0 ? String(recording.pid(i)) : null],
    ),
    section(
      'Request',
      facts(
        ['opcode', recording.opcode(i)],
        ['unique', unique < 0 ? null : String(unique)],
        ['path', recording.text(operations.path[i])],
        ['new path', recording.text(operations.newPath?.[i])],
        [recording.opcode(i) === 'symlink' ? 'target' : 'name', name],
        ...(request.length > 0 ? [] : recording.list('extra', i)),
        ...request,
      ),
    ),
    section(
      'Reply',
      facts(
        ['outcome', recording.outcome(i).replace(' ~', '')],
        ['at', took < 0 ? null : since(start + took)],
        ['known by', ended === '' ? 'no end is in the log' : HOW[ended]],
        ...reply,
      ),
    ),
    kernelPart(recording, i),
    waitsPart(recording, i, actions),
    linesPart(recording, i, actions),
  ]
}

/** When the kernel sent it and had its answer; what lies before the daemon's log is time in the queue. */
function kernelPart(recording: Recording, i: number): Child {
  const { kernelSend, kernelEnd } = recording.data.operations
  const send = kernelSend?.[i] ?? null
  const end = kernelEnd?.[i] ?? null
  if (send === null) return null
  const start = recording.start[i] ?? 0
  return section(
    'Kernel',
    facts(
      ['sent', `${since(start + send)}, ${duration(Math.abs(send))} ${send <= 0 ? 'before' : 'after'} the log has it`],
      ['answered', end === null ? 'not in the trace' : since(start + end)],
      ['took', end === null ? null : duration(end - send)],
    ),
  )
}

/** Waits that this operation satisfied, or nearly. */
function waitsPart(recording: Recording, i: number, actions: Actions): Child {
  const id = recording.id[i] ?? -1
  const about = recording.waits.flatMap((wait) => {
    const miss = wait.misses.find(({ operation }) => operation === id)
    if (!wait.operations.includes(id) && miss === undefined) return []
    const show = (): void => actions.showEvent(recording, recording.data.events.indexOf(wait))
    const how = miss === undefined ? 'satisfied' : `nearly: ${miss.reasons.join(', ')}`
    return [el('li', {}, link(`waitFor.${wait.title}`, show), el('span', { class: 'dim' }, ` ${how}`))]
  })
  return about.length > 0 && section('Waits', el('ul', {}, ...about))
}

function linesPart(recording: Recording, i: number, actions: Actions): Child {
  const range = recording.linesOf(i)
  if (range === null) return section('Log', el('p', { class: 'dim' }, 'No line of the log is known to be its own.'))
  const title = range[0] === range[1] ? `Log, line ${range[0] + 1}` : `Log, lines ${range[0] + 1}–${range[1] + 1}`
  return section(
    title,
    logLines(recording, range, wordsOf(recording, i), (line) => actions.showLine(recording, line)),
  )
}

/** All that is known of something that is no operation. */
export function eventDetail(recording: Recording, event: PageEvent, actions: Actions): Child[] {
  const end = 'end' in event ? event.end : null
  const { k } = event
  const outcome = k === 'call' || k === 'wait' ? event.outcome : ''
  return [
    el('h2', {}, `${EVENT_WORDS[k]} `, el('span', { class: isBad(event) ? 'bad' : 'dim' }, outcome)),
    el('p', { class: 'what' }, eventText(event)),
    facts(
      ['at', since(event.at)],
      ['until', end === null ? null : since(end)],
      ['took', end === null ? null : duration(Math.max(0, end - event.at))],
      ['message', k === 'call' ? event.message : null],
    ),
    k === 'wait' && waitParts(recording, event, actions),
    k === 'step' && stepPart(recording, event),
  ]
}

function waitParts(recording: Recording, wait: PageWait, actions: Actions): HTMLElement {
  const operation = (id: number): Child => {
    const i = recording.place(id)
    if (i < 0) return `#${id}, which is not in the recording`
    return link(`#${id} ${recording.opcode(i)} ${recording.subject(i)} ${recording.outcome(i)}`, () =>
      actions.showOperation(recording, i),
    )
  }
  const by =
    wait.by === null
      ? null
      : { trace: 'the log', probe: 'the log, and a probe that confirmed it', poll: 'probes alone' }[wait.by]
  return el(
    'div',
    {},
    facts(['looked from', `mark '${wait.since}' at ${since(wait.sinceNs)}`], ['known by', by]),
    wait.operations.length > 0 &&
      section('Satisfied by', el('ul', {}, ...wait.operations.map((id) => el('li', {}, operation(id))))),
    wait.misses.length > 0 &&
      section(
        'Nearly matched',
        el(
          'ul',
          {},
          ...wait.misses.map((miss) =>
            el('li', {}, operation(miss.operation), el('span', { class: 'dim' }, ` ${miss.reasons.join(', ')}`)),
          ),
        ),
      ),
    wait.note !== null && section(wait.outcome === 'satisfied' ? 'Note' : 'Why not', el('pre', {}, wait.note)),
  )
}

function stepPart(recording: Recording, step: Extract<PageEvent, { k: 'step' }>): HTMLElement {
  const first = recording.firstFrom(step.at)
  const last = recording.firstFrom(step.end ?? recording.endNs + 1)
  let [own, failed] = [0, 0]
  for (let i = first; i < last; i++) {
    if (recording.own(i)) own++
    else if (recording.failed(i)) failed++
  }
  return facts(['operations', String(last - first - own)], ['failed', failed > 0 ? String(failed) : null])
}
