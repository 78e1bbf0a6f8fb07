import { describe, expect } from 'vitest'
import { fuseTest, StreamEndedError } from '../../src/vitest/index.js'
import { commonSuite } from './common.js'

const test = fuseTest({
  daemon: ({ mountpoint, branches }) => ['bindfs', '-f', '-d', branches[0], mountpoint],
  branches: 1,
})

commonSuite(test, { xattrs: true, hardLinks: true, backed: true, traces: true })

describe('a read-only mount', () => {
  const test = fuseTest({
    daemon: ({ mountpoint, branches }) => ['bindfs', '-f', '-d', '-r', branches[0], mountpoint],
    branches: 1,
    setup: async ({ branches }) => {
      await branches[0]?.fs.writeFile('there.txt', 'from before')
    },
  })

  test('what is there can be read', async ({ mount }) => {
    expect(await mount.fs.readFile('there.txt', 'utf8')).toBe('from before')
  })

  test('nothing can be created', async ({ mount, step, waitFor }) => {
    const never = waitFor.never({ opcode: ['create', 'mknod'], status: 'ok' }, { during: 100 })
    await step('create', () => expect(mount.fs.writeFile('new.txt', 'x')).rejects.toThrow(/EROFS|EACCES|EPERM/))
    await never
    expect(await mount.branches[0]?.fs.exists('new.txt')).toBe(false)
  })
})

describe('a daemon that dies', () => {
  test('pending waits fail at once', async ({ mount, waitFor, step }) => {
    await step('before', () => mount.fs.writeFile('before.txt', 'x'))
    await waitFor.fileVisible('before.txt')
    const pending = waitFor.fileVisible('never.txt', { timeoutMs: 60_000 })
    const failed = expect(pending).rejects.toMatchObject({
      code: expect.stringMatching(/FT_STREAM_ENDED|FT_MOUNT_LOST/),
    })
    await mount.kill('SIGKILL')
    await failed
  })

  test('a wait for what was done before still succeeds', async ({ mount, waitFor, step, monitor }) => {
    await step('before', () => mount.fs.writeFile('before.txt', 'x'))
    await waitFor.fileVisible('before.txt')
    await mount.kill('SIGKILL')
    await expect(waitFor.fileVisible('after.txt')).rejects.toThrow()
    expect(monitor).toHaveCompleted({ opcode: ['create', 'mknod'], path: 'before.txt' })
    expect((await waitFor.operation({ opcode: ['create', 'mknod'], path: 'before.txt' })).operation?.status).toBe('ok')
    expect(StreamEndedError.name).toBe('StreamEndedError')
  })
})
