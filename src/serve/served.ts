import type { Fence, Mark, MonitorView } from '../monitor/monitor.js'
import type { WaitFor } from '../wait/wait-for.js'

/** What is served: a live mount, somebody else's mount, a log that grows, or a recording. */
export interface Served {
  readonly monitor: MonitorView
  readonly waitFor: WaitFor
  /** Null where there is none: a log, a recording. */
  readonly mountpoint: string | null
  /** Of the daemon, where it is ours. */
  readonly pid: number | null
  mark(name?: string): Mark
  beginStep(name: string): Promise<Mark>
  endStep(name: string): Promise<Mark>
  fence(): Promise<Fence>
}

/** A live session, as far as it is served. */
interface Live extends Pick<Served, 'monitor' | 'waitFor' | 'mark' | 'beginStep' | 'fence'> {
  readonly mountpoint: string
  readonly daemon: { readonly pid: number } | null
  endStep(name: string): Mark | Promise<Mark>
}

/** Serves a live mount. */
export function servedLive(session: Live): Served {
  return {
    monitor: session.monitor,
    waitFor: session.waitFor,
    mountpoint: session.mountpoint,
    pid: session.daemon?.pid ?? null,
    mark: (name) => session.mark(name),
    beginStep: (name) => session.beginStep(name),
    endStep: async (name) => session.endStep(name),
    fence: () => session.fence(),
  }
}

/** What has steps with a function between begin and end. */
interface Stepping extends Pick<Served, 'monitor' | 'waitFor'> {
  mark(name?: string): Mark
  step<T>(name: string, fn: () => T | Promise<T>): Promise<T>
  fence(): Promise<Fence>
}

/** Serves a session whose steps run a function: the step's end is what the function waits for. */
export function servedReplay(session: Stepping): Served {
  const open: { name: string; end: () => void; done: Promise<unknown> }[] = []
  return {
    monitor: session.monitor,
    waitFor: session.waitFor,
    mountpoint: null,
    pid: null,
    mark: (name) => session.mark(name),
    fence: () => session.fence(),
    async beginStep(name) {
      await new Promise<void>((resolve, reject) => {
        const ended = new Promise<void>((end) => {
          const done = session.step(name, () => {
            resolve()
            return ended
          })
          done.catch(reject)
          open.push({ name, end, done })
        })
      })
      return session.monitor.latestMark
    },
    async endStep(name) {
      const at = open.findLastIndex((step) => step.name === name)
      const [step] = at < 0 ? [] : open.splice(at, 1)
      step?.end()
      await step?.done
      return session.monitor.mark()
    },
  }
}
