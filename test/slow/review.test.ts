import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'

const repository = fileURLToPath(new URL('../..', import.meta.url))
const program = join(repository, 'bin', 'fusetrace.js')
const recording = (name: string): string => join(repository, 'recordings', name)

let project: string
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'fusetrace-review-test-'))
  mkdirSync(join(project, 'recordings'))
})
afterEach(() => rmSync(project, { recursive: true, force: true }))
const git = (...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'commit.gpgsign=false', ...args], {
    cwd: project,
    encoding: 'utf8',
  })
const put = (from: string, to: string): void => copyFileSync(recording(from), join(project, 'recordings', to))
const holds = (name: string, from: string): boolean =>
  readFileSync(join(project, 'recordings', name)).equals(readFileSync(recording(from)))

function committed(): void {
  git('init', '-q')
  // A filter for reading must not stand between git and what is compared.
  writeFileSync(join(project, '.gitattributes'), '*.fusetrace diff=broken\n')
  git('config', 'diff.broken.textconv', 'false')
  for (const name of ['same.fusetrace', "a 'b' é.fusetrace", 'gone.fusetrace']) put('bindfs.fusetrace', name)
  git('add', '.')
  git('commit', '-qm', 'first')
  put('unionfs.fusetrace', "a 'b' é.fusetrace")
  put('demo.fusetrace', 'new.fusetrace')
  rmSync(join(project, 'recordings', 'gone.fusetrace'))
}

const noPython = spawnSync('python3', ['-c', 'import pty']).status !== 0

/** Runs it on a terminal and types keys, each when it is asked for. */
const PTY = `
import os, pty, sys, select
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
keys, out = list(sys.argv[1]), b''
while True:
    if not select.select([fd], [], [], 60)[0]: break
    try: part = os.read(fd, 65536)
    except OSError: break
    if not part: break
    out += part
    while keys and out.count(b'quit? ') > len(sys.argv[1]) - len(keys):
        os.write(fd, keys.pop(0).encode())
sys.stdout.buffer.write(out)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`

test.skipIf(noPython)('by keys in a terminal', () => {
  committed()
  const run = (keys: string) =>
    spawnSync('python3', ['-c', PTY, keys, process.execPath, program, 'review'], { cwd: project, encoding: 'utf8' })
  const first = run('dkxs\x03')
  expect(first.stdout).toContain('[1/3]')
  expect(first.stdout).toContain('operations the same')
  expect(first.stdout).toContain('0 accepted, 1 kept, 2 left')
  expect(first.status).toBe(1)
  expect(holds("a 'b' é.fusetrace", 'bindfs.fusetrace')).toBe(true)
  const second = run('ka')
  expect(second.stdout).toContain('1 accepted, 1 kept, 0 left')
  expect(second.status).toBe(0)
  expect(holds('gone.fusetrace', 'bindfs.fusetrace')).toBe(true)
})
