import { mkdir, rename, rmdir, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Session } from '../../src/wait/engine/session.js'

/** Something that a test does to the mount. */
export type Action =
  | readonly ['writeFile', string]
  | readonly ['mkdir', string]
  | readonly ['rename', string, string]
  | readonly ['unlink', string]
  | readonly ['rmdir', string]

export interface ContractStep {
  readonly name: string
  readonly actions: readonly Action[]
}

export interface ContractSubject {
  readonly session: Session
  /** Does it, or in replay nothing. */
  perform(action: Action): Promise<void>
  /** What is to be cleaned up beside the session. */
  cleanUp?(): Promise<void>
}

/** Does an action for real. */
export async function performIn(root: string, action: Action): Promise<void> {
  const path = join(root, action[1])
  switch (action[0]) {
    case 'writeFile':
      return writeFile(path, 'content')
    case 'mkdir':
      return mkdir(path)
    case 'rename':
      return rename(path, join(root, action[2]))
    case 'unlink':
      return unlink(path)
    case 'rmdir':
      return rmdir(path)
  }
}

export const STEPS: readonly ContractStep[] = [
  {
    name: 'create',
    actions: [
      ['writeFile', 'a.txt'],
      ['mkdir', 'd'],
    ],
  },
  { name: 'other', actions: [['writeFile', 'b.txt']] },
  { name: 'move', actions: [['rename', 'a.txt', 'd/c.txt']] },
  {
    name: 'remove',
    actions: [
      ['unlink', 'd/c.txt'],
      ['rmdir', 'd'],
    ],
  },
]

/**
 * What every session keeps to, live or in replay.
 *
 * @param make a fresh, mounted session in which these steps will be done (in replay: were recorded)
 */
export function sessionContract(
  name: string,
  make: (steps: readonly ContractStep[]) => Promise<ContractSubject>,
  options: { timeoutMs?: number } = {},
): void {
  const withSession = async (use: (subject: ContractSubject) => Promise<void>): Promise<void> => {
    const subject = await make(STEPS)
    try {
      await use(subject)
    } finally {
      await subject.session.close()
      await subject.cleanUp?.()
    }
  }
  const run = (subject: ContractSubject, name: string): Promise<void> =>
    subject.session.step(name, async () => {
      const step = STEPS.find((one) => one.name === name)
      for (const action of step?.actions ?? []) await subject.perform(action)
    })

  describe(`${name}: a session`, { timeout: options.timeoutMs ?? 30_000 }, () => {
    test('is ready, and satisfies each wait by its own operation', () =>
      withSession(async (subject) => {
        const { waitFor } = subject.session
        await waitFor.mountReady()
        await run(subject, 'create')
        const created = await waitFor.fileVisible('a.txt')
        expect(created.operation).toMatchObject({ opcode: expect.stringMatching(/create|mknod/), path: '/a.txt' })
        expect(created.endNs).toBeGreaterThanOrEqual(created.startNs)
        expect((await waitFor.dirVisible('d')).operation).toMatchObject({ opcode: 'mkdir', path: '/d' })
        expect((await waitFor.writeComplete('/a.txt')).operations.length).toBeGreaterThan(0)
        await run(subject, 'other')
        await run(subject, 'move')
        expect((await waitFor.renamed('a.txt', 'd/c.txt')).operation?.newPath).toBe('/d/c.txt')
        await run(subject, 'remove')
        const [file, again, directory] = await Promise.all([
          waitFor.deleted('d/c.txt'),
          waitFor.deleted('/d/c.txt'),
          waitFor.deleted('d'),
        ])
        expect(file.operation?.opcode).toBe('unlink')
        expect(again.operation).toBe(file.operation)
        expect(directory.operation?.opcode).toBe('rmdir')
      }))

    test('does not take what came before a step for what comes in it', () =>
      withSession(async (subject) => {
        const { session } = subject
        await run(subject, 'create')
        await run(subject, 'other')
        await expect(session.waitFor.fileVisible('a.txt', { timeoutMs: 300 })).rejects.toMatchObject({
          code: 'FT_WAIT_TIMEOUT',
          message: expect.stringMatching(/create \/a\.txt.* — before the mark/),
        })
        await expect(session.waitFor.fileVisible('b.txt')).resolves.toBeDefined()
      }))

    test('finds what came after an earlier mark, however late it is asked', () =>
      withSession(async (subject) => {
        const { session } = subject
        const begin = session.mark('begin of it all')
        await run(subject, 'create')
        await run(subject, 'other')
        const late = await session.waitFor.fileVisible('a.txt', { since: begin })
        expect(late.operation?.path).toBe('/a.txt')
        const both = await session.waitFor.operations([{ path: 'a.txt' }, { path: 'b.txt' }], { since: begin })
        expect(both.operations).toHaveLength(2)
      }))

    test('sees a step from its begin: a wait may be called before, within and after', () =>
      withSession(async (subject) => {
        const { session } = subject
        const before = session.waitFor.fileVisible('b.txt')
        await run(subject, 'create')
        const within = await session.step('other', async () => {
          await subject.perform(['writeFile', 'b.txt'])
          return session.waitFor.fileVisible('b.txt')
        })
        const after = await session.waitFor.fileVisible('b.txt')
        expect(within.operation).toBe(after.operation)
        expect((await before).operation).toBe(after.operation)
      }))

    test('reports what must not happen, and what happens so many times', () =>
      withSession(async (subject) => {
        const { waitFor } = subject.session
        await run(subject, 'create')
        await expect(waitFor.never({ opcode: 'unlink' }, { during: 30 })).resolves.toBeDefined()
        await expect(waitFor.never({ opcode: 'mkdir' })).rejects.toMatchObject({ code: 'FT_WAIT_FAILED' })
        await expect(waitFor.exactly(1, { opcode: 'mkdir', path: 'd' })).resolves.toBeDefined()
        await expect(waitFor.idle({ forMs: 30 })).resolves.toBeDefined()
      }))

    test('has fences: what came before one is before it', () =>
      withSession(async (subject) => {
        const { session } = subject
        await run(subject, 'create')
        await session.waitFor.dirVisible('d')
        const { mark } = await session.fence()
        await expect(session.waitFor.dirVisible('d', { since: mark, timeoutMs: 100 })).rejects.toMatchObject({
          code: 'FT_WAIT_TIMEOUT',
        })
      }))

    test('ends its pending waits when it is closed', () =>
      withSession(async (subject) => {
        const { session } = subject
        await run(subject, 'create')
        const failed = expect(session.waitFor.fileVisible('never.txt')).rejects.toMatchObject({
          code: 'FT_STREAM_ENDED',
        })
        await session.close()
        await failed
        expect(session.waitFor.pending.size).toBe(0)
      }))
  })
}
