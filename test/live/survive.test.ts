import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { openRecording } from '../../src/recording/reader.js'
import { CLI, lacks, until } from './machine.js'
import { lineCount, survivingEach } from './surviving.js'

const lacking = lacks('bindfs', 'python3')
const { here, env, run } = survivingEach()

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number)

describe.skipIf(lacking)(`a recording, whatever happens (${lacking || 'bindfs'})`, () => {
  test('after a kill of all, its guard too, `clean` finds the mount and the directories', async () => {
    const child = spawn(
      process.execPath,
      [
        CLI,
        'record',
        '-o',
        here.file('x'),
        '--workload',
        'exec sleep 600',
        '--',
        'bindfs',
        '-d',
        here.source,
        '{mountpoint}',
      ],
      { stdio: 'ignore', env: { ...process.env, ...env() } },
    )
    const ended = new Promise((resolve) => child.once('exit', resolve))
    const notes = join(here.file('tmp'), `fusetrace-notes-${process.getuid?.()}`)
    const noted = (): string =>
      existsSync(notes)
        ? readdirSync(notes)
            .filter((name) => name.endsWith('.json'))
            .map((name) => readFileSync(join(notes, name), 'utf8'))
            .join('')
        : ''
    const partial = here.file('x.partial')
    await until(
      () => here.mounts().length > 0 && noted().includes('"serial"') && existsSync(partial) && lineCount(partial) > 0,
    )
    for (const pid of [...childrenOf(child.pid as number), child.pid as number]) process.kill(pid, 'SIGKILL')
    await ended
    expect(here.mounts()).toHaveLength(1)
    const [mount = ''] = here.mounts()
    const cleaned = JSON.parse((await run('clean', '--json')).stdout) as object[]
    expect(cleaned).toContainEqual({ what: 'mount', name: mount, problem: null })
    expect(cleaned).toContainEqual({ what: 'directory', name: mount, problem: null })
    expect(here.mounts()).toEqual([])
    expect(readdirSync(here.file('tmp'))).toEqual([`fusetrace-notes-${process.getuid?.()}`])
    expect(readdirSync(notes)).toEqual([])
    // What it had seen can be read.
    expect(lineCount(partial)).toBeGreaterThan(0)
  })

  test('a terminal that is closed ends the recording in order', async () => {
    // A terminal of its own, closed when the mount is there; then the recorder's end is waited for.
    const program = `
import os, pty, sys, time
pid, master = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
while not any(sys.argv[-1].encode() in line for line in open('/proc/self/mountinfo', 'rb')):
    time.sleep(0.01)
os.close(master)
_, status = os.waitpid(pid, 0)
print(os.waitstatus_to_exitcode(status))`
    const args = [
      'record',
      '-o',
      here.file('x'),
      '--mountpoint',
      here.mount,
      '--',
      'bindfs',
      '-d',
      here.source,
      here.mount,
    ]
    const ran = await execa('python3', ['-c', program, process.execPath, CLI, ...args])
    // SIGHUP, as the system means it.
    expect(ran.stdout).toBe('-1')
    const reader = openRecording(here.file('x'))
    expect([...reader.rows({ kinds: ['exit'] })]).toMatchObject([{ code: 0 }])
    expect(reader.complete).toBe(true)
    reader.close()
  })
})
