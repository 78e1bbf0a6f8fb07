import { spawn } from 'node:child_process'
import { appendFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { execa } from 'execa'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { CLI, fusetrace, until } from '../live/machine.js'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fusetrace-test-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

/** What a libfuse daemon logs of a file that is created. */
const created = (
  unique: number,
  path: string,
): string => `unique: ${unique}, opcode: CREATE (35), nodeid: 1, insize: 63, pid: 9
create flags: 0x8241 ${path} 0100644 umask=0022
   create[4] flags: 0x8241 ${path}
   NODEID: ${unique + 10}
   unique: ${unique}, success, outsize: 160
`

test('a log that grows is served: what it holds by now is before a mark, what comes later ends a wait', async () => {
  const [log, socket] = [join(directory, 'daemon.log'), join(directory, 'a.sock')]
  writeFileSync(log, created(2, '/first'))
  const server = execa(process.execPath, [CLI, 'serve', log, '--socket', socket], { reject: false })
  const [line] = await new Promise<string[]>((resolve) => {
    const lines = createInterface(server.stdout)
    lines.once('line', (text) => resolve([text]))
    lines.once('close', () => resolve([]))
  })
  expect(JSON.parse(line ?? 'null')).toEqual({ socket, mountpoint: null, pid: null })
  const ask = (...args: string[]) => fusetrace(...args, '--socket', socket)
  expect((await ask('wait', 'file-visible', 'first')).exitCode).toBe(0)
  appendFileSync(log, created(4, '/second'))
  const since = (await ask('mark')).stdout.trim()
  const stale = await ask('wait', 'operation', '--opcode', 'create', '--since', since, '--timeout', '20')
  expect(stale).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('awaited: create ends') })
  const [waited] = await Promise.all([
    ask('wait', 'file-visible', 'third', '--since', since, '--json'),
    ask('wait', 'logged', 'create.*third', '--since', since).then((logged) => expect(logged.exitCode).toBe(0)),
    ask('mark').then(() => appendFileSync(log, created(6, '/third'))),
  ])
  expect(waited.exitCode).toBe(0)
  expect(JSON.parse(waited.stdout)).toMatchObject({ by: 'trace', operation: { opcode: 'create', path: '/third' } })
  expect((await ask('operations', '--since', since)).stdout).toMatch(/create +ok +\/third/)
  await ask('stop')
  expect((await server).exitCode).toBe(0)
})

test('a server whose parent has died ends, and leaves no socket', async () => {
  const socket = join(directory, 'a.sock')
  const recording = new URL('../../recordings/demo.fusetrace', import.meta.url).pathname
  const script = '"$0" "$1" serve "$2" --socket "$3" & echo $!; wait'
  const parent = spawn('sh', ['-c', script, process.execPath, CLI, recording, socket], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface(parent.stdout)[Symbol.asyncIterator]()
  const pid = Number((await lines.next()).value)
  expect(JSON.parse((await lines.next()).value ?? 'null')).toMatchObject({ socket })
  parent.kill('SIGKILL')
  await until(() => !existsSync(`/proc/${pid}`))
  expect(existsSync(socket)).toBe(false)
})
