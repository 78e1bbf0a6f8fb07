import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { fusetrace, jsonLines, lacks, placeEach } from './machine.js'

const here = placeEach()

const memory = fileURLToPath(new URL('../daemons/memory-fs.js', import.meta.url))
const lacking = lacks() || (installed('fuse-native') ? '' : 'fuse-native is not installed')

test.skipIf(lacking)(
  `a file system from the npm registry is recorded and understood (${lacking || 'fuse-native'})`,
  async () => {
    const file = here.file('run.fusetrace')
    const workload = 'mkdir $MOUNT/d; echo x > $MOUNT/d/f; mv $MOUNT/d/f $MOUNT/g; rm $MOUNT/g; cat $MOUNT/nope; true'
    const daemon = [process.execPath, memory, '{mountpoint}']
    const run = await fusetrace(
      'record',
      '-o',
      file,
      '--mountpoint',
      here.mount,
      '--workload',
      workload,
      '--',
      ...daemon,
    )
    expect(run.stderr).toContain('(libfuse)')
    expect(run.exitCode).toBe(0)
    const shown = jsonLines((await fusetrace('show', file, '--operations', '--json')).stdout)
    for (const expected of [
      { opcode: 'mkdir', path: '/d', status: 'ok' },
      { opcode: 'create', path: '/d/f', status: 'ok' },
      { opcode: 'unlink', path: '/g', status: 'ok' },
      { opcode: 'lookup', path: '/nope', status: 'error', errno: 'ENOENT' },
    ]) {
      expect(shown).toContainEqual(expect.objectContaining(expected))
    }
    expect(shown.some(({ path, newPath }) => path === '/d/f' && newPath === '/g')).toBe(true)
  },
)

function installed(name: string): boolean {
  try {
    createRequire(memory).resolve(name)
    return true
  } catch {
    return false
  }
}
