import { describe, expect, test } from 'vitest'
import { standInFiles } from '../../src/vfs/node/files.js'
import type { Request } from '../../src/wire/index.js'
import { FakeDaemon } from './fake-daemon.js'

describe('a daemon that does not keep to the protocol', () => {
  test('never answers: an error within the limit, and others are answered', async () => {
    const daemon = new FakeDaemon({ limitNs: 5e9, handlers: { mkdir: () => null } })
    const vfs = await daemon.start()
    const stuck = vfs.mkdir('/a', 0o755)
    const outcome = expect(stuck).rejects.toMatchObject({
      code: 'FT_DAEMON',
      message: expect.stringMatching(/^fake has not answered mkdir \(request \d+, node 1\) within 5000 ms$/),
    })
    await daemon.saw('mkdir')
    daemon.clock.advanceBy(5e9)
    await outcome
    await expect(vfs.statfs('/')).resolves.toMatchObject({ bsize: 4096 })
    expect(daemon.requests.filter(({ opcode }) => opcode === 'interrupt')).toHaveLength(1)
  })

  test('answers late: nobody minds', async () => {
    let late: Buffer = Buffer.alloc(0)
    const daemon: FakeDaemon = new FakeDaemon({
      limitNs: 5e9,
      handlers: {
        mkdir: (request) => {
          late = daemon.reply(request, -5)
          return null
        },
      },
    })
    const vfs = await daemon.start()
    const stuck = expect(vfs.mkdir('/a', 0o755)).rejects.toMatchObject({ code: 'FT_DAEMON' })
    await daemon.saw('mkdir')
    daemon.clock.advanceBy(5e9)
    await stuck
    daemon.connection.receive(late)
    await expect(vfs.statfs('/')).resolves.toBeDefined()
  })

  test.each([
    [
      'answers twice',
      /^fake answered request \d+ twice/,
      (daemon: FakeDaemon, bytes: Buffer) => {
        daemon.connection.receive(bytes)
        return bytes
      },
    ],
    [
      'answers what nobody asked',
      /^fake answered a request 4096 that nobody sent/,
      (_: FakeDaemon, bytes: Buffer) => {
        bytes.writeBigUInt64LE(4096n, 8)
        return bytes
      },
    ],
    [
      'answers with a wrong length',
      /^fake sent a message/,
      (_: FakeDaemon, bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(8)]),
    ],
    [
      'answers with half a body',
      /^fake sent a message that is none/,
      (_: FakeDaemon, bytes: Buffer) => {
        const half = Buffer.from(bytes.subarray(0, 24))
        half.writeUInt32LE(24, 0)
        return half
      },
    ],
    [
      'answers with an error that is none',
      /^fake sent a message that is none/,
      (_: FakeDaemon, bytes: Buffer) => {
        const short = Buffer.from(bytes.subarray(0, 16))
        short.writeUInt32LE(16, 0)
        short.writeInt32LE(1000, 4)
        return short
      },
    ],
    ['sends three bytes', /^fake sent a message that is none/, () => Buffer.alloc(3)],
  ])('%s: whoever waits hears of it at once, and so does whoever asks later', async (_, message, spoil) => {
    const daemon: FakeDaemon = new FakeDaemon({
      handlers: { statfs: (request) => spoil(daemon, daemon.reply(request, { bsize: 1 })), mkdir: () => null },
    })
    const vfs = await daemon.start()
    const waiting = expect(vfs.mkdir('/a', 0o755)).rejects.toMatchObject({
      code: 'FT_DAEMON',
      message: expect.stringMatching(message),
    })
    await daemon.saw('mkdir')
    await vfs.statfs('/').catch(() => undefined)
    await waiting
    await expect(vfs.statfs('/')).rejects.toMatchObject({ code: 'FT_DAEMON', message: expect.stringMatching(message) })
  })

  test('closes its end: ECONNABORTED for who waits, ENOTCONN for who asks later, as on a mount', async () => {
    const daemon = new FakeDaemon({ handlers: { mkdir: () => null } })
    const vfs = await daemon.start()
    const waiting = expect(vfs.mkdir('/a', 0o755)).rejects.toMatchObject({ code: 'ECONNABORTED' })
    await daemon.saw('mkdir')
    daemon.connection.end()
    await waiting
    await expect(vfs.statfs('/')).rejects.toMatchObject({ code: 'ENOTCONN' })
  })

  test('speaks another protocol: said at INIT', async () => {
    const daemon = new FakeDaemon({ handlers: { init: () => ({ major: 8, minor: 1 }) } })
    await expect(daemon.start()).rejects.toMatchObject({
      code: 'FT_DAEMON',
      message: expect.stringMatching(/speaks FUSE 8\.1/),
    })
  })

  test('names nodes of no type, or the root, as children: EIO', async () => {
    for (const entry of [
      { nodeId: 1n, attr: { mode: 0o040755 } },
      { nodeId: 9n, attr: { mode: 0o644 } },
    ]) {
      const daemon = new FakeDaemon({ handlers: { lookup: () => ({ entry }) } })
      const vfs = await daemon.start()
      await expect(vfs.stat('/a')).rejects.toMatchObject({ code: 'EIO' })
    }
  })

  test('says that a directory is within itself: ELOOP', async () => {
    const entry = { nodeId: 2n, entryValid: 1n, attr: { mode: 0o040755 } }
    const daemon = new FakeDaemon({ handlers: { lookup: () => ({ entry }) } })
    const vfs = await daemon.start()
    await expect(vfs.stat('/a/b')).rejects.toMatchObject({ code: 'ELOOP' })
  })

  test('makes something else than it was asked for: EIO', async () => {
    const entry = { nodeId: 9n, attr: { mode: 0o100644 } }
    const daemon = new FakeDaemon({ handlers: { mkdir: () => ({ entry }) } })
    const vfs = await daemon.start()
    await expect(vfs.mkdir('/d', 0o755)).rejects.toMatchObject({ code: 'EIO' })
  })

  test('answers more than was asked for: EIO', async () => {
    const daemon = new FakeDaemon({
      handlers: {
        read: () => ({ data: Buffer.alloc(1 << 20) }),
        write: () => ({ size: 1 << 20 }),
        copy_file_range: () => ({ size: 6 }),
      },
    })
    const vfs = await daemon.start()
    const file = await vfs.open('/f', 0o102, 0o644)
    await expect(vfs.write(file, Buffer.from('x'))).rejects.toMatchObject({ code: 'EIO' })
    await expect(vfs.copyRange(file, 0, file, 0, 5)).rejects.toMatchObject({ code: 'EIO' })
    await vfs.truncate(file, 10n)
    await expect(vfs.read(file, 5)).rejects.toMatchObject({ code: 'EIO' })
  })

  test('gives fewer pages than its attributes say: the file ends there, as when it was cut behind its back', async () => {
    const attr = { mode: 0o100644, nlink: 1, size: 20_000n }
    const daemon = new FakeDaemon({
      handlers: {
        lookup: () => ({ entry: { nodeId: 7n, attrValid: 9n, attr } }),
        open: () => ({ fh: 1n }),
        read: ({ body }) => ({ data: body.offset === 0n ? Buffer.alloc(4841, 'x') : Buffer.alloc(0) }),
      },
    })
    const vfs = await daemon.start()
    const file = await vfs.open('/f', 0)
    expect(await vfs.read(file, 20_000)).toEqual(Buffer.alloc(4841, 'x'))
  })

  test.each([
    [-117, 'EUCLEAN'],
    [-41, 'an error that has no name'],
  ])('answers with the error %i (%s), which Node has no name for: as on a mount', async (errno) => {
    const daemon = new FakeDaemon({ handlers: { mkdir: () => errno } })
    const files = standInFiles(await daemon.start(), '/mnt') as unknown as typeof import('node:fs/promises')
    await expect(files.mkdir('/mnt/d')).rejects.toMatchObject({ errno, code: `Unknown system error ${errno}` })
  })

  test('takes long for INIT: that is no request that is late', async () => {
    let init: Request | null = null
    const daemon: FakeDaemon = new FakeDaemon({
      limitNs: 1e9,
      handlers: {
        init: (request) => {
          init = request
          return null
        },
      },
    })
    const started = daemon.start()
    await daemon.saw('init')
    daemon.clock.advanceBy(5e9)
    daemon.connection.receive(daemon.reply(init as unknown as Request, { major: 7, minor: 31 }))
    await expect(started).resolves.toBeDefined()
  })

  test('agrees to absurd limits, and has a file of any size: reads end, with what there is', async () => {
    const init = { major: 7, minor: 31, flags: 0xffffffff, maxReadahead: 0, maxWrite: 0, maxPages: 0, maxBackground: 0 }
    const attr = { mode: 0o100644, nlink: 1, size: 2n ** 62n }
    const daemon = new FakeDaemon({
      handlers: {
        init: () => init,
        lookup: () => ({ entry: { nodeId: 7n, attrValid: 9n, attr } }),
        getattr: ({ nodeId }) => ({ attrValid: 9n, attr: nodeId === 1n ? { mode: 0o040755, nlink: 2 } : attr }),
        statx: () => -38,
        open: () => ({ fh: 1n }),
        flush: () => ({}),
        release: () => ({}),
        read: ({ body }) => ({ data: body.offset === 0n ? Buffer.from('four') : Buffer.alloc(0) }),
      },
    })
    const vfs = await daemon.start()
    const files = standInFiles(vfs, '/mnt') as unknown as typeof import('node:fs/promises')
    await expect(files.readFile('/mnt/f')).rejects.toMatchObject({ code: 'ERR_FS_FILE_TOO_LARGE' })
    const file = await vfs.open('/f', 0)
    expect((await vfs.read(file, Number.MAX_SAFE_INTEGER)).toString()).toBe('four')
  })

  test('lists the same names again and again: ELOOP', async () => {
    const entries = ['a', 'b'].map((name, i) => ({ ino: 1n, off: BigInt(i), type: 8, name: Buffer.from(name) }))
    const daemon = new FakeDaemon({
      handlers: { readdir: ({ body }) => ({ entries: body.offset === 0n ? entries : entries.slice(1) }) },
    })
    const vfs = await daemon.start()
    const files = standInFiles(vfs, '/mnt') as unknown as typeof import('node:fs/promises')
    await expect(files.readdir('/mnt')).rejects.toMatchObject({ code: 'ELOOP' })
  })

  test('gives all names the same position, and goes on by itself: as on a mount they are all listed', async () => {
    const names = ['a', 'b', 'c']
    const daemon = new FakeDaemon({
      handlers: {
        readdir: () => ({
          entries: names.splice(0, 1).map((name) => ({ ino: 1n, off: 0n, type: 8, name: Buffer.from(name) })),
        }),
      },
    })
    const vfs = await daemon.start()
    const files = standInFiles(vfs, '/mnt') as unknown as typeof import('node:fs/promises')
    expect(await files.readdir('/mnt')).toEqual(['a', 'b', 'c'])
  })

  test('asks for more of what is known than a message holds: it gets as much as one holds', async () => {
    const daemon = new FakeDaemon()
    const vfs = await daemon.start()
    await vfs.open('/f', 0o102, 0o644)
    const { id } = daemon.node('/f')
    const data = Buffer.alloc(40 * 4096, 'x')
    daemon.notify({ notification: 'store', body: { nodeId: id, offset: 0n, data } })
    daemon.notify({ notification: 'retrieve', body: { notifyUnique: 9n, nodeId: id, offset: 0n, size: 0xffffffff } })
    await daemon.saw('notify_reply')
    const reply = daemon.requests.at(-1) as { body: { size: number; data: Buffer } }
    expect([reply.body.size, reply.body.data.equals(data.subarray(0, 32 * 4096))]).toEqual([32 * 4096, true])
  })

  test('prunes a file that is open: that stays known', async () => {
    const daemon = new FakeDaemon()
    const vfs = await daemon.start()
    const file = await vfs.open('/f', 0o102, 0o644)
    daemon.asked()
    daemon.notify({ notification: 'prune', body: { nodeIds: [daemon.node('/f').id] } })
    await vfs.stat('/f')
    expect(daemon.asked().filter((asked) => /lookup|forget/.test(asked))).toEqual([])
    await vfs.close(file)
    daemon.notify({ notification: 'prune', body: { nodeIds: [daemon.node('/f').id] } })
    await vfs.stat('/f')
    expect(daemon.asked().filter((asked) => /lookup|forget/.test(asked))).toEqual(['batch_forget', 'lookup f'])
  })

  test('notifies of nodes that nobody knows, and of any offsets: nothing happens', async () => {
    const daemon = new FakeDaemon()
    const vfs = await daemon.start()
    const far = 2n ** 63n
    const ino = 4096n
    daemon.notify({ notification: 'inval_inode', body: { ino, off: -(2n ** 62n), len: 2n ** 62n } })
    daemon.notify({ notification: 'inval_entry', body: { parent: ino, name: Buffer.from('x') } })
    daemon.notify({ notification: 'delete', body: { parent: 1n, child: ino, name: Buffer.from('x') } })
    daemon.notify({ notification: 'store', body: { nodeId: ino, offset: far, data: Buffer.from('x') } })
    daemon.notify({ notification: 'retrieve', body: { notifyUnique: 9n, nodeId: ino, offset: far, size: 0xffffffff } })
    await expect(vfs.statfs('/')).resolves.toMatchObject({ bsize: 4096 })
  })
})
