import { describe, expect, test } from 'vitest'
import { openReplay } from '../../../src/index.js'
import type { Row } from '../../../src/recording/row.js'

const NODE = '18124004168990910698'

/** mergerfs-rs at info: a new file is written to, and only the node shows which. */
const created = (name: string): string =>
  `fuse::create{parent=1 name=${name} mode=100644 umask=0 flags=0x8241}: fs: src/fuse_fs.rs:860: File created successfully at "/${name}"`
const written = (node: string): string =>
  `fuse::write{ino=${node} fh=1 offset=0 len=3 write_flags=0x2 flags=0x0}: fs: src/fuse_fs.rs:1041: Successfully wrote 3 bytes`
const renamed =
  'fuse::rename{parent=1 name=b.txt newparent=1 newname=a.txt flags=0}: fs: src/fuse_fs.rs:1449: Rename successful: "/b.txt" -> "/a.txt"'
const inode = (path: string, answer: string | null): Row => ({
  kind: 'probe',
  atNs: 40e6,
  probe: 'inode',
  args: [path],
  answer,
  errno: null,
})

function replay(messages: readonly string[], ...probes: Row[]) {
  const lines = messages.map((message, i): Row => {
    const raw = `2026-11-28T20:42:17.${899916 + i}Z  INFO ThreadId(01) ${message}`
    return { kind: 'line', atNs: (i + 1) * 1e6, stream: 'stdout', raw, terminated: true }
  })
  return openReplay([...lines, ...probes, { kind: 'exit', atNs: 9e9, code: 0, signal: null }])
}

const write = { opcode: 'write', path: 'a.txt' } as const
const LOG = [created('a.txt'), written(NODE), written('7')]

describe('an operation whose node alone is shown', () => {
  test('is that on the path which has its number: for one, for several, and counted', async () => {
    const { waitFor } = await replay(LOG, inode('/a.txt', NODE))
    const named = { opcode: 'write', path: '/a.txt', nodeId: NODE }
    const [one, several, counted] = await Promise.all([
      waitFor.operation(write),
      waitFor.operations([{ opcode: 'create', path: 'a.txt' }, write], { ordered: true }),
      waitFor.exactly(1, write),
    ])
    expect(one.operation).toMatchObject(named)
    expect([several.operations.at(-1), counted.operation]).toMatchObject([named, named])
  })

  test.each([
    ['nobody could ask for', []],
    ['another one has', [inode('/a.txt', '8')]],
    ['nothing has', [inode('/a.txt', null)]],
  ])('is none of a path whose number %s', async (_what, probes) => {
    const { waitFor } = await replay(LOG, ...probes)
    await expect(waitFor.operation(write, { timeoutMs: 3000 })).rejects.toMatchObject({ code: 'FT_WAIT_TIMEOUT' })
  })

  test('is none of a path that another file was moved to since', async () => {
    const { waitFor } = await replay([...LOG, renamed], inode('/a.txt', NODE))
    await expect(waitFor.operation(write, { timeoutMs: 3000 })).rejects.toMatchObject({ code: 'FT_WAIT_TIMEOUT' })
  })

  test('ends no wait later than the log ends', async () => {
    const { waitFor } = await replay(LOG)
    await expect(waitFor.operation(write, { timeoutMs: 30_000 })).rejects.toMatchObject({ code: 'FT_STREAM_ENDED' })
  })
})
