import * as vitest from 'vitest'
import { type FuseTest, type FuseTestOptions, fuseTest } from '../../../src/vitest/index.js'

const program = process.env.MERGERFS_RS ?? ''
const level = process.env.RUST_LOG ?? 'debug'

/** What these tests are about: a mergerfs-rs that somebody has built, named by `MERGERFS_RS`. */
export const describe = vitest.describe.skipIf(program === '')

type Union = Omit<FuseTestOptions, 'daemon'> & {
  policy?: string
  /** Of each branch: `RW`, `RO`, `NC`. @default RW */
  modes?: readonly string[]
}

/** A union of two branches, or of more. */
export function union({ policy = 'ff', modes = [], branches = 2, ...more }: Union = {}): FuseTest {
  return fuseTest({
    daemon: ({ mountpoint, branches: paths }) => ({
      command: [
        program,
        '-o',
        `func.create=${policy}`,
        mountpoint,
        ...paths.map((path, i) => `${path}=${modes[i] ?? 'RW'}`),
      ],
      env: { RUST_LOG: level },
    }),
    branches,
    recordings: `.fusetrace/mergerfs-rs/${level}`,
    ...more,
  })
}

/** A union of three branches on file systems of these sizes. */
export function sized(policy: string, sizes: readonly string[] = ['8m', '40m', '90m']): FuseTest {
  return union({
    policy,
    branches: sizes.length,
    setup: async ({ branches, exec }) => {
      for (const [i, branch] of branches.entries())
        await exec(['mount', '-t', 'tmpfs', '-o', `size=${sizes[i]}`, 'tmpfs', branch])
    },
    teardown: async ({ branches, exec }) => {
      for (const branch of branches) await exec(['umount', branch])
    },
  })
}
