// node test/bench/soak.js [RUNS]: the live suite's create, write and delete tests, again and again, on bindfs and unionfs-fuse.
// Any failure is a flake. As root, `unshare -m --propagation private node test/bench/soak.js` keeps others from unmounting.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const runs = Number(process.argv[2] ?? 100)
const BATCH = 25
const directory = join(root, '.fusetrace', `soak-${process.pid}`)
const TESTS = 'files (a created file|content is complete|a handle writes|a deleted file)'

const source = (daemon) => `
import { describe } from 'vitest'
import { commonSuite } from '../../test/suite/common.js'
import { fuseTest } from '../../src/vitest/index.js'
const test = fuseTest({ daemon: ({ mountpoint, branches }) => ${daemon} })
for (let i = 0; i < Number(process.env.SOAK_RUNS); i++) {
  describe('run ' + i, () => commonSuite(test, { xattrs: false, hardLinks: true, traces: true }))
}
`
mkdirSync(directory, { recursive: true })
writeFileSync(join(directory, 'bindfs.test.ts'), source("['bindfs', '-f', '-d', branches[0], mountpoint]"))
writeFileSync(join(directory, 'unionfs.test.ts'), source("['unionfs', '-f', '-d', branches[0] + '=RW', mountpoint]"))

const mounts = () =>
  readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .filter((line) => line.includes('/fusetrace-'))

let done = 0
let passed = 0
let failed = 0
const flakes = []
const begin = process.hrtime.bigint()
while (done < runs) {
  const batch = Math.min(BATCH, runs - done)
  const out = join(directory, 'result.json')
  rmSync(out, { force: true })
  const { stderr } = spawnSync(
    process.execPath,
    [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--root',
      root,
      '--dir',
      directory,
      '-t',
      TESTS,
      '--testTimeout=30000',
      '--reporter=json',
      `--outputFile=${out}`,
    ],
    { cwd: root, encoding: 'utf8', env: { ...process.env, FUSETRACE: 'live', SOAK_RUNS: String(batch) } },
  )
  if (!existsSync(out)) {
    flakes.push({ name: 'vitest itself', messages: [stderr] })
  } else {
    for (const { assertionResults, name, message } of JSON.parse(readFileSync(out, 'utf8')).testResults) {
      // A file that cannot be loaded has no tests to fail.
      if (assertionResults.length === 0) flakes.push({ name, messages: [message] })
      for (const { status, fullName, failureMessages } of assertionResults) {
        if (status === 'passed') passed++
        if (status === 'failed') flakes.push({ name: fullName, messages: failureMessages })
      }
    }
  }
  failed += flakes.length
  done += batch
  const seconds = Number((process.hrtime.bigint() - begin) / 1_000_000_000n)
  console.log(`${done} runs, ${passed} tests passed, ${failed} failed, ${seconds} s`)
  for (const { name, messages } of flakes.splice(0)) {
    process.exitCode = 1
    console.log(`FLAKE ${name}\n${messages.join('\n')}`)
  }
}
const left = mounts()
if (left.length > 0) console.log(`mounts now (other runs' included):\n${left.join('\n')}`)
rmSync(directory, { recursive: true })
