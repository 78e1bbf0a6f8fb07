import { spawnSync } from 'node:child_process'
import { chownSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const NOBODY = 65534
const ROOT = new URL('../..', import.meta.url).pathname
const AS_NOBODY = ['setpriv', '--reuid', `${NOBODY}`, '--regid', `${NOBODY}`, '--clear-groups']
/** Runs what follows where /dev/fuse cannot be reached. */
const HIDDEN = ['unshare', '--mount', 'sh', '-c', 'mount --bind /dev/null /dev/fuse; exec "$@"', 'hidden']
const VITEST = [
  join(ROOT, 'node_modules/.bin/vitest'),
  'run',
  // Nothing is written next to the sources.
  '--configLoader=runner',
  '--cache=false',
  '--testTimeout=120000',
]
const isSlow = (file: string): boolean => file.startsWith('test/slow/')

export type User = 'root' | 'nobody'

export interface Outcome {
  readonly name: string
  readonly status: string
  readonly messages: readonly string[]
}

/** Why tests cannot be run as this user, with /dev/fuse hidden; an empty string when they can. */
export function lacksUser(user: User): string {
  if (process.getuid?.() !== 0) return 'not root'
  const trial =
    user === 'nobody'
      ? [...AS_NOBODY, 'sh', '-c', 'test -r package.json && unshare --user --map-root-user true']
      : ['true']
  const [file, ...args] = [...HIDDEN, ...trial]
  return spawnSync(file as string, args, { cwd: ROOT }).status === 0 ? '' : 'closed to other users'
}

/** Runs test files as this user, /dev/fuse hidden. */
export function runAs(user: User, environment: Record<string, string>, ...files: string[]): Outcome[] {
  const [slow, others] = [files.filter(isSlow), files.filter((file) => !isSlow(file))]
  return [
    ...(slow.length > 0 ? runWith('test/vitest.slow.config.ts', user, environment, slow) : []),
    ...(others.length > 0 ? runWith('test/vitest.config.ts', user, environment, others) : []),
  ]
}

function runWith(config: string, user: User, environment: Record<string, string>, files: readonly string[]): Outcome[] {
  const home = mkdtempSync(join(tmpdir(), 'fusetrace-home-'))
  try {
    if (user === 'nobody') chownSync(home, NOBODY, NOBODY)
    const report = join(home, 'report.json')
    const as = user === 'nobody' ? AS_NOBODY : []
    const vitest = [...VITEST, `--config=${config}`, '--reporter=json', `--outputFile=${report}`, ...files]
    const [file, ...args] = [...HIDDEN, ...as, 'env', `HOME=${home}`, `TMPDIR=${home}`, ...vitest]
    const { VITEST: _, ...env } = process.env
    spawnSync(file as string, args, { cwd: ROOT, stdio: 'ignore', env: { ...env, ...environment } })
    const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as {
      testResults: {
        assertionResults: { fullName: string; status: string; failureMessages?: string[] }[]
      }[]
    }
    return testResults
      .flatMap(({ assertionResults }) => assertionResults)
      .map(({ fullName, status, failureMessages = [] }) => ({
        name: fullName,
        status,
        messages: failureMessages,
      }))
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}
