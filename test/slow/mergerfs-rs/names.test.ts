import { expect } from 'vitest'
import { describe, union } from './union.js'

const test = union()

describe('directories', () => {
  test('made in one another', async ({ mount, waitFor, step }) => {
    await step('mkdir', () => mount.fs.mkdir('a/b/c', { recursive: true }))
    await waitFor.dirVisible('a/b/c')
    expect((await mount.branches[0].fs.stat('a/b/c')).isDirectory()).toBe(true)
  })

  test('removed', async ({ mount, waitFor, step }) => {
    await step('mkdir', () => mount.fs.mkdir('dir'))
    await waitFor.dirVisible('dir')
    await step('rmdir', () => mount.fs.rmdir('dir'))
    await waitFor.deleted('dir')
    expect(await mount.branches[0].fs.exists('dir')).toBe(false)
  })

  test('one that is not empty stays', async ({ mount, waitFor, step }) => {
    await step('make', async () => {
      await mount.fs.mkdir('dir')
      await mount.fs.writeFile('dir/a.txt', 'x')
    })
    await waitFor.fileVisible('dir/a.txt')
    await step('rmdir', () => expect(mount.fs.rmdir('dir')).rejects.toThrow())
    await waitFor.operation({ opcode: 'rmdir', path: 'dir', status: ['error', 'unknown'] })
    expect(await mount.fs.readdir('dir')).toEqual(['a.txt'])
  })

  test('a tree is removed', async ({ mount, waitFor, step }) => {
    await step('make', async () => {
      await mount.fs.mkdir('tree/leaf', { recursive: true })
      await mount.fs.writeFile('tree/leaf/a.txt', 'x')
    })
    await waitFor.writeComplete('tree/leaf/a.txt')
    await step('remove', () => mount.fs.rm('tree', { recursive: true }))
    await waitFor.deleted('tree/leaf/a.txt')
    await waitFor.deleted('tree')
  })

  test('listings of all branches in one', async ({ mount, waitFor, step }) => {
    await step('below', async () => {
      await mount.branches[0].fs.writeFile('one', '1')
      await mount.branches[1]!.fs.writeFile('two', '2')
      await mount.branches[1]!.fs.mkdir('three')
    })
    await waitFor.fileVisible('one')
    await waitFor.fileVisible('two')
    await waitFor.dirVisible('three')
    expect((await mount.fs.readdir('/')).filter((name) => name !== '.mergerfs').sort()).toEqual(['one', 'three', 'two'])
  })
})

describe('renaming', () => {
  test('in a directory', async ({ mount, waitFor, step }) => {
    await step('write', () => mount.fs.writeFile('a.txt', 'x'))
    await waitFor.fileVisible('a.txt')
    await step('rename', () => mount.fs.rename('a.txt', 'b.txt'))
    await waitFor.renamed('a.txt', 'b.txt')
    expect(await mount.fs.exists('a.txt')).toBe(false)
    expect(await mount.branches[0].fs.readFile('b.txt', 'utf8')).toBe('x')
  })

  test('to another directory', async ({ mount, waitFor, step }) => {
    await step('make', async () => {
      await mount.fs.mkdir('from')
      await mount.fs.mkdir('to')
      await mount.fs.writeFile('from/a.txt', 'x')
    })
    await waitFor.fileVisible('from/a.txt')
    await step('rename', () => mount.fs.rename('from/a.txt', 'to/b.txt'))
    await waitFor.renamed('from/a.txt', 'to/b.txt')
    await waitFor.fileVisible('to/b.txt')
    await waitFor.deleted('from/a.txt')
  })

  test('a directory with what is in it', async ({ mount, waitFor, step }) => {
    await step('make', async () => {
      await mount.fs.mkdir('old')
      await mount.fs.writeFile('old/a.txt', 'x')
    })
    await waitFor.writeComplete('old/a.txt')
    await step('rename', () => mount.fs.rename('old', 'new'))
    await waitFor.dirVisible('new')
    expect(await mount.fs.readFile('new/a.txt', 'utf8')).toBe('x')
    await step('write', () => mount.fs.writeFile('new/a.txt', 'y'))
    await waitFor.writeComplete('new/a.txt')
  })

  test('what is not there', async ({ mount, waitFor, step }) => {
    await step('rename', () => expect(mount.fs.rename('none', 'b')).rejects.toThrow('ENOENT'))
    await waitFor.never({ opcode: 'rename', path: 'none' }, { during: 20 })
  })
})

describe('links', () => {
  test('a second name', async ({ mount, waitFor, step }) => {
    await step('write', () => mount.fs.writeFile('first', 'x'))
    await waitFor.writeComplete('first')
    await step('link', () => mount.fs.link('first', 'second'))
    await waitFor.fileVisible('second')
    expect((await mount.branches[0].fs.stat('second')).nlink).toBe(2)
  })

  test('written by its second name', async ({ mount, waitFor, step }) => {
    await step('make', async () => {
      await mount.fs.writeFile('first', 'x')
      await mount.fs.link('first', 'second')
    })
    await waitFor.fileVisible('second')
    await step('write', () => mount.fs.writeFile('second', 'new'))
    await waitFor.writeComplete('second')
    expect(await mount.fs.readFile('first', 'utf8')).toBe('new')
    await step('set', () => mount.fs.setXattr('second', 'user.k', 'v'))
    await waitFor.xattrSet('second', 'user.k')
  })

  test('one name goes, the other stays', async ({ mount, waitFor, step }) => {
    await step('make', async () => {
      await mount.fs.writeFile('first', 'x')
      await mount.fs.link('first', 'second')
    })
    await waitFor.fileVisible('second')
    await step('unlink', () => mount.fs.unlink('first'))
    await waitFor.deleted('first')
    expect(await mount.fs.readFile('second', 'utf8')).toBe('x')
  })

  test('a pipe', async ({ mount, waitFor, step }) => {
    await step('mkfifo', () => mount.exec(['mkfifo', `${mount.path}/pipe`]))
    await waitFor.fileVisible('pipe')
    await waitFor.operation({ opcode: 'mknod', path: 'pipe' })
    expect((await mount.branches[0].fs.stat('pipe')).isFIFO()).toBe(true)
  })
})
