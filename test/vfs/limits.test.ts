import { expect, test } from 'vitest'
import { virtualClock } from '../../src/clock.js'
import { Connection } from '../../src/vfs/connection.js'
import { negotiate } from '../../src/vfs/init.js'
import { Unanswered } from '../../src/vfs/unanswered.js'
import { BEFORE_INIT, encodeNotification, INIT } from '../../src/wire/index.js'
import { FakeDaemon } from './fake-daemon.js'

test.each([
  [8, 31],
  [7, 7],
])('a daemon that speaks FUSE %s.%s is refused at INIT', async (major, minor) => {
  const daemon = new FakeDaemon({ handlers: { init: () => ({ major, minor }) } })
  await expect(daemon.start()).rejects.toMatchObject({
    code: 'FT_DAEMON',
    message: `the daemon speaks FUSE ${major}.${minor}, the stand-in 7.8 to 7.45`,
  })
})

const agreed = (body: object, messageBytes = 1 << 20) => {
  const daemon = new FakeDaemon({ handlers: { init: () => ({ major: 7, minor: 31, ...body }) } })
  return negotiate(daemon.connection, messageBytes)
}

test('messages are as long as both sides, and the socket, let them be', async () => {
  const flags = Number(INIT.MAX_PAGES)
  const large = { flags, maxWrite: 1 << 30, maxPages: 0xffff, maxReadahead: 1 << 30 }
  expect(await agreed(large)).toMatchObject({ maxPages: 255, maxWrite: 255 * 4096, readaheadPages: 32 })
  expect(await agreed(large, 1 << 24)).toMatchObject({ maxPages: 256, maxWrite: 256 * 4096 })
  expect(await agreed(large, 1)).toMatchObject({ maxPages: 1, maxWrite: 4096 })
  // What makes no sense is taken for the least that does; without the flag there are 32 pages.
  expect(await agreed({ flags, maxWrite: 0, maxPages: 0 })).toMatchObject({ maxPages: 1, maxWrite: 4096 })
  expect(await agreed({ maxWrite: 1 << 30, maxPages: 200 })).toMatchObject({ maxPages: 32, maxWrite: 32 * 4096 })
})

test('each request has its own time: one that was sent later is not given up with the one before', () => {
  const clock = virtualClock()
  const late: bigint[] = []
  const all = new Unanswered<string>(clock, (unique) => late.push(unique))
  all.add(2n, 'first', 5)
  all.add(4n, 'patient', Number.POSITIVE_INFINITY)
  clock.advanceTo(3)
  all.add(6n, 'later', 8)
  clock.advanceTo(5)
  expect([late, all.has(6n), all.size]).toEqual([[2n], true, 2])
  clock.advanceTo(8)
  expect([late, all.end()]).toEqual([[2n, 6n], ['patient']])
  // A second late answer of the same number is a mistake.
  expect([all.isLate(6n), all.isLate(6n), all.isLate(4n)]).toEqual([true, false, false])
})

test('what fails on our side is no fault of the daemon’s', () => {
  const connection = new Connection({
    clock: virtualClock(),
    name: 'fake',
    credentials: { uid: 0, gid: 0, pid: 1 },
    send: () => undefined,
    onNotification: () => {
      throw new Error('ours')
    },
  })
  const notification = encodeNotification({ notification: 'inval_inode', body: { ino: 1n } } as never, BEFORE_INIT)
  expect(() => connection.receive(notification)).toThrow('ours')
  expect(connection.broken).toBeNull()
})
