import type { Operation } from '../operation/operation.js'
import type { RecordingHeader, Row } from '../recording/row.js'
import { openReplay } from '../replay/open-replay.js'
import type { ReplayOptions } from '../replay/replay-options.js'
import type { ReplaySession } from '../replay/replay-session.js'
import { isAsynchronous, type Move } from './moves.js'
import type { Explored, ExploreRecordingOptions, ExploreRecordingReport, FailingOrder, Preemption } from './order.js'
import { variantOf } from './variant.js'

/** What is tried, and on what. */
interface Given {
  header: RecordingHeader
  rows: Row[]
  operations: Operation[]
  explored: Explored
  options: ExploreRecordingOptions
  /** What is wrong with the recording. */
  problem: string | null
}

/** The orders so far. */
export class Orders {
  readonly #given: Given
  readonly #known: string
  #orders = 0
  #leftOut = 0
  failing: FailingOrder | null = null

  constructor(given: Given) {
    this.#given = given
    this.#known = signature(given.operations)
  }

  get over(): boolean {
    return this.#orders + this.#leftOut >= (this.#given.options.maxOrders ?? 10_000)
  }

  report(cut: boolean): ExploreRecordingReport {
    const { problem } = this.#given
    return { orders: this.#orders, leftOut: this.#leftOut, complete: !cut, failing: this.failing, problem }
  }

  async try(moves: readonly Move[], seed: number | null): Promise<void> {
    const { header, options, explored } = this.#given
    const rows = variantOf(this.#given.rows, moves)
    const source = { header, rows: () => rows }
    const replay = replayOptions(options)
    if (moves.length > 0 && (await this.#readOtherwise(source, replay))) {
      this.#leftOut++
      return
    }
    this.#orders++
    const session = await openReplay(source, { ...replay, ...(seed !== null && { seed }) })
    try {
      await explored(destructurable(session))
    } catch (error) {
      const preemptions = moves.map((move) => this.#preemption(move))
      this.failing = { preemptions, seed, error: error instanceof Error ? error : new Error(String(error)) }
    } finally {
      await session.close()
      options.onOrder?.(this.#orders)
    }
  }

  /** Whether the log in this order says something else: then it is not one that the daemon could have written. */
  async #readOtherwise(source: { header: RecordingHeader; rows(): Row[] }, replay: ReplayOptions): Promise<boolean> {
    return signature(await played(source, replay)) !== this.#known
  }

  #preemption({ operation, what, behind }: Move): Preemption {
    return { operation, what, after: this.#place(behind) }
  }

  #place(at: number): Operation | string | null {
    const { rows, operations } = this.#given
    const row = rows[at]
    if (row === undefined) return null
    if (row.kind === 'mark') return row.edge === 'moment' ? `mark ${row.name}` : `the ${row.edge} of step ${row.name}`
    let line = -1
    for (let i = 0; i <= at; i++) if (rows[i]?.kind === 'line') line++
    return operations.findLast(({ lines }) => lines[0] <= line) ?? null
  }
}

/** How each order is read. */
export const replayOptions = ({ dialect }: ExploreRecordingOptions): ReplayOptions => (dialect ? { dialect } : {})

/** What was done and how it ended, whatever the order. Where the kernel chooses the moment, a node may have another name by then. */
function signature(operations: readonly Operation[]): string {
  return operations
    .map(({ opcode, path, newPath, name, status, errno, endedBy }) =>
      JSON.stringify([opcode, isAsynchronous(opcode) ? null : path, newPath, name, status, errno, endedBy]),
    )
    .sort()
    .join('\n')
}

/** The operations of a recording, as they are read today. */
export async function played(
  source: { header: RecordingHeader; rows(): Row[] },
  options: ReplayOptions,
): Promise<Operation[]> {
  const replay = await openReplay(source, { ...options, pace: 'manual' })
  const operations: Operation[] = []
  replay.monitor.subscribe((event) => {
    if (event.type === 'ended' && event.known !== 'early') operations.push(event.operation)
  })
  await replay.playToEnd()
  await replay.close()
  return operations
}

/** The session such that `({ step, waitFor })` can be taken out of it. */
function destructurable(session: ReplaySession): ReplaySession {
  return new Proxy(session, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
