import { describe, expect } from 'vitest'
import { type FuseTest, fuseTest } from '../../src/vitest/index.js'
import { commonSuite } from './common.js'

/** mergerfs 2.33 logs no requests, even with `-d`: its waits look at the file system instead. */
const mergerfs = (options: string): FuseTest =>
  fuseTest({
    daemon: ({ mountpoint, branches }) => [
      'mergerfs',
      '-f',
      '-d',
      '-o',
      `${options},minfreespace=0,use_ino,cache.files=off,cache.attr=0,cache.entry=0`,
      branches.join(':'),
      mountpoint,
    ],
    branches: 2,
  })

commonSuite(mergerfs('category.create=ff'), { xattrs: true, hardLinks: true, backed: true, traces: false })

describe('policies', () => {
  mergerfs('category.create=ff')('ff: a new file is on the first branch', async ({ mount, waitFor, step }) => {
    await step('create', () => mount.fs.writeFile('a.txt', 'x'))
    const created = await waitFor.fileVisible('a.txt')
    expect(created.by).toBe('poll')
    expect(await mount.branches[0]?.fs.exists('a.txt')).toBe(true)
    expect(await mount.branches[1]?.fs.exists('a.txt')).toBe(false)
  })

  mergerfs('category.create=epff')('epff: a new file goes where its directory is', async ({ mount, waitFor, step }) => {
    await step('make', () => mount.branches[1]?.fs.mkdir('only-second'))
    await waitFor.dirVisible('only-second')
    await step('create', () => mount.fs.writeFile('only-second/a.txt', 'x'))
    await waitFor.fileVisible('only-second/a.txt')
    expect(await mount.branches[1]?.fs.exists('only-second/a.txt')).toBe(true)
    expect(await mount.branches[0]?.fs.exists('only-second')).toBe(false)
  })

  mergerfs('category.create=all')('all: a new file is on every branch', async ({ mount, waitFor, step }) => {
    await step('create', () => mount.fs.mkdir('everywhere'))
    await waitFor.dirVisible('everywhere')
    for (const branch of mount.branches) expect(await branch.fs.exists('everywhere')).toBe(true)
  })

  mergerfs('category.create=ff')('a delete reaches every branch', async ({ mount, waitFor, step }) => {
    await step('make', async () => {
      for (const branch of mount.branches) await branch.fs.writeFile('twice.txt', 'x')
    })
    await waitFor.fileVisible('twice.txt')
    await step('delete', () => mount.fs.unlink('twice.txt'))
    await waitFor.deleted('twice.txt')
    for (const branch of mount.branches) expect(await branch.fs.exists('twice.txt')).toBe(false)
  })

  mergerfs('category.create=ff')('what several branches hold is seen as one', async ({ mount, step }) => {
    await step('make', async () => {
      for (const [i, branch] of mount.branches.entries()) await branch.fs.writeFile(`from-${i}.txt`, 'x')
    })
    expect((await mount.fs.readdir('/')).sort()).toEqual(['from-0.txt', 'from-1.txt'])
  })
})
