import { constants } from 'node:fs'
import { expect, test } from 'vitest'
import { LK } from '../../src/wire/index.js'
import { FakeDaemon, type FakeOptions } from './fake-daemon.js'

const { O_CREAT, O_RDWR } = constants
const POSIX_LOCKS = 1 << 1
const FLOCK_LOCKS = 1 << 10
const SEEK_END = 2
const SEEK_DATA = 3
const SEEK_HOLE = 4

async function opened(options: FakeOptions = {}, content = '') {
  const daemon = new FakeDaemon(options)
  const vfs = await daemon.start()
  const open = async (name: string) => {
    const file = await vfs.open(name, O_CREAT | O_RDWR)
    if (content !== '') await vfs.write(file, Buffer.from(content), 0)
    return file
  }
  const file = await open('/f')
  daemon.asked()
  return { daemon, vfs, file, open }
}

const body = (daemon: FakeDaemon, opcode: string): object | undefined =>
  daemon.requests.findLast((request) => request.opcode === opcode)?.body

const WHOLE = { start: 0n, end: 9n, type: 'write' } as const

test('locks: taken, refused, who holds one, given back; of a whole file by its handle', async () => {
  const { daemon, vfs, file } = await opened({
    flags: POSIX_LOCKS | FLOCK_LOCKS,
    handlers: {
      setlk: ({ body: { lock } }) => (lock.type === 0 ? -11 : {}),
      getlk: () => ({ lock: { start: 0n, end: 5n, type: 1, pid: 77 } }),
    },
  })
  await vfs.setLock(file, WHOLE)
  expect(body(daemon, 'setlk')).toMatchObject({ lock: { start: 0n, end: 9n, type: 1, pid: 1 }, lkFlags: 0 })
  await expect(vfs.setLock(file, { ...WHOLE, type: 'read' })).rejects.toMatchObject({ code: 'EAGAIN' })
  expect(await vfs.getLock(file, WHOLE)).toMatchObject({ type: 1, pid: 77 })
  await vfs.setLock(file, { ...WHOLE, type: 'unlock' })
  await vfs.setLock(file, WHOLE, { flock: true })
  expect(body(daemon, 'setlk')).toMatchObject({ lkFlags: LK.FLOCK })
})

test('a daemon that has not agreed to locks is not asked for any', async () => {
  const { daemon, vfs, file } = await opened()
  await vfs.setLock(file, WHOLE, { wait: true })
  expect(await vfs.getLock(file, WHOLE)).toBeNull()
  expect(daemon.asked()).toEqual([])
})

test.each(['while it waits', 'before it asks'])('who waits for a lock is interrupted (%s): EINTR', async (when) => {
  const { daemon, vfs, file } = await opened({ flags: POSIX_LOCKS, handlers: { setlkw: () => null } })
  const abort = new AbortController()
  if (when === 'before it asks') abort.abort()
  const waiting = expect(vfs.setLock(file, WHOLE, { wait: true, signal: abort.signal })).rejects.toMatchObject({
    code: 'EINTR',
  })
  await daemon.saw('setlkw')
  abort.abort()
  await daemon.saw('interrupt')
  const asked = daemon.requests.find(({ opcode }) => opcode === 'setlkw')
  expect(body(daemon, 'interrupt')).toEqual({ unique: asked?.unique })
  daemon.connection.receive(errorReply(asked?.unique as bigint, 4))
  await waiting
})

function errorReply(unique: bigint, errno: number): Buffer {
  const bytes = Buffer.alloc(16)
  bytes.writeUInt32LE(16, 0)
  bytes.writeInt32LE(-errno, 4)
  bytes.writeBigUInt64LE(unique, 8)
  return bytes
}

test('fallocate makes a file longer, or a hole in it; a daemon that cannot is asked once', async () => {
  const { daemon, vfs, file } = await opened({ handlers: { fallocate: () => ({}) } }, 'content')
  await vfs.allocate(file, 0, 0, 100)
  expect(body(daemon, 'fallocate')).toMatchObject({ offset: 0n, length: 100n, mode: 0 })
  await vfs.allocate(file, 3, 0, 4)
  await expect(vfs.allocate(file, 0, 0, 0)).rejects.toMatchObject({ code: 'EINVAL' })
  const other = await opened()
  for (let i = 0; i < 2; i++)
    await expect(other.vfs.allocate(other.file, 0, 0, 1)).rejects.toMatchObject({ code: 'EOPNOTSUPP' })
  expect(other.daemon.requests.filter(({ opcode }) => opcode === 'fallocate')).toHaveLength(1)
})

test('lseek: where data and holes begin the daemon is asked, and where it does not know, all is data', async () => {
  const known = await opened({ handlers: { lseek: ({ body: { whence } }) => ({ offset: BigInt(whence) }) } }, 'content')
  expect(await known.vfs.seek(known.file, 0n, SEEK_DATA)).toBe(3n)
  expect(await known.vfs.seek(known.file, 0n, SEEK_HOLE)).toBe(4n)
  const { vfs, file, daemon } = await opened({}, 'content')
  expect(await vfs.seek(file, 2n, SEEK_DATA)).toBe(2n)
  expect(await vfs.seek(file, 2n, SEEK_HOLE)).toBe(7n)
  expect(await vfs.seek(file, -1n, SEEK_END)).toBe(6n)
  expect((await vfs.read(file, 10)).toString()).toBe('t')
  await expect(vfs.seek(file, 7n, SEEK_DATA)).rejects.toMatchObject({ code: 'ENXIO' })
  expect(daemon.requests.filter(({ opcode }) => opcode === 'lseek')).toHaveLength(1)
})

test('copy_file_range goes to the daemon; where it does not know it, it is read and written', async () => {
  const copies = await opened({ handlers: { copy_file_range: () => ({ size: 5 }) } }, 'content')
  const target = await copies.open('/g')
  expect(await copies.vfs.copyRange(copies.file, 2, target, 0, 5)).toBe(5)
  expect(body(copies.daemon, 'copy_file_range')).toMatchObject({ offIn: 2n, offOut: 0n, len: 5n, fhOut: target.fh })
  const plain = await opened({}, 'content')
  const other = await plain.open('/g')
  expect(await plain.vfs.copyRange(plain.file, 3, other, 0, 100)).toBe(4)
  expect(plain.daemon.node('/g').data.toString()).toBe('tentent')
})

test('ioctl hands bytes over and back; what was not asked for is EIO, an unknown one ENOTTY', async () => {
  const { daemon, vfs, file } = await opened({
    handlers: {
      ioctl: ({ body: { data, cmd } }) =>
        cmd === 1 ? { result: 3, data: Buffer.from(data).reverse() } : { result: 0, data: Buffer.alloc(99) },
    },
  })
  expect(await vfs.ioctl(file, 1, Buffer.from('abc'), 3)).toMatchObject({ result: 3, data: Buffer.from('cba') })
  expect(body(daemon, 'ioctl')).toMatchObject({ cmd: 1, inSize: 3, outSize: 3 })
  await expect(vfs.ioctl(file, 2, Buffer.alloc(0), 4)).rejects.toMatchObject({ code: 'EIO' })
  const other = await opened()
  await expect(other.vfs.ioctl(other.file, 1, Buffer.alloc(0), 0)).rejects.toMatchObject({ code: 'ENOTTY' })
})

test('poll asks the daemon; one that does not know it is always ready', async () => {
  const { vfs, file } = await opened({ handlers: { poll: () => ({ revents: 4 }) } })
  expect(await vfs.poll(file, 5)).toBe(4)
  const other = await opened()
  expect(await other.vfs.poll(other.file, 5)).toBe(5)
})

test('nodes that go together are forgotten together; before 7.16 one by one', async () => {
  for (const [minor, opcode, times] of [
    [31, 'batch_forget', 1],
    [15, 'forget', 3],
  ] as const) {
    const { daemon, vfs } = await opened({ minor })
    await vfs.mkdir('/d', 0o755)
    for (const name of ['/d/a', '/d/b']) await vfs.mkdir(name, 0o755)
    // Somebody else has made another of it: all that was known below is gone.
    daemon.notify({ notification: 'inval_entry', body: { parent: 1n, namelen: 1, name: Buffer.from('d') } })
    await daemon.saw(opcode)
    const forgotten = daemon.requests.filter((request) => request.opcode === opcode)
    expect([minor, forgotten.length]).toEqual([minor, times])
    if (opcode === 'batch_forget') expect(body(daemon, opcode)).toMatchObject({ count: 3 })
  }
})
