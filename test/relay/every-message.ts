import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, describe, expect, test } from 'vitest'
import { verify } from '../../src/kernel/verify.js'
import { WireSides } from '../../src/kernel/wire-requests.js'
import type { LiveSession } from '../../src/live/session.js'
import { startLive } from '../../src/live/session.js'
import type { Operation } from '../../src/operation/operation.js'
import { openRecording } from '../../src/recording/reader.js'
import { openReplay } from '../../src/replay/open-replay.js'
import { type Place, placeEach } from '../live/machine.js'
import { lacksRelay, libfuseExample } from './machine.js'
import { roundTrip } from './round-trip.js'

const WORKLOAD = fileURLToPath(new URL('../workload.sh', import.meta.url))
const SLOW = 300_000
const passthrough = lacksRelay('gcc', 'pkg-config') === '' ? libfuseExample('passthrough') : null
const lowLevel = lacksRelay('gcc', 'pkg-config') === '' ? libfuseExample('passthrough_ll') : null

let session: LiveSession | null = null
let here: Place

interface Case {
  name: string
  lacking: string
  daemon(): string[]
  /** Where in the mount the source is. */
  root?(): string
  readOnly?: boolean
  opcodes: string[]
}

const MAKES = ['lookup', 'create', 'mkdir', 'symlink', 'link', 'unlink', 'rmdir', 'write', 'release', 'setattr']
const cases: Case[] = [
  {
    name: 'bindfs (libfuse 2 or 3)',
    lacking: lacksRelay('bindfs'),
    daemon: () => ['bindfs', '-d', here.source, here.mount],
    opcodes: [...MAKES, 'read', 'readdir'],
  },
  {
    name: 'passthrough (libfuse 3)',
    lacking: lacksRelay() || (passthrough ? '' : 'no libfuse3 examples'),
    daemon: () => [passthrough?.program ?? '', '-f', '-d', here.mount],
    root: () => here.source,
    opcodes: MAKES,
  },
  {
    name: 'passthrough_ll (libfuse 3, low level)',
    lacking: lacksRelay() || (lowLevel ? '' : 'no libfuse3 examples'),
    // In one thread: what several log of a FORGET stands between each other, and which names went with it can then be guessed only.
    daemon: () => [lowLevel?.program ?? '', '-f', '-d', '-s', '-o', `source=${here.source}`, here.mount],
    opcodes: MAKES,
  },
  {
    name: 'fuse-overlayfs (low level)',
    lacking: lacksRelay('fuse-overlayfs'),
    daemon() {
      for (const name of ['upper', 'work']) mkdirSync(here.file(name))
      const layers = `lowerdir=${here.source},upperdir=${here.file('upper')},workdir=${here.file('work')}`
      return ['fuse-overlayfs', '-f', '-d', '-o', layers, here.mount]
    },
    opcodes: MAKES,
  },
  {
    name: 'squashfuse_ll (low level, read-only)',
    lacking: lacksRelay('squashfuse_ll', 'mksquashfs'),
    daemon() {
      writeFileSync(join(here.source, 'a.txt'), 'squashed')
      spawnSync('mksquashfs', [here.source, here.file('image')])
      return ['squashfuse_ll', '-f', here.file('image'), here.mount]
    },
    readOnly: true,
    opcodes: ['lookup', 'getattr', 'open', 'read', 'release'],
  },
]

/** Every message between the kernel and file systems, by name. */
export function everyMessage(isWanted: (name: string) => boolean): void {
  here = placeEach(async () => {
    await session?.close()
    session = null
  })
  afterAll(() => {
    passthrough?.remove()
    lowLevel?.remove()
  })
  describe.each(cases.filter(({ name }) => isWanted(name)))('every message between the kernel and $name', isKept)
}

function isKept(one: Case): void {
  test.skipIf(one.lacking !== '')(
    `comes out of decoding and encoding as it was, and replays to the same operations (${one.lacking || 'as root'})`,
    async () => {
      const record = here.file('run.fusetrace')
      session = await startLive({
        daemon: one.daemon(),
        mountpoint: here.mount,
        record,
        readyMs: SLOW,
        wire: { data: true },
      })
      const root = join(here.mount, one.root?.() ?? '')
      const command = one.readOnly ? 'ls -l "$MOUNT"; cat "$MOUNT/a.txt"' : `sh ${WORKLOAD}`
      await execa('sh', ['-c', command], { env: { MOUNT: root }, reject: false })
      await session.quiet()
      await session.close()
      const report = roundTrip(record)
      expect(report.other).toEqual([])
      expect(report.same).toBeGreaterThan(one.readOnly ? 15 : 150)
      expect([...report.opcodes]).toEqual(expect.arrayContaining(one.opcodes))
      expect(report.unanswered).toBe(0)
      const verified = verifyLog(record)
      expect(verified).toMatchObject({ agrees: true, phantom: 0 })
      if (!one.readOnly) expect(verified.path.compared).toBeGreaterThan(100)
      const golden = [...openRecording(record).rows({ kinds: ['operation'] })].flatMap((row) =>
        row.kind === 'operation' ? [row.operation] : [],
      )
      expect(await replayed(record)).toEqual(golden)
      const known = golden.filter(({ opcode }) => !['init', 'destroy', 'interrupt', 'batch_forget'].includes(opcode))
      // A node with several names has no path, but them.
      expect(known.filter(({ path, paths }) => path === null && paths === undefined)).toEqual([])
      expect(golden.filter(({ endedBy }) => endedBy !== 'wire' && endedBy !== 'last-event')).toEqual([])
    },
    SLOW,
  )
}

/** What the log tells against what the messages say. */
function verifyLog(file: string) {
  const reader = openRecording(file)
  const sides = new WireSides(reader.header)
  for (const row of reader.rows()) sides.push(row)
  sides.end(0)
  reader.close()
  return verify(sides.operations, sides.requests)
}

async function replayed(file: string): Promise<Operation[]> {
  const replay = await openReplay(file)
  const operations: Operation[] = []
  replay.monitor.subscribe((event) => {
    if (event.type === 'ended') operations.push(event.operation)
  })
  await replay.playToEnd()
  await replay.close()
  return operations
}
