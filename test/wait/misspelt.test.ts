import { describe, expect, test } from 'vitest'
import { checkOptions } from '../../src/fixture/options.js'
import { startLive } from '../../src/live/session.js'
import { openReplay } from '../../src/replay/open-replay.js'
import { replay, rows, tiny } from '../replay/tiny.js'

const usage = (message: string | RegExp) =>
  expect.objectContaining({ code: 'FT_USAGE', message: expect.stringMatching(message) })

describe('what is misspelt is refused, with what was perhaps meant', () => {
  const { waitFor } = replay('> 2 create /a\n< 2 EWOULDBLOCK')

  test('options of waits', async () => {
    await expect(waitFor.fileVisible('a', { timeout: 300 } as never)).rejects.toEqual(
      usage(/^"timeout" is not an option of fileVisible: did you mean timeoutMs\?$/),
    )
    await expect(waitFor.until(() => true, { timeoutms: 3 } as never)).rejects.toEqual(
      usage(/did you mean timeoutMs\?/),
    )
    await expect(waitFor.never('unlink', { forMs: 3 } as never)).rejects.toEqual(usage(/"forMs" is not an option of/))
    await expect(waitFor.exactly(1, 'create', { formS: 3 } as never)).rejects.toEqual(usage(/did you mean forMs\?/))
  })

  test('options that are known pass', async () => {
    const session = replay('> 2 create /a\n< 2 ok')
    const created = await session.waitFor.operations(['create'], { ordered: true, any: true, timeoutMs: 50 })
    expect(created.operations).toHaveLength(1)
    await session.waitFor.never('unlink', { during: 5, timeoutMs: 50 })
  })

  test('fields of operations', async () => {
    await expect(waitFor.operation({ pth: 'a' } as never)).rejects.toEqual(
      usage(/^"pth" is not a field of an operation: did you mean path\?$/),
    )
  })

  test('opcodes and errnos that are nearly known; others are a dialect’s own', async () => {
    await expect(waitFor.operation('craete')).rejects.toEqual(usage(/no opcode "craete": did you mean create\?/))
    await expect(waitFor.operation({ opcode: ['write', 'unlnik'] })).rejects.toEqual(usage(/did you mean unlink\?/))
    await expect(waitFor.operation({ errno: 'ENOETN' })).rejects.toEqual(
      usage(/no errno "ENOETN": did you mean ENOENT/),
    )
    await expect(waitFor.operation('my_own_request', { timeoutMs: 1 })).rejects.toMatchObject({
      code: expect.stringMatching(/FT_WAIT_TIMEOUT|FT_STREAM_ENDED/),
    })
  })

  test('other names of one errno or opcode are the same', async () => {
    const session = replay('> 2 create /a\n< 2 EAGAIN\n> 4 getxattr /a = user.k\n< 4 ENOTSUP')
    const blocked = await session.waitFor.operation({ opcode: 'FUSE_CREATE', errno: 'EWOULDBLOCK' })
    expect(blocked.operation?.errno).toBe('EAGAIN')
    const unsupported = await session.waitFor.operation({ errno: ['EOPNOTSUPP', 'ENOSYS'] })
    expect(unsupported.operation?.errno).toBe('ENOTSUP')
  })

  test('options of startLive and fuseTest', async () => {
    await expect(startLive({ daemon: ['x'], mountPoint: '/' } as never)).rejects.toEqual(
      usage(/did you mean mountpoint/),
    )
    expect(() => checkOptions({ daemon: () => [], branch: 1 } as never)).toThrow(usage(/"branch" is not an option of/))
  })

  test('options of openReplay', async () => {
    await expect(openReplay(rows('exit 0'), { pase: 'manual' } as never)).rejects.toEqual(usage(/did you mean pace\?/))
  })
})

test('rows that hold only operations cannot be replayed, which is said', async () => {
  await expect(openReplay([{ kind: 'operation', operation: {} as never }], { dialect: tiny })).rejects.toEqual(
    usage(/operations and no line/),
  )
})

test.each([
  [{ kind: 'lnie', atNs: 1 }, /^row 1 is of the kind "lnie", which there is not: did you mean line\?/],
  [{ kind: 'line', ms: 1, raw: 'a' }, /^row 1 is a line without atNs$/],
  [{ kind: 'line', atNs: 1, text: 'a' }, /^row 1 is a line without raw$/],
])('a row that would be passed over is refused: %j', async (row, message) => {
  const sound = { kind: 'line', atNs: 0, stream: 'stderr', raw: 'a', terminated: true } as const
  await expect(openReplay([sound, row as never], { dialect: tiny })).rejects.toEqual(usage(message))
})
