import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { lacks, until } from '../live/machine.js'
import { project } from '../vitest/project.js'

const VITEST = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url))
const FILES = `
const test = fuseTest({ daemon })
test('creates', async ({ mount, step, waitFor }) => {
  await step('create', () => mount.fs.writeFile('a.txt', 'x'))
  await waitFor.fileVisible('a.txt')
})
`
const why = lacks('bindfs', 'script')

test.skipIf(why !== '')(
  `u in vitest's watch mode records a test anew that does not fit its recording any more (${why})`,
  async () => {
    const made = project({
      'files.test.ts': FILES,
    })
    const recording = 'recordings/files/creates.fusetrace'
    try {
      await made.run([], { FUSETRACE: 'record' })
      const before = made.read(recording)
      // It listens to keys where it has a terminal.
      const command = `${process.execPath} ${VITEST} watch --no-color`
      const { CI: _, FUSETRACE: __, ...env } = process.env
      const child = spawn('script', ['-qefc', command, '/dev/null'], {
        cwd: made.directory,
        env: { ...env, TMPDIR: made.temp },
        stdio: ['pipe', 'pipe', 'inherit'],
      })
      let output = ''
      child.stdout.on('data', (chunk: Buffer) => {
        output += stripVTControlCharacters(chunk.toString('utf8'))
      })
      const rounds = (): number => output.match(/(?:Waiting|Watching) for file changes/g)?.length ?? 0
      const ended = once(child, 'exit')
      await until(() => rounds() === 1 || child.exitCode !== null)
      expect(child.exitCode, output).toBeNull()
      expect(made.read(recording).equals(before), 'it was replayed').toBe(true)
      const next = async (act: () => void): Promise<void> => {
        const round = rounds()
        act()
        await until(() => rounds() > round || child.exitCode !== null)
      }
      await next(() => made.write('files.test.ts', FILES.replaceAll('a.txt', 'b.txt')))
      expect(output).toContain('its recording has mount.fs.writeFile("a.txt", "x") here')
      // Vitest runs those again that failed.
      await next(() => child.stdin.write('u'))
      child.stdin.write('q')
      await ended
      expect(made.read(recording).equals(before), output).toBe(false)
      expect(output.slice(output.lastIndexOf('RERUN'))).toMatch(/Tests +1 passed/)
      expect(made.left()).toEqual([])
    } finally {
      made.remove()
    }
  },
)
