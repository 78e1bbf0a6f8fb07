import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { row } from './table.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

const WAYS = { off: 'polling', live: 'traced', replay: 'replayed' }

/** Sum of the test times of the suite in a mode, ms. */
function suite(mode, env = {}) {
  const out = join(tmpdir(), `fusetrace-bench-${process.pid}.json`)
  spawnSync(
    process.execPath,
    [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--config',
      'test/vitest.config.ts',
      'test/suite',
      '--reporter=json',
      `--outputFile=${out}`,
    ],
    {
      cwd: root,
      stdio: 'ignore',
      env: { ...process.env, FUSETRACE: mode, ...env },
    },
  )
  const { testResults, numFailedTests } = JSON.parse(readFileSync(out, 'utf8'))
  rmSync(out)
  const ms = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .reduce((sum, { duration }) => sum + (duration ?? 0), 0)
  return { ms, failed: numFailedTests }
}

/** The suite polling, with waits on a trace, and replayed. */
export async function suiteBench() {
  if (!existsSync('/dev/fuse')) {
    console.log('suite: needs /dev/fuse')
    return
  }
  console.log('suite: sum of the test times of test/suite')
  let live = 0
  for (const mode of ['off', 'live', 'replay']) {
    const { ms, failed } = suite(mode)
    if (mode === 'live') live = ms
    const share = live > 0 ? `, ${(ms / live).toFixed(2)} of traced` : ''
    row('suite', WAYS[mode], `${(ms / 1000).toFixed(2)} s, ${failed} failed${share}`)
  }
}
