import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { StatPool } from '../../src/mount/stat-pool.js'
import { getXattr, listXattr, removeXattr, setXattr } from '../../src/mount/xattr.js'

const clock = systemClock()
const dir = mkdtempSync(join(tmpdir(), 'ft-xattr-'))
const path = join(dir, 'f "x"\n\\')
writeFileSync(path, '')
const possible = spawnSync('setfattr', ['-n', 'user.probe', '-v', '1', path]).status === 0
if (possible) spawnSync('setfattr', ['-x', 'user.probe', path])

const pool = new StatPool(clock)
afterAll(() => {
  pool.close()
  rmSync(dir, { recursive: true })
})

describe.skipIf(!possible).each([
  ['by calls of the C library', { clock, pool }],
  ['by the tools of the package attr', { clock }],
])(`xattrs %s (${possible ? 'attr' : 'no setfattr, or no user xattrs on this file system'})`, (_, options) => {
  test('any bytes are a value, and come back as they are', async () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
    for (const value of [all, Buffer.from('text\n'), Buffer.alloc(0), Buffer.from('0x41'), Buffer.from('"')]) {
      await setXattr(path, 'user.a', value, options)
      expect(await getXattr(path, 'user.a', options)).toEqual(value)
    }
    await setXattr(path, 'user.a', 'größer', options)
    expect((await getXattr(path, 'user.a', options)).toString()).toBe('größer')
  })

  test('names are listed as they are, and can be removed', async () => {
    await setXattr(path, 'user.a', '1', options)
    await setXattr(path, 'user.ö b=\\', '2', options)
    expect((await listXattr(path, options)).sort()).toEqual(['user.a', 'user.ö b=\\'])
    await removeXattr(path, 'user.ö b=\\', options)
    expect(await listXattr(path, options)).toEqual(['user.a'])
  })

  test('failures look like those of node:fs', async () => {
    await expect(getXattr(path, 'user.none', options)).rejects.toMatchObject({
      code: 'ENODATA',
      syscall: 'getxattr',
      path,
      errno: -61,
    })
    await expect(removeXattr(path, 'user.none', options)).rejects.toMatchObject({ code: 'ENODATA' })
    await expect(getXattr(join(dir, 'none'), 'user.a', options)).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(setXattr(path, 'nonsense', '1', options)).rejects.toMatchObject({ code: 'ENOTSUP' })
    await expect(getXattr(join(dir, 'none', 'x'), 'user.a', options)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('a link is followed, unless it is not to be', async () => {
    const link = join(dir, `link${'pool' in options}`)
    symlinkSync(path, link)
    await setXattr(path, 'user.a', '1', options)
    expect((await getXattr(link, 'user.a', options)).toString()).toBe('1')
    await expect(getXattr(link, 'user.a', { ...options, follow: false })).rejects.toMatchObject({ code: 'ENODATA' })
  })
})

test('without the tools it says what to install', async () => {
  const before = process.env.PATH
  process.env.PATH = dir
  try {
    await expect(getXattr(path, 'user.a', { clock })).rejects.toMatchObject({
      code: 'FT_ENVIRONMENT',
      hint: expect.stringMatching(/apt install attr/),
    })
  } finally {
    process.env.PATH = before
  }
})
