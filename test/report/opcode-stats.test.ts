import { expect, test } from 'vitest'
import { opcodeStats } from '../../src/report/opcode-stats.js'
import { NamedTrace, u64 } from '../dialect/named-trace.js'

test('time in the queue is reported apart from time in the daemon, where it is known', () => {
  const trace = new NamedTrace()
  for (const queueNs of [300, 500, 900]) {
    trace.send('getattr', 1, u64(0) + u64(0))
    trace.taken(queueNs)
    trace.end('getattr')
  }
  trace.ask('statfs', 1, '')
  const [getattr, statfs] = opcodeStats(trace.operations)
  expect(getattr).toMatchObject({ opcode: 'getattr', count: 3, queueMedianNs: 500, queueP99Ns: 900, maxNs: 1900 })
  expect(statfs).toMatchObject({ opcode: 'statfs', queueMedianNs: null, queueP99Ns: null })
})
