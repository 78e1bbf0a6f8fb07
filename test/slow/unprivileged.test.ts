import { spawnSync } from 'node:child_process'
import { chownSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { DAEMONS, missing } from '../vfs/daemons.js'

const NOBODY = 65534
const ROOT = new URL('../..', import.meta.url).pathname
const TESTS = 'test/vfs/driven.test.ts'

/** Why nobody else can run tests here. */
function lacking(): string {
  if (process.getuid?.() !== 0) return 'not root'
  const as = ['--reuid', `${NOBODY}`, '--regid', `${NOBODY}`, '--clear-groups']
  const trial = 'test -r package.json && unshare --user --map-root-user --mount true'
  return spawnSync('setpriv', [...as, 'sh', '-c', trial], { cwd: ROOT }).status === 0 ? '' : 'closed to other users'
}

test(`every daemon is driven without privileges, in the way that the table says (${lacking() || 'as nobody'})`, {
  timeout: 900_000,
}, ({ skip }) => {
  if (lacking() !== '') skip(lacking())
  const home = mkdtempSync(join(tmpdir(), 'fusetrace-nobody-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  chownSync(home, NOBODY, NOBODY)
  const report = join(home, 'report.json')
  const vitest = [
    'run',
    '--config=test/vitest.config.ts',
    '--configLoader=runner',
    '--cache=false',
    '--testTimeout=120000',
  ]
  const as = ['--reuid', `${NOBODY}`, '--regid', `${NOBODY}`, '--clear-groups', 'env', `HOME=${home}`, `TMPDIR=${home}`]
  spawnSync(
    'setpriv',
    [...as, join(ROOT, 'node_modules/.bin/vitest'), ...vitest, '--reporter=json', `--outputFile=${report}`, TESTS],
    { cwd: ROOT, stdio: 'ignore' },
  )
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as {
    testResults: {
      assertionResults: { ancestorTitles: string[]; status: string; title: string; failureMessages?: string[] }[]
    }[]
  }
  const results = testResults.flatMap(({ assertionResults }) => assertionResults)
  expect(
    results.filter(({ status }) => status === 'failed').map(({ title, failureMessages }) => [title, failureMessages]),
  ).toEqual([])
  const driven = DAEMONS.filter((daemon) => missing(daemon) === null).map(({ name }) => name)
  const passed = results.filter(({ status }) => status === 'passed').flatMap(({ ancestorTitles }) => ancestorTitles)
  expect(driven.filter((name) => !passed.includes(name))).toEqual([])
})
