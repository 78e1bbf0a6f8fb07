import { describe, expect, test } from 'vitest'
import { virtualClock } from '../../src/clock.js'
import { kernel } from '../../src/dialect/kernel/kernel.js'
import { TraceMonitor, type TraceMonitorOptions } from '../../src/monitor/trace-monitor.js'
import type { CallRow, ProbeRow, Row } from '../../src/recording/row.js'
import { RowPlayer } from '../../src/replay/row-player.js'
import { rows, silent, tiny } from './tiny.js'

function player(options: Omit<TraceMonitorOptions, 'clock'> = { dialect: tiny }) {
  const clock = virtualClock()
  const monitor = new TraceMonitor({ clock, ...options })
  const one = new RowPlayer(clock, monitor, {})
  const play = (...all: Row[]): void => {
    for (const row of all) one.play(row)
  }
  const exists = (path: string): unknown => {
    const answer = one.prober.answer({ probe: 'exists', path })
    return answer === 'unknown' ? '?' : answer.value
  }
  return { clock, monitor, prober: one.prober, play, exists, script: (text: string) => play(...rows(text)) }
}

const probe = (name: string, answer: ProbeRow['answer']): ProbeRow => {
  return { kind: 'probe', atNs: 5e6, probe: name, args: [], answer, errno: null }
}

describe('a row that is played', () => {
  test('happens at its time; an operation of then has none', () => {
    const { clock, monitor, play, script } = player()
    const marks: unknown[] = []
    monitor.subscribe((event) => {
      if (event.type === 'mark') marks.push([event.mark.name, event.mark.atNs])
    })
    script('moment one\nafter 3\nmoment two')
    expect(marks).toEqual([
      ['one', 1e6],
      ['two', 5e6],
    ])
    play({ kind: 'operation', operation: {} as never })
    expect([clock.nowNs(), monitor.lineCount]).toEqual([5e6, 0])
  })

  test('makes unsure what an operation may change, until it ends', () => {
    const { exists, script } = player()
    script('exists /a yes\n> 2 unlink /a')
    expect(exists('/a')).toBe('?')
    script('< 2 ok')
    expect(exists('/a')).toBe(false)
    script('> 4 create /b\n< 4 ok')
    expect(exists('/b')).toBe(true)
  })

  test('ends what was begun before a request of our own was answered, where the log shows no ends', () => {
    const open = (...more: Row[]): number => {
      const { monitor, play, script } = player({ dialect: silent })
      script('> 0 release /f')
      play(...more)
      return monitor.openOperations().length
    }
    expect(open()).toBe(1)
    expect(open(probe('answers', 1))).toBe(0)
    expect(open(probe('answers', null))).toBe(1)
    expect(open(probe('answers', true))).toBe(1)
    expect(open(probe('size', 1))).toBe(1)
  })

  test('shows what a call of the test’s own did', () => {
    const { exists, play } = player()
    play({ kind: 'call', endNs: 1, root: 'mount', method: 'writeFile', args: ['a'], error: null } as never as CallRow)
    expect(exists('/a')).toBe(true)
  })

  test('is a phase of the mount, or a daemon that is started again after its end', () => {
    const { monitor, play, prober, script } = player()
    const mounted = () => prober.answer({ probe: 'mounted' })
    script('rung spawned\nrung mountinfo')
    expect([[...monitor.phases.keys()], mounted()]).toEqual([['spawned', 'mountinfo'], 'unknown'])
    script('rung answered')
    expect(mounted()).toEqual({ value: true, errno: null })
    script('exit 0\nrung unmounted')
    expect([monitor.state, mounted()]).toEqual(['ended', { value: false, errno: null }])
    const phases: (string | null)[] = []
    monitor.subscribe((event) => {
      if (event.type === 'mount') phases.push(event.detail)
    })
    play({ kind: 'mount', atNs: 9e6, event: 'spawned', detail: 'mine' })
    expect([monitor.state, phases]).toEqual(['running', ['again']])
  })

  test('is a message of the wire, where operations are read from those', () => {
    const request = Buffer.alloc(42)
    request.writeUInt32LE(42, 0)
    request.writeUInt32LE(1, 4)
    request.writeBigUInt64LE(8n, 8)
    request.writeBigUInt64LE(1n, 16)
    request.write('a', 40)
    const reply = Buffer.alloc(16)
    reply.writeUInt32LE(16, 0)
    reply.writeInt32LE(-2, 4)
    reply.writeBigUInt64LE(8n, 8)
    const message = { atNs: 1, dataBytes: 0, dataHash: null }
    const { monitor, play } = player({ wire: true })
    play({ kind: 'request', ...message, bytes: request })
    expect(monitor.openOperations()).toHaveLength(1)
    play({ kind: 'reply', ...message, bytes: reply, fate: 'lost' })
    expect(monitor.openOperations()).toHaveLength(1)
    play({ kind: 'reply', ...message, bytes: reply, fate: 'passed' })
    expect(monitor.recentOperations()).toMatchObject([{ opcode: 'lookup', path: '/a', errno: 'ENOENT' }])
  })

  test('is a line of the log, of the kernel’s where nobody understands the daemon’s', () => {
    const event = { kind: 'kernel', unique: 4, opcode: 'lookup', error: null } as const
    const events: Row[] = [
      { ...event, atNs: 1, edge: 'send' },
      { ...event, atNs: 2, edge: 'end', error: -2 },
    ]
    const seen = (dialect: typeof tiny) => {
      const { monitor, play } = player({ dialect })
      play(...events)
      return [monitor.lineCount, monitor.recentOperations().length]
    }
    expect(seen(kernel)).toEqual([2, 1])
    expect(seen(tiny)).toEqual([0, 0])
  })
})
