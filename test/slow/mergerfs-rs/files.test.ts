import { expect } from 'vitest'
import { describe, union } from './union.js'

const test = union()

describe('writing', () => {
  test('a new file is complete', async ({ mount, waitFor, step, monitor }) => {
    await step('write', () => mount.fs.writeFile('a.txt', 'content'))
    await waitFor.writeComplete('a.txt')
    expect(await mount.branches[0].fs.readFile('a.txt', 'utf8')).toBe('content')
    expect(monitor).toHaveCompleted({ opcode: 'create', path: 'a.txt' })
  })

  test('a file written again is complete each time', async ({ mount, waitFor, step }) => {
    for (const content of ['one', 'two', 'three']) {
      await step(content, () => mount.fs.writeFile('a.txt', content))
      await waitFor.writeComplete('a.txt')
      expect(await mount.branches[0].fs.readFile('a.txt', 'utf8')).toBe(content)
    }
  })

  test('appending', async ({ mount, waitFor, step }) => {
    await step('write', () => mount.fs.writeFile('log', 'one\n'))
    await waitFor.writeComplete('log')
    await step('append', () => mount.fs.appendFile('log', 'two\n'))
    await waitFor.writeComplete('log')
    expect(await mount.fs.readFile('log', 'utf8')).toBe('one\ntwo\n')
  })

  test('a large file', async ({ mount, waitFor, step }) => {
    await step('write', () => mount.fs.writeFile('large', new Uint8Array(3 << 20).fill(7)))
    await waitFor.writeComplete('large')
    expect((await mount.branches[0].fs.stat('large')).size).toBe(3 << 20)
  })

  test('an open file is released when it is closed', async ({ mount, waitFor, step }) => {
    const file = await mount.fs.open('a.txt', 'w')
    await step('write', () => file.write('one'))
    await waitFor.operation({ opcode: 'write', path: 'a.txt' })
    await step('close', async () => {
      await file.write('two')
      await file.close()
    })
    await waitFor.released('a.txt')
    expect(await mount.branches[0].fs.readFile('a.txt', 'utf8')).toBe('onetwo')
  })

  test('truncating', async ({ mount, waitFor, step }) => {
    await step('write', () => mount.fs.writeFile('a.txt', '0123456789'))
    await waitFor.writeComplete('a.txt')
    await step('truncate', () => mount.fs.truncate('a.txt', 4))
    await waitFor.until(async () => (await mount.fs.stat('a.txt')).size === 4)
    expect(await mount.branches[0].fs.readFile('a.txt', 'utf8')).toBe('0123')
  })

  test('the mode is changed', async ({ mount, waitFor, step }) => {
    await step('write', () => mount.fs.writeFile('a.txt', 'x'))
    await waitFor.fileVisible('a.txt')
    await step('chmod', () => mount.fs.chmod('a.txt', 0o600))
    const { value } = await waitFor.until(async () => (await mount.branches[0].fs.stat('a.txt')).mode & 0o777)
    expect(value).toBe(0o600)
  })

  test('just one write for one write', async ({ mount, waitFor, step }) => {
    await step('write', () => mount.fs.writeFile('a.txt', 'x'))
    await waitFor.exactly(1, { opcode: 'write', path: 'a.txt' })
    await waitFor.operations(
      [
        { opcode: 'create', path: 'a.txt' },
        { opcode: 'write', path: 'a.txt' },
      ],
      { ordered: true },
    )
  })
})

describe('reading', () => {
  test('a file that is read', async ({ mount, waitFor, step }) => {
    await step('write', () => mount.fs.writeFile('a.txt', 'content'))
    await waitFor.writeComplete('a.txt')
    await step('read', () => mount.fs.readFile('a.txt', 'utf8'))
    const read = await waitFor.operation({ opcode: 'read', path: 'a.txt', status: 'ok' })
    expect(read.operation?.path).toBe('/a.txt')
  })

  test('a file of the second branch is found', async ({ mount, waitFor, step }) => {
    await step('below', () => mount.branches[1]!.fs.writeFile('second', 'two'))
    await waitFor.fileVisible('second')
    expect(await mount.fs.readFile('second', 'utf8')).toBe('two')
  })

  test('a file that is not there', async ({ mount, waitFor, step }) => {
    await step('open', () => expect(mount.fs.readFile('none')).rejects.toThrow('ENOENT'))
    await waitFor.never({ opcode: ['create', 'read'], path: 'none' }, { during: 20 })
  })
})

describe('attributes', () => {
  test('set, read, removed', async ({ mount, waitFor, step }) => {
    await step('write', () => mount.fs.writeFile('a.txt', 'x'))
    await waitFor.fileVisible('a.txt')
    await step('set', () => mount.fs.setXattr('a.txt', 'user.k', 'value'))
    await waitFor.xattrSet('a.txt', 'user.k')
    expect(String(await mount.fs.getXattr('a.txt', 'user.k'))).toBe('value')
    expect(String(await mount.branches[0].fs.getXattr('a.txt', 'user.k'))).toBe('value')
    await step('remove', () => mount.fs.removeXattr('a.txt', 'user.k'))
    await waitFor.xattrRemoved('a.txt', 'user.k')
    expect(await mount.fs.listXattr('a.txt')).not.toContain('user.k')
  })

  test('a value that is changed', async ({ mount, waitFor, step }) => {
    await mount.fs.writeFile('a.txt', 'x')
    for (const value of ['one', 'two']) {
      await step(value, () => mount.fs.setXattr('a.txt', 'user.k', value))
      await waitFor.xattrSet('a.txt', 'user.k', { value })
    }
  })

  test('an attribute that is not there', async ({ mount, waitFor, step }) => {
    await mount.fs.writeFile('a.txt', 'x')
    await step('remove', () => expect(mount.fs.removeXattr('a.txt', 'user.none')).rejects.toThrow('ENODATA'))
    await waitFor.operation({ opcode: 'removexattr', path: 'a.txt', where: ({ name }) => name === 'user.none' })
  })
})
