import { printable } from '../line/text.js'
import type { Operation } from '../operation/operation.js'
import { describeCall, outcomeOfCall } from '../recording/describe-call.js'
import type { RecordingReader } from '../recording/reader.js'
import { timeline } from './timeline.js'

/** Longer arguments are in the recording as their length and digest. */
const MAX_ARGUMENT = 16_384

/**
 * A recording as text that stays the same when nothing but chance differs: no ids, no absolute times, times in decades,
 * processes by the order in which they appear. For `git diff`, through a textconv.
 */
export function* canonical(reader: RecordingReader): Generator<string> {
  const { header } = reader
  yield `dialect ${printable(header.dialect)}`
  if (header.command) yield `command ${header.command.map(quoted).join(' ')}`
  for (const [name, value] of Object.entries(header.environment).sort())
    yield `environment ${printable(name)}=${printable(value)}`
  const pids = new Map<number, string>()
  let depth = 0
  for (const item of timeline(reader)) {
    if (item.kind === 'step') {
      depth = item.depth + 1
      yield `${'  '.repeat(item.depth)}step ${quoted(item.name)}`
    } else if (item.kind === 'call') {
      yield `${'  '.repeat(depth)}call ${describeCall(item.call, MAX_ARGUMENT)} ${outcomeOfCall(item.call)}`
    } else if (item.kind === 'operation' && !item.own)
      yield `${'  '.repeat(depth)}${operationText(item.operation, pids)}`
  }
  for (const row of reader.rows({ kinds: ['loss', 'exit'] })) {
    if (row.kind === 'loss') yield `lost ${printable(row.what)} ${row.count}`
    else if (row.kind === 'exit') yield `exit ${printable(String(row.signal ?? row.code ?? 'unknown'))}`
  }
  if (!reader.complete) yield 'incomplete'
}

function operationText(operation: Operation, pids: Map<number, string>): string {
  const { opcode, path, newPath, name, target, status, errno, endedBy, startNs, endNs, pid } = operation
  const parts = [printable(opcode), path === null ? '?' : quoted(path)]
  if (newPath !== null) parts.push('->', quoted(newPath))
  if (target !== undefined && target !== null) parts.push('=>', quoted(target))
  if (name !== null) parts.push(quoted(name))
  parts.push(printable(errno ?? status))
  if (endedBy !== null) parts.push(endedBy)
  if (endNs !== null) parts.push(decade(endNs - startNs))
  if (pid !== null && pid !== 0) parts.push(processOf(pid, pids))
  return parts.join(' ')
}

function processOf(pid: number, pids: Map<number, string>): string {
  let name = pids.get(pid)
  if (name === undefined) {
    name = `p${pids.size + 1}`
    pids.set(pid, name)
  }
  return name
}

/** A duration by its power of ten; below a tenth of a millisecond chance rules. */
function decade(ns: number): string {
  if (ns < 1e5) return '<0.1ms'
  for (const [limit, text] of [
    [1e6, '<1ms'],
    [1e7, '<10ms'],
    [1e8, '<100ms'],
    [1e9, '<1s'],
    [1e10, '<10s'],
  ] as const) {
    if (ns < limit) return text
  }
  return '>=10s'
}

const quoted = (text: string): string => (/^[\w./@:+,=$~-]+$/.test(text) ? text : `"${printable(text)}"`)
