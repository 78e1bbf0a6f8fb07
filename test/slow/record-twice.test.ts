import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { openRecording } from '../../src/recording/reader.js'
import { canonical } from '../../src/report/canonical.js'
import { lacks } from '../live/machine.js'
import { type Project, project } from '../vitest/project.js'

const suite = fileURLToPath(new URL('../suite', import.meta.url))
const daemons = fileURLToPath(new URL('../daemons/', import.meta.url))
const made: Project[] = []
afterAll(() => {
  for (const one of made) one.remove()
})

const recordingsIn = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.fusetrace'))
    .sort()

/** A recording as text, without how long anything took. */
function textOf(path: string): string {
  const reader = openRecording(path)
  try {
    return [...canonical(reader)].map((line) => line.replace(/ (?:<[\d.]+m?s|>=10s)(?= |$)/, '')).join('\n')
  } finally {
    reader.close()
  }
}

// What a second recording of a run is worth: `git diff` shows what the daemon does otherwise, and nothing else.
describe.each([
  ['bindfs', 'bindfs'],
  ['unionfs', 'unionfs'],
  ['mergerfs', 'mergerfs'],
  ['fuse-native', null],
])('the suite on %s', (name, program) => {
  const lacking = program === null ? lacks() : lacks(program)
  test.skipIf(lacking)(`recorded twice says the same but for durations (${lacking || 'live'})`, async () => {
    const own = project({})
    made.push(own)
    for (const file of readdirSync(suite)) {
      if (file !== 'common.ts' && !file.startsWith(`${name}.`)) continue
      const text = readFileSync(join(suite, file), 'utf8')
        .replaceAll('../../src/vitest/index.js', 'fusetrace/vitest')
        .replaceAll('test/daemons/', daemons)
      own.write(`suite/${file.replace('.test.', '.spec.')}`, text)
    }
    const [one, two] = ['recordings', 'first'].map((folder) => join(own.directory, folder)) as [string, string]
    for (const to of [two, null]) {
      const { exitCode, output } = await own.run([], { FUSETRACE: 'record' })
      expect(exitCode, output).toBe(0)
      if (to !== null) cpSync(one, to, { recursive: true })
    }
    const names = recordingsIn(one)
    expect(names.length).toBeGreaterThan(3)
    expect(recordingsIn(two)).toEqual(names)
    for (const file of names) expect.soft(textOf(join(two, file)), file).toBe(textOf(join(one, file)))
  })
})
