import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { directory } from '../export/made.js'

describe('export as a program', () => {
  const run = (command: string): ReturnType<typeof spawnSync> => spawnSync('bash', ['-o', 'pipefail', '-c', command])
  const program = `${process.execPath} bin/fusetrace.js export`

  beforeAll(() => {
    expect(existsSync('dist/cli.js'), 'npm run build').toBe(true)
  })

  test('a full disk is one line, exit 3, and leaves nothing', () => {
    expect(run(`${program} recordings --format csv -o - > /dev/full`).status).toBe(3)
    const where = directory()
    mkdirSync(join(where, 'd'))
    const limited = run(`ulimit -f 8; trap '' XFSZ; ${program} recordings --format csv -o ${where}/d/out.csv`)
    expect(limited.status).not.toBe(0)
    expect(String(limited.stderr).trimEnd().split('\n')).toHaveLength(1)
    expect(readdirSync(join(where, 'd'))).toEqual([])
  })
})
