import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openRecording } from '../../src/recording/reader.js'
import { lacks } from '../live/machine.js'
import { recordKinds } from './kinds.js'
import type { Project, Ran } from './project.js'

const why = lacks('bindfs')

describe.skipIf(why !== '')('a project with tests of every kind', () => {
  let made: Project
  let recorded: Ran
  beforeAll(async () => {
    ;({ made, recorded } = await recordKinds())
  })
  afterAll(() => made.remove())

  const states = ({ tests }: Ran): Record<string, string> =>
    Object.fromEntries(Object.entries(tests).map(([name, { state }]) => [name, state]))
  const recordings = (): string[] => Object.keys(RECORDED).filter((name) => made.exists(`recordings/${name}.fusetrace`))

  const STATES = {
    'outer inner passes': 'passed',
    'asserts wrongly': 'failed',
    'late runs out of time': 'failed',
    'its daemon dies': 'failed',
    'fails once': 'passed',
    'should fail': 'passed',
    'is skipped (half-way)': 'skipped',
    'at once one': 'passed',
    'at once two': 'passed',
    'at once three': 'passed',
    'has a namesake': 'passed',
    'has a Namesake': 'passed',
    'fakes its timers': 'passed',
    'reads its mount with node:fs': 'passed',
    'asks its trace': 'passed',
    'calls after its end': 'passed',
    'forgets its waits': 'passed',
    'makes a file': 'passed',
    'later finds it': 'passed',
    'makes another': 'passed',
    'never mounts': 'failed',
    'is not installed': 'failed',
    'ends at once': 'failed',
    'cannot be set up': 'failed',
  }
  const RECORDED: Record<string, boolean> = {
    'files/outer inner passes': true,
    'files/asserts wrongly': false,
    'files/late runs out of time': false,
    'files/its daemon dies': false,
    'files/fails once': true,
    'files/should fail': true,
    'files/is skipped -half-way-7d3a1e67': true,
    'files/at once one': true,
    'files/at once two': true,
    'files/at once three': true,
    'files/outer inner passes (2)': true,
    'files/has a namesake': true,
    'files/has a namesake (2)': true,
    'files/has a Namesake (3)': true,
    'files/fakes its timers': true,
    'files/asks its trace': true,
    'files/calls after its end': true,
    'files/forgets its waits': true,
    'shared/(file)': true,
  }

  /** The part of the output that is about one failure. */
  const about = (name: string): string =>
    recorded.output.split(/^ FAIL /m).find((part) => part.startsWith(` files.test.ts > ${name}\n`)) ?? ''

  test('record: what passed is recorded, nothing is left behind', () => {
    expect(states(recorded)).toEqual(STATES)
    expect(recordings()).toEqual(Object.keys(RECORDED).filter((name) => RECORDED[name]))
    expect(made.left()).toEqual([])
  })

  test('a failed test shows its operations, its waits, and where its trace is', () => {
    const text = about('asserts wrongly')
    expect(text).toMatch(/last operations:\n(.*\n)+ {2}#\d+ create \/a\.txt ok/)
    expect(text).toContain('waits still pending:\n  fileVisible /later.txt\n')
    expect(text).toMatch(/last lines on stderr:\n(.*\n)+.*unique: \d+, /)
    expect(text).toContain('trace: .fusetrace/failed/files/asserts wrongly.fusetrace\n')
    expect(text).toContain("see it: npx fusetrace show '.fusetrace/failed/files/asserts wrongly.fusetrace'\n")
    expect(text).toContain('report: .fusetrace/failed/files/asserts wrongly.html\n')
    const page = made.read('.fusetrace/failed/files/asserts wrongly.html')
    expect(String(page)).toMatch(/^<!doctype html>\n/)
    // Vitest keeps it as an artifact of the test.
    const kept = readdirSync(join(made.directory, '.vitest-attachments')).map((name) =>
      readFileSync(join(made.directory, '.vitest-attachments', name)),
    )
    expect(kept.some((one) => one.equals(page))).toBe(true)
    // One that passed at last, or always did, has none.
    expect(made.exists('.fusetrace/failed/files/fails once.html')).toBe(false)
    expect(operationsOf(`${made.directory}/.fusetrace/failed/files/asserts wrongly.fusetrace`)).toContain(
      'create /a.txt',
    )
    expect(text).not.toContain('ran out of time')
    expect(String(made.read('.fusetrace/.gitignore'))).toBe('*\n')
    // It failed at first.
    expect(made.exists('.fusetrace/failed/files/fails once.fusetrace')).toBe(false)
  })

  test('one that ran out of time says which wait was pending, why, and where it was called', () => {
    const { messages } = recorded.tests['late runs out of time'] as { messages: string }
    expect(messages.split('the test ran out of time').length).toBe(2)
    expect(messages).toContain('the test ran out of time while it waited:\n\nfileVisible /c.txt: ')
    expect(messages).toMatch(/nearest misses:\n +#\d+ create \/b\.txt ok — other path/)
    expect(messages).toMatch(/at .*files\.test\.ts:\d+/)
  })

  test('a daemon that died is said to have', () => {
    expect(about('its daemon dies')).toContain('the daemon ended: SIGKILL\n')
    expect(recorded.tests['its daemon dies']?.messages).toContain(
      'fileVisible /late.txt: the daemon was killed by SIGKILL',
    )
  })

  test('waits that nobody awaited are mentioned, and are no unhandled rejections', () => {
    expect(recorded.output).toContain(
      'fusetrace: forgets its waits: ended before its wait for fileVisible /never.txt; no await?\n',
    )
    expect(recorded.output).toContain('its wait for until')
    expect(recorded.output).toContain(
      'forgets its waits: ended before mount.fs.readFile("a.txt") returned; no await?\n',
    )
    expect(recorded.output).not.toContain('Unhandled')
  })

  test('recordings that no test uses are reported', () => {
    expect(recorded.output).toContain('no test of files.test.ts uses these recordings')
    expect(recorded.output).toContain('  recordings/files/of old.fusetrace\n')
    expect(recorded.output).not.toContain('no test of shared.test.ts')
    const gone = 'the test files of these recordings are gone'
    expect(recorded.output.split(gone)).toHaveLength(2)
    expect(recorded.output).toContain('  recordings/lib/deleted/files truncate shortens.fusetrace\n')
  })

  test('a mount that cannot be had says why, and what to try', () => {
    const said = (name: string): string | undefined => recorded.tests[name]?.messages
    expect(recorded.output).toContain('fusetrace: never mounts: ran out of time before it had its mount')
    expect(said('is not installed')).toContain('no-such-daemon was not found\ninstall it, or give its path')
    expect(said('ends at once')).toContain('sh ended with exit code 3 before the mount was ready: broken\n')
    expect(said('cannot be set up')).toContain('from setup')
    expect(recorded.output).not.toContain('readiness.ts')
  })

  describe('afterwards', () => {
    test('CI: what was recorded is replayed, what was not fails with the command that records it', async () => {
      const replayed = await made.run([], { CI: 'true', PATH: '/nowhere' })
      expect(states(replayed)).toEqual({
        ...STATES,
        'reads its mount with node:fs': 'failed',
      })
      expect(replayed.output).toContain('in replay there is nothing at /fusetrace/replay: go through mount.fs')
      expect(replayed.tests['asserts wrongly']?.messages).toContain('there is no recording of this test')
      expect(replayed.tests['asserts wrongly']?.messages).toContain(
        "record it: FUSETRACE=record npx vitest run files.test.ts -t '^asserts wrongly$'",
      )
      // Nothing that is not the user's.
      expect(replayed.output).not.toContain('src/fixture')
      expect(replayed.output).not.toContain('hint:')
    })
  })
})

function operationsOf(recording: string): string[] {
  const reader = openRecording(recording)
  const names = [...reader.rows()].flatMap((row) =>
    row.kind === 'operation' ? [`${row.operation.opcode} ${row.operation.path}`] : [],
  )
  reader.close()
  return names
}
