import type { MonitorView } from '../monitor/monitor.js'

/**
 * A signal that fires at the first Ctrl-C (or SIGTERM, SIGHUP), and when nothing can be printed any more (a closed terminal, a
 * reader that has gone); the second Ctrl-C ends the process at once.
 */
export interface Interruption {
  readonly signal: AbortSignal
  /** Ctrl-C is the system's again. */
  release(): void
}

export const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** Takes Ctrl-C, so that what was begun can be ended in order. */
export function interruption(): Interruption {
  const controller = new AbortController()
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(130)
    controller.abort()
  }
  const onGone = (): void => controller.abort()
  for (const name of SIGNALS) process.on(name, onSignal)
  process.stdout.on('error', onGone)
  return {
    signal: controller.signal,
    release() {
      for (const name of SIGNALS) process.off(name, onSignal)
      process.stdout.off('error', onGone)
    },
  }
}

/** Resolves when the signal has fired. */
export function fired(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** Resolves when the log has ended or the mount is lost. */
export function ended(monitor: MonitorView): Promise<void> {
  return new Promise((resolve) => {
    if (monitor.state !== 'running') resolve()
    monitor.subscribe(
      (event) => {
        if (event.type === 'stream-ended' || event.type === 'mount-lost') resolve()
      },
      { lines: false, passive: true },
    )
  })
}
