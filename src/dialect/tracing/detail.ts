import type { DialectEvent, OperationFacts } from '../core/dialect.js'
import { linesOfEvent, type TracingEvent } from './event.js'
import type { Open } from './open.js'
import { isLastWord, type Outcome } from './words.js'

type Emit = (event: DialectEvent) => void

/** Shows more of a request; an event that shows nothing new waits for the next. */
export function detail(
  open: Open,
  event: TracingEvent,
  facts: OperationFacts | null,
  outcome: Outcome | null,
  emit: Emit,
): void {
  const { from, to } = event
  const reported = outcome !== null && (outcome.status !== open.outcome?.status || outcome.errno !== open.outcome.errno)
  if (outcome) open.lastWord = event.inner === '' && isLastWord(event.message, open.opcode)
  if (facts === null && !reported) {
    if (open.quietFrom < 0) open.quietFrom = from
    open.quietTo = to
    open.quietNs = event.atNs
    return
  }
  flush(open, emit)
  if (outcome) open.outcome = outcome
  // Always of one shape: what reads it is quickest then.
  emit({
    kind: 'detail',
    key: open.key,
    atNs: event.atNs,
    lines: linesOfEvent(event),
    nodeId: facts?.nodeId,
    entry: facts?.entry,
    otherNodeId: facts?.otherNodeId,
    otherEntry: facts?.otherEntry,
    path: facts?.path,
    newPath: facts?.newPath,
    target: facts?.target,
    xattr: facts?.xattr,
    pid: facts?.pid,
    status: outcome?.status,
    errno: outcome?.errno,
  })
}

/** Emits one event for all that showed nothing but that the request goes on. */
export function flush(open: Open | undefined, emit: Emit): void {
  if (open === undefined || open.quietFrom < 0) return
  emit({ kind: 'detail', key: open.key, atNs: open.quietNs, lines: [open.quietFrom, open.quietTo] })
  open.quietFrom = -1
}
