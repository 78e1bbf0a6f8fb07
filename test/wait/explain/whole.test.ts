import { describe, expect, test } from 'vitest'
import { virtualClock } from '../../../src/clock.js'
import { none } from '../../../src/dialect/core/choose.js'
import { TraceMonitor } from '../../../src/monitor/trace-monitor.js'
import { RowPlayer } from '../../../src/replay/row-player.js'
import type { OperationMatch } from '../../../src/wait/engine/match.js'
import { type ExplainInput, explain } from '../../../src/wait/explain/explain.js'
import { rows, silent, tiny } from '../../replay/tiny.js'

const created: OperationMatch = { opcode: 'create', path: '/a' }
const machine = {
  name: 'fileVisible',
  subject: '/a',
  awaited: 'a file comes to be at /a',
  wanted: [created],
  successOnly: true,
}

/** Of a log, from its begin or from its latest step. */
function explained(script: string, change: Partial<ExplainInput> = {}, dialect = tiny) {
  const clock = virtualClock()
  const monitor = new TraceMonitor({ clock, dialect })
  const player = new RowPlayer(clock, monitor, {})
  for (const row of rows(script)) player.play(row)
  const mark = monitor.latestMark
  return explain({ machine, monitor, mark, beginNs: 0, reason: 'no', trace: 'log', off: false, ...change })
}

test('an explanation is whole', () => {
  const open = [6, 8, 10, 12, 14].map((id) => `> ${id} write /f${id}`).join('\n')
  const given = { describeDaemon: () => 'it\nruns', remark: 'run it again' }
  expect(explained(`> 2 rename /a /b\n< 2 ok\n> 4 create /a\n< 4 ENOENT\n${open}`, given).text).toBe(
    `fileVisible /a: no
  awaited: a file comes to be at /a
  since:   mark 'begin' at 0.000000 s (line 0 of 9); called at 0.000000 s, now 0.009000 s
  nearest misses:
    #1 create /a ENOENT — failed with ENOENT
    #0 rename /a → /b ok — other opcode (rename)
  still open:
    #3 write /f8, for 3.0 ms
    #4 write /f10, for 2.0 ms
    #5 write /f12, for 1.0 ms
    #6 write /f14, for 0.0 ms
    and 1 more
  last lines:
    0.006000 s stderr: > 8 write /f8
    0.007000 s stderr: > 10 write /f10
    0.008000 s stderr: > 12 write /f12
    0.009000 s stderr: > 14 write /f14
  daemon:  it\\nruns
  try:     see why #1 failed (ENOENT)
  or:      run it again`,
  )
  const idle = { name: 'idle', subject: '', awaited: 'nothing is in flight' }
  expect(explained('', { machine: idle }).text.split('\n')).toEqual([
    ...['idle: no', '  awaited: nothing is in flight'],
    "  since:   mark 'begin' at 0.000000 s (line 0 of 0); called at 0.000000 s, now 0.000000 s",
    ...['  daemon:  running', expect.stringMatching(/^ {2}try: {5}nothing was logged at all/)],
  ])
  expect(explained('> 2 mkdir /d\n< 2 ok').text).toMatch(/\n {2}nearest misses: none\n {2}last lines:/)
  const long = explained(`> 2 create /${'x'.repeat(200)}\n< 2 ok`).text.split('\n')
  expect(Math.max(...long.map(({ length }) => length))).toBe(160)
  expect(
    explained('> 2 setxattr /a = user.x\n< 2 ok', { machine: { ...machine, wanted: [{ path: '/a' }] } }).text,
  ).toMatch(/#0 setxattr \/a user\.x ok — it fits, and no probe/)
})

test.each([
  ['> 2 create /b', 'running'],
  ['> 2 create /b\nexit 3', 'the daemon exited with code 3'],
  ['> 2 create /b\nexit SIGKILL', 'the daemon was killed by SIGKILL'],
  ['> 2 create /b\nlost it died', 'mount lost: it died'],
  ['> 2 create /b\nlost it died\nexit 3', 'mount lost: it died; the daemon exited with code 3'],
])('the state of the daemon after %j', (script, state) => {
  expect(explained(script).text).toContain(`\n  daemon:  ${state}\n`)
})

describe('advice', () => {
  const DONE = '> 2 getattr /\n< 2 ok'
  test.each<[string, string, RegExp, Partial<ExplainInput>?, typeof tiny?]>([
    ['requests that the daemon does not take', DONE, /^requests wait for the daemon/, { unanswered: () => 1 }],
    ['none of those', DONE, /^was the request made/, { unanswered: () => 0 }],
    ['requests of a daemon that has ended', `${DONE}\nexit 0`, /^see why the daemon ended/, { unanswered: () => 1 }],
    ['requests that it has begun', '> 2 create /a', /^the daemon has begun it/, { unanswered: () => 1 }],
    ['no log on purpose', DONE, /^waits only poll here/, { off: true }],
    ['a log that is not understood', 'x', /^the log is not understood/, { trace: 'undecided' }, none],
    ['a mount that was lost', `${DONE}\nlost it`, /^see why the daemon died/],
    ['what came before the step', '> 2 create /a\n< 2 ok\nstep x', /^#0 came before the mark 'x'/],
    ['what fits', '> 2 create /a\n< 2 ok', /^#0 is what is meant/],
    [
      'what fits, whatever its outcome',
      '> 2 create /a\n< 2 ok',
      /^look at all/,
      { machine: { ...machine, successOnly: false } },
    ],
    ['what has no errno', '> 2 create /a\n< 2 ?', /^look at all/],
    [
      'another path that is near',
      '> 2 create /long/b.txt\n< 2 ok',
      /^is \/long\/b\.txt what is meant\?/,
      { machine: { ...machine, wanted: [{ path: '/long/a.txt' }] } },
    ],
    ['another path that is far', '> 2 create /b\n< 2 ok', /^look at all/],
    [
      'a whole path',
      '> 2 mkdir /a\n< 2 ok',
      /^is \/a what is meant/,
      { machine: { ...machine, wanted: [{ opcode: 'create', path: '/long/way/to/the/mount/a' }] } },
    ],
    ['the end of the log', `${DONE}\nexit 0`, /^see why the daemon ended before/],
    ['a log without ends', '> 0 getattr /\n> 0 getattr /', /^does the daemon log it at this level/, {}, silent],
    ['nothing near', DONE, /^was the request made at all/],
    ['nothing that is wanted', DONE, /^look at all operations/, { machine: { name: 'x', subject: '', awaited: '' } }],
  ])('for %s', (_, script, hint, change = {}, dialect = tiny) => {
    expect(explained(script, change, dialect).hint).toMatch(hint)
  })
})
