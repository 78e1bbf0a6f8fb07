import { describe, expect } from 'vitest'
import { fuseTest } from '../../src/vitest/index.js'
import { commonSuite } from './common.js'

const test = fuseTest({
  daemon: ({ mountpoint, branches }) => ['unionfs', '-f', '-d', `${branches[0]}=RW`, mountpoint],
  branches: 1,
})

commonSuite(test, { xattrs: false, hardLinks: true, backed: true, traces: true })

describe('copy on write', () => {
  const test = fuseTest({
    daemon: ({ mountpoint, branches }) => [
      'unionfs',
      '-f',
      '-d',
      '-o',
      'cow',
      `${branches[0]}=RW:${branches[1]}=RO`,
      mountpoint,
    ],
    branches: 2,
    setup: async ({ branches }) => {
      await branches[1]?.fs.writeFile('lower.txt', 'lower')
    },
  })

  test('the lower branch shines through', async ({ mount }) => {
    expect(await mount.fs.readFile('lower.txt', 'utf8')).toBe('lower')
    expect(await mount.branches[0]?.fs.exists('lower.txt')).toBe(false)
  })

  test('a write copies up and leaves the lower branch alone', async ({ mount, waitFor, step }) => {
    await step('write', () => mount.fs.writeFile('lower.txt', 'changed'))
    await waitFor.writeComplete('lower.txt')
    expect(await mount.branches[0]?.fs.readFile('lower.txt', 'utf8')).toBe('changed')
    expect(await mount.branches[1]?.fs.readFile('lower.txt', 'utf8')).toBe('lower')
  })

  test('a delete hides, and the lower branch keeps', async ({ mount, waitFor, step }) => {
    await step('delete', () => mount.fs.unlink('lower.txt'))
    await waitFor.deleted('lower.txt')
    expect(await mount.fs.exists('lower.txt')).toBe(false)
    expect(await mount.branches[1]?.fs.readFile('lower.txt', 'utf8')).toBe('lower')
  })
})
