import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { accessSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { compareProfiles } from '../../src/drift/compare/compare.js'
import type { Line } from '../../src/line/line.js'
import { LineSplitter } from '../../src/line/splitter.js'
import { profile } from './mutate.js'

/** Four writers at once, and one of everything else. */
const WORKLOAD = `cd "$MOUNT" || exit; mkdir par d1; echo hello > a.txt; cat a.txt; echo more >> a.txt
for w in 1 2 3 4; do (for k in 1 2 3 4 5; do
  echo parallel > par/c$w-$k; cat par/c$w-$k; mv par/c$w-$k par/d$w-$k; rm par/d$w-$k
done) & done; wait
ln -s a.txt sym; readlink sym; ln a.txt hard; mv a.txt b.txt; chmod 600 b.txt; truncate -s 3 b.txt
stat nope; rmdir par d1; rm hard sym; echo x > 'a name with spaces'; rm 'a name with spaces'; ls -la; cd /`

const DAEMONS: Readonly<Record<string, (dir: string) => string[]>> = {
  bindfs: (dir) => ['-f', '-d', join(dir, 'a'), join(dir, 'mnt')],
  'unionfs-fuse': (dir) => ['-f', '-d', '-o', 'cow', `${join(dir, 'a')}=RW:${join(dir, 'b')}=RO`, join(dir, 'mnt')],
}

const root = mkdtempSync(join(tmpdir(), 'fusetrace-drift-'))
const running = new Set<ChildProcess>()
afterAll(() => {
  for (const child of running) child.kill('SIGKILL')
  rmSync(root, { recursive: true, force: true })
})

const hasFuse = (): boolean => {
  try {
    accessSync('/dev/fuse')
    return true
  } catch {
    return false
  }
}
const has = (daemon: string): boolean => hasFuse() && spawnSync('which', [daemon]).status === 0
const isMounted = (path: string): boolean => readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${path} `)

async function logOf(daemon: string): Promise<Line[]> {
  const dir = mkdtempSync(join(root, 'run-'))
  const mount = join(dir, 'mnt')
  for (const name of ['a', 'b', 'mnt']) mkdirSync(join(dir, name))
  const child = spawn(daemon, DAEMONS[daemon]?.(dir) ?? [], { stdio: ['ignore', 'pipe', 'pipe'] })
  running.add(child)
  const lines: Line[] = []
  const splitter = new LineSplitter({ onLine: (line) => lines.push(line) })
  child.stdout?.on('data', (chunk: Buffer) => splitter.push('stdout', chunk, 0))
  child.stderr?.on('data', (chunk: Buffer) => splitter.push('stderr', chunk, 0))
  await expect.poll(() => isMounted(mount), { timeout: 200_000 }).toBe(true)
  await promisify(execFile)('bash', ['-c', WORKLOAD], { env: { ...process.env, MOUNT: mount } }).catch(() => null)
  const closed = new Promise((resolve) => child.once('close', resolve))
  await expect.poll(() => spawnSync('fusermount3', ['-u', mount]).status, { timeout: 200_000 }).toBe(0)
  await closed
  running.delete(child)
  splitter.end(0)
  return lines
}

/** The same workload several times on a daemon: each run against the next, and the last against the first. */
export function sameWorkloadIsNoDrift(daemon: string, times: number): void {
  test.skipIf(!has(daemon))(`the same workload ${times} times on ${daemon} is no finding at all`, async () => {
    const runs: Line[][] = []
    while (runs.length < times) runs.push(await logOf(daemon))
    for (const [i, lines] of runs.entries()) {
      const before = profile(lines)
      expect(before.contract.operations).toBeGreaterThan(200)
      const { findings } = compareProfiles(before, profile(runs[(i + 1) % times] ?? [], before))
      expect(findings.map(({ code, title }) => `${code}: ${title}`)).toEqual([])
    }
  })
}
