import type { SystemClock } from '../clock.js'
import type { KernelEvent } from '../dialect/kernel/event.js'
import { kernel } from '../dialect/kernel/kernel.js'
import { KernelTrace } from '../kernel/source.js'
import type { Raw } from '../line/line.js'
import type { TraceMonitor } from '../monitor/trace-monitor.js'
import { Interpreter } from '../operation/interpreter.js'
import type { Operation } from '../operation/operation.js'
import type { Recorder } from './recorder.js'

export interface KernelSideOptions {
  clock: SystemClock
  monitor: TraceMonitor
  recorder: Recorder
  /** The monitor reads the kernel's events instead of the log. */
  replacesLog: boolean
}

/** Operations that are kept until it is known whether the log is understood. */
const MAX_KEPT = 500_000

/**
 * The kernel's events of a live run: rows of the recording beside the log's lines, and operations where the log names none.
 */
export class KernelSide {
  readonly replacesLog: boolean
  readonly #options: KernelSideOptions
  readonly #trace: KernelTrace
  readonly #interpreter: Interpreter | null
  #kept: Operation[] = []
  #dropped = 0
  #events = 0

  /** @throws FT_ENVIRONMENT when the kernel's events cannot be had */
  constructor(options: KernelSideOptions) {
    this.#options = options
    this.replacesLog = options.replacesLog
    this.#interpreter = options.replacesLog
      ? null
      : new Interpreter({ dialect: kernel, onEnd: (operation) => this.#keep(operation) })
    this.#trace = new KernelTrace({
      clock: options.clock,
      onEvent: (event, raw) => this.#take(event, raw),
      onLoss: ({ what, count }) => options.recorder.lose(what, count),
    })
  }

  /** Events so far. */
  get events(): number {
    return this.#events
  }

  follow(connection: number): void {
    this.#trace.follow(connection)
  }

  drain(): void {
    this.#trace.drain()
  }

  /**
   * Ends the trace. When the log was of no use its operations are the recording's. Call it after the end of the log.
   *
   * @returns whether the operations are the kernel's
   */
  stop(): boolean {
    this.#trace.stop()
    const { monitor, recorder, clock } = this.#options
    const used = this.replacesLog || monitor.dialect === null || monitor.dialect === 'none'
    this.#interpreter?.end(clock.nowNs())
    if (used && this.#events > 0) {
      for (const operation of this.#kept) recorder.write({ kind: 'operation', operation })
      if (this.#dropped > 0) recorder.lose('kernel-operations', this.#dropped)
      recorder.setDialect(kernel)
    }
    this.#kept = []
    return used
  }

  #take(event: KernelEvent, raw: Raw): void {
    const { clock, monitor, recorder } = this.#options
    const atNs = Number(event.atNs - clock.originNs)
    const { edge, unique, opcode, error } = event
    recorder.write({ kind: 'kernel', atNs, edge, unique, opcode, error })
    const line = { index: this.#events++, atNs, stream: 'stdout', raw, terminated: true } as const
    if (this.replacesLog) monitor.push(line)
    else if (monitor.dialect === null || monitor.dialect === 'none') this.#interpreter?.push(line)
    else this.#kept = []
  }

  #keep(operation: Operation): void {
    if (this.#kept.length < MAX_KEPT) this.#kept.push(operation)
    else this.#dropped++
  }
}
