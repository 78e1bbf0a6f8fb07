import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type LiveSession, startLive } from '../../src/live/session.js'
import { CLI, fusetrace, jsonLines, lacks, lacksBpf, type Place, place, until } from './machine.js'

const lacking = lacks('bindfs') || lacksBpf()
const name = (text: string): string => `${text} (${lacking || 'bindfs'})`

let here: Place
let daemons: { kill(): void }[]

beforeEach(() => {
  here = place()
  daemons = []
})

afterEach(() => {
  for (const daemon of daemons) daemon.kill()
  here.remove()
})

/** Somebody else's daemon, in the background and silent; resolves when its mount is there. */
async function bindfs(source: string, mountpoint: string, log: 'ignore' | number = 'ignore'): Promise<() => void> {
  const child = spawn('bindfs', [...(log === 'ignore' ? ['-f'] : ['-d']), source, mountpoint], {
    stdio: ['ignore', log, log],
  })
  daemons.push({ kill: () => child.kill('SIGKILL') })
  await until(() => mounts().includes(mountpoint))
  return () => void child.kill('SIGKILL')
}

const mounts = (): string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')

const paths = (session: LiveSession): string[] =>
  session.monitor
    .recentOperations()
    .filter(({ opcode }) => opcode === 'create')
    .map(({ path }) => path ?? '?')

test.skipIf(lacking)(name('a mount that was there, while eight write: waits and paths, and it stays'), async () => {
  await bindfs(here.source, here.mount)
  await mkdir(join(here.mount, 'before'))
  const stop = here.file('stop')
  // Many files, and then only what is to be seen at the end.
  const write = `i=0; until [ -e ${stop} ] || [ $i = 200 ]; do i=$((i+1)); echo x > ${here.mount}/w$0-$i; done`
  const writer = `${write}; until [ -e ${stop} ]; do sleep 0.1; done; echo x > ${here.mount}/last-$0`
  const writers = Array.from({ length: 8 }, (_, i) => execa('sh', ['-c', writer, String(i)]))
  await using session = await startLive({ attach: here.mount })
  expect(session.describeDaemon()).toMatch(/^bindfs runs, pid \d+, not started by us/)
  await session.beginStep('ours')
  const visible = session.waitFor.fileVisible('/ours')
  const moved = session.waitFor.renamed('/ours', '/before/moved')
  await writeFile(join(here.mount, 'ours'), 'x')
  expect((await visible).by).toBe('trace')
  await rename(join(here.mount, 'ours'), join(here.mount, 'before/moved'))
  await moved
  await writeFile(stop, '')
  await Promise.all(writers)
  await session.fence()
  // What was created since the attach has its name, and none has another's.
  for (const path of paths(session)) expect(path).toMatch(/^\/(w[0-7]-\d+|last-[0-7]|ours)$/)
  const last = session.monitor
    .recentOperations()
    .filter(({ opcode, path }) => opcode === 'create' && /last/.test(path ?? ''))
  expect(last.map(({ path }) => path).sort()).toEqual(Array.from({ length: 8 }, (_, i) => `/last-${i}`))
  expect(session.recorder.losses.size).toBe(0)
  await session.close()
  expect(mounts()).toContain(here.mount)
  await writeFile(join(here.mount, 'after'), 'x')
  expect(existsSync(join(here.source, 'after'))).toBe(true)
})

test.skipIf(lacking)(name('a mount that comes later is recorded from its first request on'), async () => {
  const file = here.file('later.fusetrace')
  const recording = execa(process.execPath, [CLI, 'record', '-o', file, '--attach', here.mount], { reject: false })
  const said = (text: string): Promise<void> =>
    new Promise((resolve) => recording.stderr.on('data', (chunk) => String(chunk).includes(text) && resolve()))
  const waiting = said('waiting for a mount')
  const attached = said('attached to')
  await waiting
  await bindfs(here.source, here.mount)
  await attached
  await writeFile(join(here.mount, 'a'), 'x')
  // Its end is noticed.
  await execa('umount', [here.mount])
  const { exitCode } = await recording
  expect(exitCode).toBe(0)
  const shown = jsonLines((await fusetrace('show', file, '--operations', '--json')).stdout)
  expect(shown[0]).toMatchObject({ opcode: 'init', status: 'ok' })
  expect(shown).toContainEqual(expect.objectContaining({ opcode: 'create', path: '/a', status: 'ok' }))
  expect(JSON.parse((await fusetrace('info', file, '--json')).stdout)).toMatchObject({
    dialect: 'kernel',
    complete: true,
  })
})

test.skipIf(lacking)(name('two mounts are told apart'), async () => {
  const [source, mount] = [here.file('source2'), here.file('mount2')]
  for (const directory of [source, mount]) mkdirSync(directory)
  await bindfs(here.source, here.mount)
  await bindfs(source, mount)
  await using one = await startLive({ attach: here.mount })
  await using two = await startLive({ attach: mount })
  await writeFile(join(here.mount, 'one'), 'x')
  await writeFile(join(mount, 'two'), 'x')
  await Promise.all([one.fence(), two.fence()])
  expect(paths(one)).toEqual(['/one'])
  expect(paths(two)).toEqual(['/two'])
})

const memory = fileURLToPath(new URL('../daemons/memory-fs.js', import.meta.url))

test.skipIf(lacking || !hasFuseNative())('two mounts of one daemon are told apart', async () => {
  const other = here.file('mount2')
  mkdirSync(other)
  const daemon = spawn(process.execPath, [memory, here.mount, other], { stdio: 'ignore' })
  daemons.push({ kill: () => daemon.kill('SIGKILL') })
  await until(() => [here.mount, other].every((mount) => mounts().includes(mount)))
  await using one = await startLive({ attach: here.mount })
  await using two = await startLive({ attach: other })
  for (const session of [one, two]) expect(session.describeDaemon()).toContain(`pid ${daemon.pid}`)
  const visible = two.waitFor.operation({ opcode: 'create', path: '/two' })
  const seen = one.waitFor.operation({ opcode: 'create', path: '/two' })
  const never = expect(seen).rejects.toMatchObject({ code: 'FT_STREAM_ENDED' })
  await writeFile(join(here.mount, 'one'), 'x')
  await writeFile(join(other, 'two'), 'x')
  await visible
  await Promise.all([one.fence(), two.fence()])
  expect(paths(one)).toEqual(['/one'])
  expect(paths(two)).toEqual(['/two'])
  // The end of one is no end of the other.
  const unmounted = two.waitFor.unmounted()
  await execa('umount', [other])
  await unmounted
  const later = one.waitFor.fileVisible('/later')
  await writeFile(join(here.mount, 'later'), 'x')
  expect((await later).by).toBe('trace')
  expect(one.monitor.state).toBe('running')
  await one.close()
  await never
})

test.skipIf(lacking)(
  name('a part of a file system, mounted elsewhere, is refused: its paths are those of the whole'),
  async () => {
    await bindfs(here.source, here.mount)
    const part = here.file('part')
    for (const directory of [part, join(here.mount, 'd')]) mkdirSync(directory)
    await execa('mount', ['--bind', join(here.mount, 'd'), part])
    try {
      await expect(startLive({ attach: part })).rejects.toMatchObject({
        code: 'FT_USAGE',
        message: expect.stringContaining('is /d of a FUSE file system'),
        hint: expect.stringContaining(here.mount),
      })
    } finally {
      await execa('umount', [part])
    }
  },
)

test.skipIf(lacking)(name('a daemon that is killed fails the waits at once; its mount is left'), async () => {
  const kill = await bindfs(here.source, here.mount)
  await using session = await startLive({ attach: here.mount })
  const pending = session.waitFor.fileVisible('/never', { timeoutMs: 250_000 })
  const failed = expect(pending).rejects.toMatchObject({ code: 'FT_MOUNT_LOST' })
  kill()
  await failed
  expect(session.describeDaemon()).toMatch(/bindfs has ended/)
  await session.close()
  expect(mounts()).toContain(here.mount)
})

test.skipIf(lacking)(
  name('with its log beside it the operations are the log’s, and the kernel confirms them'),
  async () => {
    const log = here.file('log')
    await bindfs(here.source, here.mount, openSync(log, 'w'))
    const file = here.file('run.fusetrace')
    const workload = 'echo x > $MOUNT/a; mv $MOUNT/a $MOUNT/b; cat $MOUNT/nope; true'
    const run = await fusetrace(
      'record',
      '-o',
      file,
      '--attach',
      here.mount,
      '--log',
      log,
      '--kernel',
      '--workload',
      workload,
    )
    expect(run.exitCode).toBe(0)
    expect(JSON.parse((await fusetrace('info', file, '--json')).stdout)).toMatchObject({ dialect: 'libfuse' })
    const verified = JSON.parse((await fusetrace('verify', file, '--json')).stdout)
    expect(verified.path.compared).toBeGreaterThan(3)
    expect(verified.path.agreeing).toBe(verified.path.compared)
    expect(mounts()).toContain(here.mount)
  },
)

test.skipIf(lacking)(name('attached and detached again and again, nothing is left'), async () => {
  await bindfs(here.source, here.mount)
  const left = (): number[] => [programs(), maps(), instances(), descriptors()]
  // What is made once stays.
  await (await startLive({ attach: here.mount })).close()
  const before = left()
  for (let i = 0; i < 3; i++) {
    const session = await startLive({ attach: here.mount })
    await writeFile(join(here.mount, `f${i}`), 'x')
    await session.fence()
    expect(paths(session)).toEqual([`/f${i}`])
    await session.close()
  }
  expect(left()).toEqual(before)
})

test('there is no mount, and none comes', async () => {
  const run = await fusetrace('record', '-o', here.file('x.fusetrace'), '--attach', here.mount, '--timeout', '100')
  expect(run.exitCode).toBe(3)
  if (!lacking) expect(run.stderr).toMatch(/no FUSE file system was mounted at .* within 100 ms/)
  // Also a served one is waited for no longer than it was asked to be.
  expect((await fusetrace('serve', '--attach', here.mount, '--timeout', '100')).exitCode).toBe(3)
})

test('a daemon and a mount of somebody else are too much, neither is too little', async () => {
  const file = here.file('x.fusetrace')
  const both = await fusetrace(
    'record',
    '-o',
    file,
    '--attach',
    here.mount,
    '--',
    'bindfs',
    '-d',
    here.source,
    here.mount,
  )
  expect(both).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('either a daemon is started') })
  const neither = await fusetrace('record', '-o', file)
  expect(neither).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--attach MOUNTPOINT') })
  const logAlone = await fusetrace('record', '-o', file, '--log', 'x.log', '--', 'bindfs', here.source, here.mount)
  expect(logAlone).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--attach') })
})

/** BPF programs and maps that this process holds. */
const programs = (): number => held().filter((what) => what.includes('bpf-prog')).length
const maps = (): number => held().filter((what) => what.includes('bpf-map')).length
function held(): string[] {
  return readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`)
    } catch {
      return ''
    }
  })
}
const descriptors = (): number => held().length
const instances = (): number =>
  existsSync('/sys/kernel/tracing/instances')
    ? readdirSync('/sys/kernel/tracing/instances').filter((one) => one.startsWith(`fusetrace-${process.pid}-`)).length
    : 0
function hasFuseNative(): boolean {
  try {
    createRequire(memory).resolve('fuse-native')
    return true
  } catch {
    return false
  }
}
