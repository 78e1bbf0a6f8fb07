import { chmodSync, closeSync, existsSync, fstatSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test, vi } from 'vitest'
import { virtualClock } from '../../src/clock.js'
import { type Libc, loadLibc } from '../../src/native/libc.js'
import { chooseMounter } from '../../src/relay/mounter.js'
import { mountByHelper, mountHelper } from '../../src/relay/user-mount.js'
import { placeEach, until } from '../live/machine.js'

const libc: Libc | null = await loadLibc().catch(() => null)
const here = placeEach()

/** What stands for fusermount3. */
function helper(script: string): string {
  const path = here.file('helper')
  writeFileSync(path, `#!/bin/sh\ncd "$(dirname "$0")"\n${script}\n`)
  chmodSync(path, 0o755)
  return path
}

const byHelper = (script: string, more: Partial<Parameters<typeof mountByHelper>[0]> = {}): Promise<number> =>
  mountByHelper({
    libc: libc as Libc,
    clock: virtualClock(),
    helper: helper(script),
    mountpoint: here.mount,
    options: ['rw', 'fsname=a,b\\c'],
    ...more,
  })

describe.skipIf(libc === null)('a mount by the helper of users', () => {
  test('options with commas and backslashes stay one option, a mountpoint is no option; nothing handed over is said', async () => {
    const failed = byHelper('printf "%s\\n" "$@" > given; echo "$_FUSE_COMMFD $LC_ALL" >> given')
    await expect(failed).rejects.toMatchObject({
      code: 'FT_ENVIRONMENT',
      message: 'fusermount3 has not mounted for us: it has handed over no descriptor',
    })
    expect(readFileSync(here.file('given'), 'utf8').split('\n')).toEqual([
      ...['-o', 'rw,fsname=a\\,b\\\\c', '--', here.mount, '3 C', ''],
    ])
  })

  test.each([
    ['echo "option allow_other only allowed if user_allow_other is set" >&2; exit 1', /fuse\.conf$/],
    ['echo "failed to open /dev/fuse: Permission denied" >&2; exit 1', /chmod 666 \/dev\/fuse/],
    ['echo "mount failed: Operation not permitted" >&2; echo more >&2; exit 1', /setuid/],
    ["printf 'no\\033[31m luck' >&2; exit 1", /without --wire$/],
    ['exit 7', /without --wire$/],
  ])('what it says is said, in one line, with what to try: %s', async (script, hint) => {
    const error = (await byHelper(script).catch((thrown) => thrown)) as Error & { hint: string }
    expect(error.message).toMatch(/^fusermount3 has not mounted for us: [ -~]+$/)
    expect(error.message).not.toContain('more')
    expect(error.hint).toMatch(hint)
  })

  test('a descriptor that comes with a failure is closed', async () => {
    const fd = openSync(here.mount, 'r')
    const handing = { ...(libc as Libc), receiveDescriptor: () => fd }
    await expect(byHelper('exit 1', { libc: handing })).rejects.toMatchObject({ code: 'FT_ENVIRONMENT' })
    expect(() => fstatSync(fd)).toThrow('EBADF')
  })

  test('one that does not end is killed', async () => {
    const clock = virtualClock()
    const failed = expect(byHelper('echo $$ > pid; exec sleep 1000', { clock })).rejects.toMatchObject({
      message: 'fusermount3 has not mounted for us: it does not end',
    })
    await until(() => existsSync(here.file('pid')) && readFileSync(here.file('pid'), 'utf8').endsWith('\n'))
    clock.advanceBy(10e9)
    await failed
    const pid = readFileSync(here.file('pid'), 'utf8').trim()
    await until(() => !existsSync(`/proc/${pid}`))
  })

  test('the first in PATH is taken', () => {
    const path = helper('true').replace(/helper$/, 'fusermount3')
    writeFileSync(path, '#!/bin/sh\n')
    chmodSync(path, 0o755)
    expect(mountHelper(here.dir)).toBe(path)
  })
})

const NOSUID_NODEV = 6
const options = (...all: string[]) => ({ all, readOnly: all.lastIndexOf('ro') > all.lastIndexOf('rw') }) as never

test.skipIf(!existsSync('/dev/fuse'))('root mounts without suid and devices, whatever is asked for', async () => {
  const mount = vi.fn()
  const mounter = chooseMounter({ mount } as unknown as Libc, virtualClock(), true)
  const asked = options('ro', 'noatime', 'fsname=here', 'allow_other', 'max_read=4096', 'suid', 'dev', 'evil=1')
  const device = await mounter.mount({ mountpoint: here.mount, program: '/usr/bin/some-daemon', options: asked })
  const [[{ flags, options: data, ...rest }]] = mount.mock.calls as [[{ flags: number; options: string }]]
  expect(rest).toEqual({ source: 'here', target: here.mount, type: 'fuse.some-daemon' })
  expect(flags).toBe(NOSUID_NODEV | 1 | 1024)
  const ids = `user_id=${process.getuid?.()},group_id=${process.getgid?.()}`
  expect(data).toBe(`fd=${device},rootmode=40000,${ids},allow_other,max_read=4096`)
  // It is the caller's now.
  mounter.dispose()
  fstatSync(device)
  closeSync(device)
})

test.skipIf(!existsSync('/dev/fuse'))('a device that is not handed over is closed, once', async () => {
  let device = -1
  const mount = vi.fn(({ options: data }: { options: string }) => {
    device = Number(/^fd=(\d+)/.exec(data)?.[1])
    throw new Error('EPERM: mount')
  })
  const mounter = chooseMounter({ mount } as unknown as Libc, virtualClock(), true)
  const failed = mounter.mount({ mountpoint: here.mount, program: 'x', options: options('ro', 'rw') })
  await expect(failed).rejects.toMatchObject({ code: 'FT_ENVIRONMENT', message: expect.stringContaining('EPERM') })
  expect(mount.mock.calls[0]?.[0]).toMatchObject({ flags: NOSUID_NODEV })
  mounter.dispose()
  expect(() => fstatSync(device)).toThrow('EBADF')
  const other = openSync(here.mount, 'r')
  mounter.dispose()
  fstatSync(other)
  closeSync(other)
})
