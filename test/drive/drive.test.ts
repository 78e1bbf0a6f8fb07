import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { driveSteps } from '../../src/drive/drive.js'
import { type DriveOptions, driveRecording } from '../../src/drive/drive-recording.js'
import { stepsFromOperations } from '../../src/drive/from-operations.js'
import { stepsFromWire } from '../../src/drive/from-wire.js'
import type { Target } from '../../src/drive/step.js'
import type { Operation } from '../../src/operation/operation.js'
import type { WireMessage } from '../../src/operation/wire-interpreter.js'
import { CLI, fusetrace } from '../live/machine.js'
import { installed } from '../transport/tools.js'
import { FakeDaemon, type FakeOptions } from '../vfs/fake-daemon.js'
import { place, record } from './recorded.js'

const write = 0o1101

/** The messages of a run on a daemon in this process. */
async function recorded(): Promise<WireMessage[]> {
  const messages: WireMessage[] = []
  const take = (edge: 'request' | 'reply') => (bytes: Buffer) => messages.push({ edge, atNs: messages.length, bytes })
  const daemon = new FakeDaemon({ onRequest: take('request'), onReply: take('reply') })
  const vfs = await daemon.start()
  await vfs.mkdir('/d', 0o755)
  const file = await vfs.open('/d/f', write, 0o644)
  await vfs.write(file, Buffer.from('hello'))
  await vfs.close(file)
  await vfs.rename('/d/f', '/g')
  const directory = await vfs.open('/', 0)
  await vfs.readdir(directory)
  await vfs.close(directory)
  await vfs.stat('/nope').catch(() => undefined)
  await vfs.statfs('/')
  return messages
}

async function driven(options: FakeOptions) {
  const daemon = new FakeDaemon({ ...options, firstNode: 500n })
  await daemon.start()
  const target: Target = { connection: daemon.connection, remarks: { chosen: new Map(), added: new Map() } }
  return { daemon, target }
}

describe('recorded messages', () => {
  test('are sent again with the ids of another run, and answered the same', async () => {
    const messages = await recorded()
    const { daemon, target } = await driven({})
    const result = await driveSteps(stepsFromWire(messages, target), target.connection, target.remarks)
    expect(result).toMatchObject({ differences: [], notSent: [], notCompared: 0 })
    expect(String(daemon.node('/g').data)).toBe('hello')
    expect(daemon.asked()).toContain('rename f')
  })

  test('answers that differ are reported: errors, types and sizes, names', async () => {
    const messages = await recorded()
    const { target } = await driven({
      handlers: {
        statfs: () => -13,
        readdir: ({ body }) => ({
          entries: body.offset > 0n ? [] : [{ ino: 1n, off: 9n, type: 8, name: Buffer.from('other') }],
        }),
        write: () => ({ size: 2 }),
      },
    })
    const { differences } = await driveSteps(stepsFromWire(messages, target), target.connection, target.remarks)
    expect(differences.map(({ opcode, recorded: then, driven: now }) => [opcode, then, now])).toEqual([
      ['write', '5 bytes', '2 bytes'],
      ['readdir', 'also d, g', 'also other'],
      ['statfs', 'ok', 'EACCES'],
    ])
  })
})

const operation = (id: number, opcode: string, path: string, more: Partial<Operation> = {}): Operation => ({
  id,
  opcode,
  unique: id,
  path,
  newPath: null,
  name: null,
  startNs: id,
  endNs: id,
  endedBy: 'reply',
  status: 'ok',
  errno: null,
  pid: 1,
  lines: [2 * id, 2 * id + 1],
  ...more,
})

describe('what the operations of a log make of later answers', () => {
  /** A link, a directory of two files, one of them written and cut. */
  const MADE = [
    operation(0, 'symlink', '/link', { target: 'd/a' }),
    operation(1, 'mkdir', '/d'),
    operation(2, 'create', '/d/a', { flags: 0x8242 }),
    operation(3, 'write', '/d/a', { size: 5, offset: 0 }),
    operation(4, 'write', '/d/a', { size: 3, offset: 9 }),
    operation(5, 'setattr', '/d/a', { size: 10 }),
    operation(6, 'release', '/d/a'),
    operation(7, 'mknod', '/d/b'),
    operation(8, 'rename', '/d', { newPath: '/e' }),
  ]
  const ASKED = [
    operation(10, 'readlink', '/link'),
    operation(11, 'lookup', '/e'),
    operation(12, 'lookup', '/e/a'),
    operation(13, 'getattr', '/e/a'),
    operation(14, 'open', '/e/a', { flags: 0x8000 }),
    operation(15, 'read', '/e/a', { size: 4096, offset: 4 }),
    operation(16, 'opendir', '/e'),
    operation(17, 'readdir', '/e'),
    operation(18, 'readdir', '/e'),
  ]

  test('are what a right daemon answers', async () => {
    const { target } = await driven({})
    const result = await driveSteps(stepsFromOperations([...MADE, ...ASKED], target), target.connection, target.remarks)
    expect(result).toMatchObject({ differences: [], notSent: [], sent: MADE.length + ASKED.length })
  })

  test('show what another answers', async () => {
    const file = { mode: 0o100644, nlink: 1, size: 3n }
    const { daemon, target } = await driven({
      handlers: {
        readlink: () => ({ target: Buffer.from('other') }),
        getattr: () => ({ attrValid: 0n, attr: file }),
        lookup: ({ body }) => (String(body.name) === 'e' ? { entry: { nodeId: 501n, attrValid: 0n, attr: file } } : -2),
        read: () => ({ data: Buffer.from('abc') }),
        readdir: ({ body }) => ({
          entries: body.offset > 0n ? [] : [{ ino: 1n, off: 9n, type: 8, name: Buffer.from('a') }],
        }),
      },
    })
    const result = await driveSteps(stepsFromOperations([...MADE, ...ASKED], target), target.connection, target.remarks)
    expect(daemon.asked()).toContain('symlink link')
    expect(result.differences.map(({ opcode, path, recorded, driven: now }) => [opcode, path, recorded, now])).toEqual([
      ['readlink', '/link', 'target d/a', 'target other'],
      ['lookup', '/e', 'directory', 'file'],
      ['lookup', '/e/a', 'ok', 'ENOENT'],
      ['getattr', '/e/a', 'file of 10 bytes', 'file of 3 bytes'],
      ['read', '/e/a', '6 bytes', '3 bytes'],
      ['readdir', '/e', 'also b', 'no other names'],
    ])
  })

  test('are nothing of what changes meanwhile, and of what was there before', async () => {
    const { target } = await driven({
      handlers: {
        getattr: () => ({ attrValid: 0n, attr: { mode: 0o100644, nlink: 1, size: 77n } }),
        lookup: () => ({ entry: { nodeId: 0n, entryValid: 1n } }),
      },
    })
    const operations = [
      operation(0, 'getattr', '/'),
      operation(1, 'create', '/f'),
      operation(2, 'write', '/f', { size: 5, offset: 0, lines: [4, 9] }),
      operation(3, 'getattr', '/f', { lines: [6, 7] }),
      // Its log shows a good answer, but not that it named no node.
      operation(5, 'lookup', '/none'),
    ]
    const result = await driveSteps(stepsFromOperations(operations, target), target.connection, target.remarks)
    expect(result.differences).toEqual([])
  })
})

test('what no kernel would ask is left out, whatever a recording claims', async () => {
  const { target } = await driven({})
  const operations = [
    operation(0, 'create', '/f'),
    operation(1, 'write', '/f', { size: 1e15, offset: 0 }),
    operation(2, 'setxattr', '/f', { name: 'user.a', size: 1e15 }),
    operation(3, 'read', '/f', { size: 2 ** 40, offset: 0 }),
    operation(4, 'open', '/f', { flags: 2 ** 40 }),
    operation(5, 'mkdir', '/d', { mode: -1 }),
    operation(6, 'lookup', '/a\0b'),
    operation(7, 'getattr', '/'),
  ]
  const result = await driveSteps(stepsFromOperations(operations, target), target.connection, target.remarks)
  expect(result.differences).toEqual([])
  expect(result.notSent.map(({ opcode }) => opcode)).toEqual(
    expect.arrayContaining(['write', 'setxattr', 'read', 'open', 'lookup']),
  )
  expect(result.sent + result.notSent.length).toBe(operations.length)
})

test('of recorded messages types are compared, too', async () => {
  const messages = await recorded()
  const { target } = await driven({
    handlers: { mkdir: () => ({ entry: { nodeId: 901n, attrValid: 0n, attr: { mode: 0o100644, nlink: 1 } } }) },
  })
  const { differences } = await driveSteps(stepsFromWire(messages, target), target.connection, target.remarks)
  expect(differences[0]).toMatchObject({ opcode: 'mkdir', recorded: 'directory', driven: 'file of 0 bytes' })
})

test('what a log does not show is chosen and looked up, and said', async () => {
  const { daemon, target } = await driven({})
  daemon.node('/').children?.set('there', daemon.make(0o040755))
  const operations = [
    operation(0, 'create', '/there/f'),
    operation(1, 'write', '/there/f', { size: 3 }),
    operation(2, 'release', '/there/f'),
    operation(3, 'ioctl', '/there/f'),
    operation(4, 'getxattr', '/there/f', { name: 'user.x' }),
  ]
  const result = await driveSteps(stepsFromOperations(operations, target), target.connection, target.remarks)
  expect(result).toMatchObject({
    sent: 4,
    same: 3,
    differences: [{ opcode: 'getxattr', recorded: 'ok', driven: 'ENODATA' }],
    notSent: [{ opcode: 'ioctl', reason: 'the log does not tell what it asked for', count: 1 }],
    added: [{ opcode: 'lookup', count: 1 }],
  })
  expect(result.chosen.map(({ what }) => what)).toContain('mode of create')
  expect(String(daemon.node('/there/f').data)).toBe('xxx')
})

test('nothing is asked of node 0, by which a daemon says that there is nothing', async () => {
  const { daemon, target } = await driven({ handlers: { lookup: () => ({ entry: { nodeId: 0n, entryValid: 1n } }) } })
  const operations = [operation(0, 'getxattr', '/none', { name: 'user.x' })]
  const result = await driveSteps(stepsFromOperations(operations, target), target.connection, target.remarks)
  expect(result).toMatchObject({ sent: 0, notSent: [{ opcode: 'getxattr', reason: 'its node is not known here' }] })
  expect(daemon.asked()).toEqual(['lookup none'])
})

describe.skipIf(!installed('bindfs'))('a real daemon', () => {
  test('answers its own recording the same, and otherwise when it is set up otherwise', async () => {
    const directory = place()
    const recording = await record(directory)
    const mountpoint = join(directory, 'mount')
    const drive = (more: Partial<DriveOptions> = {}, ...options: string[]) =>
      driveRecording({
        recording,
        daemon: ['bindfs', '-f', '-d', ...options, join(directory, 'other'), mountpoint],
        mountpoint,
        ...more,
      })
    const fresh = (): void => {
      rmSync(join(directory, 'other'), { recursive: true })
      mkdirSync(join(directory, 'other'))
    }
    const output = join(directory, 'new.fusetrace')
    expect(await drive({ output })).toMatchObject({ differences: [], source: 'operations' })
    expect(existsSync(join(directory, 'other/g'))).toBe(true)
    fresh()
    // The new recording holds the messages: they can be sent again as they were, and are compared more closely.
    expect(await drive({ recording: output })).toMatchObject({ differences: [], source: 'wire', notSent: [] })
    fresh()
    const { differences } = await drive({}, '--rename-deny')
    expect(differences[0]).toMatchObject({ opcode: 'rename', path: '/d/f', recorded: 'ok', driven: 'EPERM' })
  })

  test('a recording none of whose requests can be sent is an error, not a drive without differences', async () => {
    const directory = place()
    const recording = join(directory, 'kernel.fusetrace')
    // The kernel's events without names: which file they are about nobody knows.
    const log = new URL('../captures/libfuse3-passthrough-d-killed/kernel.txt.gz', import.meta.url).pathname
    expect(await fusetrace('import', log, '-o', recording)).toMatchObject({ exitCode: 0 })
    const driven = await fusetrace('drive', recording, '--', 'bindfs', '-f', join(directory, 'other'), '{mountpoint}')
    expect(driven).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('no requests that could be sent: the log does not tell what it was about'),
    })
  })

  test('what a killed drive has left is removed by clean', async () => {
    const directory = place()
    const recording = await record(directory)
    const temporary = join(directory, 'tmp')
    mkdirSync(temporary)
    const env = { PATH: process.env.PATH ?? '', HOME: temporary, TMPDIR: temporary }
    // It asks for nothing; its end is ours, which is its standard input.
    const daemon = ['sh', '-c', 'cat > /dev/null', '{mountpoint}']
    const child = spawn(process.execPath, [CLI, 'drive', recording, '--timeout', '600000', '--', ...daemon], {
      env,
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    const ended = once(child, 'close')
    const left = (): string[] => readdirSync(temporary).filter((name) => /^fusetrace-(drive|mount)-/.test(name))
    // What the daemon is to ask stands within the one directory by then.
    const isReady = (): boolean => left().some((name) => readdirSync(join(temporary, name)).length > 0)
    while (!isReady()) await setTimeout(2)
    child.kill('SIGKILL')
    await ended
    expect(left()).toHaveLength(2)
    expect(spawnSync(process.execPath, [CLI, 'clean'], { env, encoding: 'utf8' })).toMatchObject({ status: 0 })
    expect(left()).toEqual([])
  })

  test('check --drive finds a changed log, and nothing where nothing has changed', async () => {
    const directory = place()
    const recording = await record(directory)
    const check = (...daemon: string[]) => fusetrace('check', recording, '--drive', '--json', '--', ...daemon)
    const same = await check('bindfs', '-f', '-d', join(directory, 'other'), '{mountpoint}')
    expect([same.exitCode, same.stderr]).toEqual([0, ''])
    rmSync(join(directory, 'other'), { recursive: true })
    mkdirSync(join(directory, 'other'))
    const changed = join(directory, 'changed.sh')
    writeFileSync(changed, '#!/bin/sh\nbindfs -f -d "$1" "$2" 2>&1 | sed -u "s/opcode: /op=/"\n', { mode: 0o755 })
    const other = await check(changed, join(directory, 'other'), '{mountpoint}')
    expect(other.exitCode).toBe(1)
    expect(readFileSync(recording).length).toBeGreaterThan(0)
  })

  test('drive --faults causes them, says which fired, and ends with 1 when one did not', async () => {
    const directory = place()
    const recording = await record(directory)
    const drive = async (faults: object[]) => {
      rmSync(join(directory, 'other'), { recursive: true })
      mkdirSync(join(directory, 'other'))
      const file = join(directory, 'faults.json')
      writeFileSync(file, JSON.stringify(faults))
      const daemon = ['bindfs', '-f', '-d', join(directory, 'other'), '{mountpoint}']
      const ran = await fusetrace('drive', recording, '--faults', file, '--json', '--', ...daemon)
      const { exitCode: status, stdout, stderr } = ran
      return { status, stderr, ...(stdout === '' ? {} : JSON.parse(stdout)) }
    }
    expect(await drive([{ opcode: 'rename', duplicate: true }])).toMatchObject({
      status: 0,
      stderr: '',
      differences: [],
      faults: [{ fired: 1 }],
    })
    const failing = await drive([{ opcode: 'rename', errno: 'EIO', after: true }])
    expect(failing).toMatchObject({ status: 1, faults: [{ fired: 1 }] })
    expect(failing.differences[0]).toMatchObject({ opcode: 'rename', recorded: 'ok', driven: 'EIO' })
    expect(await drive([{ opcode: 'symlink', errno: 'EIO' }])).toMatchObject({
      status: 1,
      differences: [],
      faults: [{ fired: 0 }],
    })
    expect(await drive([{ opcode: 'rename', kill: true }])).toMatchObject({
      status: 3,
      stderr: expect.stringContaining('answered rename; faults that fired: SIGKILL for the daemon at a rename'),
    })
    expect(await drive([{ opcode: 'init', errno: 'EIO' }])).toMatchObject({
      status: 3,
      stderr: expect.stringContaining('faults that fired: error EIO at a init'),
    })
    expect(await drive([{ opcode: 'renaem', errno: 'EIO' }])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('"renaem" is no opcode'),
    })
  })
})
