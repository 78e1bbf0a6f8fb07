import type { MonitorView } from '../monitor/monitor.js'
import { WaitFailedError } from '../wait/engine/errors.js'
import { NO_TRACE } from '../wait/engine/machine.js'
import type { WaitFor } from '../wait/wait-for.js'

/** Monitors of mounts without a trace (mode `off`), and what skips the test that has one. */
const skips = new WeakMap<MonitorView, () => never>()

/** A test without a trace that asks for what only a trace can show is skipped: its answer would mean nothing. */
export function skipWithoutTrace(monitor: MonitorView, skip: (note: string) => never): void {
  skips.set(monitor, () => skip('only a trace can tell (FUSETRACE=off)'))
}

/** Skips the test where this monitor has no trace. */
export function needTrace(monitor: MonitorView): void {
  skips.get(monitor)?.()
}

/** The waits of a mount without a trace: those that cannot poll skip the test. */
export function untracedWaits(waitFor: WaitFor, monitor: MonitorView): WaitFor {
  return new Proxy(waitFor, {
    get(target, name) {
      const wait: unknown = Reflect.get(target, name)
      if (typeof wait !== 'function') return wait
      return (...args: unknown[]) => skipping(wait(...args) as Promise<unknown>, monitor)
    },
  })
}

function skipping(wait: Promise<unknown>, monitor: MonitorView): Promise<unknown> {
  const skipped: Promise<unknown> = new Promise((resolve, reject) => {
    wait.then(
      (result) => resolve(untracedResult(result, monitor)),
      (error: unknown) => {
        if (!(error instanceof WaitFailedError) || !error.reason.startsWith(NO_TRACE)) return reject(error)
        // The test is skipped whether it awaits this or not.
        skipped.catch(() => undefined)
        try {
          needTrace(monitor)
          reject(error)
        } catch (pending) {
          reject(pending)
        }
      },
    )
  })
  return skipped
}

/** A wait that polled knows of no operation: a test that asks for it asks for what only a trace can show. */
function untracedResult(result: unknown, monitor: MonitorView): unknown {
  if (typeof result !== 'object' || result === null || (result as { operation?: unknown }).operation !== null)
    return result
  const get = (): null => {
    needTrace(monitor)
    return null
  }
  return Object.defineProperty({ ...result }, 'operation', { get, enumerable: true })
}
