import { isEntry, MAKES_NODE } from '../dialect/core/effects.js'
import { UNANSWERED } from '../dialect/core/opcode.js'
import type { WrittenOutcome, WrittenRequest } from '../dialect/core/writer.js'
import type { Raw } from '../line/line.js'
import { decode } from '../line/text.js'
import { effectsOf } from '../operation/effects.js'
import type { Row } from '../recording/row.js'
import type { TraceEvent, TraceRequest } from './event.js'
import { lineRow, type RowMaker } from './makers.js'
import { Nodes, nameOf, parentOf } from './nodes.js'

export interface BuildOptions {
  readonly maker: RowMaker
  /** The log does not show how requests end: what the file system would answer is recorded as probes. */
  readonly endsHidden: boolean
  /** The mount comes to be at the beginning. */
  readonly mounted: boolean
}

/** A request with all that its rows need, but for its id. */
type Planned = Omit<WrittenRequest, 'unique'>

/** What happens, with what follows from what happened before. */
type Plan =
  | { readonly what: 'request'; readonly key: TraceRequest | Raw; readonly request: Planned }
  | { readonly what: 'reply'; readonly key: TraceRequest | Raw; readonly outcome: WrittenOutcome }
  | { readonly what: 'row'; readonly row: Row }

/** The rows of a trace, in the order of their times; of equal ones in the order in which they were written down. */
export function buildRows(events: readonly TraceEvent[], options: BuildOptions): Row[] {
  const nodes = new Nodes()
  const planned = plan(cutAtExit(inOrder(events)), nodes, options)
  const before = nodes.before.flatMap((path) => lookups(path, nodes, options))
  const rows: Row[] = []
  if (options.mounted) rows.push(...MOUNTED.map((event): Row => ({ kind: 'mount', atNs: 0, event, detail: null })))
  const open = new Map<TraceRequest | Raw, WrittenRequest>()
  let unique = 0
  for (const one of [...before, ...planned]) {
    if (one.what === 'row') rows.push(one.row)
    else if (one.what === 'request') {
      unique += 2
      const request = { ...one.request, unique }
      open.set(one.key, request)
      rows.push(...options.maker.request(request))
    } else {
      const request = open.get(one.key)
      if (request) rows.push(...options.maker.reply(request, one.outcome))
    }
  }
  return rows
}

const MOUNTED = ['spawned', 'mountinfo', 'device', 'answered'] as const

function inOrder(events: readonly TraceEvent[]): TraceEvent[] {
  return events
    .map((event, i) => ({ event, i }))
    .sort((a, b) => a.event.atNs - b.event.atNs || a.i - b.i)
    .map(({ event }) => event)
}

/** A daemon that has ended does nothing any more. */
function cutAtExit(events: readonly TraceEvent[]): readonly TraceEvent[] {
  const at = events.findIndex(({ kind }) => kind === 'exit')
  return at < 0 ? events : events.slice(0, at + 1)
}

function plan(events: readonly TraceEvent[], nodes: Nodes, { endsHidden }: BuildOptions): Plan[] {
  const threads = new Threads()
  /** Where the log shows an end only by the next request, that is when somebody would probe. */
  let due: { request: TraceRequest; errno: string | null }[] = []
  return events.flatMap((event): Plan[] => {
    if (event.kind === 'request') {
      const thread = UNANSWERED.has(event.opcode) ? 0 : threads.take(event)
      const request = written(event, nodes, thread)
      if (event.opcode === 'forget') nodes.done(event)
      const probed = due.flatMap((one) => probes(one.request, event.atNs, one.errno))
      due = []
      return [{ what: 'request', key: event, request }, ...probed]
    }
    if (event.kind !== 'reply') return [{ what: 'row', row: rowOf(event) }]
    const { request, errno, atNs, negative } = event
    threads.give(request)
    const ok = errno === null && !negative
    const makes = MAKES_NODE.has(request.opcode)
    const childNodeId = !makes || errno !== null ? null : negative ? '0' : nodes.made(request)
    if (ok) nodes.done(request)
    const reply: Plan = {
      what: 'reply',
      key: request,
      outcome: { atNs, errno, childNodeId, links: nodes.links(childNodeId) },
    }
    if (!endsHidden) return [reply]
    due.push({ request, errno })
    return [reply, ...probes(request, atNs, errno)]
  })
}

function written(event: TraceRequest, nodes: Nodes, thread: number): Planned {
  const { opcode, atNs, pid, path, newPath, target, xattr, values } = event
  const common = {
    opcode,
    atNs,
    pid,
    thread,
    path,
    values,
    ...(newPath !== undefined && { newPath }),
    ...(target !== undefined && { target }),
    ...(xattr !== undefined && { xattr }),
  }
  if (opcode === 'link' && newPath !== undefined) {
    const otherNodeId = nodes.use(path)
    return { ...common, nodeId: nodes.use(parentOf(newPath)), entry: nameOf(newPath), otherNodeId }
  }
  if (!isEntry(opcode)) return { ...common, nodeId: NODELESS.has(opcode) ? '0' : nodes.use(path) }
  const nodeId = nodes.use(parentOf(path))
  if (newPath === undefined) return { ...common, nodeId, entry: nameOf(path) }
  const otherNodeId = nodes.use(parentOf(newPath))
  return { ...common, nodeId, entry: nameOf(path), otherNodeId, otherEntry: nameOf(newPath) }
}

/** Requests that are about no node. */
const NODELESS: ReadonlySet<string> = new Set([
  'init',
  'destroy',
  'interrupt',
  'cuse_init',
  'batch_forget',
  'notify_reply',
])

/** What was there before was looked up before; and used, where the log shows only by that which node it is. */
function lookups(path: Raw, nodes: Nodes, { endsHidden }: BuildOptions): Plan[] {
  const common = { atNs: 0, pid: 1, thread: 0, path, values: {} }
  const request = { ...common, opcode: 'lookup', nodeId: nodes.known(parentOf(path)), entry: nameOf(path) }
  const outcome = { atNs: 0, errno: null, childNodeId: nodes.known(path) }
  const looked: Plan[] = [
    { what: 'request', key: path, request },
    { what: 'reply', key: path, outcome },
  ]
  if (!endsHidden) return looked
  const used = { ...common, opcode: 'getattr', nodeId: nodes.known(path) }
  return [...looked, { what: 'request', key: path, request: used }]
}

/** What a probe would find after a request, of what the request could have changed. */
function probes(request: TraceRequest, atNs: number, errno: string | null): Plan[] {
  const text = (raw: Raw | undefined): string | null => (raw === undefined ? null : decode(raw).text)
  const about = { path: text(request.path), newPath: text(request.newPath), name: text(request.xattr) }
  return effectsOf({ opcode: request.opcode, ...about }).flatMap((effect): Plan[] => {
    const raw = effect.path === about.path ? request.path : request.newPath
    if (raw === undefined || effect.kind === 'attribute' || effect.kind === 'content') return []
    const row = (probe: string, answer: boolean): Plan => {
      return { what: 'row', row: { kind: 'probe', atNs, probe, args: [raw], answer, errno: null } }
    }
    if (effect.kind === 'disappears') return [row('exists', errno !== null && errno !== 'ENOENT')]
    // A rename that failed says nothing of what is at the new name.
    if (effect.directory === null) return errno === null ? [row('exists', true)] : []
    const there = errno === null || errno === 'EEXIST'
    // What is there already may be either.
    const known = errno !== 'EEXIST'
    return [row('exists', there), ...(known ? [row('isDirectory', there && effect.directory)] : [])]
  })
}

function rowOf(event: Exclude<TraceEvent, { kind: 'request' | 'reply' }>): Row {
  if (event.kind === 'line') return lineRow(event.atNs, event.raw)
  return event.kind === 'probe' ? { ...event, errno: null } : event
}

/** Which of a daemon's threads are at work. */
class Threads {
  readonly #busy: (TraceRequest | null)[] = []

  take(request: TraceRequest): number {
    const free = this.#busy.indexOf(null)
    const thread = free < 0 ? this.#busy.length : free
    this.#busy[thread] = request
    return thread
  }

  give(request: TraceRequest): void {
    const thread = this.#busy.indexOf(request)
    if (thread >= 0) this.#busy[thread] = null
  }
}
