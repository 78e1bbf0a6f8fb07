import { opcodeName } from '../dialect/core/opcode.js'
import { kindOf } from '../operation/kind.js'
import { AT, KIND, readNumber } from './bpf-record.js'
import type { CopiedRecords, TakeRecord } from './bpf-ring.js'

export interface SkimOptions {
  /** A record that is to be read as any other. */
  onRecord: TakeRecord
  /** A request that has changed names, and its answer: `bytes` holds both. */
  onChange(bytes: Buffer, send: Place, end: Place): void
  /** So many records, of so many requests, were left out, but for `onChange`. */
  onSkipped(records: number, requests: number): void
}

/** Where a record is, and how long. */
export interface Place {
  readonly at: number
  readonly length: number
}

const ENOENT = -2

/** Names of requests, by number: none is above that. */
const NAMES: readonly string[] = Array.from({ length: 256 }, (_, opcode) => opcodeName(opcode))
/** What is known by more than a request and its answer: a mount begins; entries of a listing have records of their own. */
const WHOLE: ReadonlySet<number> = new Set(['init', 'cuse_init', 'readdirplus'].map((name) => NAMES.indexOf(name)))
const LOOKUP = NAMES.indexOf('lookup')
/** Whether requests of an opcode can change what a name stands for. */
const CHANGES: readonly boolean[] = NAMES.map((name) => !['node', 'entry'].includes(kindOf(name)))

/**
 * Reads records of requests that nobody will ask for: most of them in a tenth of a microsecond. Only what has changed names is
 * handed on, so that later requests have their paths; and what is not whole here.
 */
export function skim(records: CopiedRecords, { onRecord, onChange, onSkipped }: SkimOptions): void {
  const open = new Map<number, Place>()
  let [count, requests] = [0, 0]
  const whole: TakeRecord = (bytes, at, length) => {
    count--
    onRecord(bytes, at, length)
  }
  let all: Buffer | null = null
  records.read(Number.POSITIVE_INFINITY, (bytes, at, length) => {
    all = bytes
    count++
    const kind = bytes.readUInt32LE(at + AT.kind)
    const unique = readNumber(bytes, at + AT.unique)
    const opcode = bytes.readUInt32LE(at + AT.opcode)
    if (kind === KIND.send && !WHOLE.has(opcode)) {
      open.set(unique, { at, length })
      return
    }
    const send = open.get(unique)
    if (send !== undefined && kind === KIND.taken) return
    if (send === undefined || kind !== KIND.end) {
      whole(bytes, at, length)
      return
    }
    open.delete(unique)
    // Not all of the answer could be read: what that means is known where answers are read.
    if (bytes.readUInt32LE(at + AT.flags) !== 0) {
      whole(bytes, send.at, send.length)
      whole(bytes, at, length)
      return
    }
    requests++
    const error = bytes.readInt32LE(at + AT.error)
    const done = error === 0 || (error === ENOENT && opcode === LOOKUP)
    if (done && CHANGES[opcode] === true) onChange(bytes, send, { at, length })
  })
  // What has not been answered yet goes on, with the names of now.
  for (const { at, length } of open.values()) if (all !== null) whole(all, at, length)
  onSkipped(count, requests)
}
