import type { Fence, Mark } from '../monitor/monitor.js'
import type { TraceMonitor } from '../monitor/trace-monitor.js'
import type { Fences } from './fence.js'

/** The marks and steps of a live session. */
export abstract class SessionSteps {
  abstract readonly monitor: TraceMonitor
  /** Null until the mount is there. */
  protected fences: Fences | null = null

  /** Everything that has been logged by now has been handed on when this returns. */
  protected abstract catchUp(): void

  mark(name?: string): Mark {
    return this.monitor.mark(name)
  }

  /** A step begins, after everything that was done before it, as far as the log can show. */
  async beginStep(name: string): Promise<Mark> {
    const set = (): Mark => this.monitor.beginStep(name)
    return this.fences ? (await this.fences.fence(set)).mark : set()
  }

  /** A step ends, after everything that has been logged by now. */
  endStep(name: string): Mark {
    this.catchUp()
    return this.monitor.endStep(name)
  }

  async step<T>(name: string, fn: () => T | Promise<T>): Promise<T> {
    await this.beginStep(name)
    try {
      return await fn()
    } finally {
      this.endStep(name)
    }
  }

  fence(): Promise<Fence> {
    return this.monitor.fence()
  }
}
