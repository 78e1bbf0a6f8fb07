import type { LiveSession } from '../live/session.js'
import type { WorkloadEnd } from '../live/workload.js'
import { duration } from './format.js'

interface SummaryFacts {
  session: LiveSession
  file: string
  workload: WorkloadEnd | null
  /** What it took to take the mount down. */
  phases: readonly string[]
}

/** What a finished recording holds, for people and for scripts. Call it when the session has been shut down. */
export function summary({ session, file, workload, phases }: SummaryFacts): { text: string; value: object } {
  const { monitor, recorder, clock } = session
  const { operation: operations, line: lines } = recorder.counts
  const { unparsed } = monitor.interpreter
  const dialect = recorder.dialect ?? 'none'
  const losses = [...recorder.losses].map(([what, count]) => ({ what, count }))
  const durationNs = clock.nowNs()
  const value = {
    file,
    dialect,
    operations,
    lines,
    unparsed,
    kernelEvents: session.kernelEvents,
    kernelNames: session.kernelEvents === null ? null : session.kernelNote === null,
    losses,
    durationNs,
    exit: monitor.exit,
    workload: workload && { ...workload.exit, busy: workload.busy, stopped: workload.stopped },
    unmounted: phases,
  }
  const shown = file === '-' ? 'FILE' : file
  const parts = [`${file === '-' ? 'stdout' : file}: ${operations} operations (${dialect}) in ${duration(durationNs)}`]
  parts.push(`${lines} lines, ${unparsed} of them not understood`)
  if (session.kernelEvents !== null) parts.push(`${session.kernelEvents} events of the kernel`)
  for (const { what, count } of losses) parts.push(`LOST: ${count} ${what}`)
  if (workload?.busy) parts.push('requests were still in flight at the end')
  const notes: string[] = []
  if (monitor.dialect === 'none' || monitor.dialect === null || session.kernelUsed) {
    const log = lines === 0 ? 'is empty' : 'names no requests that any dialect knows'
    if (session.kernelUsed)
      notes.push(`the operations are the kernel's${session.kernelOnly ? '' : `: the daemon's log ${log}`}`)
    else {
      notes.push(`nothing was understood: this daemon's log ${log}`)
      notes.push('is its debug log on (often -d)? --kernel records every request all the same')
    }
  }
  if (session.kernelNote !== null) notes.push(session.kernelNote)
  return { text: [parts.join(', '), ...notes, `fusetrace show ${shown}`].join('; '), value }
}
