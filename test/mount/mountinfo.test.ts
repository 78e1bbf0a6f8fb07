import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  canonicalMountpoint,
  connectionOf,
  isFuse,
  type Mount,
  mountAround,
  mountAt,
  parseMountinfo,
  readMounts,
} from '../../src/mount/mountinfo.js'

const text = [
  '27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard',
  '60 27 0:45 / /tmp/a\\040b\\134c\\012d rw,nosuid,nodev shared:1 master:2 - fuse.bindfs /src\\011tab rw,user_id=0',
  '61 27 8:17 / /mnt/disk rw - fuseblk /dev/sdb1 rw',
  '62 60 0:46 / /tmp/a\\040b\\134c\\012d rw - tmpfs none rw',
  'not a line',
  '63 27 x0:47 / /tmp/x rw - fuse x rw',
  '64 27 0:48x / /tmp/x rw - fuse x rw',
  '65 27 0:49 / /tmp/x rw fuse x rw',
  '',
].join('\n')

test('mountinfo is read with its escapes and its optional fields', () => {
  const mounts = parseMountinfo(text)
  expect(mounts.map((mount) => mount.mountpoint)).toEqual(['/', '/tmp/a b\\c\nd', '/mnt/disk', '/tmp/a b\\c\nd'])
  expect(mounts[1]).toMatchObject({ parent: 27, major: 0, minor: 45, type: 'fuse.bindfs', source: '/src\ttab' })
  expect(mounts.map(isFuse)).toEqual([false, true, true, false])
  const types = ['fuse', 'fuseblk', 'fuse.x', 'fuseblk.ntfs', 'fusectl', 'xfuse.x', 'ext4fuseblk.']
  const first = mounts[0] as Mount
  expect(types.map((type) => isFuse({ ...first, type }))).toEqual([true, true, true, true, false, false, false])
})

test('this machine’s mounts are read', () => {
  expect(readMounts().some(({ mountpoint }) => mountpoint === '/')).toBe(true)
})

test('the mount on top is the one that counts', () => {
  expect(mountAt(parseMountinfo(text), '/tmp/a b\\c\nd')?.type).toBe('tmpfs')
  expect(mountAt(parseMountinfo(text), '/tmp')).toBeUndefined()
})

test('a directory lies in the mount of the longest path, and in the one on top there', () => {
  const mounts = parseMountinfo(text)
  expect(mountAround(mounts, '/mnt/disk/a/b')?.type).toBe('fuseblk')
  expect(mountAround(mounts, '/mnt/disk')?.type).toBe('fuseblk')
  expect(mountAround(mounts, '/mnt/disk2')?.mountpoint).toBe('/')
  expect(mountAround(mounts, '/tmp/a b\\c\nd/x')?.type).toBe('tmpfs')
  expect(mountAround([], '/')).toBeUndefined()
  // Whatever the order in which they were made.
  expect(mountAround(mounts.toReversed(), '/mnt/disk/a')?.type).toBe('fuseblk')
})

test('bytes that are UTF-8 in mountinfo are found by their text', () => {
  const line = Buffer.from('60 27 0:45 / /tmp/é rw - fuse x rw').toString('latin1')
  expect(mountAt(parseMountinfo(line), '/tmp/é')?.minor).toBe(45)
})

test('the connection is the minor number, on block devices both numbers', () => {
  const [, bindfs, disk] = parseMountinfo(text)
  expect(bindfs && connectionOf(bindfs)).toBe(45)
  expect(disk && connectionOf(disk)).toBe((8 << 20) | 17)
})

test('a mountpoint is named as the kernel will name it', () => {
  const dir = mkdtempSync(join(tmpdir(), 'ft-mountinfo-'))
  try {
    symlinkSync('.', join(dir, 'link'))
    expect(canonicalMountpoint(join(dir, 'link', 'later'))).toBe(join(canonicalMountpoint(dir), 'later'))
    expect(canonicalMountpoint(`${dir}/link/../link/`)).toBe(canonicalMountpoint(dir))
  } finally {
    rmSync(dir, { recursive: true })
  }
})

test('a mount that got the id of one that has gone is another mount', () => {
  const line = (device: string, mountpoint: string): string =>
    `60 27 ${device} / ${mountpoint} rw - fuse.bindfs /src rw\n`
  const [first] = parseMountinfo(line('0:45', '/tmp/one'))
  const [elsewhere] = parseMountinfo(line('0:45', '/tmp/two'))
  const [remounted] = parseMountinfo(line('0:46', '/tmp/one'))
  expect(new Set([first?.id, elsewhere?.id, remounted?.id]).size).toBe(3)
})
