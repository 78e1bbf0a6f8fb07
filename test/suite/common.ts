import { describe, expect } from 'vitest'
import type { FuseTest } from '../../src/vitest/index.js'

/** What a file system, and what its log, can do. */
export interface Traits {
  xattrs: boolean
  hardLinks: boolean
  /** What is written lies in the first branch too. */
  backed: boolean
  /** Its log names requests and how they end; where it does not, waits poll and the log cannot be asked. */
  traces: boolean
  /** It answers a lookup of what is not there with "nothing", which is no failure. */
  negative?: boolean
}

/** Tests that every file system must pass, written as its users would write them. */
export function commonSuite(test: FuseTest, traits: Traits): void {
  describe('files', () => {
    test('a created file becomes visible', async ({ mount, waitFor, step, monitor }) => {
      await step('create', () => mount.fs.writeFile('a.txt', 'content'))
      const created = await waitFor.fileVisible('a.txt')
      expect(created.by).not.toBe('timeout')
      expect(await mount.fs.readFile('a.txt', 'utf8')).toBe('content')
      if (traits.traces) expect(monitor).toHaveCompleted({ opcode: ['create', 'mknod'], path: 'a.txt' })
    })

    test('content is complete when the writer is done', async ({ mount, waitFor, step }) => {
      const content = 'line\n'.repeat(20_000)
      await step('write', () => mount.fs.writeFile('big.txt', content))
      await waitFor.writeComplete('big.txt')
      expect((await mount.fs.stat('big.txt')).size).toBe(content.length)
      if (traits.backed) expect(await mount.branches[0].fs.readFile('big.txt', 'utf8')).toBe(content)
    })

    test('a handle writes in pieces', async ({ mount, waitFor, step }) => {
      await step('append', async () => {
        const handle = await mount.fs.open('log.txt', 'a')
        for (const piece of ['one ', 'two ', 'three']) await handle.write(piece)
        await handle.close()
      })
      await waitFor.writeComplete('log.txt')
      expect(await mount.fs.readFile('log.txt', 'utf8')).toBe('one two three')
    })

    test('truncate shortens', async ({ mount, waitFor, step }) => {
      await step('write', () => mount.fs.writeFile('t.txt', '0123456789'))
      await waitFor.writeComplete('t.txt')
      await step('truncate', () => mount.fs.truncate('t.txt', 4))
      expect(await mount.fs.readFile('t.txt', 'utf8')).toBe('0123')
    })

    test('a missing file fails with ENOENT', async ({ mount, step, monitor, fence }) => {
      await step('look', () =>
        expect(mount.fs.readFile('missing.txt')).rejects.toMatchObject({ code: 'ENOENT', syscall: 'open' }),
      )
      await fence()
      if (traits.negative) {
        expect(monitor.recentOperations()).toContainEqual(
          expect.objectContaining({ opcode: 'lookup', path: '/missing.txt', negative: true }),
        )
      } else if (traits.traces) expect(monitor).toHaveFailed({ opcode: ['lookup', 'getattr'], errno: 'ENOENT' })
    })

    test('a deleted file is gone', async ({ mount, waitFor, step }) => {
      await step('create', () => mount.fs.writeFile('gone.txt', 'x'))
      await waitFor.fileVisible('gone.txt')
      await step('delete', () => mount.fs.unlink('gone.txt'))
      await waitFor.deleted('gone.txt')
      expect(await mount.fs.exists('gone.txt')).toBe(false)
      if (traits.backed) expect(await mount.branches[0].fs.exists('gone.txt')).toBe(false)
    })

    test('names with spaces, quotes and letters of other scripts', async ({ mount, waitFor, step }) => {
      const names = ['with space.txt', 'quo"te.txt', 'ünïcødé-ß-日本.txt', '}: tricky.txt']
      for (const name of names) {
        await step(name, () => mount.fs.writeFile(name, name))
        await waitFor.fileVisible(name)
      }
      expect((await mount.fs.readdir('/')).sort()).toEqual([...names].sort())
    })

    test('modes and times are kept', async ({ mount, step }) => {
      await step('create', () => mount.fs.writeFile('m.txt', 'x'))
      await step('change', async () => {
        await mount.fs.chmod('m.txt', 0o640)
        await mount.fs.utimes('m.txt', 2_000_000, 2_000_000)
      })
      const stat = await mount.fs.stat('m.txt')
      expect(stat.mode & 0o777).toBe(0o640)
      expect(stat.mtimeMs).toBe(2_000_000_000)
    })
  })

  describe('directories', () => {
    test('a made directory becomes visible', async ({ mount, waitFor, step }) => {
      await step('mkdir', () => mount.fs.mkdir('dir'))
      await waitFor.dirVisible('dir')
      expect((await mount.fs.stat('dir')).isDirectory()).toBe(true)
    })

    test('directories within directories', async ({ mount, waitFor, step }) => {
      await step('mkdir', () => mount.fs.mkdir('one/two/three', { recursive: true }))
      await waitFor.dirVisible('one/two/three')
      expect(await mount.fs.readdir('one/two')).toEqual(['three'])
    })

    test('a removed directory is gone', async ({ mount, waitFor, step }) => {
      await step('mkdir', () => mount.fs.mkdir('dir'))
      await waitFor.dirVisible('dir')
      await step('rmdir', () => mount.fs.rmdir('dir'))
      await waitFor.deleted('dir')
      expect(await mount.fs.readdir('/')).toEqual([])
    })

    test('a directory that is not empty stays', async ({ mount, waitFor, step, monitor, fence }) => {
      await step('fill', async () => {
        await mount.fs.mkdir('full')
        await mount.fs.writeFile('full/file', 'x')
      })
      await waitFor.fileVisible('full/file')
      await step('rmdir', () => expect(mount.fs.rmdir('full')).rejects.toMatchObject({ code: 'ENOTEMPTY' }))
      await fence()
      if (traits.traces) expect(monitor).toHaveFailed({ opcode: 'rmdir', path: 'full', errno: 'ENOTEMPTY' })
    })
  })

  describe('renames and links', () => {
    test('a renamed file has its new name', async ({ mount, waitFor, step }) => {
      await step('create', () => mount.fs.writeFile('old.txt', 'x'))
      await waitFor.writeComplete('old.txt')
      await step('rename', () => mount.fs.rename('old.txt', 'new.txt'))
      await waitFor.renamed('old.txt', 'new.txt')
      expect(await mount.fs.readdir('/')).toEqual(['new.txt'])
    })

    test('what is in a renamed directory moves along', async ({ mount, waitFor, step }) => {
      await step('fill', async () => {
        await mount.fs.mkdir('before')
        await mount.fs.writeFile('before/file.txt', 'inside')
      })
      await step('rename', () => mount.fs.rename('before', 'after'))
      await waitFor.renamed('before', 'after')
      await step('write', () => mount.fs.writeFile('after/second.txt', 'x'))
      await waitFor.fileVisible('after/second.txt')
      expect(await mount.fs.readFile('after/file.txt', 'utf8')).toBe('inside')
    })

    test('a symlink says where it points to', async ({ mount, waitFor, step }) => {
      await step('symlink', () => mount.fs.symlink('somewhere/else', 'link'))
      await waitFor.operation({ opcode: 'symlink', path: 'link' }).catch((error: unknown) => {
        if (traits.traces) throw error
      })
      expect(await mount.fs.readlink('link')).toBe('somewhere/else')
    })

    if (traits.hardLinks)
      test('a hard link is the same file', async ({ mount, waitFor, step }) => {
        await step('create', () => mount.fs.writeFile('first', 'shared'))
        await waitFor.writeComplete('first')
        await step('link', () => mount.fs.link('first', 'second'))
        await waitFor.fileVisible('second')
        expect(await mount.fs.readFile('second', 'utf8')).toBe('shared')
        expect((await mount.fs.stat('second')).nlink).toBe(2)
      })
  })

  if (traits.xattrs)
    describe('extended attributes', () => {
      test('a set attribute can be read', async ({ mount, waitFor, step }) => {
        await step('create', () => mount.fs.writeFile('x.txt', ''))
        await step('set', () => mount.fs.setXattr('x.txt', 'user.colour', 'blue'))
        await waitFor.xattrSet('x.txt', 'user.colour')
        expect(String(await mount.fs.getXattr('x.txt', 'user.colour'))).toBe('blue')
        expect(await mount.fs.listXattr('x.txt')).toContain('user.colour')
      })

      test('a removed attribute is gone', async ({ mount, waitFor, step }) => {
        await step('set', async () => {
          await mount.fs.writeFile('x.txt', '')
          await mount.fs.setXattr('x.txt', 'user.colour', 'blue')
        })
        await waitFor.xattrSet('x.txt', 'user.colour')
        await step('remove', () => mount.fs.removeXattr('x.txt', 'user.colour'))
        await waitFor.xattrRemoved('x.txt', 'user.colour')
        await expect(mount.fs.getXattr('x.txt', 'user.colour')).rejects.toMatchObject({ code: 'ENODATA' })
      })
    })

  describe('many at once', () => {
    test('twenty files made at the same time all become visible', async ({ mount, waitFor, step, monitor }) => {
      const names = Array.from({ length: 20 }, (_, i) => `file-${i}`)
      await step('create', () => Promise.all(names.map((name) => mount.fs.writeFile(name, name))))
      await Promise.all(names.map((name) => waitFor.fileVisible(name)))
      expect((await mount.fs.readdir('/')).length).toBe(20)
      if (traits.traces) for (const name of names) expect(monitor).toHaveCompleted({ path: name })
    })

    test('two waits for the same file both succeed', async ({ mount, waitFor, step }) => {
      const waits = [waitFor.fileVisible('shared.txt'), waitFor.fileVisible('shared.txt')]
      await step('create', () => mount.fs.writeFile('shared.txt', 'x'))
      const results = await Promise.all(waits)
      expect(results).toHaveLength(2)
    })

    if (traits.traces)
      test('things happen in the order of the steps', async ({ mount, waitFor, step, monitor }) => {
        await step('all', async () => {
          await mount.fs.mkdir('d')
          await mount.fs.writeFile('d/f', 'x')
          await mount.fs.rename('d/f', 'd/g')
          await mount.fs.unlink('d/g')
          await mount.fs.rmdir('d')
        })
        await waitFor.deleted('d')
        expect(monitor).toHaveHappenedInOrder([
          { opcode: 'mkdir', path: 'd' },
          { opcode: ['create', 'mknod'], path: 'd/f' },
          { opcode: ['rename', 'rename2'], path: 'd/f' },
          { opcode: 'unlink', path: 'd/g' },
          { opcode: 'rmdir', path: 'd' },
        ])
        await waitFor.idle({ forMs: 20 })
        expect(monitor).toHaveSettled()
      })
  })
}
