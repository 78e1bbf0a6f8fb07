import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { TracefsSource } from '../../src/kernel/tracefs-source.js'
import { startLive } from '../../src/live/session.js'
import type { KernelRow } from '../../src/recording/row.js'
import { kernelAnswers } from './kernel-answers.js'
import { lacks, lacksKernel, placeEach } from './machine.js'

const here = placeEach()

// The others are in test/slow/kernel-silent.test.ts.
kernelAnswers((name) => name === 'mergerfs')

const noTracefs = lacks('bindfs') || lacksKernel()
test.skipIf(noTracefs)(
  `without BPF the tracepoints' text gives ids, opcodes and errors (${noTracefs || 'tracefs'})`,
  async () => {
    const clock = systemClock()
    const rows: KernelRow[] = []
    const source = new TracefsSource({ clock, onEvent: (row) => rows.push(row), onLoss: () => undefined }, 'no koffi')
    const session = await startLive({
      daemon: ['bindfs', '-f', here.source, '{mountpoint}'],
      mountpoint: here.mount,
      clock,
    })
    try {
      source.follow(session.connection ?? 0)
      await writeFile(join(here.mount, 'a'), 'x')
      source.drain()
    } finally {
      await source.stop()
      await session.close()
    }
    expect(source).toMatchObject({ named: false, note: 'no koffi' })
    expect(rows[0]).toMatchObject({ edge: 'send', opcode: 'init' })
    expect(rows).toContainEqual(expect.objectContaining({ edge: 'send', opcode: 'create' }))
    expect(rows.every(({ details }) => details === undefined)).toBe(true)
    expect(existsSync(join(here.source, 'a'))).toBe(true)
  },
)
