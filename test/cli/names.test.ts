import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { CLI } from '../live/machine.js'
import { fusetraceIn } from './run.js'

/** A colour, a line of its own, a workflow command, and what turns the direction of writing. */
const HOSTILE = '\x1b[31mred\n::error::x\u202e\u061c'
const LOG =
  'unique: 4, opcode: LOOKUP (1), nodeid: 1, insize: 42, pid: 9\nLOOKUP /a\n   unique: 4, success, outsize: 144\n'

let dir: string

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'fusetrace-names-'))
  mkdirSync(join(dir, HOSTILE))
  writeFileSync(join(dir, HOSTILE, 'x.log'), LOG)
})

afterAll(() => rmSync(dir, { recursive: true }))

const env = (): Record<string, string> => ({ TMPDIR: join(dir, HOSTILE), DISPLAY: '', WAYLAND_DISPLAY: '' })

function escaped({ stdout, stderr }: { stdout: string; stderr: string }): void {
  expect(stdout + stderr).toContain('red\\n')
  expect(stdout + stderr).not.toMatch(/\x1b|^::|[\u202e\u061c]/m)
}

/** In the order of the list: the first makes the recording. */
test.each([
  ['import', `${HOSTILE}/x.log`, '-o', `${HOSTILE}/x.fusetrace`],
  ['check', `${HOSTILE}/x.fusetrace`],
  ['check', `${HOSTILE}/x.fusetrace`, '--against', `${HOSTILE}/x.log`],
  ['redact', `${HOSTILE}/x.fusetrace`, '-o', `${HOSTILE}/y.fusetrace`],
  ['accept', `${HOSTILE}/x.fusetrace`, '--against', `${HOSTILE}/x.log`],
  ['show', `${HOSTILE}/x.fusetrace`, '--web'],
])('names of files and arguments reach the terminal escaped: %s', async (...args) => {
  for (const [name, value] of Object.entries(env())) vi.stubEnv(name, value)
  escaped(await fusetraceIn(dir, ...args))
})

// What asks a server is a small program of its own.
test.each([
  ['wait', 'file-visible', HOSTILE, '--socket', HOSTILE],
  ['fence', HOSTILE],
  ['wait', HOSTILE],
])('arguments of %s %j reach the terminal escaped', (...args) => {
  escaped(
    spawnSync(process.execPath, [CLI, ...args], { cwd: dir, encoding: 'utf8', env: { ...process.env, ...env() } }),
  )
})
