import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { bindfs, closed, lacksUnprivileged, placeOfNobody, recordAsNobody } from '../relay/unprivileged.js'

const SLOW = 300_000
const lacking = await lacksUnprivileged()
const here = placeOfNobody()

describe.skipIf(lacking)(`record --wire without root, by fusermount3 (${lacking || 'bindfs'})`, () => {
  test(
    'what fusermount3 refuses is one line that says what to do',
    ({ skip }) => {
      const mount = ['--mountpoint', here.mount, '--workload', 'true']
      const other = recordAsNobody(here, '666', ...mount, ...bindfs(here))
      if (closed(other.stderr)) skip('this directory is closed to other users')
      if (!/^user_allow_other/m.test(readFileSync('/etc/fuse.conf', 'utf8'))) {
        expect(other.status).toBe(3)
        expect(other.stderr).toMatch(/fusermount3 has not mounted for us: .*user_allow_other.*; leave allow_other out/)
      }
      spawnSync('rm', [here.file('fuse')])
      const shut = recordAsNobody(here, '600', '--force', ...mount, ...bindfs(here, '--no-allow-other'))
      expect(shut.status).toBe(3)
      expect(shut.stderr).toMatch(/failed to open \/dev\/fuse: Permission denied; .*chmod 666 \/dev\/fuse/)
    },
    SLOW,
  )
})
