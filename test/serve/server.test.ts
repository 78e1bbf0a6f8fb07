import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openReplay } from '../../src/replay/open-replay.js'
import type { ReplaySession } from '../../src/replay/replay-session.js'
import { client } from '../../src/serve/client.js'
import { Methods } from '../../src/serve/methods.js'
import { MAX_MESSAGE } from '../../src/serve/protocol.js'
import { servedReplay } from '../../src/serve/served.js'
import { type MonitorServer, serveMonitor } from '../../src/serve/server.js'
import { directoryProblem, makeSocketDirectory, socketFor, socketOf } from '../../src/serve/socket-path.js'
import { fusetrace, until } from '../live/machine.js'

const demo = new URL('../../recordings/demo.fusetrace', import.meta.url).pathname
const sockets: Socket[] = []
let directory: string
let session: ReplaySession
let server: MonitorServer
let stopped = 0

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'fusetrace-test-'))
  session = await openReplay(demo)
  stopped = 0
  const socket = join(directory, 'a.sock')
  server = await serveMonitor({ served: servedReplay(session), socket, onStop: () => stopped++ })
})

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await server.close()
  await session.close()
  rmSync(directory, { recursive: true })
})

interface Message {
  id: unknown
  result?: Record<string, unknown>
  error?: { code: number; message: string; data?: Record<string, string> }
}

/** A connection that sends lines, and hands out what comes back in order. */
async function connected(): Promise<{ send(text: string): void; next(): Promise<Message>; socket: Socket }> {
  const socket = connect(server.socket)
  sockets.push(socket)
  socket.setEncoding('utf8')
  const messages: Message[] = []
  const waiting: ((message: Message) => void)[] = []
  let rest = ''
  socket.on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const message = JSON.parse(line) as Message
      const first = waiting.shift()
      if (first) first(message)
      else messages.push(message)
    }
  })
  await new Promise((resolve) => socket.once('connect', resolve))
  return {
    socket,
    send: (text) => void socket.write(text),
    next: () =>
      new Promise((resolve) => {
        const first = messages.shift()
        if (first) resolve(first)
        else waiting.push(resolve)
      }),
  }
}

/** Leaves a socket as a server does that is killed. */
function abandon(path: string): void {
  const script =
    'require("node:net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))'
  spawnSync(process.execPath, ['-e', script, path])
}

const ask = (id: number, method: string, params: object = {}): string =>
  `${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`

async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { code: 0, out: '', err: '' }
  said.code = await client(argv, {
    environment: { FUSETRACE_SOCKET: server.socket },
    out: (text) => {
      said.out += text
    },
    err: (text) => {
      said.err += text
    },
  })
  return said
}

describe('a recording that is served', () => {
  test('answers waits as a replay does, without FUSE', async () => {
    const { send, next } = await connected()
    send(ask(1, 'hello'))
    expect((await next()).result).toMatchObject({ protocol: 1, mountpoint: null, pid: null })
    send(ask(2, 'step.begin', { name: 'create a file' }))
    expect((await next()).result?.mark).toMatch(/^@\d+:\d+$/)
    send(ask(3, 'step.end', { name: 'create a file' }))
    await next()
    send(ask(4, 'wait', { kind: 'file-visible', args: ['hello.txt'] }))
    const { result } = await next()
    expect(result).toMatchObject({ by: 'trace', operation: { opcode: 'create', path: '/hello.txt', status: 'ok' } })

    const direct = await openReplay(demo)
    await direct.step('create a file')
    const same = await direct.waitFor.fileVisible('hello.txt')
    expect(result).toMatchObject({ startNs: same.startNs, endNs: same.endNs, waitedNs: same.waitedNs })
    await direct.close()
  })

  test('a wait that is not satisfied explains itself', async () => {
    const { send, next } = await connected()
    send(ask(1, 'wait', { kind: 'deleted', args: ['/never-there'] }))
    const { error } = await next()
    expect(error?.code).toBe(1)
    expect(error?.data?.code).toBe('FT_STREAM_ENDED')
    expect(error?.data?.explanation).toContain('awaited')
  })

  test('the command line: satisfied 0, not 1, usage 2, nobody there 3', async () => {
    expect(await run('wait', 'file-visible', 'hello.txt')).toEqual({ code: 0, out: '', err: '' })
    const unmet = await run('wait', 'deleted', '/never-there')
    expect(unmet.code).toBe(1)
    expect(unmet.err).toMatch(/^fusetrace: deleted \/never-there: /)
    expect(await run('wait', 'file-seen', 'a')).toMatchObject({ code: 2, err: expect.stringContaining('file-visible') })
    expect(await run('wait', 'operation')).toMatchObject({ code: 2, err: expect.stringContaining('opcode') })
    expect(await run('wait', 'file-visible', 'x\ufffdy')).toMatchObject({
      code: 2,
      err: expect.stringContaining('UTF-8'),
    })
    expect(await run('wait', 'idle', '--timeout', '')).toMatchObject({ code: 2 })
    expect(await run('wait', 'logged', '(')).toMatchObject({ code: 2, err: expect.stringContaining('expression') })
    expect(await run('mark', '--socket', join(directory, 'other.sock'))).toMatchObject({ code: 3 })
  })

  test('marks, steps with a command, operations, stop', async () => {
    const mark = (await run('mark', 'here')).out.trim()
    expect(mark).toMatch(/^@\d+:\d+$/)
    const step = await run('step', 'create a file', '--', process.execPath, '-e', 'process.exit(7)')
    expect(step.code).toBe(7)
    for (const since of [mark, 'here']) {
      const { out } = await run('operations', '--since', since, '--json')
      const opcodes = out
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { opcode: string }).opcode)
      expect(opcodes).toContain('create')
    }
    expect(await run('operations', '--since', 'nowhere')).toMatchObject({ code: 2 })
    expect(await run('stop')).toMatchObject({ code: 0 })
    expect(stopped).toBe(1)
  })

  test('a step that was left open ends with its client', async () => {
    const first = await connected()
    first.send(ask(1, 'step.begin', { name: 'create a file' }))
    await first.next()
    first.socket.destroy()
    const second = await connected()
    second.send(ask(1, 'step.end', { name: 'create a file' }))
    expect((await second.next()).error?.message).toContain('of this client')
    second.send(ask(2, 'wait', { kind: 'file-visible', args: ['hello.txt'], since: '@0:0' }))
    expect((await second.next()).result?.by).toBe('trace')
  })
})

describe('bad clients', () => {
  test.each([
    ['no JSON', 'hello\n', -32700],
    ['no object', '3\n', -32600],
    ['a batch', '[]\n', -32600],
    ['another version', '{"jsonrpc":"1.0","id":1,"method":"mark"}\n', -32600],
    ['no method', '{"jsonrpc":"2.0","id":1}\n', -32600],
    ['a method that is none', ask(1, 'toString'), -32601],
    ['params that are none', '{"jsonrpc":"2.0","id":1,"method":"mark","params":[1]}\n', -32602 + 2],
    ['a wait that is none', ask(1, 'wait', { kind: '__proto__' }), -32602],
    ['arguments that are none', ask(1, 'wait', { kind: 'deleted', args: [{}] }), -32602],
    ['a parameter that is none', ask(1, 'wait', { kind: 'idle', pth: 1 }), -32602],
    ['an opcode that is none', ask(1, 'wait', { kind: 'operation', opcode: 'craete' }), -32602],
    ['a mark that is none', ask(1, 'wait', { kind: 'idle', since: '@x:y' }), -32602],
    ['a mark of another run', ask(1, 'wait', { kind: 'idle', since: '@99999999:1' }), -32602],
    ['a count that is none', ask(1, 'wait', { kind: 'exactly', args: ['x'], opcode: 'create' }), -32602],
    ['an opcode that is no text', ask(1, 'wait', { kind: 'operation', opcode: 3 }), -32602],
    ['a path that is no text', ask(1, 'wait', { kind: 'operation', path: {} }), -32602],
    ['a pid that is none', ask(1, 'wait', { kind: 'operation', pid: 'x' }), -32602],
    ['a status that is none', ask(1, 'wait', { kind: 'operation', status: 'good' }), -32602],
    ['a pattern that is too large', ask(1, 'wait', { kind: 'logged', args: ['x'.repeat(100_000)] }), -32602],
    ['a limit below nothing', ask(1, 'operations', { limit: -5 }), -32602],
    ['a name without measure', ask(1, 'mark', { name: 'm'.repeat(5000) }), -32602],
  ])('%s gets an error, and the connection goes on', async (_, text, code) => {
    const { send, next } = await connected()
    send(text)
    expect((await next()).error?.code).toBe(code)
    send(ask(9, 'mark'))
    expect((await next()).id).toBe(9)
  })

  test('a message without an end is not kept', async () => {
    const { send, next, socket } = await connected()
    const closed = new Promise((resolve) => socket.once('close', resolve))
    send('x'.repeat(MAX_MESSAGE + 1))
    expect((await next()).error?.code).toBe(-32600)
    await closed
  })

  test('a message that is too long is no request, also when it ends', async () => {
    const { send, next } = await connected()
    send(`${' '.repeat(MAX_MESSAGE)}${ask(1, 'hello')}`)
    expect(await next()).toMatchObject({ id: null, error: { code: -32600 } })
  })

  test('a flood of requests is answered, what is too much with an error', async () => {
    const release = session.hold()
    const { send, next } = await connected()
    for (let id = 1; id <= 400; id++) send(ask(id, 'wait', { kind: 'file-visible', args: ['nope'] }))
    expect((await next()).error?.code).toBe(2)
    const other = await connected()
    other.send(ask(1, 'hello'))
    expect((await other.next()).result?.protocol).toBe(1)
    release()
  })

  test('one that asks and never reads is let go; the others go on', async () => {
    const { socket } = await connected()
    socket.pause()
    await session.playToEnd()
    const closed = new Promise((resolve) => socket.once('close', resolve))
    const many = ask(1, 'operations').repeat(200)
    socket.on('error', () => undefined)
    const flood = (error?: Error | null): void => {
      if (!error && !socket.destroyed) socket.write(many, flood)
    }
    flood()
    await closed
    const other = await connected()
    other.send(ask(1, 'hello'))
    expect((await other.next()).result?.protocol).toBe(1)
  })

  test('a pattern that would try without end stops nobody', async () => {
    const log = [1, 2].map((ms) => ({
      kind: 'line' as const,
      atNs: ms * 1e6,
      stream: 'stderr' as const,
      raw: ms === 1 ? `${'a'.repeat(60)}!` : 'uploaded a.txt',
      terminated: true,
    }))
    const other = await openReplay(log)
    const methods = new Methods(servedReplay(other), () => undefined)
    const asker = { signal: new AbortController().signal, steps: [] }
    const wait = (pattern: string) => methods.call('wait', { kind: 'logged', args: [pattern], since: '@0:0' }, asker)
    await expect(wait('(a+)+[$]')).rejects.toMatchObject({ data: { code: 'FT_STREAM_ENDED' } })
    await expect(wait('(a+)+(?=[$])')).rejects.toMatchObject({
      code: -32602,
      message: expect.stringContaining('200 ms'),
    })
    expect(await wait('uploaded (?!b)')).toMatchObject({ by: 'trace' })
    await other.close()
  })

  test('a request can be taken back', async () => {
    const { send, next } = await connected()
    const release = session.hold()
    send(ask(1, 'wait', { kind: 'file-visible', args: ['nope'] }))
    send(ask(2, 'cancel', { id: 1 }))
    const answers = [await next(), await next()].sort((a, b) => Number(a.id) - Number(b.id))
    expect(answers[0]?.error?.data?.code).toBe('FT_ABORTED')
    expect(answers[1]?.result).toEqual({})
    release()
  })

  test('the end of the monitor answers what is open', async () => {
    const release = session.hold()
    const { send, next } = await connected()
    send(ask(1, 'wait', { kind: 'file-visible', args: ['nope'] }))
    send(ask(2, 'hello'))
    expect((await next()).id).toBe(2)
    await server.close()
    expect(await next()).toMatchObject({ id: 1, error: { code: 1, data: { code: 'FT_ABORTED' } } })
    release()
  })

  test('200 clients at once', async () => {
    const clients = await Promise.all(Array.from({ length: 200 }, () => connected()))
    for (const [i, { send }] of clients.entries()) {
      send(ask(i, 'wait', { kind: 'file-visible', args: ['hello.txt'], since: '@0:0' }))
    }
    const answers = await Promise.all(clients.map(({ next }) => next()))
    expect(answers.map(({ id }) => id)).toEqual(clients.map((_, i) => i))
    expect(answers.every(({ result }) => result?.by === 'trace')).toBe(true)
  })
})

describe('the socket', () => {
  test('is its owner’s alone', () => {
    expect(statSync(server.socket).mode & 0o777).toBe(0o600)
  })

  test('too long: refused, and nothing is left', async () => {
    const socket = join(directory, 'x'.repeat(108))
    const serve = serveMonitor({ served: servedReplay(session), socket, onStop: () => undefined })
    await expect(serve).rejects.toMatchObject({ code: 'FT_INPUT', message: expect.stringContaining('too long') })
    expect(readdirSync(directory)).toEqual(['a.sock'])
  })

  test('is named before or after what is served', async () => {
    const run = await fusetrace('serve', demo, '--socket', join(directory, 'x'.repeat(108)))
    expect(run.exitCode).toBe(2)
    expect(run.stderr).toContain('too long')
  })

  test('in use, or something else: refused; left by a server that was killed: taken', async () => {
    const served = servedReplay(session)
    const serve = (socket: string) => serveMonitor({ served, socket, onStop: () => undefined })
    await expect(serve(server.socket)).rejects.toMatchObject({ code: 'FT_INPUT' })
    const file = join(directory, 'file')
    writeFileSync(file, 'precious')
    await expect(serve(file)).rejects.toMatchObject({ code: 'FT_INPUT' })
    expect(existsSync(file)).toBe(true)
    const left = join(directory, 'left.sock')
    abandon(left)
    await (await serve(left)).close()
    expect(existsSync(left)).toBe(false)
  })

  test('those that servers have left that were killed go with the next one, others stay', async () => {
    const mine = socketOf('/mine', directory)
    const [old, young, other] = ['/old', '/young', '/other'].map((mount) => socketOf(mount, directory))
    const named = join(directory, 'named.sock')
    for (const path of [old, young, named]) abandon(path as string)
    const alive = await serveMonitor({
      served: servedReplay(session),
      socket: other as string,
      onStop: () => undefined,
    })
    for (const path of [old, other, named]) utimesSync(path as string, 1, 1)
    // Who names his socket himself has a directory of his own choice, and removes nothing from it.
    const byName = join(directory, 'mine.sock')
    await (await serveMonitor({ served: servedReplay(session), socket: byName, onStop: () => undefined })).close()
    expect(existsSync(old as string)).toBe(true)
    const next = await serveMonitor({ served: servedReplay(session), socket: mine, onStop: () => undefined })
    await until(() => !existsSync(old as string))
    for (const path of [young, other, named]) expect(existsSync(path as string)).toBe(true)
    await next.close()
    await alive.close()
  })

  test('is found by the mount that a path lies in, in a directory that is ours alone', () => {
    const place = join(directory, 'sockets')
    expect(makeSocketDirectory(place)).toBeNull()
    expect(socketFor('/mnt/point/a/b', place)).toBeNull()
    const mountpoint = directory
    rmSync(socketOf(mountpoint, place), { force: true })
    // Also by another name of what is above it.
    const listening = createServer().listen(socketOf(join(directory, 'point'), place))
    symlinkSync(directory, join(directory, 'alias'))
    expect(socketFor(join(directory, 'alias/point/a/b'), place)?.below).toBe('/a/b')
    expect(socketFor(join(directory, 'point'), place)?.below).toBe('/')
    expect(socketFor(join(directory, 'pointless/a'), place)).toBeNull()
    listening.close()
    expect(socketOf(mountpoint, place)).toMatch(/\/[0-9a-f]{24}\.sock$/)
    chmodSync(place, 0o755)
    expect(directoryProblem(place)).toBe('others can get into it')
    expect(makeSocketDirectory(place)).toBe('others can get into it')
  })

  test('is not taken from a directory that others can write to, that is another’s, or that is a link', () => {
    const place = join(directory, 'sockets')
    expect(makeSocketDirectory(place)).toBeNull()
    const listening = createServer().listen(socketOf(join(directory, 'point'), place))
    const found = (): boolean => socketFor(join(directory, 'point/a'), place) !== null
    expect(found()).toBe(true)
    chmodSync(place, 0o770)
    expect(found()).toBe(false)
    chmodSync(place, 0o700)
    symlinkSync(place, join(directory, 'link'))
    expect(directoryProblem(join(directory, 'link'))).toBe('it is no directory')
    if (process.getuid?.() === 0) {
      chownSync(place, 65_534, 65_534)
      expect([directoryProblem(place), found()]).toEqual(['it belongs to another user', false])
      chownSync(place, 0, 0)
    }
    listening.close()
  })
})

test('clients beyond the bound are told so, and are let in when others have gone', async () => {
  const socket = join(directory, 'few.sock')
  const few = await serveMonitor({ served: servedReplay(session), socket, onStop: () => undefined, maxClients: 1 })
  const first = connect(socket)
  await new Promise((resolve) => first.once('connect', resolve))
  const second = connect(socket).setEncoding('utf8')
  const said = await new Promise<string>((resolve) => second.once('data', resolve))
  expect(JSON.parse(said)).toMatchObject({ id: null, error: { code: 2, data: { max: 1 } } })
  await new Promise((resolve) => second.once('close', resolve).end())
  first.destroy()
  await new Promise((resolve) => first.once('close', resolve))
  for (let answered = false; !answered; ) {
    const third = connect(socket).setEncoding('utf8')
    third.write(ask(1, 'hello'))
    answered = 'result' in JSON.parse(await new Promise<string>((resolve) => third.once('data', resolve)))
    third.destroy()
  }
  await few.close()
})
