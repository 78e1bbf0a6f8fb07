import { describe, expect, test } from 'vitest'
import { explore } from '../../src/explore/explore.js'
import type { ModelOperation } from '../../src/explore/fs-state.js'
import type { Scenario } from '../../src/explore/scenario.js'
import type { Machine } from '../../src/wait/engine/machine.js'
import { deleted } from '../../src/wait/machines/deleted.js'
import { dirVisible } from '../../src/wait/machines/dir-visible.js'
import { exactly } from '../../src/wait/machines/exactly.js'
import { fileVisible } from '../../src/wait/machines/file-visible.js'
import { operation } from '../../src/wait/machines/operation.js'
import { operations } from '../../src/wait/machines/operations.js'
import { released } from '../../src/wait/machines/released.js'
import { renamed } from '../../src/wait/machines/renamed.js'
import { writeComplete } from '../../src/wait/machines/write-complete.js'
import { xattrRemoved } from '../../src/wait/machines/xattr-removed.js'
import { xattrSet } from '../../src/wait/machines/xattr-set.js'

const empty = { paths: {}, attributes: [] }
const withFile = { paths: { '/a': 'file' as const }, attributes: ['/a\0user.x'] }

interface Case {
  machine: () => Machine<unknown>
  modelOperation: ModelOperation
  /** What came before, of the same kind: stale. */
  stale: ModelOperation[]
  fsState: Scenario['fsState']
}

const cases: Record<string, Case> = {
  fileVisible: {
    machine: () => fileVisible('a'),
    modelOperation: { opcode: 'create', path: '/a' },
    stale: [
      { opcode: 'create', path: '/a' },
      { opcode: 'unlink', path: '/a', after: 0 },
    ],
    fsState: empty,
  },
  dirVisible: {
    machine: () => dirVisible('a'),
    modelOperation: { opcode: 'mkdir', path: '/a' },
    stale: [],
    fsState: empty,
  },
  deleted: {
    machine: () => deleted('a'),
    modelOperation: { opcode: 'unlink', path: '/a' },
    stale: [],
    fsState: withFile,
  },
  renamed: {
    machine: () => renamed('a', 'b'),
    modelOperation: { opcode: 'rename', path: '/a', newPath: '/b' },
    stale: [],
    fsState: withFile,
  },
  xattrSet: {
    machine: () => xattrSet('a', 'user.x'),
    modelOperation: { opcode: 'setxattr', path: '/a', name: 'user.x' },
    stale: [],
    fsState: empty,
  },
  xattrRemoved: {
    machine: () => xattrRemoved('a', 'user.x'),
    modelOperation: { opcode: 'removexattr', path: '/a', name: 'user.x' },
    stale: [],
    fsState: withFile,
  },
  operation: {
    machine: () => operation({ opcode: 'create', path: 'a' }),
    modelOperation: { opcode: 'create', path: '/a' },
    stale: [],
    fsState: empty,
  },
  operations: {
    machine: () => operations([{ opcode: 'create', path: 'a' }]),
    modelOperation: { opcode: 'create', path: '/a' },
    stale: [],
    fsState: empty,
  },
  released: {
    machine: () => released('a'),
    modelOperation: { opcode: 'release', path: '/a' },
    stale: [],
    fsState: withFile,
  },
}

const scenario = (
  one: Case,
  change: Partial<Scenario> & { shown?: NonNullable<ModelOperation['shown']>; fails?: string } = {},
): Scenario => {
  const { shown = 'reply', fails, ...rest } = change
  const { stale, modelOperation } = one
  const wanted: ModelOperation = { ...modelOperation, shown, ...(stale.length > 0 ? { after: stale.length - 1 } : {}) }
  const failed: ModelOperation[] = fails === undefined ? [] : [{ ...modelOperation, shown, fails }]
  const other: ModelOperation = { opcode: 'getattr', path: '/z', shown }
  return {
    operations: [...stale.map((before) => ({ ...before, shown })), wanted, ...failed, other],
    satisfies: (done) => done.opcode === modelOperation.opcode && done.path === modelOperation.path,
    fsState: one.fsState ?? empty,
    ...rest,
  }
}

const found = (report: ReturnType<typeof explore>): unknown => {
  expect(report.complete).toBe(true)
  expect(report.ends).toBeGreaterThan(0)
  return report.counterexamples
}

describe.each(Object.entries(cases))('%s', (name, one) => {
  test('no order of a log with replies breaks a rule', () => {
    expect(found(explore(one.machine, scenario(one)))).toEqual([])
    expect(found(explore(one.machine, scenario(one, { end: 'stream-ended' })))).toEqual([])
    expect(found(explore(one.machine, scenario(one, { end: 'mount-lost' })))).toEqual([])
  })

  const ifSucceeds = name === 'operation' || name === 'operations' ? () => undefined : test
  ifSucceeds('a failed attempt before or beside it changes nothing', () => {
    expect(found(explore(one.machine, scenario({ ...one, stale: [] }, { fails: 'EACCES' })))).toEqual([])
  })

  const ifLooked = name === 'released' || name === 'operations' ? () => undefined : test
  ifLooked('where no end is shown, looks confirm', () => {
    expect(found(explore(one.machine, scenario({ ...one, stale: [] }, { shown: 'hidden' })))).toEqual([])
  })

  const ifProbed = ['released', 'operation', 'operations'].includes(name) ? () => undefined : test
  ifProbed('a failure that the log does not tell is found out by a probe', () => {
    const failing = { ...one.modelOperation, shown: 'inferred', fails: 'EACCES' } as const
    const only: Scenario = { operations: [failing], satisfies: () => true, fsState: one.fsState ?? empty }
    expect(found(explore(one.machine, only))).toEqual([])
  })

  test('where ends are inferred and nobody can look, the inferred end is enough', () => {
    expect(
      found(explore(one.machine, scenario({ ...one, stale: [] }, { shown: 'inferred', probes: 'unknown' }))),
    ).toEqual([])
  })
})

describe('waits of several operations', () => {
  test.each([['stream-ended' as const], ['mount-lost' as const], [undefined]])('writeComplete: %s', (end) => {
    const writing: Scenario = {
      operations: [
        { opcode: 'open', path: '/a' },
        { opcode: 'write', path: '/a', after: 0 },
        { opcode: 'release', path: '/a', after: 1 },
        { opcode: 'release', path: '/z' },
      ],
      satisfies: (modelOperation, isAfter) =>
        modelOperation.opcode === 'release' && modelOperation.path === '/a' && isAfter(1),
      fsState: withFile,
      ...(end ? { end } : {}),
    }
    expect(found(explore(() => writeComplete('a'), writing))).toEqual([])
  })

  test.each([['stream-ended' as const], ['mount-lost' as const], [undefined]])('exactly one: %s', (end) => {
    const one = { ...(cases.fileVisible as Case), stale: [] }
    expect(
      found(explore(() => exactly(1, 'create'), scenario(one, { lasting: true, ...(end ? { end } : {}) }))),
    ).toEqual([])
  })

  test('two in order: whichever ends first', () => {
    const wanted = () => operations([{ path: 'a' }, { path: 'b' }], { ordered: true })
    const both: Scenario = {
      operations: [
        { opcode: 'mkdir', path: '/a' },
        { opcode: 'mkdir', path: '/b' },
      ],
      satisfies: (modelOperation, isAfter) => modelOperation.path === '/b' && isAfter(0),
    }
    // Where /b starts first there is nothing to find, which the rule of lost wake-ups cannot know.
    const { counterexamples, complete } = explore(wanted, both)
    expect(complete).toBe(true)
    expect(counterexamples.map((one) => one.rule)).toEqual(['no lost wake-up'])
    expect(counterexamples[0]?.trace.filter((line) => /starts/.test(line))).toEqual([
      'line: mkdir /b starts',
      'line: mkdir /a starts',
    ])
  })
})

/** Waits with a mistake in them, and the rule that each breaks. */
const mutants: [
  string,
  string,
  (machine: Machine<unknown>) => Machine<unknown>,
  Partial<Scenario> & { shown?: 'hidden' },
][] = [
  [
    'forgets its mark',
    'no stale match',
    (machine) => ({
      ...machine,
      step: (state, event, view) => machine.step(state, event, Object.create(view, { after: { value: () => true } })),
    }),
    {},
  ],
  [
    'takes the start for the end',
    'completion, not start',
    (machine) => ({
      ...machine,
      step: (state, event, view) =>
        event.type === 'started'
          ? machine.step(
              state,
              { type: 'ended', operation: { ...event.operation, status: 'ok', endedBy: 'reply', endNs: 1 } },
              view,
            )
          : machine.step(state, event, view),
    }),
    {},
  ],
  [
    'takes any answer for a yes',
    'completion, not start',
    (machine) => ({
      ...machine,
      step: (state, event, view) =>
        event.type === 'answer'
          ? machine.step(state, { ...event, answer: { value: true, errno: null } }, view)
          : machine.step(state, event, view),
    }),
    { shown: 'hidden' },
  ],
  [
    'asks only once',
    'no lost wake-up',
    (machine) => {
      return {
        ...machine,
        step: (state, event, view) => (event.type === 'tick' ? { state } : machine.step(state, event, view)),
      }
    },
    { shown: 'hidden' },
  ],
  [
    'misses an end that comes while it asks',
    'no lost wake-up',
    (machine) => ({
      ...machine,
      step: (state, event, view) => (event.type === 'ended' ? { state } : machine.step(state, event, view)),
    }),
    {},
  ],
  [
    'does not hear the end of the stream',
    'a wait fails at once when the stream ends or the mount is lost',
    (machine) => ({
      ...machine,
      step: (state, event, view) => (event.type === 'stream-ended' ? { state } : machine.step(state, event, view)),
    }),
    { end: 'stream-ended' },
  ],
  [
    'gives up at the first failure',
    'a wait that can still be satisfied does not give up',
    (machine) => ({
      ...machine,
      step: (state, event, view) =>
        event.type === 'ended' && event.operation.status === 'error'
          ? { state, outcome: { kind: 'failed', why: 'impossible', reason: 'failed' } }
          : machine.step(state, event, view),
    }),
    { fails: 'EACCES' } as object,
  ],
  [
    'fails only some time after the end of the stream',
    'a wait fails at once when the stream ends or the mount is lost',
    (machine) => {
      const end = { type: 'stream-ended', exit: null } as const
      return {
        ...machine,
        start: () => ({ inner: machine.start(), over: false }),
        step(state, event, view) {
          const { inner, over } = state as { inner: unknown; over: boolean }
          if (event.type === 'stream-ended') return { state: { inner, over: true }, wakeNs: view.nowNs + 1e6 }
          const step = machine.step(inner, over && event.type === 'tick' ? end : event, view)
          return { ...step, state: { inner: step.state, over } }
        },
      }
    },
    { end: 'stream-ended' },
  ],
  [
    'takes a probe that finds nothing for a mount that is lost',
    'a wait that can still be satisfied does not give up',
    (machine) => ({
      ...machine,
      step: (state, event, view) =>
        event.type === 'answer' && event.answer !== 'unknown' && event.answer.value === false
          ? { state, outcome: { kind: 'failed', why: 'mount-lost', reason: 'nothing there' } }
          : machine.step(state, event, view),
    }),
    { shown: 'hidden' },
  ],
]

test.each(mutants)('a wait that %s is found out', (_, rule, mutate, change) => {
  const one = { ...(cases.fileVisible as Case), stale: [] }
  const { counterexamples } = explore(() => mutate(one.machine()), scenario(one, change))
  const [wrong] = counterexamples.filter((counterexample) => counterexample.rule === rule)
  expect(wrong?.trace.length).toBeGreaterThan(1)
})

test('a counterexample is the shortest order, in words', () => {
  const one = { ...(cases.fileVisible as Case), stale: [] }
  const [, , forget] = mutants[0] as (typeof mutants)[number]
  const { counterexamples } = explore(() => forget(one.machine()), scenario(one))
  expect(counterexamples).toEqual([
    {
      rule: 'no stale match',
      trace: [
        'line: create /a starts',
        'mark',
        'the wait is called',
        '(the daemon does create /a)',
        'line: create /a ends',
        '→ done by trace (create /a)',
      ],
    },
  ])
})

test('the same scenario is explored in the same way', () => {
  const one = { ...(cases.fileVisible as Case), stale: [] }
  expect(explore(one.machine, scenario(one))).toEqual(explore(one.machine, scenario(one)))
})

test('a bound that is met first is said', () => {
  expect(explore(() => fileVisible('a'), scenario(cases.fileVisible as Case, { maxStates: 20 })).complete).toBe(false)
})
