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
 *
 * In a recording of a test the calls come first, then the operations of each path: which thread acts, whose request is first, when
 * the log's lines arrive and how often the kernel asks again for what it knew is chance there.
 */
export function* canonical(reader: RecordingReader): Generator<string> {
  const { header } = reader
  yield `dialect ${printable(header.dialect)}`
  if (header.command) yield `command ${header.command.map(quoted).join(' ')}`
  for (const [name, value] of Object.entries(header.environment).sort())
    yield `environment ${printable(name)}=${printable(value)}`
  const byPath = header.origin === 'test' ? new ByPath(wasKilled(reader)) : null
  const pids = new Map<number, string>()
  let depth = 0
  for (const item of timeline(reader)) {
    if (item.kind === 'step') {
      depth = item.depth + 1
      yield `${'  '.repeat(item.depth)}step ${quoted(item.name)}`
    } else if (item.kind === 'call') {
      yield `${'  '.repeat(depth)}call ${describeCall(item.call, MAX_ARGUMENT)} ${outcomeOfCall(item.call)}`
    } else if (item.kind === 'operation' && !item.own) {
      if (byPath) byPath.add(item.operation)
      else yield `${'  '.repeat(depth)}${operationText(item.operation, pids)}`
    }
  }
  if (byPath) yield* byPath.texts()
  for (const row of reader.rows({ kinds: ['loss', 'exit'] })) {
    if (row.kind === 'loss') yield `lost ${printable(row.what)} ${row.count}`
    else if (row.kind === 'exit') yield `exit ${printable(String(row.signal ?? row.code ?? 'unknown'))}`
  }
  if (!reader.complete) yield 'incomplete'
}

/**
 * Operations of a test, by path. What the kernel's caches decide is left out: questions for attributes that were answered, the same
 * answer again, and of which path it was that a request was not implemented.
 */
class ByPath {
  readonly #texts = new Map<string, string[]>()
  /** What nobody waits for: it may come later than what was asked afterwards. */
  readonly #late = new Map<string, string[]>()
  readonly #notImplemented = new Set<string>()
  /** By path: how the last question that failed was answered. */
  readonly #failed = new Map<string, string>()
  readonly #killed: boolean

  /** @param killed whether the daemon was: then what nobody waits for may not have come any more */
  constructor(killed: boolean) {
    this.#killed = killed
  }

  add(operation: Operation): void {
    const { opcode, path, newPath, status, errno } = operation
    const key = path ?? ''
    if (ASKS.has(opcode)) {
      if ((status === 'ok' && !operation.negative) || errno === 'ENOSYS') return
      if (this.#failed.get(key) === (errno ?? status)) return
      this.#failed.set(key, errno ?? status)
    } else if (errno === 'ENOSYS') {
      this.#notImplemented.add(opcode)
      return
    } else if (status === 'ok') {
      if (CHANGES.has(opcode)) this.#failed.delete(key)
      if (newPath !== null) this.#failed.delete(newPath)
    }
    const late = LATE.has(opcode)
    if (late && this.#killed) return
    if (!this.#texts.has(key)) this.#texts.set(key, [])
    if (late && !this.#late.has(key)) this.#late.set(key, [])
    ;(late ? this.#late : this.#texts).get(key)?.push(operationText(operation, null))
  }

  *texts(): Generator<string> {
    const byName = [...this.#texts].sort(([a], [b]) => (a < b ? -1 : 1))
    for (const [path, texts] of byName) {
      yield path === '' ? 'of unknown paths' : `of ${quoted(path)}`
      for (const text of [...texts, ...(this.#late.get(path) ?? [])]) yield `  ${text}`
    }
    if (this.#notImplemented.size > 0)
      yield `not implemented: ${[...this.#notImplemented].sort().map(printable).join(' ')}`
  }
}

function wasKilled(reader: RecordingReader): boolean {
  for (const row of reader.rows({ kinds: ['exit'] })) if (row.kind === 'exit' && row.signal !== null) return true
  return false
}

const LATE: ReadonlySet<string> = new Set(['release', 'releasedir', 'forget', 'batch_forget'])
const ASKS: ReadonlySet<string> = new Set(['lookup', 'getattr', 'statx'])
const CHANGES: ReadonlySet<string> = new Set([
  'create',
  'mknod',
  'mkdir',
  'symlink',
  'unlink',
  'rmdir',
  'rename',
  'rename2',
])

function operationText(operation: Operation, pids: Map<number, string> | null): string {
  const { opcode, path, newPath, name, target, status, errno, endedBy, startNs, endNs, pid } = operation
  const parts = [printable(opcode), path === null ? '?' : quoted(path)]
  if (newPath !== null) parts.push('->', quoted(newPath))
  if (target !== undefined && target !== null) parts.push('=>', quoted(target))
  if (name !== null) parts.push(quoted(name))
  parts.push(printable(errno ?? status))
  if (endedBy !== null) parts.push(endedBy)
  if (endNs !== null) parts.push(decade(endNs - startNs))
  if (pids !== null && pid !== null && pid !== 0) parts.push(processOf(pid, pids))
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
