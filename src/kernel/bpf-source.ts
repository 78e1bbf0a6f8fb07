import type { SystemClock } from '../clock.js'
import { opcodeName } from '../dialect/core/opcode.js'
import { kernelLine } from '../recording/kernel-line.js'
import type { KernelRow } from '../recording/row.js'
import type { BpfRecord } from './bpf-record.js'
import { BpfTrace } from './bpf-trace.js'
import type { KernelSource, KernelSourceOptions } from './kernel-source.js'
import { OneConnection } from './one-connection.js'

const INIT = 26

/** The kernel's events with their arguments. */
export class BpfSource implements KernelSource {
  readonly named = true
  readonly note = null
  readonly #trace: BpfTrace
  readonly #mine: OneConnection<BpfRecord>

  /** @throws FT_ENVIRONMENT when they cannot be had */
  static async open({ clock, onEvent, onLoss }: KernelSourceOptions): Promise<BpfSource> {
    const mine = new OneConnection<BpfRecord>({
      onItem(record) {
        const row = kernelRow(record, clock)
        onEvent(row, (index) => kernelLine(row, index))
      },
      onLoss,
    })
    const trace = await BpfTrace.open({
      onRecord: (record) => mine.push(record.connection, record.edge === 'send' && record.opcode === INIT, record),
      onLoss,
    })
    trace.followFresh()
    return new BpfSource(trace, mine)
  }

  private constructor(trace: BpfTrace, mine: OneConnection<BpfRecord>) {
    this.#trace = trace
    this.#mine = mine
  }

  get eager(): boolean {
    return this.#trace.eager
  }

  set eager(on: boolean) {
    this.#trace.eager = on
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
function kernelRow(record: BpfRecord, clock: Pick<SystemClock, 'originNs'>): KernelRow {
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
