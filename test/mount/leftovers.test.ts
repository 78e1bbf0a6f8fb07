import { spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { Connection } from '../../src/mount/connection.js'
import { cleanLeftovers, register } from '../../src/mount/leftovers.js'
import { type Mount, readMounts } from '../../src/mount/mountinfo.js'
import type { Note } from '../../src/mount/notes.js'
import { lacks, until } from '../live/machine.js'
import { compiled } from '../process/compiled.js'

const clock = systemClock()
let dir: string
let temp: string

/** The directory that notes are written to here. */
const notes = (): string => join(temp, `fusetrace-notes-${process.getuid?.()}`)

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'fusetrace-leftovers-'))
  temp = join(dir, 'tmp')
  for (const path of [temp, join(dir, 'home')]) mkdirSync(path)
  vi.stubEnv('TMPDIR', temp)
  vi.stubEnv('HOME', join(dir, 'home'))
  vi.stubEnv('XDG_RUNTIME_DIR', '')
})

afterEach(() => {
  vi.unstubAllEnvs()
  for (const { mountpoint } of mountsHere()) spawnSync('umount', ['-l', mountpoint])
  rmSync(dir, { recursive: true, force: true })
})

const mountsHere = (): Mount[] => readMounts().filter(({ mountpoint }) => mountpoint.startsWith(`${dir}/`))

/** A process that has ended. */
const ended = (): number => spawnSync('true').pid

/** Makes the note that is there one of a killed run, with changes. */
function orphan(changes: Partial<Note> = {}): void {
  const [name = ''] = readdirSync(notes())
  const file = join(notes(), name)
  const note = JSON.parse(readFileSync(file, 'utf8')) as Note
  writeFileSync(file, JSON.stringify({ ...note, owner: ended(), ownerStart: '1', ...changes }))
}

/** A link takes the place of the directory of notes. */
function moveAndLink(): void {
  renameSync(notes(), `${notes()}.x`)
  symlinkSync(`${notes()}.x`, notes())
}

/** A directory with something in it, as a run makes it. */
function directory(name: string): string {
  const path = join(temp, name)
  mkdirSync(path, { mode: 0o700 })
  writeFileSync(join(path, 'file'), 'x')
  return path
}

describe('notes of runs that were killed', () => {
  test('the directory that a killed run made is taken away, and its note', async () => {
    const path = directory('fusetrace-abc')
    register({ name: 'a', directory: path })
    orphan()
    expect(await cleanLeftovers(clock)).toEqual([{ what: 'directory', name: path, problem: null }])
    expect(existsSync(path)).toBe(false)
    expect(await cleanLeftovers(clock)).toEqual([])
  })

  test('what belongs to a run that lives is left alone', async () => {
    const path = directory('fusetrace-abc')
    register({ name: 'a', directory: path })
    expect(await cleanLeftovers(clock)).toEqual([])
    expect(existsSync(path)).toBe(true)
  })

  test('another directory of the same name is named and left', async () => {
    const path = directory('fusetrace-abc')
    register({ name: 'a', directory: path })
    orphan()
    renameSync(path, `${path}.old`)
    directory('fusetrace-abc')
    const [one] = await cleanLeftovers(clock)
    expect(one).toMatchObject({ what: 'directory', name: path, problem: expect.stringMatching(/not the directory/) })
    expect(existsSync(join(path, 'file'))).toBe(true)
  })

  test('a link in the place of the directory is left, and what it names', async () => {
    const path = directory('fusetrace-abc')
    register({ name: 'a', directory: path })
    orphan()
    renameSync(path, `${path}.old`)
    symlinkSync(`${path}.old`, path)
    await cleanLeftovers(clock)
    expect(existsSync(join(`${path}.old`, 'file'))).toBe(true)
  })

  test('another process of the same id is not killed', async () => {
    const child = spawn('sleep', ['600'], { stdio: 'ignore', detached: true })
    try {
      register({ name: 'a', directory: null }).daemon(child.pid as number)
      orphan({ daemonStart: '1' })
      expect(await cleanLeftovers(clock)).toEqual([])
      expect(child.kill(0)).toBe(true)
      register({ name: 'a', directory: null }).daemon(child.pid as number)
      orphan()
      expect(await cleanLeftovers(clock)).toEqual([{ what: 'daemon', name: String(child.pid), problem: null }])
      await new Promise((resolve) => child.once('exit', resolve))
    } finally {
      child.kill('SIGKILL')
    }
  })

  test('a process that is like the one of a note from before the last start of the machine is not killed', async () => {
    const child = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' })
    try {
      register({ name: 'a', directory: null }).daemon(child.pid as number)
      orphan({ boot: '00000000-0000-0000-0000-000000000000' })
      expect(await cleanLeftovers(clock)).toEqual([])
      expect(child.kill(0)).toBe(true)
      expect(readdirSync(notes())).toEqual([])
    } finally {
      child.kill('SIGKILL')
    }
  })

  test('what a daemon has started is ended with it', async () => {
    const child = spawn('sh', ['-c', 'sleep 1000 & echo $!; wait'], {
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    try {
      const started = Number(await new Promise((resolve) => child.stdout.once('data', resolve)))
      register({ name: 'a', directory: null }).daemon(child.pid as number)
      orphan()
      await cleanLeftovers(clock)
      const lives = () =>
        existsSync(`/proc/${started}`) && !/^State:\tZ/m.test(readFileSync(`/proc/${started}/status`, 'utf8'))
      await until(() => !lives())
    } finally {
      try {
        process.kill(-(child.pid as number), 'SIGKILL')
      } catch {
        // All are gone, as they should be.
      }
    }
  })

  test.each([
    ['others can write to it', () => chmodSync(notes(), 0o777)],
    ['a link', moveAndLink],
  ])('nothing is believed in a directory of notes that is not ours alone: %s', async (_, spoil) => {
    const path = directory('fusetrace-abc')
    register({ name: 'a', directory: path })
    orphan()
    spoil()
    expect(await cleanLeftovers(clock)).toEqual([
      { what: 'note', name: notes(), problem: expect.stringMatching(/nothing in it is believed/) },
    ])
    expect(existsSync(path)).toBe(true)
    // Nor is anything written to it: notes go to a place of our own.
    register({ name: 'b', directory: path })
    expect(readdirSync(join(dir, 'home', '.cache', 'fusetrace-notes'))).toHaveLength(1)
  })

  test('a note that is a FIFO, a link, too long or no note hangs nothing, is named and left', async () => {
    register({ name: 'a', directory: null }).remove()
    spawnSync('mkfifo', [join(notes(), 'fifo.json')])
    writeFileSync(join(temp, 'elsewhere'), '{}')
    symlinkSync(join(temp, 'elsewhere'), join(notes(), 'link.json'))
    writeFileSync(join(notes(), 'long.json'), ' '.repeat(100_000))
    writeFileSync(join(notes(), 'other.json'), '{"version":1,"directory":{"path":"/etc","dev":"1","ino":"2"}}')
    const cleaned = await cleanLeftovers(clock)
    expect(cleaned.map(({ what, problem }) => [what, problem]).sort()).toEqual([
      ['note', 'it is a link'],
      ['note', 'it is no file'],
      ['note', 'it is not understood'],
      ['note', 'it is too long'],
    ])
    expect(readdirSync(notes())).toHaveLength(4)
  })

  test('the runtime directory of the user is where notes go, if only the user can write there', () => {
    const runtime = join(dir, 'run')
    mkdirSync(runtime, { mode: 0o700 })
    vi.stubEnv('XDG_RUNTIME_DIR', runtime)
    register({ name: 'a', directory: null })
    expect(readdirSync(join(runtime, 'fusetrace-notes'))).toHaveLength(1)
    chmodSync(runtime, 0o777)
    register({ name: 'b', directory: null })
    expect(readdirSync(notes())).toHaveLength(1)
  })
})

const why = lacks('bindfs')

describe.skipIf(why !== '')('mounts of runs that were killed', () => {
  const children: ReturnType<typeof spawn>[] = []

  /** Mounts a bindfs; resolves when mountinfo has it. */
  async function mount(at: string): Promise<{ mount: Mount; pid: number }> {
    mkdirSync(at, { recursive: true })
    const before = new Set(readMounts().map(({ id }) => id))
    const child = spawn('bindfs', ['-f', join(dir, 'home'), at], { stdio: 'ignore' })
    children.push(child)
    const found = (): Mount | undefined => readMounts().find((one) => one.mountpoint === at && !before.has(one.id))
    await until(() => found() !== undefined)
    return { mount: found() as Mount, pid: child.pid as number }
  }

  afterEach(async () => {
    for (const { mountpoint } of mountsHere()) spawnSync('umount', ['-l', mountpoint])
    for (const child of children.splice(0)) child.kill('SIGKILL')
  })

  test('all that is mounted in the directory of a killed run is unmounted: also a second mount of its daemon', async () => {
    const path = directory('fusetrace-abc')
    register({ name: 'a', directory: path })
    await mount(join(path, 'mount'))
    await mount(join(path, 'second'))
    orphan()
    expect(await cleanLeftovers(clock)).toEqual([
      { what: 'mount', name: join(path, 'second'), problem: null },
      { what: 'mount', name: join(path, 'mount'), problem: null },
      { what: 'directory', name: path, problem: null },
    ])
    expect(mountsHere()).toEqual([])
  })

  test('a mount elsewhere is unmounted when its connection is the one that was noted, and left otherwise', async () => {
    const at = join(dir, 'elsewhere')
    const { mount: made } = await mount(at)
    const { serial } = new Connection(made)
    const registration = register({ name: 'a', directory: null })
    registration.mounted(made, '1')
    orphan()
    expect(await cleanLeftovers(clock)).toEqual([
      { what: 'mount', name: at, problem: expect.stringMatching(/cannot be proven/) },
    ])
    expect(mountsHere()).toHaveLength(1)
    registration.mounted(made, serial)
    orphan()
    expect(await cleanLeftovers(clock)).toEqual([{ what: 'mount', name: at, problem: null }])
    expect(mountsHere()).toEqual([])
  })

  test('a connection that has gone is not aborted under a number that is another mount’s by now', async () => {
    const at = join(dir, 'elsewhere')
    let first = await mount(at)
    let connection = new Connection(first.mount)
    let second = first
    // The kernel gives the number to the next mount on this machine, which may be somebody else's: then again.
    do {
      first = second
      connection = new Connection(first.mount)
      await expect.poll(() => connection.waiting(), { timeout: 60_000 }).toBe(0)
      spawnSync('umount', [at])
      second = await mount(at)
    } while (second.mount.minor !== first.mount.minor)
    expect(connection.abort()).toBe(false)
    expect(connection.waiting()).toBeNull()
    expect(spawnSync('ls', [at]).status).toBe(0)
    expect(new Connection(second.mount).abort()).toBe(true)
    expect(spawnSync('ls', [at]).status).not.toBe(0)
  })

  test.each([
    ['takes the mount down that is ours', 0, []],
    ['leaves another that has come in its place', 1, [expect.anything()]],
  ])('the guard %s', async (_, more, left) => {
    const at = join(dir, 'with a space')
    const { mount: made } = await mount(at)
    const [number = '', ...rest] = made.id.split(' ')
    const id = [Number(number) + more, ...rest].join(' ')
    // A process that dies without a word.
    const program = `
      import { startGuard } from 'src/process/guard.ts'
      const guard = startGuard(${JSON.stringify(at)}, ${ended()})
      guard.mounted(${JSON.stringify({ ...made, id })})
      setTimeout(() => process.kill(process.pid, 'SIGKILL'), 100)`
    await guarded(program)
    expect(mountsHere()).toEqual(left)
  })

  test('one guard takes down all that is ours, and nothing that has been seen off', async () => {
    const places = ['one', 'two', 'three'].map((name) => join(dir, name))
    const mounts: Mount[] = []
    for (const at of places) mounts.push((await mount(at)).mount)
    await guarded(`
      import { startGuard } from 'src/process/guard.ts'
      const guards = ${JSON.stringify(places)}.map((at) => startGuard(at, ${ended()}))
      const mounts = ${JSON.stringify(mounts)}
      guards.forEach((guard, i) => guard.mounted(mounts[i]))
      guards[1].done()
      setTimeout(() => process.kill(process.pid, 'SIGKILL'), 100)`)
    expect(mountsHere()).toEqual([mounts[1]])
  })

  /** Runs a program that dies without a word, until its guard has done its work. */
  async function guarded(program: string): Promise<void> {
    // The guard holds nothing of ours; its name says whose it is.
    const { pid } = spawnSync(process.execPath, [await compiled(dir, program)])
    const guards = spawnSync('pgrep', ['-f', `fusetrace-guard of ${pid}$`], { encoding: 'utf8' }).stdout.split('\n')
    await until(() => !guards.some((guard) => guard !== '' && existsSync(`/proc/${guard}`)))
  }
})
