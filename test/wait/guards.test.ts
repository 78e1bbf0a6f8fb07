import { describe, expect, test } from 'vitest'
import type { ReplaySession } from '../../src/replay/replay-session.js'
import type { WaitFor } from '../../src/wait/wait-for.js'
import { replay, silent } from '../replay/tiny.js'

describe('waits that last', () => {
  const long = '> 2 getattr /\n< 2 ok\nafter 20000\n> 4 getattr /\n< 4 ok'

  test.each([
    ['never', (waitFor: WaitFor) => waitFor.never('unlink', { during: 6000 }), 6000],
    ['idle', (waitFor: WaitFor) => waitFor.idle({ forMs: 6000 }), 6002],
    ['exactly', (waitFor: WaitFor) => waitFor.exactly(1, 'getattr', { forMs: 6000 }), 6002],
  ])('%s for longer than the timeout has that much longer', async (_, wait, ms) => {
    const session = replay(long)
    await wait(session.waitFor)
    expect(session.clock.nowNs() / 1e6).toBe(ms)
  })

  test('what does not come to be times out that much later', async () => {
    const session = replay(long)
    await expect(session.waitFor.exactly(3, 'getattr', { forMs: 6000 })).rejects.toMatchObject({
      code: 'FT_WAIT_TIMEOUT',
    })
    expect(session.clock.nowNs() / 1e6).toBe(11_000)
  })

  test('a wait without an operation lasts from its call to its end', async () => {
    const { waitFor } = replay(long)
    const second = 1e9
    expect(await waitFor.never('unlink', { during: 6000 })).toMatchObject({
      operation: null,
      startNs: 0,
      endNs: 6 * second,
      durationNs: 6 * second,
      waitedNs: 6 * second,
    })
  })

  test('a wait of no time is about what has been', async () => {
    const session = replay('> 2 create /a\n< 2 ok\nafter 10\n> 4 unlink /a\n< 4 ok')
    await session.waitFor.operation('create')
    const since = { since: session.mark(), timeoutMs: 0 }
    await expect(
      session.waitFor.operation('create', { ...since, since: { name: 'begin', line: 0, atNs: 0 } }),
    ).resolves.toBeDefined()
    await expect(session.waitFor.operation('unlink', since)).rejects.toMatchObject({ code: 'FT_WAIT_TIMEOUT' })
  })

  test('never: what comes late in its time is still one too many', async () => {
    const session = replay('> 2 getattr /\n< 2 ok\nafter 5500\n> 4 unlink /a\n< 4 ok\nafter 9000\nexit 0')
    await expect(session.waitFor.never('unlink', { during: 6000 })).rejects.toMatchObject({ code: 'FT_WAIT_FAILED' })
  })
})

describe('a daemon that is killed in the middle of an operation satisfies nothing', () => {
  const waits: [string, string, (session: ReplaySession) => Promise<unknown>][] = [
    ['fileVisible', 'create /a', ({ waitFor }) => waitFor.fileVisible('a')],
    ['dirVisible', 'mkdir /a', ({ waitFor }) => waitFor.dirVisible('a')],
    ['deleted', 'unlink /a', ({ waitFor }) => waitFor.deleted('a')],
    ['renamed', 'rename /a /b', ({ waitFor }) => waitFor.renamed('a', 'b')],
    ['xattrSet', 'setxattr /a = user.k', ({ waitFor }) => waitFor.xattrSet('a', 'user.k')],
    ['xattrRemoved', 'removexattr /a = user.k', ({ waitFor }) => waitFor.xattrRemoved('a', 'user.k')],
    ['released', 'release /a', ({ waitFor }) => waitFor.released('a')],
    ['operation', 'write /a', ({ waitFor }) => waitFor.operation('write')],
    ['operations', 'write /a', ({ waitFor }) => waitFor.operations(['write'])],
    ['exactly', 'write /a', ({ waitFor }) => waitFor.exactly(1, 'write')],
  ]

  test.each(waits)('%s, where the log shows replies', async (_, request, wait) => {
    const session = replay(`> 2 ${request}\nexists /a yes\nexit SIGKILL`)
    await expect(wait(session)).rejects.toMatchObject({ code: 'FT_STREAM_ENDED' })
  })

  test.each(waits)('%s, where ends are inferred', async (_, request, wait) => {
    const session = replay(`> 0 ${request}\nexit SIGKILL`, { dialect: silent })
    await expect(wait(session)).rejects.toMatchObject({ code: 'FT_STREAM_ENDED' })
  })
})
