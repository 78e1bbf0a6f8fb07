import { copyFileSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import '../../src/vitest/install.js'
import type { Row } from '../../src/recording/row.js'
import { type Given, mutated, RECORD_COMMAND, replay, withCall, withLine, withoutOperation } from './mutate.js'

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

describe('an operation that is not in the log any more', () => {
  test('fails the wait for it, and the message says what and what is near', async () => {
    const error = await failure(
      mutated(CREATED, (rows) => withoutOperation(rows, /CREATE/)),
      created,
    )
    expect(error.message).toMatch(/^fileVisible \/a\.txt: /)
    expect(error.message).toContain(RECORD_COMMAND)
  })
  test('fails the assertion on it', async () => {
    const error = await failure(
      mutated(ORDERED, (rows) => withoutOperation(rows, /opcode: RENAME/)),
      ordered,
    )
    console.log(error)
  })
  test('fails the wait for it, and the message says what and what is near', async () => {
    const error = await failure(
      mutated(RENAMED, (rows) => withoutOperation(rows, /opcode: RENAME/)),
      renamed,
    )
    console.log(error)
  })
  test('golden', async () => {
    const error = await failure(
      mutated(CREATED, (rows) => rows.filter((r) => !(r.kind === 'operation' && r.operation.opcode === 'create'))),
      created,
    )
    console.log(error)
  })
  test('golden', async () => {
    const error = await failure(
      mutated(MISSING, (rows) =>
        withLine(rows, /unique: 12, error: -2|unique: 10, error: -2|error: -2/, (s) =>
          s.replace('-2 (No such file or directory)', '-13 (Permission denied)'),
        ),
      ),
      missing,
    )
    console.log(error)
  })
})
