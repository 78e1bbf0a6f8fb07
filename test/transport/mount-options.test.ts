import { expect, test } from 'vitest'
import { mountOptionsOf } from '../../src/transport/mount-options.js'

test('options that the kernel heeds are read from any place of a command line', () => {
  const args = ['-d', '-orw,default_permissions', '/src', '-o', 'max_read=65536,fsname=a\\,b,ro', '/mnt']
  expect(mountOptionsOf(args)).toEqual({
    defaultPermissions: true,
    readOnly: true,
    allowOther: false,
    maxRead: 65536,
    all: ['rw', 'default_permissions', 'max_read=65536', 'fsname=a,b', 'ro'],
  })
})

test('what follows -- is no option', () => {
  expect(mountOptionsOf(['-o', 'ro', '--', '-oallow_other']).all).toEqual(['ro'])
})
