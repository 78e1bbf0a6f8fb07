import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import '../../src/vitest/install.js'
import type { LineRow, Row } from '../../src/recording/row.js'
import {
  type Given,
  mutated,
  RECORD_COMMAND,
  recorded,
  replay,
  withCall,
  withLine,
  withoutOperation,
} from './mutate.js'

/** The bodies of tests of the suite, as they were when it was recorded. */
async function created({ mount, session }: Given): Promise<void> {
  await session.step('create', () => mount.fs.writeFile('a.txt', 'content'))
  await session.waitFor.fileVisible('a.txt')
  expect(await mount.fs.readFile('a.txt', 'utf8')).toBe('content')
  expect(session.monitor).toHaveCompleted({ opcode: ['create', 'mknod'], path: 'a.txt' })
}

async function missing({ mount, session }: Given): Promise<void> {
  await session.step('look', () =>
    expect(mount.fs.readFile('missing.txt')).rejects.toMatchObject({ code: 'ENOENT', syscall: 'open' }),
  )
  await session.fence()
  expect(session.monitor).toHaveFailed({ opcode: ['lookup', 'getattr'], errno: 'ENOENT', path: 'missing.txt' })
}

async function renamed({ mount, session }: Given): Promise<void> {
  await session.step('create', () => mount.fs.writeFile('old.txt', 'x'))
  await session.waitFor.writeComplete('old.txt')
  await session.step('rename', () => mount.fs.rename('old.txt', 'new.txt'))
  await session.waitFor.renamed('old.txt', 'new.txt')
  expect(await mount.fs.readdir('/')).toEqual(['new.txt'])
}

async function gone({ mount, session }: Given): Promise<void> {
  await session.step('create', () => mount.fs.writeFile('gone.txt', 'x'))
  await session.waitFor.fileVisible('gone.txt')
  await session.step('delete', () => mount.fs.unlink('gone.txt'))
  await session.waitFor.deleted('gone.txt')
  expect(await mount.fs.exists('gone.txt')).toBe(false)
  expect(await mount.branches[0].fs.exists('gone.txt')).toBe(false)
}

async function ordered({ mount, session }: Given): Promise<void> {
  await session.step('all', async () => {
    await mount.fs.mkdir('d')
    await mount.fs.writeFile('d/f', 'x')
    await mount.fs.rename('d/f', 'd/g')
    await mount.fs.unlink('d/g')
    await mount.fs.rmdir('d')
  })
  await session.waitFor.deleted('d')
  expect(session.monitor).toHaveHappenedInOrder([
    { opcode: 'mkdir', path: 'd' },
    { opcode: ['create', 'mknod'], path: 'd/f' },
    { opcode: ['rename', 'rename2'], path: 'd/f' },
    { opcode: 'unlink', path: 'd/g' },
    { opcode: 'rmdir', path: 'd' },
  ])
}

const CREATED = 'bindfs/files a created file becomes visible'
const MISSING = 'bindfs/files a missing file fails with ENOENT'
const RENAMED = 'bindfs/renames and links a renamed file has its new name'
const GONE = 'bindfs/files a deleted file is gone'
const ORDERED = 'bindfs/many at once things happen in the order of the steps'

const same = (rows: Row[]): Row[] => rows

/** What a replay failed with. */
async function failure(recording: string, body: (given: Given) => Promise<void>): Promise<Error & { code?: string }> {
  return replay(recording, body).then(
    () => expect.fail('it passed'),
    (error: Error) => error,
  )
}

test.each([
  [CREATED, created],
  [MISSING, missing],
  [RENAMED, renamed],
  [GONE, gone],
  [ORDERED, ordered],
])('%s: passes as it was recorded', async (name, body) => {
  await replay(mutated(name, same), body)
})

describe('an operation that the log does not hold any more', () => {
  test.each([
    [RENAMED, renamed, /opcode: RENAME/, /^renamed \/old\.txt → \/new\.txt: /],
    [GONE, gone, /opcode: UNLINK/, /^deleted \/gone\.txt: /],
  ])('%s: fails what is about it', async (name, body, first, message) => {
    const changed = mutated(name, (rows) => withoutOperation(rows, first))
    const error = await failure(changed, body)
    expect(error.message).toMatch(message)
    expect(error.message).toContain(`if the recording is out of date, record it: ${RECORD_COMMAND}`)
    expect(error.stack).toContain('mutated.test.ts')
  })

  test('fails the assertion on a create: the file is there all the same, as the recorded probe says', async () => {
    const error = await failure(
      mutated(CREATED, (rows) => withoutOperation(rows, /opcode: CREATE/)),
      created,
    )
    expect(error.message).toMatch(/^expected a completed operation: create\|mknod \/a\.txt\n/)
  })

  test('fails the assertion on it, which shows what is near', async () => {
    const changed = mutated(ORDERED, (rows) => withoutOperation(rows, /opcode: RENAME/))
    const error = await failure(changed, ordered)
    expect(error.message).toMatch(/missing after #\d+ create \/d\/f ok: rename\|rename2 \/d\/f\n/)
  })

  test('fails also a test that does not look at it', async () => {
    const changed = mutated(CREATED, (rows) => withoutOperation(rows, /opcode: READ /))
    const error = await failure(changed, created)
    expect(error).toMatchObject({ code: 'FT_REPLAY_MISMATCH' })
    expect(error.message).toMatch(
      /^the recording of this test does not agree with itself: it was recorded with #\d+ read \/a\.txt ok, its lines do not/,
    )
    expect(error.message).toContain(RECORD_COMMAND)
  })
})

test('an operation that the recording does not list: its lines say what it is', async () => {
  const without = (row: Row): boolean => row.kind !== 'operation' || row.operation.opcode !== 'create'
  const error = await failure(
    mutated(CREATED, (rows) => rows.filter(without)),
    created,
  )
  expect(error.message).toMatch(/its lines say #\d+ create \/a\.txt ok, it was recorded without\n/)
})

describe('an errno that was changed', () => {
  const denied = (raw: string): string => raw.replace('-2 (No such file or directory)', '-13 (Permission denied)')

  test('in the log: fails the assertion on it', async () => {
    const error = await failure(
      mutated(MISSING, (rows) => withLine(rows, /error: -2 /, denied)),
      missing,
    )
    expect(error.message).toContain('expected a failed operation: lookup|getattr /missing.txt error ENOENT\n')
    expect(error.message).toMatch(/#\d+ lookup \/missing\.txt EACCES \(failed with EACCES\)/)
  })

  test('in the log: fails also a test that does not look at it', async () => {
    const error = await failure(
      mutated(CREATED, (rows) =>
        withLine(rows, /error: -61 /, (raw) => raw.replace('-61 (No data available)', '-5 (EIO)')),
      ),
      created,
    )
    expect(error.message).toMatch(/recorded with #\d+ getxattr .* ENODATA, its lines now say #\d+ getxattr .* EIO\n/)
  })

  test("in the answer to the test's own call: the test meets the other error", async () => {
    const changed = mutated(MISSING, (rows) =>
      withCall(rows, 'readFile', (call) => call.error && { ...call, error: { ...call.error, code: 'EACCES' } }),
    )
    const error = await failure(changed, missing)
    expect(error.message).toContain('to match object { code:')
    expect(String((error as { actual?: unknown }).actual)).not.toBe('undefined')
  })
})

describe('a step', () => {
  const named = (row: Row, name: string): boolean => row.kind === 'mark' && row.name === name

  test('that comes before another now', async () => {
    const swap: Record<string, string> = { create: 'rename', rename: 'create' }
    const changed = mutated(RENAMED, (rows) =>
      rows.map((row) => (row.kind === 'mark' ? { ...row, name: swap[row.name] ?? row.name } : row)),
    )
    const error = await failure(changed, renamed)
    expect(error.message).toBe(
      "the test begins step 'create', its recording has step 'rename' here\n" +
        `if the recording is out of date, record it: ${RECORD_COMMAND}`,
    )
  })

  test('that the recording does not have', async () => {
    const changed = mutated(RENAMED, (rows) => rows.filter((row) => !named(row, 'rename')))
    const error = await failure(changed, renamed)
    expect(error.message).toContain("the test begins step 'rename', its recording has no further step\n")
  })

  test('that the test does not have', async () => {
    const error = await failure(mutated(RENAMED, same), async ({ mount, session }) => {
      await session.step('create', () => mount.fs.writeFile('old.txt', 'x'))
    })
    expect(error.message).toMatch(
      /^the test ended, its recording goes on with mount\.fs\.rename\("old\.txt", "new\.txt"\) and 1 more\nrecord it: /,
    )
  })
})

describe('a call', () => {
  test('with another argument', async () => {
    const changed = mutated(CREATED, (rows) =>
      withCall(rows, 'writeFile', (call) => ({ ...call, args: ['a.txt', 'other'] })),
    )
    const error = await failure(changed, created)
    expect(error).toMatchObject({ code: 'FT_REPLAY_MISMATCH', hint: `record it: ${RECORD_COMMAND}` })
    expect(error.stack).toContain('mutated.test.ts')
    expect(error.stack).not.toContain('call-player')
    expect(error.message).toBe(
      'the test calls mount.fs.writeFile("a.txt", "content"), its recording has mount.fs.writeFile("a.txt", "other") here ' +
        `(argument 2: "content" now, "other" then)\nrecord it: ${RECORD_COMMAND}`,
    )
  })

  test('that the recording does not have', async () => {
    const error = await failure(
      mutated(CREATED, (rows) => withCall(rows, 'readFile', () => null)),
      created,
    )
    expect(error.message).toContain(
      'the test calls mount.fs.readFile("a.txt", "utf8"), its recording holds no further call',
    )
  })

  test('that the test does not make any more', async () => {
    const error = await failure(mutated(CREATED, same), async ({ mount, session }) => {
      await session.step('create', () => mount.fs.writeFile('a.txt', 'content'))
      await session.waitFor.fileVisible('a.txt')
    })
    expect(error.message).toContain('the test ended, its recording goes on with mount.fs.readFile("a.txt", "utf8")\n')
  })

  test('within a step that the test does not begin any more', async () => {
    const error = await failure(mutated(RENAMED, same), async ({ mount, session }) => {
      await session.step('create', () => mount.fs.writeFile('old.txt', 'x'))
      await session.waitFor.writeComplete('old.txt')
      await mount.fs.rename('old.txt', 'new.txt')
      await session.waitFor.renamed('old.txt', 'new.txt')
      await mount.fs.readdir('/')
    })
    expect(error.message).toContain("the test ended, its recording also has step 'rename'\n")
  })

  test('and a step that the test waits for without beginning it', async () => {
    const error = await failure(mutated(GONE, same), async ({ mount, session }) => {
      await session.step('create', () => mount.fs.writeFile('gone.txt', 'x'))
      await session.waitFor.deleted('gone.txt', { timeoutMs: 100 })
    })
    expect(error.message).toContain("its recording has step 'delete' next")
  })

  test('with another result: the test meets it', async () => {
    const error = await failure(
      mutated(CREATED, (rows) => withCall(rows, 'readFile', (call) => ({ ...call, result: 'changed' }))),
      created,
    )
    expect(error.message).toContain("expected 'changed' to be 'content'")
  })
})

describe('a recording', () => {
  test('that is not there', async () => {
    const error = await failure('/nowhere/a.fusetrace', created)
    expect(error.message).toBe(`there is no recording of this test: /nowhere/a.fusetrace\nrecord it: ${RECORD_COMMAND}`)
  })

  test.each([0, 0.1, 0.5, 0.9, 0.999])('that is cut off after %d of its bytes', async (share) => {
    const whole = mutated(CREATED, same)
    const bytes = readFileSync(whole)
    writeFileSync(whole, bytes.subarray(0, Math.floor(bytes.length * share)))
    const error = await failure(whole, created)
    expect(error).toMatchObject({ code: 'FT_REPLAY_MISMATCH' })
    expect(error.message).toContain(whole)
    expect(error.message).toContain(`record it: ${RECORD_COMMAND}`)
  })

  test('of which a byte was changed', async () => {
    const path = mutated(CREATED, same)
    const bytes = readFileSync(path)
    bytes[Math.floor(bytes.length / 2)] = (bytes[Math.floor(bytes.length / 2)] ?? 0) ^ 1
    writeFileSync(path, bytes)
    const error = await failure(path, created)
    expect(error).toMatchObject({ code: 'FT_REPLAY_MISMATCH' })
    expect(error.message).toContain(`record it: ${RECORD_COMMAND}`)
  })
})

test('a recording agrees with itself also where a request of our own showed an end before the log did', async () => {
  const line = (ms: number, what: string): LineRow => ({
    kind: 'line',
    atNs: ms * 1e6,
    stream: 'stdout',
    raw: `2026-11-28T20:42:17.${100_000 + ms}Z  INFO ThreadId(01) fuse::getattr{ino=${what}`,
    terminated: true,
  })
  const path = recorded([
    line(1, '1}: fs: src/fuse_fs.rs:472: Starting getattr'),
    { kind: 'probe', atNs: 2e6, probe: 'answers', args: [], answer: 1, errno: null },
    line(3, '2}: fs: src/fuse_fs.rs:472: Starting getattr'),
  ])
  let early = 0
  await replay(path, async ({ session }) => {
    session.monitor.subscribe((event) => {
      if (event.type === 'ended' && event.known === 'early') early++
    })
    await session.waitFor.operation({ opcode: 'getattr', path: '/' })
  })
  expect(early).toBe(1)
})
