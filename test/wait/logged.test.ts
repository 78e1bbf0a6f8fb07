import { expect, test } from 'vitest'
import { virtualClock } from '../../src/clock.js'
import { dialects } from '../../src/dialect/builtin.js'
import type { Raw } from '../../src/line/line.js'
import { TraceMonitor } from '../../src/monitor/trace-monitor.js'
import { createWaitFor } from '../../src/wait/wait-for.js'

function watched() {
  const clock = virtualClock()
  const monitor = new TraceMonitor({ clock, candidates: dialects })
  const log = (raw: Raw): void =>
    monitor.push({ index: monitor.lineCount, atNs: clock.nowNs(), stream: 'stderr', raw, terminated: true })
  return { monitor, log, clock, waitFor: createWaitFor({ monitor, prober: null }) }
}

test('a line after the mark satisfies, before or after the call; one before it does not', async () => {
  const { monitor, log, waitFor } = watched()
  log('uploaded a.txt')
  const mark = monitor.mark()
  const early = waitFor.logged(/uploaded .*\.txt/, { since: mark, timeoutMs: Number.POSITIVE_INFINITY })
  let settled = false
  void early.then(() => {
    settled = true
  })
  await Promise.resolve()
  expect(settled).toBe(false)
  log('uploaded b.txt')
  expect((await early).by).toBe('trace')
  expect((await waitFor.logged('b.txt', { since: mark })).operations).toEqual([])
})

test('a global pattern has no memory, and UTF-8 is read as such', async () => {
  const { log, waitFor } = watched()
  const pattern = /ä+/g
  pattern.lastIndex = 5
  log(Buffer.from('fertig: ä', 'utf8').toString('latin1'))
  expect((await waitFor.logged(pattern)).by).toBe('trace')
  expect((await waitFor.logged(pattern)).by).toBe('trace')
})

test('the end of the log, and a deadline, say what was awaited', async () => {
  const { monitor, clock, waitFor } = watched()
  const late = waitFor.logged('never', { timeoutMs: 10 })
  const rejected = expect(late).rejects.toMatchObject({
    code: 'FT_WAIT_TIMEOUT',
    message: expect.stringContaining('"never"'),
  })
  clock.advanceTo(20e6)
  await rejected
  const ended = expect(waitFor.logged('never')).rejects.toMatchObject({ code: 'FT_STREAM_ENDED' })
  monitor.endStream(null)
  await ended
})
