import { describe, expect, test } from 'vitest'
import { OPCODE_NAMES } from '../../src/dialect/core/opcode.js'
import { effectsOf, making, removing } from '../../src/operation/effects.js'
import { kindOf } from '../../src/operation/kind.js'
import { checksOf } from '../../src/wait/machines/checks.js'

const named = (opcode: string, names: { path?: string; newPath?: string; name?: string } = {}) => ({
  opcode,
  path: names.path ?? null,
  newPath: names.newPath ?? null,
  name: names.name ?? null,
})

describe('what opcodes do', () => {
  test('a rename makes a name and takes one away', () => {
    for (const opcode of ['rename', 'rename2']) {
      expect(effectsOf(named(opcode, { path: '/a', newPath: '/b' }))).toEqual([
        { kind: 'appears', path: '/b', directory: null },
        { kind: 'disappears', path: '/a' },
      ])
    }
  })

  test('a link makes its new name and leaves the old one', () => {
    expect(effectsOf(named('link', { path: '/a', newPath: '/b' }))).toEqual([
      { kind: 'appears', path: '/b', directory: false },
    ])
  })

  test('what only asks does nothing', () => {
    for (const opcode of ['lookup', 'getattr', 'read', 'readdir', 'getxattr', 'statfs', 'forget', 'no_such_opcode'])
      expect(effectsOf(named(opcode, { path: '/a' }))).toEqual([])
  })

  test('what makes a file and what takes one away undo each other', () => {
    expect(making('file')).toEqual([
      { slot: 'path', opcodes: ['create', 'mknod', 'symlink'] },
      { slot: 'newPath', opcodes: ['link', 'rename', 'rename2'] },
    ])
    expect(removing('file')).toEqual([{ slot: 'path', opcodes: ['unlink', 'rename', 'rename2'] }])
    expect(removing('directory')).toEqual([{ slot: 'path', opcodes: ['rmdir', 'rename', 'rename2'] }])
  })

  test('every opcode of the kernel is about a node or an entry', () => {
    const entries = OPCODE_NAMES.filter((opcode) => kindOf(opcode) !== 'node')
    expect(Object.fromEntries(entries.map((opcode) => [opcode, kindOf(opcode)]))).toEqual({
      lookup: 'bind',
      create: 'bind',
      mknod: 'bind',
      mkdir: 'bind',
      symlink: 'bind',
      link: 'link',
      unlink: 'unbind',
      rmdir: 'unbind',
      rename: 'rename',
      rename2: 'rename',
      tmpfile: 'entry',
    })
  })
})

describe('the probes that confirm an operation', () => {
  const questions = (...given: Parameters<typeof named>) => checksOf(named(...given)).map(({ question }) => question)

  test('follow from what it does', () => {
    expect(questions('mkdir', { path: '/d' })).toEqual([{ probe: 'isDirectory', path: '/d' }])
    expect(questions('rename', { path: '/a', newPath: '/b' })).toEqual([
      { probe: 'exists', path: '/b' },
      { probe: 'exists', path: '/a' },
    ])
    expect(questions('setxattr', { path: '/a', name: 'user.k' })).toEqual([
      { probe: 'xattr', path: '/a', name: 'user.k' },
    ])
  })

  test('are none where a name is not known, or nothing is left to be seen', () => {
    expect(questions('rename', { path: '/a' })).toEqual([])
    expect(questions('removexattr', { path: '/a' })).toEqual([])
    expect(questions('release', { path: '/a' })).toEqual([])
    expect(questions('write', { path: '/a' })).toEqual([])
  })
})
