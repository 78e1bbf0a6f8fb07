import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const repository = fileURLToPath(new URL('../..', import.meta.url))
const program = join(repository, 'bin', 'fusetrace.js')
const recording = (name: string): string => join(repository, 'recordings', name)

let project: string
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'fusetrace-review-test-'))
  mkdirSync(join(project, 'recordings'))
})
afterEach(() => rmSync(project, { recursive: true, force: true }))

const fusetrace = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { cwd: project, encoding: 'utf8' })
  return { status, stdout, stderr }
}
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

describe('against git', () => {
  test('tells what changed, and changes nothing', () => {
    committed()
    const { status, stdout } = fusetrace('review', '--json')
    const found = JSON.parse(stdout)
    expect(found).toMatchObject([
      { file: "recordings/a 'b' é.fusetrace", status: 'changed', against: 'HEAD', command: true, decision: null },
      { file: 'recordings/gone.fusetrace', status: 'deleted', problem: null },
      { file: 'recordings/new.fusetrace', status: 'new' },
    ])
    expect(found[0].same).toBeGreaterThan(50)
    expect(found[0].gone + found[0].new + found[0].outcomes).toBeGreaterThan(0)
    expect(found[1].gone).toBeGreaterThan(100)
    expect(status).toBe(1)
    expect(git('status', '--porcelain').split('\n').filter(Boolean)).toHaveLength(3)
    const text = fusetrace('review')
    expect(text.stdout).toMatch(/new\.fusetrace: new, \d+ operations\n/)
    expect(text.stderr).toContain('3 to be decided')
  })

  test('accepts and keeps by patterns', () => {
    committed()
    const { status, stdout } = fusetrace(
      'review',
      '--accept',
      'recordings/new*',
      '--accept',
      '**/gone*',
      '--keep',
      "**/a 'b'*",
    )
    expect(stdout.match(/: (accepted|kept)$/gm)).toEqual([': kept', ': accepted', ': accepted'])
    expect(status).toBe(0)
    expect(holds("a 'b' é.fusetrace", 'bindfs.fusetrace')).toBe(true)
    expect(git('status', '--porcelain').trim().split('\n')).toEqual([
      'D  recordings/gone.fusetrace',
      'A  recordings/new.fusetrace',
    ])
    expect(fusetrace('review').stdout).toBe('no recording has changed\n')
  })

  test('goes on where something cannot be read', () => {
    committed()
    writeFileSync(join(project, 'recordings', 'same.fusetrace'), 'no recording')
    const found = JSON.parse(fusetrace('review', '--json').stdout)
    expect(found.at(-1)).toMatchObject({
      file: 'recordings/same.fusetrace',
      problem: expect.stringContaining('not a fusetrace recording'),
    })
  })

  test('what is asked wrongly is one line and changes nothing', () => {
    committed()
    const both = fusetrace('review', '--accept', '**/new*', '--keep', '**/*')
    expect([both.status, both.stderr.trim().split('\n').length]).toEqual([2, 1])
    expect(fusetrace('review', '--accept', 'x')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('matches no changed'),
    })
    expect(fusetrace('review', 'nowhere')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('no directory nowhere'),
    })
    expect(git('diff', '--cached', '--name-only')).toBe('')
  })
})

describe('without git', () => {
  test('only what was kept beside it is looked at, and that is said', () => {
    put('unionfs.fusetrace', 'a.fusetrace')
    put('bindfs.fusetrace', 'a.fusetrace.previous')
    put('unionfs.fusetrace', 'b.fusetrace')
    put('unionfs.fusetrace', 'b.fusetrace.previous')
    const { status, stdout, stderr } = fusetrace('review', '--accept', '**/a*', '--keep', '**/b*')
    expect(stderr).toContain('only .previous is looked at')
    expect(stdout).toContain('b.fusetrace: its 337 operations are the same'.slice(0, 17))
    expect(status).toBe(0)
    expect(existsSync(join(project, 'recordings', 'a.fusetrace.previous'))).toBe(false)
    expect(existsSync(join(project, 'recordings', 'b.fusetrace.previous'))).toBe(false)
    expect(holds('a.fusetrace', 'unionfs.fusetrace')).toBe(true)
  })
})

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
