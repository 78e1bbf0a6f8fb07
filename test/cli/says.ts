import { execa } from 'execa'
import { afterAll, beforeAll } from 'vitest'
import { CLI, type Run } from '../live/machine.js'
import { type Project, project } from '../vitest/project.js'

/** Says how it is run; needs no FUSE. */
const SAYS = `
import { appendFileSync } from 'node:fs'
import { test } from 'vitest'
const { FUSETRACE, FUSE_TRACE_SUMMARY } = process.env
test('says', () => appendFileSync('said', FUSETRACE + ' ' + FUSE_TRACE_SUMMARY + '\\n'))
test('fails', () => expect(FUSETRACE).not.toBe('replay'))
`

/** A project with a test that says how it is run, and `fusetrace run` in it. */
export interface SayingProject {
  readonly made: Project
  run(...args: string[]): Promise<Run>
}

/** @param more further files of the project */
export function sayingProject(more: Record<string, string> = {}): SayingProject {
  let made: Project
  beforeAll(() => {
    made = project({ 'says.test.ts': SAYS, ...more })
  })
  afterAll(() => made.remove())
  return {
    get made() {
      return made
    },
    async run(...args) {
      const env = { CI: '', FUSETRACE: '', NO_COLOR: '1', FORCE_COLOR: '0' }
      const options = { cwd: made.directory, reject: false, env }
      const { exitCode, stdout, stderr } = await execa(process.execPath, [CLI, 'run', ...args], options)
      return { exitCode, stdout: String(stdout), stderr: String(stderr) }
    },
  }
}
