import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { reviewProjectEach } from '../cli/review-project.js'
import { CLI } from '../live/machine.js'

const project = reviewProjectEach()
const { holds, committed } = project
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
    spawnSync('python3', ['-c', PTY, keys, process.execPath, CLI, 'review'], {
      cwd: project.directory,
      encoding: 'utf8',
    })
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
