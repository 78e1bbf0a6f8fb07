import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { openRecording } from '../../src/recording/reader.js'
import { RecordingWriter } from '../../src/recording/writer.js'
import { lacks } from '../live/machine.js'
import { project } from '../vitest/project.js'

const CLI = fileURLToPath(new URL('../../bin/fusetrace.js', import.meta.url))
const makes = (title: string, file: string): string => `
test('${title}', async ({ mount, waitFor }) => {
  await mount.fs.writeFile('${file}', 'x')
  await waitFor.fileVisible('${file}')
})
`
const TEST = `const test = fuseTest({ daemon, expiresAfter: '90d' })${makes('makes', 'a.txt')}`
const SPEC = `
import { fuseTest } from 'fusetrace/vitest'
const test = fuseTest({
  daemon: ({ mountpoint, branches }) => ['bindfs', '-f', '-d', branches[0], mountpoint],
  expiresAfter: '90d',
  expired: 'fail',
})${makes('makes', 'b.txt')}`
const OTHER = `const test = fuseTest({ daemon })${makes('stays', 'c.txt')}`
const CHANGED = TEST.replace('{ daemon,', "{ daemon: (run) => [...daemon(run), '-o', 'ro'],")
const DAY_NS = 86_400_000_000_000n

/** The recording as it would be had it been made so many days before. */
function aged(path: string, days: number): void {
  const reader = openRecording(path)
  const { header, footer } = reader
  const rows = [...reader.rows()]
  reader.close()
  const originWallNs = (header.originWallNs ?? 0n) - BigInt(days) * DAY_NS
  const writer = RecordingWriter.create(path, { ...header, originWallNs }, { force: true })
  for (const row of rows) writer.write(row)
  writer.finish({ unparsed: footer?.unparsed ?? 0 })
}

const why = lacks('bindfs')

test.skipIf(why !== '')(
  `recordings of files of like names are apart; old, unused and outdated ones are mentioned, and fail where asked (${why})`,
  async () => {
    const made = project({ 'a.test.ts': TEST, 'a.spec.ts': SPEC, 'b.test.ts': OTHER + makes('leaves', 'd.txt') })
    try {
      const recorded = await made.run([], { FUSETRACE: 'record' })
      expect(recorded.exitCode, recorded.output).toBe(0)
      const [one, other] = ['recordings/a/makes.fusetrace', 'recordings/a.spec.ts/makes.fusetrace']
      expect([one, other].map((path) => made.exists(path))).toEqual([true, true])
      for (const path of [one, other]) aged(`${made.directory}/${path}`, 91)
      made.write('a.test.ts', CHANGED)
      made.write('b.test.ts', OTHER)

      const replayed = await made.run([], { FUSETRACE: 'replay' })
      expect(replayed.output).toContain('recordings are older than 90d: record them again')
      expect(replayed.output).toContain(
        'has changed since it was recorded: now bindfs -f -d $BRANCH0 $MOUNT -o ro, then',
      )
      expect(replayed.output).toContain('no test of b.test.ts uses these recordings')
      expect(replayed.output).toContain('  recordings/b/leaves.fusetrace\n')
      // Its own is too old, and only that fails.
      expect(replayed.output).toContain('its recording is older than 90d')
      expect(replayed.output).toMatch(/Tests +1 failed \| 2 passed/)

      aged(`${made.directory}/${other}`, -91)
      const inCi = await made.run([], { CI: 'true' })
      expect(inCi.exitCode).not.toBe(0)
      expect(inCi.output).toMatch(/Tests +3 passed/)
      expect(inCi.output).toContain('recordings/b/leaves.fusetrace')

      const cleaned = await execa(process.execPath, [CLI, 'clean', '--recordings'], { cwd: made.directory })
      expect(cleaned.stdout).toContain('recordings/b/leaves.fusetrace')
      expect(made.exists('recordings/b/leaves.fusetrace')).toBe(false)
      expect((await made.run([], { CI: 'true' })).exitCode).toBe(0)
    } finally {
      made.remove()
    }
  },
)
