import { expect, test } from 'vitest'
import type { Deed, LegacyScenario, Machine, MonitorEvent, MountRung, View, World } from '../../src/index.js'
import * as api from '../../src/index.js'
import { runWait } from '../../src/wait/engine/driver.js'
import { PendingWaits } from '../../src/wait/engine/pending.js'
import { fileVisible } from '../../src/wait/machines/file-visible.js'

/** What 0.1.0 exported, values by name. */
const VALUES = [
  'EXIT',
  'FusetraceError',
  'Interpreter',
  'LineSplitter',
  'MountLostError',
  'RecordingWriter',
  'StreamEndedError',
  'TraceMonitor',
  'WaitAbortedError',
  'WaitError',
  'WaitFailedError',
  'WaitTimeoutError',
  'checkDialect',
  'createWaitFor',
  'defineWait',
  'dialects',
  'explore',
  'makeHeader',
  'openRecording',
  'openReplay',
  'startLive',
  'systemClock',
  'toJson',
  'virtualClock',
]

test('every value of before is still exported', () => {
  expect(VALUES.filter((name) => !(name in api))).toEqual([])
})

test('a scenario with its old keys explores as one with the new ones', () => {
  const create: Deed = { opcode: 'create', path: '/a.txt' }
  const world: World = { paths: {}, attributes: [] }
  const satisfies = (deed: Deed): boolean => deed.opcode === 'create'
  const old: LegacyScenario = { deeds: [create], world, looks: 'truth', mostStates: 50_000, satisfies }
  const now = { operations: [create], fsState: world, probes: 'truth', maxStates: 50_000, satisfies } as const
  const report = api.explore(() => fileVisible('/a.txt'), old)
  expect(report).toEqual(api.explore(() => fileVisible('/a.txt'), now))
  expect(report.states).toBeGreaterThan(10)
})

test('a monitor and a machine still see rungs', () => {
  const monitor = new api.TraceMonitor({ clock: api.virtualClock(), candidates: api.dialects })
  const seen: MountRung[] = []
  monitor.subscribe((event: MonitorEvent) => {
    if (event.type === 'mount') seen.push(event.rung)
  })
  monitor.reach('answered')
  expect(seen).toEqual(['answered'])
  expect([...monitor.rungs.keys()]).toEqual(['answered'])
})

test('a machine and a prober that look are asked', async () => {
  const clock = api.virtualClock()
  const monitor = new api.TraceMonitor({ clock, candidates: api.dialects })
  const asked: string[] = []
  const machine = (look?: Machine<null>['look']): Machine<null> => ({
    name: 'mine',
    subject: 'x',
    awaited: 'an answer',
    start: () => null,
    step: (state, event, view: View) =>
      event.type === 'answer'
        ? { state, outcome: { kind: 'done', by: 'probe', operations: [] } }
        : { state, ask: { probe: 'exists', path: `/${view.rungs.size}` } },
    ...(look && { look }),
  })
  const answer = (who: string) => async () => {
    asked.push(who)
    return { value: true, errno: null }
  }
  const context = { monitor, pending: new PendingWaits(), prober: { look: answer('prober') } }
  await runWait(context, machine())
  await runWait(context, machine(answer('machine')))
  expect(asked).toEqual(['prober', 'machine'])
})
