import { lstat, mkdir, open, rename, unlink, writeFile } from 'node:fs/promises'
import { execa } from 'execa'
import type { LiveSession } from '../live/session.js'
import { getXattr, setXattr, type XattrOptions } from '../mount/xattr.js'
import type { WaitResult } from '../wait/engine/machine.js'

/** Something a test does on a mount and then needs to know done: in the way of sleeps, and in that of waits. */
export interface BenchCase {
  readonly name: string
  /** How a test with sleeps has it. */
  readonly before: string
  /** How a test with waits has it. */
  readonly after: string
  /** Before it is measured. `path` is whole, and new in every round. */
  prepare?(path: string, tools: BenchTools): Promise<unknown>
  act(path: string, tools: BenchTools): Promise<unknown>
  /** What a test does between acting and sleeping. */
  sync?(path: string): Promise<unknown>
  /** Whether the effect is there: what polling asks. */
  there(path: string, tools: BenchTools): Promise<boolean>
  wait(session: LiveSession, path: string): Promise<WaitResult>
}

/** What cases use beside Node's own calls. */
export type BenchTools = XattrOptions

const exists = async (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  )

const touch = (path: string): Promise<void> => writeFile(path, 'x')

export const CASES: readonly BenchCase[] = [
  {
    name: 'create a file',
    before: 'writeFile, sleep',
    after: 'fileVisible',
    act: touch,
    there: exists,
    wait: ({ waitFor }, path) => waitFor.fileVisible(path),
  },
  {
    name: 'write it to its end',
    before: 'writeFile, sync, sleep',
    after: 'writeComplete',
    act: (path) => writeFile(path, Buffer.alloc(256 * 1024)),
    sync: (path) => execa('sync', ['-f', path], { reject: false }),
    there: async (path) => (await lstat(path).catch(() => null))?.size === 256 * 1024,
    wait: ({ waitFor }, path) => waitFor.writeComplete(path),
  },
  {
    name: 'close a file',
    before: 'open, close, sleep',
    after: 'released',
    async act(path) {
      const file = await open(path, 'w')
      await file.close()
    },
    there: exists,
    wait: ({ waitFor }, path) => waitFor.released(path),
  },
  {
    name: 'make a directory',
    before: 'mkdir, sleep',
    after: 'dirVisible',
    act: (path) => mkdir(path),
    there: exists,
    wait: ({ waitFor }, path) => waitFor.dirVisible(path),
  },
  {
    name: 'set an attribute',
    before: 'setfattr, sleep',
    after: 'xattrSet',
    prepare: touch,
    act: (path, tools) => setXattr(path, 'user.fusetrace', 'x', tools),
    there: (path, tools) =>
      getXattr(path, 'user.fusetrace', tools).then(
        () => true,
        () => false,
      ),
    wait: ({ waitFor }, path) => waitFor.xattrSet(path, 'user.fusetrace'),
  },
  {
    name: 'rename a file',
    before: 'rename, sleep',
    after: 'renamed',
    prepare: touch,
    act: (path) => rename(path, `${path}.new`),
    there: (path) => exists(`${path}.new`),
    wait: ({ waitFor }, path) => waitFor.renamed(path, `${path}.new`),
  },
  {
    name: 'delete a file',
    before: 'unlink, sleep',
    after: 'deleted',
    prepare: touch,
    act: (path) => unlink(path),
    there: async (path) => !(await exists(path)),
    wait: ({ waitFor }, path) => waitFor.deleted(path),
  },
]
