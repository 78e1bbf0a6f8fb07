import { expect } from 'vitest'
import type { Mount } from '../../../src/fixture/run.js'
import { describe, sized, union } from './union.js'

/** On which branches something is. */
async function places(mount: Mount, path: string): Promise<number[]> {
  const there = await Promise.all(mount.branches.map((branch) => branch.fs.exists(path)))
  return there.flatMap((is, i) => (is ? [i] : []))
}

const MB = 1 << 20

describe('first found', () => {
  const test = union({ branches: 3 })

  test('a file goes to the first branch', async ({ mount, waitFor, step }) => {
    await step('write', () => mount.fs.writeFile('a.txt', 'content'))
    await waitFor.fileVisible('a.txt')
    expect(await places(mount, 'a.txt')).toEqual([0])
    expect(await mount.branches[0].fs.readFile('a.txt', 'utf8')).toBe('content')
  })

  test('many files go to the first branch', async ({ mount, waitFor, step }) => {
    for (let i = 0; i < 5; i++) {
      await step(`write ${i}`, () => mount.fs.writeFile(`f${i}`, `${i}`))
      await waitFor.writeComplete(`f${i}`)
      expect(await places(mount, `f${i}`)).toEqual([0])
    }
  })
})

describe('branch modes', () => {
  union({ modes: ['RO', 'RW'] })('a read-only branch is passed over', async ({ mount, waitFor, step }) => {
    await step('write', () => mount.fs.writeFile('a.txt', 'x'))
    await waitFor.fileVisible('a.txt')
    expect(await places(mount, 'a.txt')).toEqual([1])
  })

  union({ modes: ['NC', 'RW'] })(
    'nothing is created on an NC branch, but written there',
    async ({ mount, waitFor, step }) => {
      await step('below', () => mount.branches[0].fs.writeFile('old.txt', 'old'))
      await waitFor.fileVisible('old.txt')
      await step('write', async () => {
        await mount.fs.writeFile('new.txt', 'new')
        await mount.fs.appendFile('old.txt', ' and new')
      })
      await waitFor.fileVisible('new.txt')
      await waitFor.writeComplete('old.txt')
      expect(await places(mount, 'new.txt')).toEqual([1])
      expect(await mount.branches[0].fs.readFile('old.txt', 'utf8')).toBe('old and new')
    },
  )

  union({ modes: ['RO', 'RO'] })('where all are read-only nothing is created', async ({ mount, waitFor, step }) => {
    await step('write', () => expect(mount.fs.writeFile('a.txt', 'x')).rejects.toThrow('EROFS'))
    await waitFor.never({ opcode: 'write', path: 'a.txt' }, { during: 50 })
    expect(await places(mount, 'a.txt')).toEqual([])
  })
})

describe('free space', () => {
  sized('mfs')('mfs takes the branch with most free space', async ({ mount, waitFor, step }) => {
    await step('write', () => mount.fs.writeFile('a.txt', 'x'))
    await waitFor.fileVisible('a.txt')
    await waitFor.writeComplete('a.txt')
    expect(await places(mount, 'a.txt')).toEqual([2])
  })

  sized('mfs')('mfs follows what is written', async ({ mount, waitFor, step }) => {
    await step('fill', () => mount.branches[2]!.fs.writeFile('fill', new Uint8Array(70 * MB)))
    await waitFor.fileVisible('fill')
    await step('write', () => mount.fs.writeFile('a.txt', 'x'))
    await waitFor.fileVisible('a.txt')
    expect(await places(mount, 'a.txt')).toEqual([1])
  })

  sized('mfs')('mfs after deletion and again', async ({ mount, waitFor, step }) => {
    for (const round of [1, 2]) {
      await step(`write ${round}`, () => mount.fs.writeFile('a.txt', `${round}`))
      await waitFor.writeComplete('a.txt')
      expect(await places(mount, 'a.txt')).toEqual([2])
      await step(`delete ${round}`, () => mount.fs.unlink('a.txt'))
      await waitFor.deleted('a.txt')
      expect(await places(mount, 'a.txt')).toEqual([])
    }
  })

  sized('lfs')('lfs takes the branch with least free space', async ({ mount, waitFor, step }) => {
    await step('write', () => mount.fs.writeFile('a.txt', 'x'))
    await waitFor.fileVisible('a.txt')
    expect(await places(mount, 'a.txt')).toEqual([0])
  })

  sized('epmfs')('epmfs stays where the directory is', async ({ mount, waitFor, step }) => {
    await step('below', async () => {
      await mount.branches[0].fs.mkdir('dir')
      await mount.branches[1]!.fs.mkdir('dir')
    })
    await waitFor.dirVisible('dir')
    await step('write', () => mount.fs.writeFile('dir/a.txt', 'x'))
    await waitFor.fileVisible('dir/a.txt')
    expect(await places(mount, 'dir/a.txt')).toEqual([1])
  })

  union({ policy: 'rand', branches: 3 })('rand spreads files', async ({ mount, waitFor, step }) => {
    const names = Array.from({ length: 30 }, (_, i) => `f${i}`)
    await step('write', () => Promise.all(names.map((name) => mount.fs.writeFile(name, name))))
    await Promise.all(names.map((name) => waitFor.fileVisible(name)))
    const used = new Set((await Promise.all(names.map((name) => places(mount, name)))).flat())
    expect(used.size).toBeGreaterThan(1)
  })
})

describe('at run time', () => {
  sized('ff')('the control file changes the policy', async ({ mount, waitFor, step }) => {
    await waitFor.fileVisible('.mergerfs')
    expect(String(await mount.fs.getXattr('.mergerfs', 'user.mergerfs.func.create'))).toBe('ff')
    await step('set', () => mount.fs.setXattr('.mergerfs', 'user.mergerfs.func.create', 'mfs'))
    await waitFor.xattrSet('.mergerfs', 'user.mergerfs.func.create', { value: 'mfs' })
    await step('write', () => mount.fs.writeFile('a.txt', 'x'))
    await waitFor.fileVisible('a.txt')
    expect(await places(mount, 'a.txt')).toEqual([2])
  })
})
