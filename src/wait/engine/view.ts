import { type Mark, startedAfter } from '../../monitor/monitor.js'
import type { Operation } from '../../operation/operation.js'
import { isOwn } from '../../operation/own.js'
import type { WaitContext } from './context.js'
import type { Machine, View } from './machine.js'
import { judgeAny } from './match.js'

/** What a machine sees of a run beside the events that it is given. */
export function viewOf(
  { monitor, prober, trace }: WaitContext,
  { needs }: Pick<Machine<unknown>, 'needs'>,
  mark: Mark,
  beginNs: number,
): View {
  // It was given what it needs; the rest need not be read for it.
  const known = <T>(ask: () => T): T => (needs === undefined ? ask() : monitor.asKnown(ask))
  return {
    mark,
    beginNs,
    get nowNs() {
      return monitor.clock.nowNs()
    },
    get trace() {
      if (trace === 'off' || monitor.dialect === 'none') return 'none'
      return monitor.dialect === null ? 'undecided' : 'log'
    },
    get capabilities() {
      return monitor.capabilities
    },
    canProbe: prober !== null,
    get phases() {
      return monitor.phases
    },
    get rungs() {
      return monitor.phases
    },
    after: (operation) => startedAfter(monitor, mark, operation),
    shows: (opcode) => known(() => monitor.hasSeen(opcode)),
    openOperations: () => known(() => monitor.openOperations()).filter((open) => !isOwn(open)),
    doneBefore(causes, undoes) {
      const all = known(() => [...monitor.recentOperations(), ...monitor.openOperations()])
      let latest: Operation | null = null
      for (const operation of all) {
        if (operation.status === 'error' || operation.id < (latest?.id ?? 0)) continue
        if (judgeAny([...causes, ...undoes], operation) !== 'match' || startedAfter(monitor, mark, operation)) continue
        latest = operation
      }
      return latest !== null && judgeAny(causes, latest) === 'match'
    },
  }
}
