import { join } from '../kernel/join.js'
import { KernelRequests } from '../kernel/requests.js'
import { decode, printable } from '../line/text.js'
import type { Operation } from '../operation/operation.js'
import { NO_COUNTS, timesOf } from '../recording/footer.js'
import { LineFeed } from '../recording/line-feed.js'
import { OwnRequests } from '../recording/own-requests.js'
import type { RecordingReader } from '../recording/reader.js'
import type { CallRow, Row, WaitRow } from '../recording/row.js'
import { wireMessage } from '../recording/wire-message.js'
import type { PageRecording } from './page-data.js'
import { PageEvents } from './page-events.js'
import { factsOf } from './page-facts.js'
import type { LineBlocks } from './page-html.js'
import { differences, errnosOf, operationColumns } from './page-operations.js'
import { PageTexts } from './page-texts.js'
import { PageWire } from './page-wire.js'

/** What a page can take without becoming slow; more is left out, and the page says so. */
export interface PageLimits {
  /** @default 500_000 */
  readonly operations: number
  /** Steps, calls, waits, probes and what else happened. @default 200_000 */
  readonly events: number
  /** Characters of log lines. @default 200 million */
  readonly lineText: number
}

const LIMITS: PageLimits = { operations: 500_000, events: 200_000, lineText: 200_000_000 }
/** A log in colours is read without them. */
const COLOURS = /\x1b\[[\d;]{0,24}m/g
/** Of lines that are unpacked at once: some ten milliseconds. */
const BLOCK_CHARACTERS = 2_000_000
const STREAMS = ['stdout', 'stderr', 'tty'] as const

export interface CollectOptions {
  /** The file's name, as it is shown. */
  readonly name: string
  /** Waits of a replay, in place of those that the recording holds. */
  readonly waits?: readonly Omit<WaitRow, 'kind'>[]
  /** Log lines are left out. */
  readonly noLines?: boolean
  readonly limits?: Partial<PageLimits>
}

/** A recording as the page takes it, with the text of its lines, and its operations for a comparison. */
export interface Collected {
  readonly page: PageRecording
  readonly lines: LineBlocks
  /** As in the page; fusetrace's own are in `own`. */
  readonly operations: readonly Operation[]
  readonly own: ReadonlySet<Operation>
  readonly calls: readonly CallRow[]
}

/** Reads a recording once, from its begin to its end. */
export function collectRecording(reader: RecordingReader, options: CollectOptions): Collected {
  const limits = { ...LIMITS, ...options.limits }
  const own = new OwnRequests(reader)
  const all = new Rows(reader, options, limits)
  for (const row of reader.rows()) all.push(row)
  const operations = all.operations.sort((a, b) => a.id - b.id)
  const texts = new PageTexts()
  const ownOnes = new Set(operations.filter((operation) => own.has(operation)))
  const columns = operationColumns(operations, texts, {
    own: (operation) => ownOnes.has(operation),
    kernel: kernelTimes(operations, all.kernel),
    wire: (operation) => all.wire?.of(operation) ?? null,
    lines: (operation) => all.linesOf(operation),
  })
  const blocks = blocksOf(all.lines)
  const page: PageRecording = {
    name: printable(options.name),
    dialect: printable(reader.header.dialect),
    durationNs: all.durationNs,
    lineCount: all.counts.line,
    linesHeld: all.lines.length,
    unparsed: reader.footer?.unparsed ?? null,
    problems: all.problems(reader.problem),
    facts: factsOf(reader, all.counts, all.durationNs),
    texts: texts.list,
    errnos: errnosOf(operations),
    operations: columns,
    events: all.events.list,
    lineBlocks: blocks.length,
  }
  const lines = { blocks, times: differences(all.lineTimes), streams: all.lineStreams }
  return { page, lines, operations, own: ownOnes, calls: own.calls }
}

/** Lines in texts that are unpacked in turn, so that none takes long. */
function blocksOf(lines: readonly string[]): string[] {
  const blocks: string[] = []
  let from = 0
  let characters = 0
  for (const [i, line] of lines.entries()) {
    characters += line.length + 1
    if (characters < BLOCK_CHARACTERS && i < lines.length - 1) continue
    blocks.push(lines.slice(from, i + 1).join('\n'))
    from = i + 1
    characters = 0
  }
  return blocks
}

function kernelTimes(
  operations: readonly Operation[],
  kernel: KernelRequests,
): Map<number, { sendNs: number; endNs: number | null }> {
  if (kernel.list.length === 0) return new Map()
  const { pairs } = join(operations, kernel.list)
  return new Map(pairs.map(({ operation, request }) => [operation.id, request]))
}

/** Rows, sorted into what the page is made of. */
class Rows {
  readonly operations: Operation[] = []
  readonly events: PageEvents = new PageEvents()
  readonly kernel: KernelRequests = new KernelRequests()
  readonly wire: PageWire | null
  readonly counts: Record<Row['kind'], number> = { ...NO_COUNTS }
  readonly lines: string[] = []
  readonly lineTimes: number[] = []
  readonly lineStreams: number[] = []
  durationNs = 0
  readonly #options: CollectOptions
  readonly #limits: PageLimits
  readonly #feed: LineFeed
  /** How many log lines come before each position that operations count by; null where they count log lines alone. */
  readonly #before: number[] | null
  #characters = 0
  #operationsLeftOut = 0
  #linesLeftOut = 0
  #eventsLeftOut = 0

  constructor(reader: RecordingReader, options: CollectOptions, limits: PageLimits) {
    const { header } = reader
    this.#options = options
    this.#limits = limits
    this.wire = header.wire ? new PageWire() : null
    this.#before = header.wire || header.dialect === 'kernel' ? [] : null
    this.#feed = new LineFeed(() => header.dialect === 'kernel')
    for (const wait of options.waits ?? []) this.events.push({ kind: 'wait', ...wait })
  }

  push(row: Row): void {
    this.counts[row.kind]++
    this.durationNs = Math.max(this.durationNs, timesOf(row)[1])
    const position = this.#feed.line(row) !== null || (isMessage(row) && wireMessage(row) !== null)
    if (position) this.#before?.push(this.lines.length)
    if (row.kind === 'line') this.#line(row)
    else if (row.kind === 'operation') {
      if (this.operations.length < this.#limits.operations) this.operations.push(row.operation)
      else this.#operationsLeftOut++
    } else if (isMessage(row)) this.wire?.push(row)
    else if (row.kind === 'kernel') this.kernel.push(row)
    else if (row.kind !== 'wait' || this.#options.waits === undefined) this.#event(row)
    if (row.kind === 'loss' && row.what === 'kernel-events') this.kernel.lose(row)
  }

  /** An end is taken beyond the limit too: of the run, or of a step that is there. */
  #event(row: Row): void {
    const ends = row.kind === 'exit' || (row.kind === 'mark' && row.edge === 'end')
    if (ends || this.events.count < this.#limits.events) this.events.push(row)
    else this.#eventsLeftOut++
  }

  #line({ atNs, stream, raw }: Extract<Row, { kind: 'line' }>): void {
    if (this.#options.noLines || this.#characters > this.#limits.lineText) {
      this.#linesLeftOut++
      return
    }
    const text = printable(decode(raw).text.replace(COLOURS, ''))
    this.#characters += text.length + 1
    this.lines.push(text)
    this.lineTimes.push(atNs)
    this.lineStreams.push(STREAMS.indexOf(stream))
  }

  /** The log lines of an operation, as far as the page holds them. */
  linesOf({ lines: [first, last] }: Operation): readonly [number, number] | null {
    const from = this.#before ? this.#before[first] : first
    const to = this.#before ? (this.#before[last + 1] ?? this.lines.length) - 1 : last
    if (from === undefined || to < from || from >= this.lines.length) return null
    return [from, Math.min(to, this.lines.length - 1) - from]
  }

  /** What is not as it should be, a sentence each. */
  problems(damage: string | null): string[] {
    const some = (count: number, what: string, why: string): string[] =>
      count > 0 ? [`${count} ${what} are not in this page: ${why}`] : []
    return [
      ...(damage === null ? [] : [`the recording is not whole: ${printable(damage)}`]),
      ...some(this.#operationsLeftOut, 'operations', `it takes ${this.#limits.operations}`),
      ...some(this.#eventsLeftOut, 'steps, calls and the like', `it takes ${this.#limits.events}`),
      ...some(this.#linesLeftOut, 'log lines', this.#options.noLines ? 'they were left out' : 'they are too many'),
    ]
  }
}

const isMessage = (row: Row): row is Extract<Row, { kind: 'request' | 'reply' }> =>
  row.kind === 'request' || row.kind === 'reply'
