import { spawn } from 'node:child_process'
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { client } from '../../src/serve/client.js'
import { fusetrace } from '../cli/run.js'
import { CLI, type Run, until } from '../live/machine.js'

const RECORDING = new URL('../../recordings/demo.fusetrace', import.meta.url).pathname
let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fusetrace-test-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

/** A command of the client, in this process. */
async function asClient(...argv: string[]): Promise<Run> {
  const said = { stdout: '', stderr: '' }
  const exitCode = await client(argv, {
    environment: {},
    out: (text) => {
      said.stdout += text
    },
    err: (text) => {
      said.stderr += text
    },
  })
  return { exitCode, ...said }
}

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
  const server = fusetrace('serve', log, '--socket', socket)
  await until(() => existsSync(socket))
  const ask = (...args: string[]) => asClient(...args, '--socket', socket)
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
  const { code, stdout } = await server
  expect([code, JSON.parse(stdout)]).toEqual([0, { socket, mountpoint: null, pid: null }])
})

test('a recording is served until somebody says stop', async () => {
  const socket = join(directory, 'a.sock')
  const server = fusetrace('serve', RECORDING, '--socket', socket)
  await until(() => existsSync(socket))
  const waited = await asClient('wait', 'file-visible', 'hello.txt', '--socket', socket)
  expect(waited.exitCode).toBe(0)
  await asClient('stop', '--socket', socket)
  expect(await server).toMatchObject({ code: 0, stderr: '' })
  expect(existsSync(socket)).toBe(false)
})

test('what cannot be served is refused, and a recording that is not whole is a finding', async () => {
  const socket = join(directory, 'a.sock')
  expect(await fusetrace('serve')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('say what is to be served'),
  })
  const recorded = await fusetrace('serve', RECORDING, '-o', join(directory, 'new'), '--socket', socket)
  expect(recorded).toMatchObject({ code: 2, stderr: expect.stringContaining('-o needs a mount to watch') })
  const raw = await fusetrace('serve', RECORDING, '--raw', '--socket', socket)
  expect(raw).toMatchObject({ code: 2, stderr: expect.stringContaining('--raw is for what is recorded') })
  const half = join(directory, 'half.fusetrace')
  const whole = readFileSync(RECORDING)
  writeFileSync(half, whole.subarray(0, whole.length / 2))
  const server = fusetrace('serve', half, '--socket', socket)
  await until(() => existsSync(socket))
  await asClient('stop', '--socket', socket)
  expect(await server).toMatchObject({ code: 1, stderr: expect.stringContaining('is not whole') })
})

test('a server whose parent has died ends, and leaves no socket', async () => {
  const socket = join(directory, 'a.sock')
  const script = '"$0" "$1" serve "$2" --socket "$3" & echo $!; wait'
  const parent = spawn('sh', ['-c', script, process.execPath, CLI, RECORDING, socket], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface(parent.stdout)[Symbol.asyncIterator]()
  const pid = Number((await lines.next()).value)
  expect(JSON.parse((await lines.next()).value ?? 'null')).toMatchObject({ socket })
  parent.kill('SIGKILL')
  await until(() => !existsSync(`/proc/${pid}`))
  expect(existsSync(socket)).toBe(false)
})
