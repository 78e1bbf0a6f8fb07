// What the tests of each runner do: a replay of a log that is made up on the spot, and a session on a real mount.
import assert from 'node:assert'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openReplay, startLive } from 'fusetrace'

const line = (ms, raw) => ({ kind: 'line', atNs: ms * 1e6, stream: 'stderr', raw, terminated: true })

export async function offline() {
  const session = await openReplay([
    line(1, 'unique: 2, opcode: CREATE (35), nodeid: 1, insize: 62, pid: 7'),
    line(2, 'create flags: 0x8241 /a.txt 0100644 umask=0022'),
    line(9, '   unique: 2, success, outsize: 160'),
  ])
  const created = await session.waitFor.fileVisible('a.txt')
  assert.equal(created.endNs, 9e6)
  await session.close()
}

export async function onMount() {
  if (!process.env.LIVE) return
  const directory = mkdtempSync(join(tmpdir(), 'fusetrace-installed-'))
  const [source, mountpoint] = [join(directory, 'source'), join(directory, 'mount')]
  mkdirSync(source)
  mkdirSync(mountpoint)
  const session = await startLive({ daemon: ['bindfs', '-f', '-d', source, mountpoint], mountpoint })
  try {
    await session.step('write', () => writeFileSync(join(mountpoint, 'a.txt'), 'x'))
    const created = await session.waitFor.fileVisible('a.txt')
    assert.equal(created.operation?.path, '/a.txt')
  } finally {
    await session.close()
    rmSync(directory, { recursive: true })
  }
}
