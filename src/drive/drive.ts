import { FusetraceError } from '../errors.js'
import type { Connection } from '../vfs/connection.js'
import { isErrno } from '../vfs/errno.js'
import { isUnanswered, type Opcode, WireError } from '../wire/index.js'
import type { Asked, Difference, NotSent, Outcome, Remarks, Step } from './step.js'

/** One answer that is not the recorded one. */
export interface DrivenDifference extends Difference {
  /** Which request of the recording, from 0. */
  readonly index: number
  readonly opcode: string
  readonly path: string | null
}

/** What driving a recording came to. */
export interface DriveResult {
  /** Requests that were sent, those of the recording. */
  readonly sent: number
  /** Answers that were held against recorded ones and are the same. */
  readonly same: number
  readonly differences: readonly DrivenDifference[]
  /** Answers that there was nothing to hold against. */
  readonly notCompared: number
  /** Requests that were not sent, by name and reason. */
  readonly notSent: readonly { readonly opcode: string; readonly reason: string; readonly count: number }[]
  /** Values that were chosen because the recording does not show them. */
  readonly chosen: readonly { readonly what: string; readonly count: number }[]
  /** Requests that were sent besides. */
  readonly added: readonly { readonly opcode: string; readonly count: number }[]
}

/**
 * Sends requests in the recorded order: one waits for the answers that had come before it was sent, and for no others, so that
 * what was in flight together is so again.
 *
 * @throws FT_DAEMON when the daemon does not answer, or breaks the protocol
 */
export async function driveSteps(
  steps: readonly Step[],
  connection: Connection,
  remarks: Remarks,
): Promise<DriveResult> {
  const differences: DrivenDifference[] = []
  const notSent = new Map<string, { opcode: string; reason: string; count: number }>()
  let sent = 0
  let same = 0
  let notCompared = 0
  let failure: unknown = null
  let inFlight: { readonly endAt: number | null; readonly done: Promise<void> }[] = []
  const leaveOut = ({ opcode }: Step, { reason }: NotSent): void => {
    const key = `${opcode}\0${reason}`
    notSent.set(key, { opcode, reason, count: (notSent.get(key)?.count ?? 0) + 1 })
  }
  const settle = (index: number, step: Step, asked: Asked, outcome: Outcome): void => {
    step.learn(asked, outcome)
    const difference = step.compare(outcome)
    if (difference === undefined) notCompared++
    else if (difference === null) same++
    else differences.push({ index, opcode: step.opcode, path: step.path, ...difference })
  }
  for (const [index, step] of steps.entries()) {
    const before = inFlight.filter(({ endAt }) => endAt !== null && endAt <= step.startAt)
    await Promise.all(before.map(({ done }) => done))
    inFlight = inFlight.filter((one) => !before.includes(one))
    if (failure !== null) throw failure
    const asked = await step.request()
    if ('reason' in asked) {
      leaveOut(step, asked)
      continue
    }
    sent++
    const done = ask(connection, asked).then(
      (outcome) => {
        if (outcome === null) return
        if (!('reason' in outcome)) return settle(index, step, asked, outcome)
        sent--
        leaveOut(step, outcome)
      },
      (error: unknown) => {
        failure ??= error
      },
    )
    if (isUnanswered(asked.opcode)) await done
    else inFlight.push({ endAt: step.endAt, done })
  }
  await Promise.all(inFlight.map(({ done }) => done))
  if (failure !== null) throw failure
  const counted = (map: ReadonlyMap<string, number>) => [...map].map(([what, count]) => ({ what, count }))
  return {
    sent,
    same,
    differences: differences.sort((a, b) => a.index - b.index),
    notCompared,
    notSent: [...notSent.values()],
    chosen: counted(remarks.chosen),
    added: counted(remarks.added).map(({ what, count }) => ({ opcode: what, count })),
  }
}

/** Null where nothing is answered. */
async function ask(connection: Connection, { opcode, nodeId, body }: Asked): Promise<Outcome | NotSent | null> {
  try {
    if (isUnanswered(opcode)) {
      connection.post(opcode, nodeId, body)
      return null
    }
    return { errno: null, body: await connection.ask(opcode as Opcode, nodeId, body as never) }
  } catch (error) {
    // A recording can hold what no kernel would ask.
    if (error instanceof WireError) return { reason: `it would be no message: ${error.problem}` }
    if (!isErrno(error)) throw error
    if (error.code === 'ENOTCONN' || error.code === 'ECONNABORTED') {
      throw new FusetraceError('FT_DAEMON', `the daemon ended before it answered ${opcode}`, {
        hint: 'its last lines say why; -o keeps its log',
      })
    }
    return { errno: error.code, body: null }
  }
}
