import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, statSync } from 'node:fs'
import { beforeEach } from 'vitest'
import { whyNoNamespace } from '../../src/transport/namespace.js'
import { CLI, type Place, placeEach } from '../live/machine.js'
import { lacksRelay } from './machine.js'

export const NOBODY = '65534'
const HELPER = '/usr/bin/fusermount3'
const setuid = existsSync(HELPER) && (statSync(HELPER).mode & 0o4000) !== 0

/** Why somebody who is not root cannot stand in between here; an empty string when they can. */
export const lacksUnprivileged = async (): Promise<string> =>
  lacksRelay('bindfs', 'unshare', 'setpriv') ||
  (setuid ? '' : 'no setuid fusermount3') ||
  (await whyNoNamespace('user-namespace')) ||
  ''

/** A place for each test, of somebody who is not root. */
export function placeOfNobody(): Place {
  const here = placeEach()
  beforeEach(() => {
    spawnSync('chown', ['-R', `${NOBODY}:${NOBODY}`, here.dir])
    chmodSync(here.dir, 0o755)
  })
  return here
}

/** Records as somebody who is not root; `/dev/fuse` is open to them, as udev makes it, or not. */
export function recordAsNobody(here: Place, deviceMode: string, ...options: string[]) {
  const device = here.file('fuse')
  const script = `mknod -m ${deviceMode} "$0" c 10 229 && mount --bind "$0" /dev/fuse && exec "$@"`
  const asNobody = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', 'env', `TMPDIR=${here.dir}`]
  const recorder = [process.execPath, CLI, 'record', '--wire', '-o', here.file('run.fusetrace'), '--timeout', '300000']
  return spawnSync(
    'unshare',
    ['--mount', '--propagation', 'private', 'sh', '-c', script, device, ...asNobody, ...recorder, ...options],
    { encoding: 'utf8', env: { ...process.env, HOME: here.dir } },
  )
}

/** A bindfs of a place, as `record` takes it. */
export const bindfs = (here: Place, ...options: string[]): string[] => [
  '--',
  'bindfs',
  '-f',
  ...options,
  here.source,
  '{mountpoint}',
]

/** This directory cannot be read by others. */
export const closed = (stderr: string): boolean => /EACCES|Cannot find module/.test(stderr)
