import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const empty = mkdtempSync(join(tmpdir(), 'fusetrace-offline-'))
afterAll(() => rmSync(empty, { recursive: true }))

/** Where we may: a mount namespace in which /dev/fuse is another device. */
const hidden = ((): readonly string[] => {
  const prefix = [
    'unshare',
    '-m',
    'sh',
    '-c',
    'mount --bind /dev/null /dev/fuse && PATH="$0" && export PATH && exec "$@"',
  ]
  try {
    if (!existsSync('/dev/fuse')) return []
    execFileSync(prefix[0] ?? '', [...prefix.slice(1), process.env.PATH ?? '', 'true'], { stdio: 'ignore' })
    return [...prefix, empty]
  } catch {
    return []
  }
})()

/** Runs the suite, or files of it, in replay where there is no FUSE and no daemon: states by name. */
export async function offline(name: string, files = 'test/suite'): Promise<Record<string, string>> {
  const result = join(empty, `${name}.json`)
  const vitest = [process.execPath, join(root, 'node_modules/vitest/vitest.mjs'), 'run', files]
  const options = ['--config', 'test/vitest.config.ts', '--maxWorkers=1', '--reporter=json', `--outputFile=${result}`]
  const [file = '', ...args] = [...hidden, ...vitest, ...options]
  await execa(file, args, { cwd: root, env: { FUSETRACE: 'replay', ...(hidden.length === 0 && { PATH: empty }) } })
  const { testResults } = JSON.parse(readFileSync(result, 'utf8')) as {
    testResults: { name: string; assertionResults: { fullName: string; status: string }[] }[]
  }
  const states: Record<string, string> = {}
  for (const { name: path, assertionResults } of testResults) {
    for (const { fullName, status } of assertionResults) {
      states[`${path.slice(root.length)}: ${fullName}`] = status
    }
  }
  return states
}
