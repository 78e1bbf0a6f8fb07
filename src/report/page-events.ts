import { printable } from '../line/text.js'
import { describeCall, describeProbe, outcomeOfCall } from '../recording/describe-call.js'
import type { CallRow, ExitRow, Row, WaitRow } from '../recording/row.js'
import type { PageEvent, PageWait } from './page-data.js'

/** Characters of a call's argument that are shown. */
const MAX_ARGUMENT = 200

/** All that happened besides operations, as rows come. */
export class PageEvents {
  readonly #list: PageEvent[] = []
  readonly #open: Extract<PageEvent, { k: 'step' }>[] = []

  /** In order of time. */
  get list(): PageEvent[] {
    return this.#list.sort((a, b) => a.at - b.at)
  }

  get count(): number {
    return this.#list.length
  }

  push(row: Row): void {
    if (row.kind === 'mark') this.#mark(row.edge, row.name, row.atNs)
    else {
      const event = eventOf(row)
      if (event !== null) this.#list.push(event)
    }
  }

  #mark(edge: 'begin' | 'end' | 'moment', name: string, at: number): void {
    const text = printable(name)
    if (edge === 'moment') this.#list.push({ k: 'moment', at, name: text, own: name === 'fence' })
    else if (edge === 'begin') {
      const step = { k: 'step' as const, at, end: null, name: text, depth: this.#open.length }
      this.#open.push(step)
      this.#list.push(step)
    } else {
      const last = this.#open.findLastIndex((step) => step.name === text)
      const [step] = this.#open.splice(last >= 0 ? last : this.#open.length - 1, 1)
      if (step) step.end = at
    }
  }
}

/** A row as an event; null for what is none, or a mark. */
function eventOf(row: Row): PageEvent | null {
  switch (row.kind) {
    case 'call':
      return callEvent(row)
    case 'probe':
      return { k: 'probe', at: row.atNs, text: printable(describeProbe(row)) }
    case 'wait':
      return waitEvent(row)
    case 'mount': {
      const detail = row.detail === null ? null : printable(row.detail)
      return { k: 'mount', at: row.atNs, event: row.event, detail, bad: row.event === 'lost' }
    }
    case 'exit':
      return { k: 'exit', at: row.atNs, text: endOf(row), bad: row.signal !== null || row.code !== 0 }
    case 'loss':
      return { k: 'loss', at: row.atNs, text: `${row.count} ${printable(row.what)}` }
    case 'fault':
      return { k: 'fault', at: row.atNs, text: faultText(row) }
    default:
      return null
  }
}

/** How the daemon ended, in words. */
const endOf = ({ code, signal }: Pick<ExitRow, 'code' | 'signal'>): string =>
  signal !== null ? `killed by ${printable(signal)}` : code === null ? 'ended, nobody knows how' : `exit code ${code}`

function callEvent(row: CallRow): PageEvent {
  const { error } = row
  return {
    k: 'call',
    at: row.beginNs,
    end: row.endNs,
    text: describeCall(row, MAX_ARGUMENT),
    outcome: printable(outcomeOfCall(row)),
    bad: error !== null,
    message: error === null ? null : printable(error.message),
  }
}

/** A wait as the page has it. */
function waitEvent(row: Omit<WaitRow, 'kind'>): PageWait {
  return {
    k: 'wait',
    at: row.beginNs,
    end: row.endNs,
    title: printable(row.title),
    since: printable(row.since),
    sinceNs: row.sinceNs,
    outcome: row.end,
    by: row.by,
    operations: [...row.operations],
    misses: row.misses.map(({ operation, reasons }) => ({ operation, reasons: reasons.map(printable) })),
    note: row.note === null ? null : row.note.split('\n').map(printable).join('\n'),
  }
}

function faultText({ text, opcode, path, unique }: Extract<Row, { kind: 'fault' }>): string {
  return printable(`${text}: met ${opcode}${path === null ? '' : ` ${path}`} (unique ${unique})`)
}
