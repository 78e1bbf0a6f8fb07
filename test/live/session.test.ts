import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { FusetraceError } from '../../src/errors.js'
import type { LiveOptions } from '../../src/live/options.js'
import { LiveSession, startLive } from '../../src/live/session.js'
import { openRecording } from '../../src/recording/reader.js'
import { lacks, placeEach, until } from './machine.js'

const lacking = lacks('bindfs')
const program = (name: string): string => fileURLToPath(new URL(`../daemons/${name}.js`, import.meta.url))

const sessions: LiveSession[] = []
const here = placeEach(async () => {
  for (const session of sessions.splice(0)) await session.close()
})

async function bindfs(options: Partial<LiveOptions> = {}): Promise<LiveSession> {
  const session = await startLive({
    daemon: ['bindfs', '-d', here.source, '{mountpoint}'],
    mountpoint: here.mount,
    ...options,
  })
  sessions.push(session)
  return session
}

async function failure(promise: Promise<unknown>): Promise<FusetraceError> {
  const error = await promise.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(FusetraceError)
  return error as FusetraceError
}

describe.skipIf(lacking)(`a live session (${lacking || 'bindfs'})`, () => {
  test('mounted means mounted: every phase is reached, in order, and files are there at once', async () => {
    writeFileSync(join(here.source, 'before.txt'), 'x')
    const session = await bindfs()
    const rungs = [...session.monitor.phases]
    expect(rungs.map(([rung]) => rung)).toEqual(['spawned', 'mountinfo', 'device', 'answered'])
    const times = rungs.map(([, atNs]) => atNs)
    expect([...times].sort((a, b) => a - b)).toEqual(times)
    expect(readdirSync(here.mount)).toEqual(['before.txt'])
    expect(session.connection).toBeGreaterThan(0)
    await session.close()
    expect(here.mounts()).toEqual([])
    expect(session.monitor.exit).toEqual({ code: 0, signal: null })
    expect(session.monitor.phases.has('unmounted')).toBe(true)
  })

  test('synchronous calls on the mount do not wait for ever for their own log to be read', async () => {
    const session = await bindfs()
    for (let i = 0; i < 400; i++) writeFileSync(join(here.mount, `f${i}`), 'x')
    // A fence may give up on a busy machine; the last of the files is in the log all the same.
    await session.fence()
    await session.waitFor.operation({ opcode: 'create', path: 'f399' }, { timeoutMs: 25_000 })
    const created = session.monitor.recentOperations().filter(({ opcode }) => opcode === 'create')
    expect(new Set(created.map(({ path }) => path)).size).toBe(400)
    expect(session.recorder.losses.size).toBe(0)
  })

  test('what was done before a step is before its begin, what is done in it is after', async () => {
    const session = await bindfs()
    writeFileSync(join(here.mount, 'before'), 'x')
    await session.step('step', () => writeFileSync(join(here.mount, 'within'), 'x'))
    const begin = session.monitor.latestMark
    const started = session.monitor
      .eventsSince(begin)
      .filter(({ type, operation }) => type === 'started' && operation.opcode === 'create')
    expect(started.map(({ operation }) => operation.path)).toEqual(['/within'])
  })

  test('a recording holds the lines, phases, marks, probes and the end', async () => {
    const session = await bindfs({ record: here.file('run.fusetrace') })
    await session.step('create', async () => {
      const visible = session.waitFor.fileVisible('/a.txt')
      writeFileSync(join(here.mount, 'a.txt'), 'x')
      await visible
    })
    await session.close()
    const recording = openRecording(here.file('run.fusetrace'))
    const rows = [...recording.rows()]
    recording.close()
    expect(recording.complete).toBe(true)
    expect(recording.header).toMatchObject({ dialect: 'libfuse', origin: 'record', mountpoint: '$MOUNT' })
    expect(recording.header.command?.at(-1)).toBe('$MOUNT')
    expect(rows.filter((row) => row.kind === 'mount').map((row) => row.event)).toEqual([
      'spawned',
      'mountinfo',
      'device',
      'answered',
      'unmounted',
    ])
    expect(rows.filter((row) => row.kind === 'mark').map((row) => [row.edge, row.name])).toEqual([
      ['begin', 'create'],
      ['end', 'create'],
    ])
    expect(rows.find((row) => row.kind === 'exit')).toMatchObject({ code: 0, signal: null })
    const creates = rows.filter((row) => row.kind === 'operation' && row.operation.opcode === 'create')
    expect(creates).toMatchObject([{ operation: { path: '/a.txt', status: 'ok' } }])
  })

  test('a stuck mount hangs nothing: looks are unknown, the end comes, no mount is left', async () => {
    const session = await bindfs()
    process.kill(session.daemon?.pid ?? 0, 'SIGSTOP')
    const wait = session.waitFor.fileVisible('/a.txt', { timeoutMs: 300 })
    expect(await failure(wait)).toMatchObject({ code: 'FT_WAIT_TIMEOUT' })
    const { clean, phases } = await session.shutdown()
    expect(clean).toBe(true)
    expect(phases).toContain('SIGKILL')
    expect(here.mounts()).toEqual([])
    expect(session.monitor.exit).toEqual({ code: null, signal: 'SIGKILL' })
  })

  test('a daemon that is killed ends pending waits at once', async () => {
    const session = await bindfs()
    const wait = failure(session.waitFor.fileVisible('/never', { timeoutMs: 25_000 }))
    session.daemon?.kill('SIGKILL')
    expect(await wait).toMatchObject({ code: 'FT_STREAM_ENDED', message: expect.stringContaining('SIGKILL') })
    expect(session.describeDaemon()).toBe('bindfs ended with signal SIGKILL')
    await session.close()
  })

  test('a mount that somebody else unmounts is unmounted, and the daemon ends', async () => {
    const session = await bindfs()
    const unmounted = session.waitFor.unmounted()
    execFileSync('umount', [here.mount])
    await unmounted
    await until(() => session.monitor.exit !== null)
    expect(session.monitor.exit).toEqual({ code: 0, signal: null })
  })

  test('what the daemon has started beside itself ends with it: a second mount too', async () => {
    const second = here.file('second')
    mkdirSync(second)
    const script =
      'bindfs -f "$1" "$3" & while ! grep -q " $3 " /proc/self/mountinfo; do :; done; exec bindfs -f -d "$1" "$2"'
    const session = await bindfs({ daemon: ['sh', '-c', script, 'daemon', here.source, '{mountpoint}', second] })
    expect(here.mounts()).toHaveLength(2)
    await session.close()
    await until(() => here.mounts().length === 0)
  })

  test('unmounted and mounted again, as often as one likes; after a start that failed as well', async () => {
    const session = await bindfs()
    for (let i = 0; i < 2; i++) {
      expect(await session.unmount()).toMatchObject({ clean: true })
      expect(here.mounts()).toEqual([])
      await session.waitFor.unmounted()
      await session.remount()
      expect(here.mounts()).toHaveLength(1)
    }
    // A mountpoint that is gone: the daemon cannot mount.
    await session.unmount()
    rmSync(here.mount, { recursive: true })
    expect((await failure(session.remount())).code).toBe('FT_DAEMON')
    expect(session.monitor.state).toBe('ended')
    mkdirSync(here.mount)
    await session.remount()
    await session.step('create', () => writeFileSync(join(here.mount, 'a'), 'x'))
    await session.waitFor.fileVisible('a')
    await session.close()
    expect((await failure(session.remount())).code).toBe('FT_USAGE')
  })

  test('a program that is gone when it is to mount again takes no recording with it', async () => {
    const record = here.file('a.fusetrace')
    const daemon = here.file('daemon.sh')
    writeFileSync(daemon, '#!/bin/sh\nexec bindfs -f -d "$@"\n', { mode: 0o755 })
    const session = await bindfs({ daemon: [daemon, here.source, '{mountpoint}'], record })
    rmSync(daemon)
    expect((await failure(session.remount())).code).toBe('FT_ENVIRONMENT')
    await session.close()
    const recording = openRecording(record)
    expect([...recording.rows({ kinds: ['exit'] })]).toMatchObject([{ code: 0 }])
    recording.close()
  })

  test('a busy mount goes all the same', async () => {
    const session = await bindfs({ unmountTimeoutMs: 500 })
    writeFileSync(join(here.mount, 'open'), 'x')
    const holder = execFileSync('sh', ['-c', `exec 3<'${here.mount}/open'; sleep 60 <&3 >/dev/null 2>&1 & echo $!`])
    const { clean, phases } = await session.shutdown()
    process.kill(Number(holder.toString()), 'SIGKILL')
    expect(clean).toBe(true)
    expect(phases.slice(0, 2)).toEqual(['umount', 'lazy'])
  })

  test('the mountpoint is found among the arguments when only they name it', async () => {
    const session = await startLive({ daemon: ['bindfs', '-d', here.source, here.mount] })
    sessions.push(session)
    expect(session.mountpoint).toBe(here.mount)
  })

  test('a daemon that goes into the background is refused, with the reason, and its mount is taken down', async () => {
    const error = await failure(bindfs({ daemon: ['bindfs', here.source, '{mountpoint}'] }))
    expect(error).toMatchObject({ code: 'FT_DAEMON', message: expect.stringContaining('background') })
    expect(error.hint).toContain('foreground')
    expect(here.mounts()).toEqual([])
  })

  test('a daemon that fails at the start: its last words are the message, what was seen is recorded', async () => {
    const record = here.file('failed.fusetrace')
    const nowhere = join(here.dir, 'nowhere')
    const error = await failure(bindfs({ daemon: ['bindfs', '-d', nowhere, '{mountpoint}'], record }))
    expect(error).toMatchObject({ code: 'FT_DAEMON' })
    expect(error.message).toMatch(/^bindfs ended with exit code 1 before the mount was ready: .*nowhere/)
    const recording = openRecording(record)
    expect([...recording.rows({ kinds: ['exit'] })]).toMatchObject([{ code: 1 }])
    expect([...recording.rows({ kinds: ['line'] })].length).toBeGreaterThan(0)
    recording.close()
  })
})

// One that forks: test/slow/forking.test.ts; on a virtual clock: test/mount/readiness.test.ts.
describe.skipIf(lacks())(`daemons that never mount (${lacks() || 'fake daemons'})`, () => {
  const fake = (name: string, options: Partial<LiveOptions> = {}): Promise<LiveSession> =>
    startLive({ daemon: [process.execPath, program(name)], mountpoint: here.mount, ...options })

  test('silent: the time is up, it says what was awaited, and nothing is left', async () => {
    const error = await failure(fake('silent', { readyMs: 300 }))
    expect(error).toMatchObject({
      code: 'FT_DAEMON',
      message: expect.stringContaining('has not mounted within 300 ms'),
    })
    expect(error.message).toContain(here.mount)
  })

  test('stubborn: it is killed when it does not go', async () => {
    const live = { daemon: [process.execPath, program('stubborn')], mountpoint: here.mount }
    const ready = new AbortController()
    const session = new LiveSession(
      { ...live, signal: ready.signal, unmountTimeoutMs: 100 },
      { argv: live.daemon, mountpoints: [here.mount] },
    )
    // Once it speaks it is deaf to signals.
    session.monitor.subscribe(({ type }) => type === 'line' && ready.abort())
    await failure(session.start())
    expect((await session.shutdown()).phases).toEqual(['SIGTERM', 'abort', 'SIGKILL'])
    expect(session.daemon?.exit).toEqual({ code: null, signal: 'SIGKILL' })
  })

  test('crashing and dying: how it ended and what it said', async () => {
    expect((await failure(fake('crashing'))).message).toContain(
      'exit code 1 before the mount was ready: fuse: bad mount',
    )
    expect((await failure(fake('dying'))).message).toContain('signal SIGKILL')
  })

  test('a program that is not there leaves no file behind', async () => {
    const record = here.file('none.fusetrace')
    const error = await failure(startLive({ daemon: ['no-such-daemon'], mountpoint: here.mount, record }))
    expect(error).toMatchObject({ code: 'FT_ENVIRONMENT', exitCode: 3 })
    expect(existsSync(record) || existsSync(`${record}.partial`)).toBe(false)
  })

  test('a mountpoint that is no directory is a usage error', async () => {
    rmSync(here.mount, { recursive: true })
    expect(await failure(fake('silent'))).toMatchObject({ code: 'FT_USAGE' })
    expect(await failure(startLive({ daemon: ['x', 'no-directory'] }))).toMatchObject({ code: 'FT_USAGE' })
    mkdirSync(here.mount)
  })
})
