import { chmodSync, lstatSync, readdirSync, rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { basename, dirname, join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { FusetraceError } from '../errors.js'
import { type Asker, Methods } from './methods.js'
import { errorMessage, type Id, MAX_MESSAGE, parseRequest, RPC, RpcError, resultMessage } from './protocol.js'
import type { Served } from './served.js'

const MAX_CLIENTS = 1024
/** Requests of one client that have no answer yet. */
const MAX_PENDING = 256
/** Longest path of a socket, bytes: a longer one is cut short without a word. */
const MAX_PATH = 107
/** Answers that a client may leave unread, bytes, before it is let go. */
const MAX_UNREAD = 8 * 1024 * 1024

export interface ServeOptions {
  readonly served: Served
  /** A path that nothing is at yet; only this user can connect. */
  readonly socket: string
  /** A client asked for the end. */
  onStop(): void
  /** Clients at one time; those that come then are told so. @default 1024 */
  maxClients?: number
}

/** A monitor that other processes talk to, in JSON-RPC 2.0, a message a line. */
export interface MonitorServer {
  readonly socket: string
  close(): Promise<void>
}

/**
 * Serves until closed.
 *
 * @throws {FusetraceError} `FT_INPUT` when the socket cannot be made
 */
export async function serveMonitor({
  served,
  socket,
  onStop,
  maxClients = MAX_CLIENTS,
}: ServeOptions): Promise<MonitorServer> {
  const methods = new Methods(served, onStop)
  const clients = new Set<Client>()
  const server = createServer((connection) => {
    if (clients.size >= maxClients) {
      connection.end(errorMessage(null, new RpcError(RPC.busy, 'too many clients', { max: maxClients })))
      return
    }
    const client = new Client(connection, methods, () => clients.delete(client))
    clients.add(client)
  })
  checkPath(socket)
  removeStale(socket)
  const before = process.umask(0o177)
  try {
    await listen(server, socket)
  } finally {
    process.umask(before)
  }
  chmodSync(socket, 0o600)
  void removeAbandoned(socket).catch(() => undefined)
  return {
    socket,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      // What the end has decided is answered, then what it has not is taken back.
      await setImmediate()
      for (const client of clients) client.takeBack()
      await setImmediate()
      for (const client of clients) client.close()
      await closed
      rmSync(socket, { force: true })
    },
  }
}

function checkPath(path: string): void {
  const bytes = Buffer.byteLength(path)
  if (bytes <= MAX_PATH) return
  throw new FusetraceError('FT_INPUT', `${path} is too long for a socket: ${bytes} bytes, not at most ${MAX_PATH}`, {
    hint: 'give a shorter one with --socket PATH',
  })
}

/** A socket that nobody listens on any more is in nobody's way; anything else is. */
function removeStale(path: string): void {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (!stat) return
  if (!stat.isSocket() || stat.uid !== process.getuid?.()) {
    throw new FusetraceError('FT_INPUT', `${path} is there already, and is no socket of yours`, {
      hint: 'give another with --socket PATH',
    })
  }
}

/** Names of `socketOf`. */
const NAME = /^[0-9a-f]{24}\.sock$/
/** A younger one may belong to a server that is about to listen. */
const OLD_MS = 60_000

/** What servers that were killed have left beside ours. Sockets that somebody has named himself are left alone. */
async function removeAbandoned(own: string): Promise<void> {
  if (!NAME.test(basename(own))) return
  const { mtimeMs } = lstatSync(own)
  for (const name of readdirSync(dirname(own))) {
    const path = join(dirname(own), name)
    const stat = lstatSync(path, { throwIfNoEntry: false })
    if (!NAME.test(name) || !stat?.isSocket() || stat.uid !== process.getuid?.()) continue
    if (stat.mtimeMs < mtimeMs - OLD_MS && !(await answers(path))) rmSync(path, { force: true })
  }
}

async function listen(server: Server, path: string): Promise<void> {
  for (const attempt of ['first', 'again'] as const) {
    const problem = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
      const onError = (error: NodeJS.ErrnoException): void => resolve(error)
      server.once('error', onError)
      server.listen(path, () => {
        server.off('error', onError)
        resolve(null)
      })
    })
    if (problem === null) return
    if (problem.code === 'EADDRINUSE' && attempt === 'first' && !(await answers(path))) {
      rmSync(path, { force: true })
      continue
    }
    throw new FusetraceError('FT_INPUT', `cannot serve at ${path}: ${problem.message}`, {
      hint:
        problem.code === 'EADDRINUSE'
          ? 'a monitor is served there already; give another --socket'
          : 'give another --socket',
      cause: problem,
    })
  }
}

/** Whether somebody listens there. */
async function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    // One with too many clients to take more is there all the same.
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'))
  })
}

/** One connection: its requests run side by side, each answered when it is done. */
class Client {
  readonly #socket: Socket
  readonly #methods: Methods
  readonly #onGone: () => void
  readonly #pending = new Map<Id, AbortController>()
  readonly #steps: string[] = []
  #rest = ''
  #gone = false

  constructor(socket: Socket, methods: Methods, onGone: () => void) {
    this.#socket = socket
    this.#methods = methods
    this.#onGone = onGone
    socket.setEncoding('utf8')
    socket.on('data', (text: string) => this.#read(text))
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#leave())
  }

  /** Fails what has no answer yet. */
  takeBack(): void {
    for (const controller of this.#pending.values()) controller.abort('the monitor has ended')
  }

  close(): void {
    // Whoever does not read is not waited for.
    if (this.#socket.writableLength > 0) this.#socket.destroy()
    else this.#socket.destroySoon()
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') this.#line(line)
    if (this.#rest.length > MAX_MESSAGE) {
      this.#send(errorMessage(null, new RpcError(RPC.invalidRequest, `a message is at most ${MAX_MESSAGE} bytes`)))
      this.#rest = ''
      this.#socket.end()
    }
  }

  #line(line: string): void {
    let id: Id | undefined = null
    try {
      if (line.length > MAX_MESSAGE) throw new RpcError(RPC.invalidRequest, `a message is at most ${MAX_MESSAGE} bytes`)
      const request = parseRequest(line)
      id = request.id
      if (request.method === 'cancel') {
        this.#pending.get(request.params.id as Id)?.abort('the client took it back')
        if (id !== undefined) this.#send(resultMessage(id, {}))
        return
      }
      if (this.#pending.size >= MAX_PENDING) {
        throw new RpcError(RPC.busy, 'too many requests without an answer', { max: MAX_PENDING })
      }
      void this.#run(id, request.method, request.params)
    } catch (error) {
      if (id !== undefined) this.#send(errorMessage(id, error))
    }
  }

  async #run(id: Id | undefined, method: string, params: Readonly<Record<string, unknown>>): Promise<void> {
    const controller = new AbortController()
    // A notification has no id to take it back by; a symbol of its own keeps it apart.
    const key = id ?? (controller as unknown as Id)
    this.#pending.set(key, controller)
    const asker: Asker = { signal: controller.signal, steps: this.#steps }
    try {
      const result = await this.#methods.call(method, params, asker)
      if (id !== undefined) this.#send(resultMessage(id, result))
    } catch (error) {
      if (id !== undefined) this.#send(errorMessage(id, error))
    } finally {
      this.#pending.delete(key)
    }
  }

  #send(message: string): void {
    if (this.#gone) return
    this.#socket.write(message)
    // Whoever asks and never reads is let go.
    if (this.#socket.writableLength > MAX_UNREAD) this.#socket.destroy()
  }

  #leave(): void {
    if (this.#gone) return
    this.#gone = true
    for (const controller of this.#pending.values()) controller.abort('the client has gone')
    void this.#methods.leave({ signal: AbortSignal.abort(), steps: this.#steps })
    this.#onGone()
  }
}
