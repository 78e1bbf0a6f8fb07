import { describe, expect, test } from 'vitest'
import { virtualClock } from '../../../src/clock.js'
import type { Mark } from '../../../src/monitor/monitor.js'
import { TraceMonitor } from '../../../src/monitor/trace-monitor.js'
import { OWN_PREFIX } from '../../../src/operation/own.js'
import type { WaitContext } from '../../../src/wait/engine/context.js'
import { runWait } from '../../../src/wait/engine/driver.js'
import type { Machine, Step, View, WaitEvent } from '../../../src/wait/engine/machine.js'
import { done, ended } from '../../../src/wait/engine/machine.js'
import { PendingWaits } from '../../../src/wait/engine/pending.js'
import type { ProbeAnswer } from '../../../src/wait/engine/prober.js'
import { tiny } from '../../replay/tiny.js'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A wait whose machine is the test's: what each event makes of it. */
function driven(
  on: (event: WaitEvent, view: View) => Omit<Step<null>, 'state'> | undefined,
  options: Partial<Machine<null>> & { context?: Partial<WaitContext> } = {},
) {
  const { context: more, ...machine } = options
  const clock = virtualClock()
  const monitor = new TraceMonitor({ clock, dialect: tiny })
  let lines = 0
  const log = (...raws: string[]): void => {
    for (const raw of raws)
      monitor.push({ index: lines++, atNs: clock.nowNs(), stream: 'stdout', raw, terminated: true })
  }
  const asked: string[] = []
  const answers: ((answer: ProbeAnswer) => void)[] = []
  const prober = {
    probe: ({ probe }: { probe: string }) => {
      asked.push(probe)
      return new Promise<ProbeAnswer>((resolve) => answers.push(resolve))
    },
  }
  const context: WaitContext = { monitor, prober, pending: new PendingWaits(), ...more }
  const events: WaitEvent[] = []
  const run = (wait: Parameters<typeof runWait>[2] = {}) =>
    runWait(
      context,
      {
        name: 'mine',
        subject: 'it',
        awaited: 'it comes',
        start: () => null,
        step(state, event, view) {
          events.push(event)
          return { state, ...on(event, view) }
        },
        ...machine,
      },
      wait,
    )
  return { clock, monitor, log, asked, answers, context, events, run }
}

describe('what a machine may know', () => {
  /** What the view says when it is first asked. */
  async function view<T>(
    script: (log: (...lines: string[]) => void, monitor: TraceMonitor) => Mark | undefined,
    ask: (view: View) => T,
  ) {
    let told: T | undefined
    const { log, monitor, run } = driven((event, seen) => {
      if (event.type !== 'tick') return undefined
      told = ask(seen)
      return { outcome: done('trace', []) }
    })
    const since = script(log, monitor)
    await run(since ? { since } : {})
    return told
  }

  test('what is open, requests of our own aside', async () => {
    const paths = await view(
      (log) => void log('> 2 write /f', `> 4 lookup /${OWN_PREFIX}1`, '> 6 read /g', '< 6 ok'),
      (seen) => seen.openOperations().map(({ path }) => path),
    )
    expect(paths).toEqual(['/f'])
  })

  test.each([
    ['is', ['> 2 create /f', '< 2 ok'], true],
    ['is while it is open', ['> 2 create /f'], true],
    [
      'is when it was made again',
      ['> 2 create /f', '< 2 ok', '> 4 unlink /f', '< 4 ok', '> 6 create /f', '< 6 ok'],
      true,
    ],
    ['is by the order of the starts', ['> 2 unlink /f', '> 4 create /f', '< 4 ok', '< 2 ok'], true],
    ['is not when it failed', ['> 2 create /f', '< 2 EACCES'], false],
    ['is not when it was undone', ['> 2 create /f', '< 2 ok', '> 4 unlink /f', '< 4 ok'], false],
    ['is when undoing it failed', ['> 2 create /f', '< 2 ok', '> 4 unlink /f', '< 4 EACCES'], true],
    ['is not by another', ['> 2 create /g', '< 2 ok'], false],
    ['is not by what may be another', ['> 2 create -', '< 2 ok'], false],
  ])('what was done before the mark %s done', async (_, lines, is) => {
    const before = await view(
      (log, monitor) => {
        log(...lines)
        return monitor.mark('now')
      },
      (seen) => seen.doneBefore([{ opcode: 'create', path: '/f' }], [{ opcode: 'unlink', path: '/f' }]),
    )
    expect(before).toBe(is)
    const since = await view(
      (log, monitor) => {
        const mark = monitor.mark('now')
        log(...lines)
        return mark
      },
      (seen) => seen.doneBefore([{ opcode: 'create', path: '/f' }], []),
    )
    expect(since).toBe(false)
  })

  test('opcodes that the log has shown, and phases', async () => {
    const told = await view(
      (log, monitor) => {
        log('> 2 release /f', '< 2 ok')
        monitor.reach('answered', null)
      },
      (seen) => [seen.shows('release'), seen.shows('flush'), seen.phases.has('answered'), seen.rungs.has('answered')],
    )
    expect(told).toEqual([true, false, true, true])
  })
})

describe('questions', () => {
  test('are asked one at a time, and the answer comes with its question', async () => {
    const question = { probe: 'exists', path: '/f' } as const
    const { asked, answers, events, context, log, run } = driven((event) => {
      if (event.type === 'answer') return { outcome: done('probe', []) }
      return { ask: question }
    })
    const wait = run()
    log('> 2 write /f', '< 2 ok')
    expect(asked).toEqual(['exists'])
    expect(context.pending.probing).toBe(1)
    answers[0]?.({ value: true, errno: null })
    await wait
    expect(context.pending.probing).toBe(0)
    expect(events.at(-1)).toEqual({ type: 'answer', question, answer: { value: true, errno: null } })
  })

  test('that throw end the wait with what they threw', async () => {
    const { context, run } = driven(() => ({ ask: { probe: 'user' } }), {
      probe: () => Promise.reject(new Error('mine')),
    })
    await expect(run()).rejects.toThrow('mine')
    expect(context.pending).toMatchObject({ probing: 0, size: 0 })
  })

  test('where nobody can be asked, the answer is unknown', async () => {
    const { run } = driven(
      (event) => {
        if (event.type !== 'answer') return { ask: { probe: 'mounted' } }
        return { outcome: done('trace', [], String(event.answer)) }
      },
      { context: { prober: null } },
    )
    expect(await run()).toMatchObject({ note: 'unknown' })
  })
})

describe('time', () => {
  test('comes when it was asked for, the earliest first', async () => {
    const ticks: number[] = []
    const { clock, run } = driven((event, view) => {
      if (event.type !== 'tick') return undefined
      ticks.push(view.nowNs)
      if (ticks.length === 1) return { wakeNs: 5e6 }
      return ticks.length === 2 ? { wakeNs: 9e6 } : { outcome: done('trace', []) }
    })
    const wait = run()
    clock.advanceBy(20e6)
    await wait
    expect(ticks).toEqual([0, 5e6, 9e6])
  })

  test('a wish for a later time does not put off an earlier one', async () => {
    const ticks: number[] = []
    const { clock, log, run } = driven((event, view) => {
      if (event.type === 'started') return { wakeNs: 9e6 }
      if (event.type !== 'tick') return undefined
      ticks.push(view.nowNs)
      return ticks.length === 1 ? { wakeNs: 5e6 } : { outcome: done('trace', []) }
    })
    const wait = run()
    log('> 2 write /f')
    clock.advanceBy(20e6)
    await wait
    expect(ticks).toEqual([0, 5e6])
  })

  test.each([
    ['its own', { timeoutMs: 7 }, {}, 7],
    ['the session’s', {}, { timeoutMs: 20 }, 20],
    ['five seconds', {}, {}, 5000],
  ])('of a wait is %s', async (_, own, context, ms) => {
    const { clock, run } = driven(() => undefined, { context })
    const failed = expect(run(own)).rejects.toMatchObject({
      code: 'FT_WAIT_TIMEOUT',
      message: expect.stringMatching(`within ${ms} ms`),
    })
    clock.advanceBy(ms * 1e6)
    await failed
  })

  test('may be without an end', async () => {
    const { clock, context, run } = driven((event) =>
      event.type === 'stream-ended' ? { outcome: ended(event) } : undefined,
    )
    const wait = run({ timeoutMs: Number.POSITIVE_INFINITY })
    clock.advanceBy(1e15)
    await turn()
    expect(context.pending.size).toBe(1)
    for (const one of context.pending.list()) one.abandon('enough')
    await expect(wait).rejects.toMatchObject({ code: 'FT_STREAM_ENDED', message: expect.stringMatching('enough') })
  })
})

describe('the end', () => {
  test('a machine that throws ends its wait, in a line too', async () => {
    const bad = (): never => {
      throw new Error('mine')
    }
    await expect(driven(bad).run()).rejects.toThrow('mine')
    const { log, run } = driven(() => undefined, { onLine: bad })
    const wait = run()
    log('anything')
    await expect(wait).rejects.toThrow('mine')
  })

  test('a mount that was lost before, and a log that had ended, are told after the history', async () => {
    for (const [end, type] of [
      [(monitor: TraceMonitor) => monitor.reach('lost', 'why'), 'mount-lost'],
      [(monitor: TraceMonitor) => monitor.endStream({ code: 0, signal: null }), 'stream-ended'],
    ] as const) {
      const { log, monitor, events, run } = driven((event) =>
        event.type === 'stream-ended' || event.type === 'mount-lost' ? { outcome: ended(event) } : undefined,
      )
      log('> 2 write /f', '< 2 ok')
      end(monitor)
      await expect(run()).rejects.toThrow()
      expect(events.at(-1)?.type).toBe(type)
      expect(events.filter((event) => event.type === 'ended')).toHaveLength(1)
    }
  })

  test('is the only one: nothing that comes later changes it, and nobody is asked any more', async () => {
    const controller = new AbortController()
    const { clock, log, context, events, run } = driven((event) =>
      event.type === 'started' ? { outcome: done('trace', [event.operation]) } : undefined,
    )
    const settled: string[] = []
    context.pending.onSettled((wait) => settled.push(wait.end))
    const wait = run({ signal: controller.signal })
    log('> 2 write /f')
    controller.abort()
    clock.advanceBy(9e9)
    expect((await wait).operation?.path).toBe('/f')
    await turn()
    const count = events.length
    log('> 4 write /g')
    expect(events).toHaveLength(count)
    expect(settled).toEqual(['satisfied'])
  })

  test('by a signal says so, with its reason', async () => {
    const { run, events } = driven(() => undefined)
    const reason = new Error('mine')
    await expect(run({ signal: AbortSignal.abort(reason) })).rejects.toMatchObject({
      code: 'FT_ABORTED',
      cause: reason,
    })
    expect(events).toEqual([])
  })
})
