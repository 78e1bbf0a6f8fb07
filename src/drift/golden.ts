import type { Dialect } from '../dialect/core/dialect.js'
import { decode } from '../line/text.js'
import { Interpreter } from '../operation/interpreter.js'
import type { Operation } from '../operation/operation.js'
import { WireInterpreter } from '../operation/wire-interpreter.js'
import { LineFeed } from '../recording/line-feed.js'
import type { RecordingReader } from '../recording/reader.js'
import { wireMessage } from '../recording/wire-message.js'
import { byHarm, type Comparison, type Finding, type FindingCode, type Severity, worse } from './findings/finding.js'

/** Operations of one reading that wait for those of the other. Beyond, the oldest are taken for missing. */
const MAX_WAITING = 20_000
const LINES_KEPT = 4096

interface Group {
  code: FindingCode
  severity: Severity
  opcodes: Set<string>
  count: number
  title: string
  consequence: string
  line: { text: string; line: number } | null
}

/**
 * Reads a recording's raw lines anew and holds the operations against those that were understood when it was recorded.
 * One pass; memory does not grow with the file.
 */
export function checkGolden(reader: RecordingReader, dialect: Dialect): Comparison {
  const check = new GoldenCheck()
  const onEnd = (operation: Operation): void => check.fresh(operation)
  // Where messages were recorded the operations are theirs; the log's lines are only counted.
  const wire = reader.header.wire ? new WireInterpreter({ onEnd }) : null
  const interpreter = new Interpreter({ dialect, ...(!wire && { onEnd }) })
  const feed = new LineFeed(() => dialect.name === 'kernel')
  let lines = 0
  let position = 0
  let atNs = 0
  /** How the daemon ended; another may be started after it. */
  let ended: 'cut' | 'complete' | null = null
  for (const row of reader.rows({ kinds: ['line', 'kernel', 'loss', 'operation', 'exit', 'request', 'reply'] })) {
    if (row.kind === 'operation') check.golden(row.operation)
    else if (row.kind === 'exit') ended = row.signal !== null ? 'cut' : 'complete'
    const message = wire && (row.kind === 'request' || row.kind === 'reply') ? wireMessage(row) : null
    if (wire && message) {
      if (ended !== null) wire.end()
      ended = null
      atNs = message.atNs
      check.line(position, `a ${message.edge} of ${message.bytes.length} bytes`)
      wire.push(message, position++)
    }
    const line = feed.line(row)
    if (line === null) continue
    if (ended !== null) interpreter.end(atNs, ended)
    ended = null
    lines++
    atNs = line.atNs
    check.line(position++, line.raw)
    interpreter.push(line)
  }
  wire?.end()
  interpreter.end(atNs, ended ?? 'complete')
  const findings = check.end(reader.complete)
  if (!reader.complete) findings.unshift(damaged(reader.problem ?? 'it was not finished'))
  const { dialect: name } = reader.header
  const { goldenCount, freshCount } = check
  return {
    findings,
    notExercised: [],
    old: { dialect: name, lines, understood: lines, operations: goldenCount },
    new: { dialect: dialect.name, lines, understood: lines - interpreter.unparsed, operations: freshCount },
  }
}

class GoldenCheck {
  readonly #golden = new Map<string, Operation>()
  readonly #fresh = new Map<string, Operation>()
  readonly #groups = new Map<string, Group>()
  readonly #lines: string[] = []
  #lineCount = 0
  goldenCount = 0
  freshCount = 0

  line(index: number, raw: string): void {
    this.#lines[index % LINES_KEPT] = raw
    this.#lineCount = index + 1
  }

  golden(operation: Operation): void {
    this.goldenCount++
    this.#meet(operation, this.#golden, this.#fresh, (other) => this.#compare(operation, other))
    if (this.#golden.size > MAX_WAITING) this.#missing(oldest(this.#golden))
  }

  fresh(operation: Operation): void {
    this.freshCount++
    this.#meet(operation, this.#fresh, this.#golden, (other) => this.#compare(other, operation))
    if (this.#fresh.size > MAX_WAITING) this.#extra(oldest(this.#fresh))
  }

  /** What is left has no counterpart. A recording that is not whole may lack the last operations' rows. */
  end(complete: boolean): Finding[] {
    const left = [...this.#fresh.values()]
    for (const operation of this.#golden.values()) {
      const at = left.findIndex((other) => other.lines[0] === operation.lines[0])
      if (at < 0) this.#missing(operation)
      else this.#renamed(operation, left.splice(at, 1)[0] as Operation)
    }
    if (complete) for (const operation of left) this.#extra(operation)
    return [...this.#groups.values()].map((group) => finding(group)).sort(byHarm)
  }

  #meet(
    operation: Operation,
    own: Map<string, Operation>,
    other: Map<string, Operation>,
    met: (o: Operation) => void,
  ): void {
    const key = `${operation.lines[0]} ${operation.unique} ${operation.opcode}`
    const there = other.get(key)
    if (there === undefined) {
      own.set(key, operation)
      return
    }
    other.delete(key)
    met(there)
  }

  #compare(was: Operation, is: Operation): void {
    for (const [field, code] of FIELDS) {
      const [before, now] = [was[field] ?? null, is[field] ?? null]
      if (before === now) continue
      // A node with several names: which one is meant is not said any more where it was only likely.
      if (field === 'path' && now === null && before !== null && is.paths?.includes(String(before))) continue
      if (now === null) this.#add(code, 'breaks', was, `${WORDS[field]} was known and is not any more`)
      else if (before === null)
        this.#add('operation-changed', 'cosmetic', was, `${WORDS[field]} is known now; it was not`)
      else
        this.#add('operation-changed', 'breaks', was, `${WORDS[field]} is read as something else`, `${before} → ${now}`)
    }
    if (was.status !== is.status) {
      const lost = is.status === 'unknown' || is.status === 'unfinished'
      const code = is.status === 'unfinished' ? 'reply-gone' : lost ? 'status-lost' : 'operation-changed'
      const better = was.status === 'unknown' || was.status === 'unfinished'
      this.#add(
        code,
        better ? 'cosmetic' : 'breaks',
        was,
        `the outcome was \`${was.status}\` and is now read as \`${is.status}\``,
      )
    } else if (was.endedBy !== is.endedBy) {
      this.#add(
        'end-inferred',
        'degrades',
        was,
        `the end was known by \`${was.endedBy}\` and is now by \`${is.endedBy}\``,
      )
    } else if (was.endNs !== is.endNs || was.startNs !== is.startNs) {
      this.#add('operation-changed', 'degrades', was, 'its times are read differently')
    }
  }

  #missing(operation: Operation): void {
    this.#add('operation-gone', 'breaks', operation, 'operations that were understood are not seen any more')
  }

  #extra(operation: Operation): void {
    this.#add('operation-new', 'degrades', operation, 'operations are seen that were not understood before')
  }

  #renamed(was: Operation, is: Operation): void {
    this.#add('operation-renamed', 'breaks', was, `\`${was.opcode}\` is now read as \`${is.opcode}\``)
  }

  #add(code: FindingCode, severity: Severity, operation: Operation, title: string, example = ''): void {
    const key = `${code} ${title}`
    let group = this.#groups.get(key)
    if (group === undefined) {
      const index = operation.lines[0]
      const raw = index > this.#lineCount - LINES_KEPT ? this.#lines[index % LINES_KEPT] : undefined
      const line = raw === undefined ? null : { text: decode(raw).text, line: index }
      group = { code, severity, opcodes: new Set(), count: 0, title, consequence: example, line }
      this.#groups.set(key, group)
    }
    group.severity = worse(group.severity, severity)
    group.count++
    if (group.opcodes.size < 64) group.opcodes.add(operation.opcode)
  }
}

function oldest(map: Map<string, Operation>): Operation {
  const [key, operation] = map.entries().next().value as [string, Operation]
  map.delete(key)
  return operation
}

const FIELDS: readonly (readonly ['path' | 'newPath' | 'name' | 'target' | 'errno' | 'pid', FindingCode])[] = [
  ['path', 'path-lost'],
  ['newPath', 'path-lost'],
  ['target', 'path-lost'],
  ['name', 'name-lost'],
  ['errno', 'errno-lost'],
  ['pid', 'pid-lost'],
]

const WORDS = {
  path: 'the path',
  newPath: 'the new path',
  name: "the attribute's name",
  target: "the symlink's target",
  errno: 'the error',
  pid: 'the calling process',
} as const

/** A file that is not whole: of what is missing nothing can be said. */
const damaged = (problem: string): Finding => ({
  code: 'recording-damaged',
  severity: 'breaks',
  title: `the recording is not whole: ${problem}`,
  old: null,
  new: null,
  lines: 0,
  opcodes: [],
  effects: [],
  consequence:
    'What is missing may be read differently or not: that cannot be told. Record again, or take a whole copy.',
  waits: [],
  tests: [],
})

function finding({ code, severity, opcodes, count, title, consequence, line }: Group): Finding {
  const names = [...opcodes].sort()
  const which = names.map((name) => `\`${name}\``).join(', ')
  const example = consequence === '' ? '' : ` For example: ${consequence}.`
  return {
    code,
    severity,
    title,
    old: line && { ...line, ranges: [] },
    new: null,
    lines: count,
    opcodes: names,
    effects: [],
    consequence: `It concerns ${count} ${count === 1 ? 'operation' : 'operations'}: ${which}. The log is the same; this version of fusetrace reads it differently.${example}`,
    waits: [],
    tests: [],
  }
}
