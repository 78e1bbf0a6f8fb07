import type { Writable } from 'node:stream'
import type { Exit } from '../monitor/monitor.js'
import { describeExit, killGroup } from '../process/daemon.js'
import { LATE, MS, within } from '../time.js'
import type { LiveSession } from './session.js'
import { StepLines } from './step-lines.js'

export interface WorkloadOptions {
  /** Run by `sh -c`, with the mountpoint as `$MOUNT`. */
  command: string
  session: LiveSession
  /** What it prints, without the lines that make steps. */
  onOutput(stream: 'stdout' | 'stderr', bytes: Uint8Array): void
  /** Added to its environment. */
  environment?: Readonly<Record<string, string>>
  /** Ends the workload when it fires. */
  signal: AbortSignal
}

/** How a workload ended. */
export interface WorkloadEnd {
  readonly exit: Exit
  /** Requests of its own were still in flight when the time for that was over. */
  readonly busy: boolean
  /** It was ended because it was asked to, or because the daemon had gone. */
  readonly stopped: 'signal' | 'daemon' | null
}

/** The step that is the whole workload. */
const WORKLOAD_STEP = 'workload'

/** Begins when the guard knows its process group: if the recorder is killed before that, the workload does nothing. */
const GUARDED = 'read -r begin <&3 && exec 3<&- && exec sh -c "$1"'

/** How long a workload may take to end after SIGTERM; one that is stuck in a dead mount never does. */
const GRACE_NS = 1000 * MS

/**
 * Runs a command on the mount, between two marks. Lines `::step NAME` and `::end` on its stdout begin and end steps. When the
 * daemon ends, the workload is ended as well: it would go on with the directory underneath.
 */
export async function runWorkload({
  command,
  session,
  onOutput,
  environment,
  signal,
}: WorkloadOptions): Promise<WorkloadEnd> {
  // Loaded when something is run: a start that only replays, or reads a recording, does not pay for it.
  const { execa } = await import('execa')
  await session.beginStep(WORKLOAD_STEP)
  const steps = new WorkloadSteps(session)
  const lines = new StepLines({
    onBytes: (bytes) => onOutput('stdout', bytes),
    onStep: (name, atNs) => steps.begin(name, atNs),
    onEnd: (atNs) => steps.end(atNs),
  })
  const { pipes } = session
  const onLoss = (count: number): void => session.recorder.lose('workload-bytes', count)
  // What had been logged when the workload printed a step is before the step.
  const stdout = await pipes.open({
    last: true,
    onChunk: (chunk, atNs) => lines.push(Buffer.from(chunk, 'latin1'), atNs),
    onLoss,
  })
  const stderr = await pipes.open({ onChunk: (chunk) => onOutput('stderr', Buffer.from(chunk, 'latin1')), onLoss })
  const child = execa('sh', ['-c', GUARDED, 'sh', command], {
    env: { MOUNT: session.mountpoint, ...environment },
    // Any descriptor will do; execa's types know the first ten.
    stdio: ['inherit', stdout.fd as 3, stderr.fd as 4, 'pipe'],
    buffer: false,
    reject: false,
    detached: true,
    cleanup: true,
  })
  for (const pipe of [stdout, stderr]) pipe.spawned()
  if (child.pid !== undefined) session.guardGroup(child.pid)
  const begin = child.stdio[3] as unknown as Writable
  begin.on('error', () => undefined)
  begin.end('\n')
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, how) => resolve({ code, signal: how }))
    child.once('error', () => resolve({ code: 127, signal: null }))
  })

  let stopped: WorkloadEnd['stopped'] = null
  let giveUp = (): void => undefined
  const given = new Promise<typeof LATE>((resolve) => {
    giveUp = () => resolve(LATE)
  })
  const stop = async (why: 'signal' | 'daemon'): Promise<void> => {
    if (stopped !== null) return
    stopped = why
    for (const how of ['SIGTERM', 'SIGKILL'] as const) {
      if (child.pid !== undefined) killGroup(child.pid, how)
      if ((await within(session.clock, GRACE_NS, exited)) !== LATE) return
    }
    // Killed, and still there: it waits in the kernel for an answer that only the end of the mount brings.
    child.unref()
    giveUp()
  }
  const onAbort = (): void => void stop('signal')
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) onAbort()
  const unsubscribe = session.monitor.subscribe(
    (event) => {
      if (event.type === 'stream-ended' || event.type === 'mount-lost') void stop('daemon')
    },
    { lines: false, passive: true },
  )
  if (session.monitor.state !== 'running') void stop('daemon')
  const ended = await Promise.race([exited, given])
  unsubscribe()
  signal.removeEventListener('abort', onAbort)
  const exit = ended === LATE ? { code: null, signal: 'SIGKILL' } : ended
  // A child of its own that lives on may hold its stdout open.
  const closed = Promise.all([stdout.ended, stderr.ended])
  if ((await within(session.clock, 200 * MS, closed)) === LATE) for (const pipe of [stdout, stderr]) pipe.release()
  lines.end(session.clock.nowNs())
  const busy = stopped === null && !(await session.quiet())
  steps.endAll()
  session.endStep(WORKLOAD_STEP)
  return { exit, busy, stopped }
}

/**
 * Steps that a workload prints: where they begin and end is when it printed them, however late that is read. A step that
 * begins within another which the workload never ends itself ends that one.
 */
class WorkloadSteps {
  readonly #session: LiveSession
  readonly #open: string[] = []
  /** The workload ends its steps, so that one within another is meant. */
  #ends = false

  constructor(session: LiveSession) {
    this.#session = session
  }

  begin(name: string, atNs: number): void {
    if (!this.#ends && this.#open.length > 0) this.#end(atNs)
    this.#open.push(name)
    this.#session.drainKernel()
    const { monitor } = this.#session
    monitor.beginStep(name, monitor.markAt(atNs))
  }

  end(atNs: number): void {
    this.#ends = true
    this.#end(atNs)
  }

  /** The workload is over, and all of its requests are done. */
  endAll(): void {
    for (const name of this.#open.splice(0).reverse()) this.#session.endStep(name)
  }

  #end(atNs: number): void {
    const name = this.#open.pop()
    this.#session.drainKernel()
    const { monitor } = this.#session
    if (name !== undefined) monitor.endStep(name, monitor.markAt(atNs))
  }
}

/** `exit code 1`, `signal SIGTERM`; null when all was well. */
export function describeFailure({ exit }: WorkloadEnd): string | null {
  return exit.code === 0 ? null : describeExit(exit)
}
