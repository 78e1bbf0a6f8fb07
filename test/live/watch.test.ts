import { spawn } from 'node:child_process'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { CLI, fusetrace, jsonLines, lacks, lacksKernel, placeEach, until } from './machine.js'

const running: { kill(): void }[] = []
const here = placeEach(() => {
  for (const one of running.splice(0)) one.kill()
})

function watch(...args: string[]) {
  const child = spawn(process.execPath, [CLI, 'watch', ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  const seen = { out: '', err: '' }
  child.stdout.on('data', (chunk) => {
    seen.out += chunk
  })
  child.stderr.on('data', (chunk) => {
    seen.err += chunk
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)))
  running.push({ kill: () => child.kill('SIGKILL') })
  return { child, seen, ended }
}

const request = (unique: number, opcode: string, pid: number, path: string): string =>
  `unique: ${unique}, opcode: ${opcode} (${opcode === 'LOOKUP' ? 1 : 34}), nodeid: 1, insize: 46, pid: ${pid}\n${opcode} ${path}\n   unique: ${unique}, success, outsize: 16\n`

describe('fusetrace watch LOG', () => {
  test('prints what is in the log, follows it as it grows, and counts at the end', async () => {
    const log = here.file('a.log')
    writeFileSync(log, `${request(2, 'LOOKUP', 7, '/one')}unique: 4, opcode: LOOKUP`)
    const { child, seen, ended } = watch(log)
    await until(() => seen.out.includes('/one'))
    expect(seen.out).not.toContain('/two')
    appendFileSync(log, request(4, 'LOOKUP', 7, '/two').slice('unique: 4, opcode: LOOKUP'.length))
    await until(() => seen.out.includes('/two'))
    child.kill('SIGINT')
    expect(await ended).toBe(0)
    expect(seen.out.trim().split('\n')).toHaveLength(2)
    // Request and reply came in one piece: nothing was measured.
    expect(seen.out.trimEnd()).toMatch(/^ +\d\.\d+ +– {2}lookup .*\n.* – {2}lookup [^\n]*$/)
    expect(seen.err).toContain('2 operations, 6 lines, 0 not understood; libfuse')
  })

  test('shows only what passes the filters', async () => {
    const log = here.file('a.log.gz')
    const lines = [request(2, 'LOOKUP', 7, '/a'), request(4, 'ACCESS', 8, '/b'), request(6, 'ACCESS', 7, '/c')].join('')
    writeFileSync(log, gzipSync(lines))
    const shown = async (...filters: string[]): Promise<unknown[]> => {
      const run = await fusetrace('watch', log, '--json', ...filters)
      expect(run.exitCode).toBe(0)
      return jsonLines(run.stdout).map(({ unique }) => unique)
    }
    expect(await shown()).toEqual([2, 4, 6])
    expect(await shown('--opcode', 'access')).toEqual([4, 6])
    expect(await shown('--opcode', 'access', '--pid', '7')).toEqual([6])
    expect((await fusetrace('watch', log, '--pid', 'x')).exitCode).toBe(2)
  })

  test('reads standard input to its end', async () => {
    const { child, seen, ended } = watch('-')
    child.stdin.end(request(2, 'LOOKUP', 7, '/one'))
    expect(await ended).toBe(0)
    expect(seen.out).toContain('/one')
  })

  test('a log that is not there is unreadable input', async () => {
    const run = await fusetrace('watch', here.file('none.log'))
    expect(run.exitCode).toBe(2)
    expect(run.stderr).toContain('there is no such file')
  })
})

const lacking = lacks('bindfs')
describe.skipIf(lacking)(`fusetrace watch -- DAEMON (${lacking || 'bindfs'})`, () => {
  test('prints the operations of a daemon until Ctrl-C, and unmounts', async () => {
    const { child, seen, ended } = watch('--opcode', 'create,unlink', '--', 'bindfs', '-d', here.source, here.mount)
    await until(() => seen.err.includes('mounted at'))
    writeFileSync(`${here.mount}/a.txt`, 'x')
    await until(() => seen.out.includes('/a.txt'))
    expect(seen.out).toMatch(/create\s+ok\s+\/a\.txt/)
    expect(readFileSync(`${here.source}/a.txt`, 'utf8')).toBe('x')
    child.kill('SIGINT')
    expect(await ended).toBe(0)
    expect(here.mounts()).toEqual([])
  })

  const noKernel = lacksKernel()
  test.skipIf(noKernel)(`can watch the kernel instead of the log (${noKernel || 'with tracepoints'})`, async () => {
    const { child, seen, ended } = watch(
      '--kernel',
      '--opcode',
      'create',
      '--',
      'bindfs',
      '-f',
      here.source,
      here.mount,
    )
    await until(() => seen.err.includes('mounted at'))
    writeFileSync(`${here.mount}/a.txt`, 'x')
    await until(() => /create\s+ok/.test(seen.out))
    child.kill('SIGINT')
    expect(await ended).toBe(0)
  })
})
