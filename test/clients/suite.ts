import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openRecording } from '../../src/recording/reader.js'
import { openReplay } from '../../src/replay/open-replay.js'
import { CLI, lacks } from '../live/machine.js'

export const here: string = fileURLToPath(new URL('.', import.meta.url))
export const clients: string = fileURLToPath(new URL('../../src/clients', import.meta.url))
export const has = (program: string, ...args: string[]): boolean => spawnSync(program, args).status === 0

/** The Python that has pytest; undefined where none has. */
export const python: string | undefined = ['python3', '/usr/bin/python3'].find((program) =>
  has(program, '-c', 'import pytest'),
)

const FILE_SYSTEMS: Record<string, (source: string) => string[]> = {
  bindfs: (source) => ['bindfs', '-f', '-d', '-o', 'attr_timeout=0,entry_timeout=0', source, '{mountpoint}'],
  'unionfs-fuse': (source) => ['unionfs-fuse', '-f', '-d', '-o', 'cow', `${source}=RW`, '{mountpoint}'],
}

export let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fusetrace-test-'))
  mkdirSync(join(directory, 'source'))
})
afterEach(() => rmSync(directory, { recursive: true }))

export interface Recorded {
  file: string
  code: number | undefined
  output: string
}

/** Records a workload on a file system; the workload is a client. */
export async function record(
  fileSystem: string,
  workload: string,
  env: Record<string, string> = {},
): Promise<Recorded> {
  const file = join(directory, 'run.fusetrace')
  const daemon = (FILE_SYSTEMS[fileSystem] as (source: string) => string[])(join(directory, 'source'))
  const program = `${process.execPath} ${CLI}`
  const ran = await execa(process.execPath, [CLI, 'record', '-o', file, '--workload', workload, '--', ...daemon], {
    cwd: directory,
    reject: false,
    all: true,
    env: { CLIENTS: clients, FUSETRACE_PROGRAM: program, PYTHONDONTWRITEBYTECODE: '1', ...env },
  })
  return { file, code: ran.exitCode, output: ran.all }
}

function steps(file: string): string[] {
  const reader = openRecording(file)
  const names = [...reader.rows({ kinds: ['mark'] })].flatMap((row) =>
    row.kind === 'mark' && row.edge === 'begin' ? [row.name] : [],
  )
  reader.close()
  return names
}

/** What the clients of a served monitor do on a file system; `fails`: a test of theirs that fails, too. */
export const clientsOn = (fileSystem: string, { fails = true }: { fails?: boolean } = {}): unknown =>
  describe(`on ${fileSystem}`, () => {
    const missing = lacks(fileSystem)

    describe.skipIf(missing !== '' || python === undefined)('Python', () => {
      test('a pytest suite: its tests pass, each is a step of one recording, which replays', async () => {
        const { file, code, output } = await record(
          fileSystem,
          `${python} -m pytest -q -p fusetrace -p no:cacheprovider ${here}test_union.py`,
          {
            PYTHONPATH: clients,
          },
        )
        expect(output).toContain('15 passed')
        expect(code).toBe(0)
        const names = steps(file).filter((name) => name.includes('test_union.py::'))
        expect(names).toHaveLength(15)
        const session = await openReplay(file)
        await session.seekTo(names.find((name) => name.endsWith('::test_rename')) ?? '')
        expect((await session.waitFor.renamed('old.txt', 'new.txt')).operation?.status).toBe('ok')
        await session.close()
      })

      if (!fails) return
      test('the report of a test that fails ends with its last operations', async () => {
        writeFileSync(
          join(directory, 'test_fails.py'),
          'import os\ndef test_fails(wait_for):\n    os.mkdir(os.environ["MOUNT"] + "/seen")\n    wait_for.file_visible("never", timeout=0.05)\n',
        )
        const { code, output } = await record(
          fileSystem,
          `${python} -m pytest -q -p fusetrace -p no:cacheprovider test_fails.py`,
          {
            PYTHONPATH: clients,
          },
        )
        expect(code).toBe(1)
        expect(output).toMatch(/fusetrace: last operations[\s\S]*mkdir +ok +'\/seen'/)
        expect(output).toContain('WaitError')
      })
    })

    test.skipIf(missing !== '')('bash', async () => {
      const { code, output, file } = await record(fileSystem, `bash ${here}client.sh`)
      expect(output).not.toContain('no monitor')
      expect(code).toBe(0)
      expect(steps(file)).toEqual(['workload', 'create', 'make', 'fail', 'outer', 'refuse', 'halt'])
      const session = await openReplay(file)
      await session.seekTo('make')
      expect((await session.waitFor.dirVisible('/dir')).operation?.opcode).toBe('mkdir')
      await session.close()
    })
  })
