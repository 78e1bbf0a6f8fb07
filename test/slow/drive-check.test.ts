import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { CLI, lacks } from '../live/machine.js'

const TIMES = 10
const PASSWORD = ['-q', '-extpass', 'echo secret']
const MEMORY_FS = new URL('../daemons/memory-fs.js', import.meta.url).pathname
const WORKLOAD = 'cd "$MOUNT" && mkdir d && echo x > d/a && cat d/a && mv d e && ls -l e && rm -r e && ! cat nope'

/** One daemon, as it was recorded and set up otherwise. */
const SETUPS: readonly [name: string, program: string, then: Command, now: Command, live: 0 | 1][] = [
  [
    'levels of rclone',
    'rclone',
    (d) => [...rclone(d), '-vv', '--debug-fuse', `${d}/source`, '{mountpoint}'],
    (d) => [...rclone(d), '-v', `${d}/source`, '{mountpoint}'],
    1,
  ],
  [
    'levels of gocryptfs',
    'gocryptfs',
    (d) => ['gocryptfs', '-fg', '-nosyslog', '-fusedebug', ...PASSWORD, `${d}/cipher`, '{mountpoint}'],
    (d) => ['gocryptfs', '-fg', '-nosyslog', '-d', ...PASSWORD, `${d}/cipher`, '{mountpoint}'],
    1,
  ],
  [
    'changed messages of bindfs',
    'bindfs',
    (d) => ['bindfs', '-f', '-d', `${d}/source`, '{mountpoint}'],
    (d) => [`${d}/changed.sh`, 'bindfs', '-f', '-d', `${d}/source`, '{mountpoint}'],
    1,
  ],
  [
    "changed messages of a daemon of the tests'",
    'node',
    () => ['node', MEMORY_FS, '{mountpoint}'],
    (d) => [`${d}/changed.sh`, 'node', MEMORY_FS, '{mountpoint}'],
    1,
  ],
  [
    // More requests, and others, in the same format.
    'other options of unionfs-fuse',
    'unionfs',
    (d) => ['unionfs', '-f', '-d', `${d}/source=RW`, '{mountpoint}'],
    (d) => ['unionfs', '-f', '-d', '-o', 'attr_timeout=0,entry_timeout=0,use_ino', `${d}/source=RW`, '{mountpoint}'],
    0,
  ],
]
type Command = (directory: string) => string[]
const rclone: Command = (d) => `rclone mount --config ${d}/r --vfs-cache-mode writes --cache-dir ${d}/cache`.split(' ')

function place(program: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'fusetrace-test-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  for (const name of ['source', 'cipher', 'cache']) mkdirSync(join(directory, name))
  if (program === 'gocryptfs') {
    execFileSync('gocryptfs', ['-init', '-scryptn', '10', ...PASSWORD, join(directory, 'cipher')], { stdio: 'ignore' })
  }
  const changed = '#!/bin/sh\n"$@" 2>&1 | sed -u "s/opcode: /op=/"\n'
  writeFileSync(join(directory, 'changed.sh'), changed, { mode: 0o755 })
  return directory
}

/** What a check has found, in the order of what it says. */
function found(...args: string[]): { status: number | null; findings: unknown[] } {
  const { status, stdout, stderr } = run('check', ...args)
  expect(stderr).toBe('')
  const { checks } = JSON.parse(stdout) as { checks: { findings: Record<string, unknown>[] }[] }
  const findings = checks.flatMap((check) => check.findings)
  return {
    status,
    findings: findings.map(({ code, severity, opcodes, effects }) => ({ code, severity, opcodes, effects })),
  }
}

const run = (...args: string[]) => spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8' })

test.for(SETUPS)(
  '%s: the same is found without a mount as between live logs, and nothing between equal ones',
  {
    timeout: 1_800_000,
  },
  ([, program, then, now, expected], { skip }) => {
    if (lacks(program) !== '') skip(lacks(program))
    const record = (command: Command): string => {
      const directory = place(program)
      const file = join(directory, 'run.fusetrace')
      const options = ['-o', file, '--timeout', '60000', '--workload', WORKLOAD]
      expect(run('record', ...options, '--', ...command(directory))).toMatchObject({ status: 0 })
      return file
    }
    const recorded = record(then)
    const live = found(recorded, '--json', '--against', record(now))
    expect(live.status).toBe(expected)
    for (let i = 0; i < TIMES; i++) {
      const drive = (command: Command) =>
        found(recorded, '--json', '--drive', '--timeout', '60000', '--', ...command(place(program)))
      expect(drive(then)).toEqual({ status: 0, findings: [] })
      expect(drive(now)).toEqual(live)
    }
  },
)
