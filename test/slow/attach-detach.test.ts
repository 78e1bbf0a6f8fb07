import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { BpfTrace } from '../../src/kernel/bpf-trace.js'
import { lacksBpf } from '../live/machine.js'

const TIMES = 1000
const INSTANCES = '/sys/kernel/tracing/instances'

/** What of the kernel's there is: descriptors of ours, programs and maps of anybody's, instances of tracefs. */
function there() {
  const list = (what: 'prog' | 'map'): number | null => {
    try {
      return JSON.parse(execFileSync('bpftool', ['-j', what, 'list'], { encoding: 'utf8' })).length
    } catch {
      return null
    }
  }
  return {
    descriptors: readdirSync('/proc/self/fd').length,
    programs: list('prog'),
    maps: list('map'),
    instances: existsSync(INSTANCES) ? readdirSync(INSTANCES).length : 0,
  }
}

test.skipIf(lacksBpf() !== '')(
  `${TIMES} attach and detach, and nothing is left (${lacksBpf() || 'as root'})`,
  async () => {
    const before = there()
    for (let i = 0; i < TIMES; i++) {
      const trace = await BpfTrace.open({ onRecord: () => undefined, onLoss: () => undefined })
      trace.follow(1)
      await trace.close()
    }
    expect(there()).toEqual(before)
  },
  3_600_000,
)
