import { printableJson } from '../line/text.js'
import { measuredNs } from '../operation/duration.js'
import type { Operation } from '../operation/operation.js'
import { describeCall } from '../recording/describe-call.js'
import type { CallRow } from '../recording/row.js'
import { VERSION } from '../version.js'
import type { Counts, Exporter } from './exporter.js'
import { Heap } from './heap.js'
import { Lanes } from './lanes.js'
import type { Sink } from './sink.js'
import type { Exported, ExportedOperation, Note } from './source.js'
import type { StepSpan } from './steps.js'

/** An event of the trace-event format. */
type TraceEvent = Record<string, unknown>

/** Where a kind of thread stands below its process. */
const ORDER = { steps: 0, calls: 1000, pids: 2000, replies: 1_000_000 } as const

/**
 * Chrome's trace-event format, as JSON: for ui.perfetto.dev and chrome://tracing. A process a recording, times from its origin on;
 * threads for the steps, the test's calls, each process that made requests, and the daemon's replies; a flow from each request to
 * its reply; a counter of the requests in flight.
 */
export class PerfettoExporter implements Exporter {
  readonly #sink: Sink
  #first = true
  #flows = 0

  constructor(sink: Sink) {
    this.#sink = sink
    const head = { displayTimeUnit: 'ns', otherData: { producer: `fusetrace ${VERSION}` } }
    sink.write(`${JSON.stringify(head).slice(0, -1)},"traceEvents":[`)
  }

  recording(recording: Exported): Counts {
    const process = new ProcessTrack(
      recording,
      (event) => this.#event(event),
      () => ++this.#flows,
    )
    const counts = { operations: 0, steps: recording.steps.length }
    process.begin()
    for (const item of recording.operations()) {
      counts.operations++
      process.operation(item)
    }
    process.end()
    return counts
  }

  end(): void {
    this.#sink.write('\n]}\n')
  }

  #event(event: TraceEvent): void {
    this.#sink.write(`${this.#first ? '' : ','}\n${printableJson(JSON.stringify(event))}`)
    this.#first = false
  }
}

/** One recording's events, in the order of their times. */
class ProcessTrack {
  readonly #recording: Exported
  readonly #pid: number
  readonly #emit: (event: TraceEvent) => void
  readonly #nextFlow: () => number
  /** What is to be written when its time has come. */
  readonly #future = new Heap<() => void>()
  readonly #lanes = new Map<string, Lanes>()
  readonly #threads = new Map<string, number>()
  #inFlight = 0

  constructor(recording: Exported, emit: (event: TraceEvent) => void, nextFlow: () => number) {
    this.#recording = recording
    this.#pid = recording.index + 1
    this.#emit = emit
    this.#nextFlow = nextFlow
  }

  begin(): void {
    const { file, header, index, steps, calls, notes } = this.#recording
    const args = {
      originNs: String(header.originNs),
      dialect: header.dialect,
      command: header.command?.join(' ') ?? null,
    }
    this.#meta('process_name', 0, { name: file })
    this.#meta('process_sort_index', 0, { sort_index: index })
    this.#meta('process_labels', 0, { labels: `dialect ${header.dialect}` })
    this.#emit({ ph: 'i', name: 'recording', cat: 'recording', ts: 0, pid: this.#pid, tid: 0, s: 'p', args })
    for (const step of steps) this.#future.push(step.beginNs, () => this.#step(step))
    for (const call of calls) this.#future.push(call.beginNs, () => this.#call(call))
    for (const note of notes) this.#future.push(note.atNs, () => this.#note(note))
  }

  operation({ operation, own, step }: ExportedOperation): void {
    this.#until(operation.startNs)
    const { startNs, opcode, pid } = operation
    const endNs = operation.endNs ?? Math.max(startNs, this.#recording.endNs)
    const durationNs = Math.max(0, endNs - startNs)
    const tid = this.#place(`pid ${pid ?? 'unknown'}`, ORDER.pids, startNs, durationNs)
    const args = { ...argsOf(operation), ...(own && { own: true }), ...(step && { step: step.name }) }
    this.#slice({ name: opcode, cat: own ? 'own' : 'operation', tid, args }, startNs, durationNs)
    this.#count(startNs, 1)
    const { endedBy } = operation
    const replied = endedBy === 'reply' || endedBy === 'span' || endedBy === 'wire'
    const flow = replied && measuredNs(operation) !== null ? this.#nextFlow() : null
    if (flow !== null) this.#flow('s', flow, tid, startNs)
    if (operation.endNs !== null) {
      this.#future.push(endNs, () => {
        if (flow !== null) this.#reply(operation, flow)
        this.#count(endNs, -1)
      })
    }
  }

  end(): void {
    this.#until(Number.POSITIVE_INFINITY)
  }

  #until(atNs: number): void {
    while (this.#future.first <= atNs && this.#future.size > 0) this.#future.pop()?.()
  }

  #reply({ opcode, status, errno, endNs }: Operation, flow: number): void {
    const atNs = endNs ?? 0
    // As short as can be, so that a flow has something to end at.
    const tid = this.#place('replies', ORDER.replies, atNs, 1)
    const outcome = errno ?? status
    this.#slice({ name: `${opcode}: ${outcome}`, cat: 'reply', tid, args: { outcome } }, atNs, 1)
    this.#flow('f', flow, tid, atNs)
  }

  #step(step: StepSpan): void {
    const durationNs = Math.max(0, (step.endNs ?? this.#recording.endNs) - step.beginNs)
    const tid = this.#place('steps', ORDER.steps, step.beginNs, durationNs)
    const args = { within: step.parent?.name ?? null, ...(step.endNs === null && { ended: false }) }
    this.#slice({ name: step.name || '(no name)', cat: 'step', tid, args }, step.beginNs, durationNs)
  }

  #call(call: CallRow): void {
    const durationNs = Math.max(0, call.endNs - call.beginNs)
    const tid = this.#place('test calls', ORDER.calls, call.beginNs, durationNs)
    const args = { call: describeCall(call), error: call.error?.code ?? null }
    this.#slice({ name: call.method, cat: 'call', tid, args }, call.beginNs, durationNs)
  }

  #note({ atNs, text }: Note): void {
    this.#emit({ ph: 'i', name: text || '(no name)', cat: 'note', ts: us(atNs), pid: this.#pid, tid: 0, s: 'p' })
  }

  #slice(event: { name: string; cat: string; tid: number; args: unknown }, atNs: number, durationNs: number): void {
    const { name, cat, tid, args } = event
    this.#emit({ ph: 'X', name, cat, ts: us(atNs), dur: us(durationNs), pid: this.#pid, tid, args })
  }

  #flow(ph: 's' | 'f', id: number, tid: number, atNs: number): void {
    const event = { ph, name: 'request', cat: 'flow', id, ts: us(atNs), pid: this.#pid, tid }
    this.#emit(ph === 'f' ? { ...event, bp: 'e' } : event)
  }

  #count(atNs: number, by: 1 | -1): void {
    this.#inFlight += by
    const args = { requests: this.#inFlight }
    this.#emit({ ph: 'C', name: 'requests in flight', ts: us(atNs), pid: this.#pid, tid: 0, args })
  }

  /** The thread for a span of this kind: slices of one thread do not overlap. */
  #place(kind: string, order: number, atNs: number, durationNs: number): number {
    const lanes = this.#lanes.get(kind) ?? new Lanes()
    this.#lanes.set(kind, lanes)
    const lane = lanes.place(atNs, atNs + durationNs)
    const name = lane === 0 ? kind : `${kind} (${lane + 1})`
    const there = this.#threads.get(name)
    if (there !== undefined) return there
    const tid = this.#threads.size + 1
    this.#threads.set(name, tid)
    this.#meta('thread_name', tid, { name })
    this.#meta('thread_sort_index', tid, { sort_index: order + tid })
    return tid
  }

  #meta(name: string, tid: number, args: Record<string, unknown>): void {
    this.#emit({ ph: 'M', name, pid: this.#pid, tid, args })
  }
}

/** The format counts in microseconds; three digits behind the point keep the nanoseconds. */
const us = (ns: number): number => ns / 1000

function argsOf(operation: Operation): Record<string, unknown> {
  const { unique, path, newPath, target, name, status, errno, endedBy, size, offset, queueNs, lines } = operation
  return {
    ...(path !== null && { path }),
    ...(newPath !== null && { newPath }),
    ...(target != null && { target }),
    ...(name !== null && { name }),
    outcome: errno ?? status,
    endedBy,
    ...(unique !== null && { unique }),
    ...(size !== undefined && { size }),
    ...(offset !== undefined && { offset }),
    ...(queueNs !== undefined && { queueNs }),
    lines: `${lines[0]}-${lines[1]}`,
  }
}
