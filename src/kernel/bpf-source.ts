import type { SystemClock } from '../clock.js'
import { opcodeName, opcodeNumber } from '../dialect/core/opcode.js'
import { kernelLine } from '../recording/kernel-line.js'
import type { KernelRow } from '../recording/row.js'
import { BpfFilter } from './bpf-filter.js'
import { type BpfRecord, readBpfRecord } from './bpf-record.js'
import { type Place, skim } from './bpf-skim.js'
import { BpfTrace } from './bpf-trace.js'
import type { KernelSource, KernelSourceOptions, Pace, WantedRequest } from './kernel-source.js'
import { OneConnection } from './one-connection.js'

const INIT = opcodeNumber('init')

/** The kernel's events with their arguments. */
export class BpfSource implements KernelSource {
  readonly named = true
  readonly note = null
  readonly #trace: BpfTrace
  readonly #mine: OneConnection<BpfRecord>

  /** @throws FT_ENVIRONMENT when they cannot be had */
  static async open(options: KernelSourceOptions): Promise<BpfSource> {
    const { clock, onEvent, onLoss, onPassed, onSkipped } = options
    const mine = new OneConnection<BpfRecord>({
      onItem(record) {
        const row = kernelRow(record, clock)
        onEvent(row, (index) => kernelLine(row, index))
      },
      onLoss,
    })
    const push = (record: BpfRecord): void =>
      mine.push(record.connection, record.edge === 'send' && record.opcode === INIT, record)
    const read = (bytes: Buffer, { at, length }: Place): BpfRecord | null => {
      const record = readBpfRecord(bytes, at, length)
      if (record === null) onLoss(1)
      return record
    }
    const trace = await BpfTrace.open({
      onRecord: push,
      onLoss,
      onOverflow: (records) =>
        skim(records, {
          onRecord(bytes, at, length) {
            const record = read(bytes, { at, length })
            if (record !== null) push(record)
          },
          onChange(bytes, send, end) {
            const [request, answer] = [read(bytes, send), read(bytes, end)]
            if (request && answer && mine.current) onPassed?.(kernelRow(request, clock), kernelRow(answer, clock))
          },
          onSkipped: (records, requests) => onSkipped?.(records, requests),
        }),
    })
    trace.followFresh()
    return new BpfSource(trace, mine)
  }

  private constructor(trace: BpfTrace, mine: OneConnection<BpfRecord>) {
    this.#trace = trace
    this.#mine = mine
  }

  get pace(): Pace {
    return this.#trace.pace
  }

  set pace(pace: Pace) {
    this.#trace.pace = pace
  }

  hurry(): void {
    this.#trace.hurry()
  }

  narrow(wanted: readonly WantedRequest[] | null, open: readonly number[]): void {
    this.#trace.filter = wanted === null ? null : new BpfFilter(wanted, open)
  }

  follow(connection: number): void {
    this.#trace.follow(connection)
    this.drain()
    this.#mine.follow(connection)
  }

  drain(): void {
    this.#trace.drain()
  }

  stop(): Promise<void> {
    return this.#trace.close()
  }
}

/** A record as a recording keeps it. */
export function kernelRow(record: BpfRecord, clock: Pick<SystemClock, 'originNs'>): KernelRow {
  const { edge, nodeId, uid, gid, pid, len, body, opcode } = record
  const whole = !record.cut && !record.unsure
  return {
    kind: 'kernel',
    atNs: Number(record.atNs - clock.originNs),
    edge,
    unique: record.unique,
    opcode: edge === 'send' || edge === 'end' ? opcodeName(opcode) : null,
    error: edge === 'end' ? record.error : null,
    details: {
      nodeId,
      uid,
      gid,
      pid,
      len,
      incomplete: record.entriesMissing || record.unsure || (record.cut && edge !== 'send'),
      // Of half an answer nothing is taken for the whole.
      body: whole || edge === 'send' ? body : '',
    },
  }
}
