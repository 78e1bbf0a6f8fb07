import { type FinishedTrace, type Operation, openReplay } from './exports.js'

/** Those whose lines are those of a log. */
export const LOGS = ['libfuse', 'tracing', 'fuser', 'go-fuse'] as const
/** All that `trace()` writes. */
export const DIALECTS = [...LOGS, 'kernel', 'wire'] as const

/** The operations that a replay of a trace shows. */
export async function operationsOf(run: FinishedTrace): Promise<readonly Operation[]> {
  await using session = await openReplay(run, { pace: 'manual' })
  const ended: Operation[] = []
  session.monitor.subscribe((event) => void (event.type === 'ended' && ended.push(event.operation)))
  await session.playToEnd()
  return ended.sort((a, b) => a.id - b.id)
}
