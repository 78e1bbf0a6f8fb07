import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { whyNoNamespace } from '../../src/transport/namespace.js'
import { CLI, type Place, place } from '../live/machine.js'
import { lacksRelay } from './machine.js'

const NOBODY = '65534'
const SLOW = 300_000
const HELPER = '/usr/bin/fusermount3'
const setuid = existsSync(HELPER) && (statSync(HELPER).mode & 0o4000) !== 0
const lacking =
  lacksRelay('bindfs', 'unshare', 'setpriv') ||
  (setuid ? '' : 'no setuid fusermount3') ||
  (await whyNoNamespace('user-namespace')) ||
  ''

let here: Place

beforeEach(() => {
  here = place()
  spawnSync('chown', ['-R', `${NOBODY}:${NOBODY}`, here.dir])
  chmodSync(here.dir, 0o755)
})

afterEach(() => {
  const left = here.mounts()
  here.remove()
  expect(left).toEqual([])
})

/** As somebody who is not root; `/dev/fuse` is open to them, as udev makes it, or not. */
function record(deviceMode: string, ...options: string[]) {
  const device = here.file('fuse')
  const script = `mknod -m ${deviceMode} "$0" c 10 229 && mount --bind "$0" /dev/fuse && exec "$@"`
  const asNobody = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', 'env', `TMPDIR=${here.dir}`]
  const recorder = [process.execPath, CLI, 'record', '--wire', '-o', here.file('run.fusetrace'), '--timeout', `${SLOW}`]
  return spawnSync(
    'unshare',
    ['--mount', '--propagation', 'private', 'sh', '-c', script, device, ...asNobody, ...recorder, ...options],
    { encoding: 'utf8', env: { ...process.env, HOME: here.dir } },
  )
}

const bindfs = (...options: string[]) => ['--', 'bindfs', '-f', ...options, here.source, '{mountpoint}']
const closed = (stderr: string) => /EACCES|Cannot find module/.test(stderr)

describe.skipIf(lacking)(`record --wire without root, by fusermount3 (${lacking || 'bindfs'})`, () => {
  test(
    'stands between the kernel and the daemon, and leaves nothing behind',
    ({ skip }) => {
      const workload = 'id -u; echo x > "$MOUNT/a.txt"; cat "$MOUNT/a.txt"; mkdir "$MOUNT/d"'
      const mount = ['--mountpoint', here.mount, '--workload', workload]
      const ran = record('666', ...mount, ...bindfs('--no-allow-other'))
      if (closed(ran.stderr)) skip('this directory is closed to other users')
      expect(ran).toMatchObject({ status: 0, stdout: `${NOBODY}\nx\n` })
      const shown = spawnSync(process.execPath, [CLI, 'show', here.file('run.fusetrace'), '--operations', '--json'], {
        encoding: 'utf8',
      })
      const operations = shown.stdout.split('\n').filter(Boolean)
      expect(operations.map((line) => JSON.parse(line))).toContainEqual(
        expect.objectContaining({ opcode: 'mkdir', path: '/d', status: 'ok', endedBy: 'wire' }),
      )
      expect(readFileSync(here.file('source/a.txt'), 'utf8')).toBe('x\n')
    },
    SLOW,
  )
})
