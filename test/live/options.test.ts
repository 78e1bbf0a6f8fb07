import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { hasPlaceholder, plan } from '../../src/live/options.js'
import { canonicalMountpoint } from '../../src/mount/mountinfo.js'

const dir = canonicalMountpoint(mkdtempSync(join(tmpdir(), 'ft-plan-')))
const [a, b] = [join(dir, 'a'), join(dir, 'b')]
mkdirSync(a)
mkdirSync(b)
afterAll(() => rmSync(dir, { recursive: true }))

const noFuse = !existsSync('/dev/fuse')

test('placeholders are recognized', () => {
  expect(hasPlaceholder(['bindfs', '{mountpoint}'])).toBe(true)
  expect(hasPlaceholder(['fs', '--at={}'])).toBe(true)
  expect(hasPlaceholder(['sh', '-c', 'echo {x} { }'])).toBe(false)
})

describe.skipIf(noFuse)(`a plan (${noFuse ? 'no /dev/fuse' : 'with FUSE'})`, () => {
  test('placeholders become the mountpoint, as the kernel will name it', () => {
    const { argv, mountpoints } = plan({ daemon: ['fs', '--at={}', '{mountpoint}'], mountpoint: `${a}/../b/` })
    expect(argv).toEqual(['fs', `--at=${b}`, b])
    expect(mountpoints).toEqual([b])
  })

  test('a mountpoint with a dollar sign is put in as it is', () => {
    const odd = join(dir, '$& $1')
    mkdirSync(odd)
    expect(plan({ daemon: ['fs', '{}'], mountpoint: odd }).argv).toEqual(['fs', odd])
  })

  test('without a mountpoint the directories among the arguments are where it can be', () => {
    expect(plan({ daemon: ['fs', '-d', a, '-o', 'x=y', b] }).mountpoints).toEqual([a, b])
    expect(() => plan({ daemon: ['fs', '-d', join(dir, 'none')] })).toThrow(/no argument of the daemon is a directory/)
    expect(() => plan({ daemon: [] })).toThrow(/the command is empty/)
    expect(() => plan({ daemon: ['fs'], mountpoint: join(dir, 'none') })).toThrow(/is not a directory/)
  })
})
