import type { VirtualClock } from '../clock.js'
import type { TraceMonitor } from '../monitor/trace-monitor.js'
import { LineFeed } from '../recording/line-feed.js'
import { type LossRow, type Row, timeOf } from '../recording/row.js'
import { wireMessage } from '../recording/wire-message.js'
import { RecordedProber } from './recorded-prober.js'
import type { ReplayOptions } from './replay-options.js'

/** Makes rows happen: at their times, in the monitor and in what probes are answered from. */
export class RowPlayer {
  readonly prober: RecordedProber = new RecordedProber()
  /** What the recording says was lost, so far. */
  readonly losses: LossRow[] = []
  readonly #clock: VirtualClock
  readonly #monitor: TraceMonitor
  readonly #options: Pick<ReplayOptions, 'onRow' | 'restore'>
  /** Where no dialect understands the log, the kernel's events are the log. */
  readonly #lines = new LineFeed(() => this.#monitor.dialect === 'kernel')

  constructor(clock: VirtualClock, monitor: TraceMonitor, options: Pick<ReplayOptions, 'onRow' | 'restore'>) {
    this.#clock = clock
    this.#monitor = monitor
    this.#options = options
    // First of all listeners: probes answer from what waits are about to be given.
    monitor.subscribe((event) => {
      if (event.type === 'started') this.prober.started(event.operation)
      else if (event.type === 'ended') this.prober.ended(event.operation)
    })
  }

  play(recorded: Row): void {
    const { onRow, restore } = this.#options
    const row = restore?.(recorded) ?? recorded
    const atNs = timeOf(row)
    if (atNs !== null) this.#clock.approach(atNs)
    onRow?.(row)
    const monitor = this.#monitor
    const line = this.#lines.line(row)
    if (line !== null) monitor.push(line)
    switch (row.kind) {
      case 'mark':
        if (row.edge === 'begin') monitor.beginStep(row.name)
        else if (row.edge === 'end') monitor.endStep(row.name)
        else monitor.mark(row.name)
        break
      case 'probe':
        this.prober.probe(row)
        if (row.probe === 'answers' && typeof row.answer === 'number') monitor.requestAnswered(row.answer)
        break
      case 'call':
        this.prober.call(row)
        break
      case 'mount':
        // Another daemon begins, after the end of the one before.
        if (row.event === 'spawned' && monitor.state !== 'running') {
          monitor.restart()
          break
        }
        if (row.event === 'answered') this.prober.mounted(true)
        if (row.event === 'unmounted' || row.event === 'lost') this.prober.mounted(false)
        monitor.reach(row.event, row.detail)
        break
      case 'exit':
        monitor.endStream({ code: row.code, signal: row.signal })
        break
      case 'loss':
        this.losses.push(row)
        break
      case 'request':
      case 'reply': {
        const message = wireMessage(row)
        if (message) monitor.pushWire(message)
        break
      }
      case 'line':
      case 'kernel':
      case 'fault':
      case 'wait':
      case 'operation':
        break
    }
  }
}
