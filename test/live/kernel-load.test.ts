import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { BpfTrace } from '../../src/kernel/bpf-trace.js'
import { startLive } from '../../src/live/session.js'
import { lacks, lacksBpf, placeEach } from './machine.js'

const lacking = lacks('bindfs') || lacksBpf()
const name = (text: string): string => `${text} (${lacking || 'bindfs'})`

const here = placeEach()

test.skipIf(lacking)(
  name('eight creators at once: every create is seen with its name, or its loss is counted'),
  async () => {
    const command = ['bindfs', '-f', here.source, '{mountpoint}']
    await using session = await startLive({
      daemon: command,
      mountpoint: here.mount,
      kernel: true,
      historyLimit: 200_000,
    })
    const creator = `for i in $(seq 60); do : > ${here.mount}/f$0-$i; done`
    // Of the others' files it is not told before.
    const wanted = session.waitFor.operation({ opcode: 'create', path: '/f7-60' }, { timeoutMs: 120_000 })
    await Promise.all(Array.from({ length: 8 }, (_, i) => execa('sh', ['-c', creator, String(i)])))
    expect((await wanted).by).toBe('trace')
    await session.fence()
    const created = session.monitor
      .recentOperations()
      .filter(({ opcode, status }) => opcode === 'create' && status === 'ok')
      .map(({ path }) => path?.slice(1) ?? '?')
    if (session.recorder.losses.size === 0) expect(created.sort()).toEqual(readdirSync(here.source).sort())
    else expect(session.recorder.losses.get('kernel-events')).toBeGreaterThan(0)
  },
)

test.skipIf(lacking)(name('a ring that is too small counts what it lost, and goes on'), async () => {
  const command = ['bindfs', '-f', here.source, '{mountpoint}']
  await using session = await startLive({ daemon: command, mountpoint: here.mount, kernel: true })
  const counts = { large: 0, small: 0, lost: 0, largeLost: 0 }
  const large = await BpfTrace.open({
    onRecord: () => void counts.large++,
    onLoss: (count) => {
      counts.largeLost += count
    },
  })
  const small = await BpfTrace.open({
    ringBytes: 64 * 1024,
    onRecord: () => void counts.small++,
    onLoss: (count) => {
      counts.lost += count
    },
  })
  for (const trace of [large, small]) trace.follow(session.connection ?? 0)
  // Nobody reads while this runs: more than the small ring holds.
  execFileSync('sh', ['-c', `for i in $(seq 300); do : > ${here.mount}/f$i; done`])
  for (const trace of [small, large]) trace.drain()
  expect(counts.largeLost).toBe(0)
  expect(counts.lost).toBeGreaterThan(0)
  expect(counts.small + counts.lost).toBe(counts.large)
  const before = counts.small
  await writeFile(join(here.mount, 'later'), 'x')
  small.drain()
  expect(counts.small).toBeGreaterThan(before)
  await Promise.all([large.close(), small.close()])
})

test.skipIf(lacking)(name('what nobody waits for is read when somebody asks'), async () => {
  const command = ['bindfs', '-f', here.source, '{mountpoint}']
  await using session = await startLive({ daemon: command, mountpoint: here.mount, kernel: 'only' })
  const since = session.monitor.mark()
  const names = Array.from({ length: 50 }, (_, i) => `f${i}`)
  // This thread has no turn meanwhile.
  execFileSync('sh', ['-c', `cd ${here.mount}; for f in ${names.join(' ')}; do : > $f; done`])
  const created = session.monitor
    .eventsSince(since)
    .filter(({ type, operation }) => type === 'ended' && operation.opcode === 'create')
  expect(created.map(({ operation }) => operation.path)).toEqual(names.map((file) => `/${file}`))
})

test.skipIf(lacking)(
  name('more than is kept while nobody asks: nothing is lost, and names are known after it'),
  async () => {
    const command = ['bindfs', '-f', here.source, '{mountpoint}']
    await using session = await startLive({ daemon: command, mountpoint: here.mount, kernel: true })
    let [all, read, passed, lost] = [0, 0, 0, 0]
    const large = await BpfTrace.open({ onRecord: () => void all++, onLoss: () => undefined })
    const small = await BpfTrace.open({
      ringBytes: 64 * 1024,
      onRecord: () => void read++,
      onLoss: (count) => {
        lost += count
      },
      onOverflow: (records) => {
        passed += records.read(Number.POSITIVE_INFINITY, () => undefined)
      },
    })
    small.pace = 'later'
    for (const trace of [large, small]) trace.follow(session.connection ?? 0)
    await Promise.all(
      Array.from({ length: 4 }, (_, i) =>
        execa('sh', ['-c', `for i in $(seq 200); do : > ${here.mount}/f${i}-$i; done`]),
      ),
    )
    for (const trace of [small, large]) trace.drain()
    expect(read + passed + lost).toBe(all)
    await Promise.all([large.close(), small.close()])
  },
)
