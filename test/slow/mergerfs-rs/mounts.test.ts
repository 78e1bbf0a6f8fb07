import { expect } from 'vitest'
import { describe, union } from './union.js'

const test = union()

describe('all at once', () => {
  test('files', async ({ mount, waitFor, step }) => {
    const names = Array.from({ length: 24 }, (_, i) => `f${i}`)
    await step('write', () => Promise.all(names.map((name) => mount.fs.writeFile(name, name))))
    await Promise.all(names.map((name) => waitFor.writeComplete(name)))
    for (const name of names) expect(await mount.branches[0].fs.readFile(name, 'utf8')).toBe(name)
  })

  test('readers and a writer', async ({ mount, waitFor, step }) => {
    await step('first', () => mount.fs.writeFile('shared', 'first'))
    await waitFor.writeComplete('shared')
    await step('both', async () => {
      await Promise.all([
        ...Array.from({ length: 5 }, () => mount.fs.readFile('shared', 'utf8')),
        mount.fs.appendFile('shared', ' second'),
      ])
    })
    await waitFor.writeComplete('shared')
    expect(await mount.fs.readFile('shared', 'utf8')).toBe('first second')
  })

  test('waits that were there before', async ({ mount, waitFor, step }) => {
    const waits = [waitFor.fileVisible('a.txt'), waitFor.writeComplete('a.txt'), waitFor.dirVisible('dir')]
    await step('make', async () => {
      await mount.fs.mkdir('dir')
      await mount.fs.writeFile('a.txt', 'x')
    })
    await Promise.all(waits)
  })

  test('until nothing happens', async ({ mount, waitFor, step, monitor }) => {
    await step('write', () => Promise.all(['a', 'b', 'c'].map((name) => mount.fs.writeFile(name, name))))
    await waitFor.idle()
    expect(monitor).toHaveSettled()
  })
})

describe('the mount', () => {
  test('is mounted again', async ({ mount, waitFor, step }) => {
    await step('write', () => mount.fs.writeFile('a.txt', 'x'))
    await waitFor.writeComplete('a.txt')
    await mount.remount()
    expect(await mount.fs.readFile('a.txt', 'utf8')).toBe('x')
    await step('write again', () => mount.fs.writeFile('b.txt', 'y'))
    await waitFor.fileVisible('b.txt')
  })

  test('is gone after SIGTERM', async ({ mount, waitFor, step }) => {
    await step('write', () => mount.fs.writeFile('a.txt', 'x'))
    await waitFor.writeComplete('a.txt')
    await mount.kill('SIGTERM')
    await waitFor.unmounted()
  })

  test('comes back after SIGKILL', async ({ mount, waitFor, step }) => {
    await step('write', () => mount.fs.writeFile('a.txt', 'x'))
    await waitFor.writeComplete('a.txt')
    await mount.kill('SIGKILL')
    await mount.remount()
    expect(await mount.fs.readFile('a.txt', 'utf8')).toBe('x')
  })

  test('beside another one of the same branches', async ({ mount, waitFor, step, another }) => {
    const second = await another()
    await step('write', () => mount.fs.writeFile('a.txt', 'x'))
    await waitFor.writeComplete('a.txt')
    await second.step('write', () => second.mount.fs.writeFile('b.txt', 'y'))
    await second.waitFor.writeComplete('b.txt')
    expect(await second.mount.fs.exists('a.txt')).toBe(false)
  })
})
