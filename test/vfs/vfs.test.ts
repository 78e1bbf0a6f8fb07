import { constants } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { INIT } from '../../src/wire/index.js'
import { FakeDaemon, type FakeOptions } from './fake-daemon.js'

const { O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } = constants

async function started(options: FakeOptions = {}) {
  const daemon = new FakeDaemon(options)
  return { daemon, vfs: await daemon.start() }
}

const write = O_WRONLY | O_CREAT | O_TRUNC

describe('names', () => {
  test('a path is walked by lookups, and what was found is remembered for as long as the daemon says', async () => {
    const { daemon, vfs } = await started()
    await vfs.mkdir('/a', 0o755)
    await vfs.mkdir('/a/b', 0o755)
    expect(daemon.asked()).toEqual(['lookup a', 'mkdir a', 'lookup b', 'mkdir b'])
    daemon.clock.advanceBy(0.9e9)
    await vfs.access('/a/b', 0)
    expect(daemon.asked()).toEqual(['access'])
    daemon.clock.advanceBy(0.2e9)
    await vfs.access('/a/b', 0)
    expect(daemon.asked()).toEqual(['lookup a', 'lookup b', 'access'])
  })

  test('that a name is not there is remembered only where the daemon says so by node 0', async () => {
    const { daemon, vfs } = await started({
      handlers: {
        lookup: ({ body }) => (body.name.toString() === 'kept' ? { entry: { nodeId: 0n, entryValid: 1n } } : -2),
      },
    })
    for (const name of ['/kept', '/kept', '/asked', '/asked']) {
      await expect(vfs.stat(name)).rejects.toMatchObject({ code: 'ENOENT' })
    }
    expect(daemon.asked()).toEqual(['lookup kept', 'lookup asked', 'lookup asked'])
  })

  test('an entry that has become another node is looked up twice, as Linux does, and the stray lookup is given back', async () => {
    let nodeId = 5n
    const { daemon, vfs } = await started({
      handlers: {
        lookup: () => ({ entry: { nodeId, entryValid: 1n, attrValid: 1n, attr: { mode: 0o100644, nlink: 1 } } }),
      },
    })
    await vfs.stat('/f', { mask: 0x7ff })
    nodeId = 6n
    daemon.clock.advanceBy(2e9)
    await vfs.stat('/f', { mask: 0x7ff })
    await vfs.statfs('/')
    expect(daemon.asked().sort()).toEqual(['forget', 'forget', 'lookup f', 'lookup f', 'lookup f', 'statfs'])
  })

  test('making what is there fails without asking for it', async () => {
    const { daemon, vfs } = await started()
    await vfs.mkdir('/a', 0o755)
    daemon.asked()
    await expect(vfs.mkdir('/a', 0o755)).rejects.toMatchObject({ code: 'EEXIST' })
    await expect(vfs.open('/a', write | O_EXCL, 0o644)).rejects.toMatchObject({ code: 'EEXIST' })
    expect(daemon.asked()).toEqual(['lookup a', 'lookup a'])
  })

  test('a renamed directory takes what is in it along; a node without names is forgotten', async () => {
    const { daemon, vfs } = await started()
    await vfs.mkdir('/a', 0o755)
    await vfs.close(await vfs.open('/a/f', write, 0o644))
    await vfs.rename('/a', '/b')
    daemon.asked()
    expect((await vfs.stat('/b/f', { mask: 0 })).mode & 0o170000).toBe(0o100000)
    expect(daemon.asked()).toEqual([])
    await vfs.unlink('/b/f')
    await vfs.rmdir('/b')
    await vfs.statfs('/')
    expect(daemon.asked()).toEqual(['unlink f', 'forget', 'rmdir b', 'forget', 'statfs'])
  })

  test('rename flags go by RENAME2, and a daemon that does not know it is not asked again', async () => {
    const { daemon, vfs } = await started({ handlers: { rename2: () => -38 } })
    await vfs.mkdir('/a', 0o755)
    daemon.asked()
    for (let i = 0; i < 2; i++) await expect(vfs.rename('/a', '/b', 1)).rejects.toMatchObject({ code: 'EINVAL' })
    expect(daemon.asked().filter((what) => what.startsWith('rename2'))).toEqual(['rename2 a'])
  })

  test('symbolic links are followed, not for ever, and not out of the file system', async () => {
    const { vfs } = await started()
    await vfs.mkdir('/d', 0o755)
    await vfs.symlink('d', '/link')
    await vfs.mkdir('/link/inside', 0o755)
    await vfs.symlink('loop', '/loop')
    await vfs.symlink('/etc/passwd', '/out')
    expect(await vfs.readlink('/link')).toBe('d')
    await expect(vfs.stat('/loop')).rejects.toMatchObject({ code: 'ELOOP' })
    await expect(vfs.stat('/out')).rejects.toMatchObject({ code: 'FT_ENVIRONMENT' })
    await expect(vfs.stat('/link/inside')).resolves.toMatchObject({ nlink: 1 })
  })

  test.each([0, Number(INIT.PARALLEL_DIROPS)])(
    'whoever makes, removes or renames a name does not wait for those who wait for it (INIT flags %i)',
    async (flags) => {
      const { vfs } = await started({ flags, entryValid: 0n, attrValid: 0n })
      const polls = (path: string) => [1, 2, 3].map(() => vfs.stat(path).catch(() => null))
      const done = Promise.all([
        ...polls('/f'),
        vfs.open('/f', write, 0o644).then((file) => vfs.close(file)),
        ...polls('/f'),
        vfs.mkdir('/d', 0o755),
        ...polls('/f'),
        vfs.rename('/f', '/g'),
        ...polls('/g'),
        ...polls('/d'),
        vfs.rmdir('/d'),
        ...polls('/d'),
      ])
      await done
      expect((await vfs.stat('/g')).mode & 0o170000).toBe(0o100000)
    },
    60_000,
  )

  test('one name is looked up once, however many ask for it at the same time', async () => {
    const { daemon, vfs } = await started({ flags: Number(INIT.PARALLEL_DIROPS) })
    await vfs.mkdir('/a', 0o755)
    const other = new FakeDaemon()
    const fresh = await other.start()
    other.node('/').children?.set('x', daemon.node('/a'))
    await Promise.all([1, 2, 3].map(() => fresh.stat('/x', { mask: 0 })))
    expect(other.asked()).toEqual(['lookup x'])
  })
})

describe('files', () => {
  test('create, write, flush; release comes after close, and is not waited for', async () => {
    const { daemon, vfs } = await started({ handlers: { release: () => null } })
    const file = await vfs.open('/f', write, 0o644)
    await vfs.write(file, Buffer.from('hello'))
    await vfs.close(file)
    await vfs.statfs('/')
    expect(daemon.asked()).toEqual([
      'lookup f',
      'create f',
      'getxattr security.capability',
      'write',
      'flush',
      'release',
      'statfs',
    ])
    await expect(vfs.read(file, 1)).rejects.toMatchObject({ code: 'EBADF' })
  })

  test('what the daemon does not know is asked once: CREATE, FLUSH, ACCESS, xattrs', async () => {
    const unknown = () => -38
    const { daemon, vfs } = await started({
      handlers: { create: unknown, flush: unknown, access: unknown, getxattr: unknown },
    })
    for (const name of ['/a', '/b']) {
      const file = await vfs.open(name, write, 0o644)
      await vfs.write(file, Buffer.from('x'))
      await vfs.close(file)
      await vfs.access(name, 4)
    }
    expect(daemon.asked()).toEqual([
      ...[
        'lookup a',
        'create a',
        'mknod a',
        'open',
        'getxattr security.capability',
        'write',
        'flush',
        'release',
        'access',
      ],
      ...['lookup b', 'mknod b', 'open', 'write', 'release'],
    ])
    await expect(vfs.getXattr('/a', 'user.x')).rejects.toMatchObject({ code: 'EOPNOTSUPP' })
  })

  test('writes are cut as the daemon has agreed', async () => {
    const data = Buffer.alloc(10_000, 'x')
    for (const [flags, sizes] of [
      [0, [4096, 4096, 1808]],
      [Number(INIT.BIG_WRITES), [10_000]],
    ] as const) {
      const { daemon, vfs } = await started({ flags })
      const file = await vfs.open('/f', write, 0o644)
      expect(await vfs.write(file, data)).toBe(10_000)
      const written = daemon.requests.filter(({ opcode }) => opcode === 'write') as { body: { data: Buffer } }[]
      expect(written.map(({ body }) => body.data.length)).toEqual(sizes)
      expect(daemon.node('/f').data.equals(data)).toBe(true)
    }
  })

  test('a file is read ahead in pages, and what was read is not asked for again', async () => {
    const { daemon, vfs } = await started()
    const content = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 251))
    await vfs.close(await vfs.open('/f', write, 0o644))
    daemon.node('/f').data = content
    daemon.clock.advanceBy(2e9)
    const file = await vfs.open('/f', O_RDONLY)
    const pieces: Buffer[] = []
    for (let piece = await vfs.read(file, 65_536); piece.length > 0; piece = await vfs.read(file, 65_536))
      pieces.push(piece)
    expect(Buffer.concat(pieces).equals(content)).toBe(true)
    const reads = daemon.requests.filter(({ opcode }) => opcode === 'read') as {
      body: { offset: bigint; size: number }
    }[]
    expect(reads.map(({ body }) => [Number(body.offset), body.size])).toEqual([
      [0, 131_072],
      [131_072, 131_072],
      [262_144, 40_960],
    ])
  })

  test('attributes that a write has changed are asked for', async () => {
    const { daemon, vfs } = await started()
    const file = await vfs.open('/f', O_RDWR | O_CREAT, 0o644)
    await vfs.stat('/f')
    daemon.asked()
    await vfs.stat('/f')
    expect(daemon.asked()).toEqual([])
    await vfs.write(file, Buffer.from('12345'))
    expect((await vfs.stat(file)).size).toBe(5n)
    expect(daemon.asked()).toEqual(['getxattr security.capability', 'write', 'getattr'])
  })
})

describe('directories', () => {
  test('a listing goes on where the last one ended, until there is nothing more', async () => {
    const { daemon, vfs } = await started()
    for (const name of ['/a', '/b']) await vfs.mkdir(name, 0o755)
    daemon.asked()
    const directory = await vfs.open('/', O_RDONLY)
    expect((await vfs.readdir(directory)).map(({ name }) => name)).toEqual(['a', 'b'])
    await vfs.close(directory)
    expect(daemon.asked()).toEqual(['opendir', 'readdir', 'readdir', 'releasedir'])
  })

  test('READDIRPLUS brings names that need no lookup', async () => {
    const { daemon, vfs } = await started({ flags: Number(INIT.DO_READDIRPLUS | INIT.READDIRPLUS_AUTO) })
    await vfs.mkdir('/a', 0o755)
    const other = await started({ flags: Number(INIT.DO_READDIRPLUS | INIT.READDIRPLUS_AUTO) })
    other.daemon.node('/').children?.set('a', daemon.node('/a'))
    const directory = await other.vfs.open('/', O_RDONLY)
    await other.vfs.readdir(directory)
    await other.vfs.stat('/a', { mask: 0 })
    expect(other.daemon.asked()).toEqual(['opendir', 'readdirplus', 'readdir'])
  })

  test('names that no directory can have are an error', async () => {
    const { vfs } = await started({
      handlers: { readdir: () => ({ entries: [{ ino: 1n, off: 1n, type: 8, name: Buffer.from('../etc') }] }) },
    })
    await expect(vfs.open('/', O_RDONLY).then((directory) => vfs.readdir(directory))).rejects.toMatchObject({
      code: 'EIO',
    })
  })
})

describe('what the daemon says unasked', () => {
  test('an invalidated entry is looked up again, invalidated attributes are asked for', async () => {
    const { daemon, vfs } = await started()
    await vfs.mkdir('/a', 0o755)
    const { id } = daemon.node('/a')
    await vfs.stat('/a')
    daemon.asked()
    daemon.notify({ notification: 'inval_inode', body: { ino: id, off: -1n, len: 0n } })
    await vfs.stat('/a', { mask: 0x7ff })
    expect(daemon.asked()).toEqual(['getattr'])
    daemon.notify({ notification: 'inval_entry', body: { parent: 1n, namelen: 1, name: Buffer.from('a') } })
    await vfs.stat('/a', { mask: 0 })
    expect(daemon.asked()).toEqual(['forget', 'lookup a'])
  })

  test('stored content is read without asking, and can be retrieved', async () => {
    const { daemon, vfs } = await started()
    await vfs.close(await vfs.open('/f', write, 0o644))
    const { id } = daemon.node('/f')
    const file = await vfs.open('/f', O_RDONLY)
    daemon.notify({ notification: 'store', body: { nodeId: id, offset: 0n, size: 4, data: Buffer.from('told') } })
    daemon.node('/f').data = Buffer.from('told')
    daemon.asked()
    expect(String(await vfs.read(file, 4))).toBe('told')
    expect(daemon.asked().filter((what) => what === 'read')).toEqual([])
    daemon.notify({ notification: 'retrieve', body: { notifyUnique: 77n, nodeId: id, offset: 0n, size: 100 } })
    await vfs.statfs('/')
    const reply = daemon.requests.find(({ opcode }) => opcode === 'notify_reply') as {
      unique: bigint
      body: { data: Buffer }
    }
    expect([reply.unique, String(reply.body.data)]).toEqual([77n, 'told'])
  })
})
