import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Operation } from '../../src/operation/operation.js'
import { client } from '../../src/serve/client.js'
import { Methods } from '../../src/serve/methods.js'
import type { Served } from '../../src/serve/served.js'
import { type MonitorServer, serveMonitor } from '../../src/serve/server.js'
import { until } from '../live/machine.js'

const operation = (id: number): Operation => ({
  id,
  opcode: 'getattr',
  unique: 2 * id,
  path: `/${id}`,
  newPath: null,
  name: null,
  startNs: id,
  endNs: id + 1,
  endedBy: 'reply',
  status: 'ok',
  errno: null,
  pid: 1,
  lines: [id, id + 1],
})

/** What a monitor would answer, of which only what is asked here is there. */
const served = (given: object = {}): Served =>
  ({
    monitor: { lineCount: 1e6, openOperations: () => [], recentOperations: () => [] },
    mark: (name: string) => ({ name, line: 1, atNs: 1 }),
    beginStep: async (name: string) => ({ name, line: 1, atNs: 1 }),
    endStep: async (name: string) => ({ name, line: 1, atNs: 1 }),
    ...given,
  }) as unknown as Served
const asker = () => ({ signal: new AbortController().signal, steps: [] as string[] })

test('steps of a client that are open, names of marks, and operations of one answer are bounded', async () => {
  const all = Array.from({ length: 10_003 }, (_, id) => operation(id))
  const monitor = { lineCount: 1e6, openOperations: () => [], recentOperations: () => all }
  const methods = new Methods(served({ monitor }), () => undefined)
  const one = asker()
  for (let i = 0; i < 100; i++) await methods.call('step.begin', { name: `s${i}` }, one)
  await expect(methods.call('step.begin', { name: 'more' }, one)).rejects.toMatchObject({ code: 2 })
  await methods.call('step.end', { name: 's7' }, one)
  await methods.call('step.begin', { name: 'more' }, one)
  const lately = new Methods(served({ monitor }), () => undefined)
  for (let i = 0; i <= 10_000; i++) await lately.call('mark', { name: `m${i}` }, one)
  await expect(lately.call('operations', { since: 'm0' }, one)).rejects.toMatchObject({ code: -32602 })
  expect(await lately.call('operations', { since: 'm1', limit: 2 }, one)).toMatchObject({
    operations: [{ id: 10_001 }, { id: 10_002 }],
    more: 10_000,
  })
  const most = (await lately.call('operations', { limit: 1e9 }, one)) as { operations: unknown[]; more: number }
  expect([most.operations.length, most.more]).toEqual([10_000, 3])
})

let directory: string
let server: MonitorServer | null
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fusetrace-test-'))
  server = null
})
afterEach(async () => {
  await server?.close()
  rmSync(directory, { recursive: true })
})
const serve = async (given: object): Promise<string> => {
  server = await serveMonitor({ served: served(given), socket: join(directory, 'a.sock'), onStop: () => undefined })
  return server.socket
}

test('what a client waits for is given up when it goes', async () => {
  let asked: AbortSignal | undefined
  const idle = ({ signal }: { signal: AbortSignal }): Promise<never> => {
    asked = signal
    return new Promise(() => undefined)
  }
  const socket = connect(await serve({ waitFor: { idle } }))
  socket.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'wait', params: { kind: 'idle' } })}\n`)
  await until(() => asked !== undefined)
  expect(asked?.aborted).toBe(false)
  socket.destroy()
  await until(() => asked?.aborted === true)
})

async function asClient(...argv: string[]): Promise<{ code: number; err: string }> {
  let err = ''
  const io = {
    environment: {},
    out: () => undefined,
    err: (text: string) => {
      err += text
    },
  }
  return { code: await client(argv, io), err }
}

test('a step ends as its command does, also by a signal, or when there is none', async () => {
  const socket = await serve({})
  const step = (...command: string[]) => asClient('step', 's', '--socket', socket, '--', ...command)
  expect(await step('sh', '-c', 'exit 7')).toEqual({ code: 7, err: '' })
  expect((await step('sh', '-c', 'kill -TERM $$')).code).toBe(128 + 15)
  expect(await step('/none\u001b[31m')).toMatchObject({ code: 127, err: expect.not.stringContaining('\u001b') })
})

test('what a server says reaches no terminal raw', async () => {
  const mark = (): never => {
    throw new Error('no\u0007 luck\n::error::')
  }
  const { code, err } = await asClient('mark', '--socket', await serve({ mark }))
  expect(code).toBe(2)
  expect(err).toMatch(/^fusetrace: no[ -~]+ luck\n/)
  expect(err).not.toMatch(/^::/m)
})
