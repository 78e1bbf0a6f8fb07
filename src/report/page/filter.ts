import { pathTest } from '../../path-pattern.js'
import type { PageEvent } from '../page-data.js'
import { eventOf, type RowNumber } from './order.js'
import type { Recording } from './recording.js'

/** More of a path is not looked at: a link may hold anything. */
const MAX_PATTERN = 300

/** What is wanted, as it is typed. */
export interface Filter {
  q: string
  opcode: string
  path: string
  errno: string
  pid: string
  /** Also what fusetrace itself asked. */
  own: boolean
}

export const NO_FILTER: Readonly<Filter> = { q: '', opcode: '', path: '', errno: '', pid: '', own: false }

/** Whether operations are chosen by what they are, not only searched. */
export const choosesOperations = ({ opcode, path, errno, pid }: Filter): boolean =>
  [opcode, path, errno, pid].some((text) => text.trim() !== '')

const words = (text: string): string[] =>
  text
    .split(/[\s,]+/)
    .map((word) => word.toLowerCase())
    .filter((word) => word !== '')

/** Asks a question of each text of the table once. */
function byText(recording: Recording, test: (text: string) => boolean): (index: number | undefined) => boolean {
  const known = new Map<number, boolean>()
  return (index) => {
    if (index === undefined || index < 0) return false
    let answer = known.get(index)
    if (answer === undefined) {
      answer = test(recording.text(index))
      known.set(index, answer)
    }
    return answer
  }
}

/** Text found in another as people search: case counts only where it is typed. */
export function textTest(q: string): (text: string) => boolean {
  if (q === '') return () => true
  if (q !== q.toLowerCase()) return (text) => text.includes(q)
  return (text) => text.toLowerCase().includes(q)
}

/** Whether an operation passes. */
export function operationTest(recording: Recording, filter: Filter): (i: number) => boolean {
  const { operations } = recording.data
  const tests: ((i: number) => boolean)[] = []
  if (!filter.own) tests.push((i) => !recording.own(i))
  const opcodes = words(filter.opcode).map((name) => name.replace(/^fuse_/, ''))
  if (opcodes.length > 0) {
    const passes = byText(recording, (text) => opcodes.includes(text))
    tests.push((i) => passes(operations.opcode[i]))
  }
  const errnos = words(filter.errno)
  if (errnos.length > 0) {
    const any = errnos.includes('*') || errnos.includes('any')
    const passes = byText(recording, (text) => errnos.includes(text.toLowerCase()))
    tests.push((i) => (any && recording.failed(i)) || passes(operations.errno[i]))
  }
  const pids = words(filter.pid)
  if (pids.length > 0) tests.push((i) => pids.includes(String(recording.pid(i))))
  const path = filter.path.trim()
  if (path !== '') {
    const passes = byText(recording, pathTest(path.slice(0, MAX_PATTERN)))
    tests.push((i) => passes(operations.path[i]) || passes(operations.newPath?.[i]))
  }
  const q = filter.q.trim()
  if (q !== '') {
    const passes = byText(recording, textTest(q))
    const id = /^#(\d+)$/.exec(q)?.[1]
    tests.push(
      (i) =>
        passes(operations.subject[i]) ||
        passes(operations.opcode[i]) ||
        passes(operations.errno[i]) ||
        (id !== undefined && recording.id[i] === Number(id)),
    )
  }
  return (i) => tests.every((test) => test(i))
}

/** Whether what is no operation passes: only by search, and only while operations are not chosen. */
function eventTest(filter: Filter): (event: PageEvent) => boolean {
  const q = filter.q.trim()
  const found = textTest(q)
  const hide = choosesOperations(filter)
  return (event) => {
    if (event.k === 'step') return !hide && q === ''
    if (hide) return false
    if (!filter.own && (event.k === 'probe' || (event.k === 'moment' && event.own))) return false
    return q === '' || found(eventText(event))
  }
}

/** What an event is about, in a line. */
export function eventText(event: PageEvent): string {
  switch (event.k) {
    case 'step':
    case 'moment':
      return event.name
    case 'wait':
      return `waitFor.${event.title}`
    case 'mount':
      return event.detail === null ? event.event : `${event.event}: ${event.detail}`
    default:
      return event.text
  }
}

/** The rows that pass; a step stays where something in it does. */
export function filteredRows(recording: Recording, rows: Int32Array, filter: Filter): Int32Array {
  const operation = operationTest(recording, filter)
  const event = eventTest(filter)
  const { events } = recording.data
  const out = new Int32Array(rows.length)
  let count = 0
  let steps: RowNumber[] = []
  for (const row of rows) {
    const happened = row < 0 ? events[eventOf(row)] : undefined
    if (row >= 0 ? operation(row) : happened !== undefined && event(happened)) {
      for (const step of steps) out[count++] = step
      steps = []
      out[count++] = row
    } else if (happened?.k === 'step') {
      steps = [...steps.filter((step) => depthOf(recording, step) < happened.depth), row]
    }
  }
  return out.slice(0, count)
}

function depthOf(recording: Recording, row: RowNumber): number {
  const event = recording.data.events[eventOf(row)]
  return event?.k === 'step' ? event.depth : 0
}
