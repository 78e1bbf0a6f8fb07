import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { fusetrace, jsonLines } from '../live/machine.js'
import { bindfs, closed, lacksUnprivileged, NOBODY, placeOfNobody, recordAsNobody } from './unprivileged.js'

const SLOW = 300_000
const lacking = await lacksUnprivileged()
const here = placeOfNobody()

describe.skipIf(lacking)(`record --wire without root, by fusermount3 (${lacking || 'bindfs'})`, () => {
  test(
    'stands between the kernel and the daemon, and leaves nothing behind',
    async ({ skip }) => {
      const workload = 'id -u; echo x > "$MOUNT/a.txt"; cat "$MOUNT/a.txt"; mkdir "$MOUNT/d"'
      const mount = ['--mountpoint', here.mount, '--workload', workload]
      const ran = recordAsNobody(here, '666', ...mount, ...bindfs(here, '--no-allow-other'))
      if (closed(ran.stderr)) skip('this directory is closed to other users')
      expect(ran).toMatchObject({ status: 0, stdout: `${NOBODY}\nx\n` })
      const shown = await fusetrace('show', here.file('run.fusetrace'), '--operations', '--json')
      expect(jsonLines(shown.stdout)).toContainEqual(
        expect.objectContaining({ opcode: 'mkdir', path: '/d', status: 'ok', endedBy: 'wire' }),
      )
      expect(readFileSync(here.file('source/a.txt'), 'utf8')).toBe('x\n')
    },
    SLOW,
  )
})
