import { spawn } from 'node:child_process'
import { connect } from 'node:net'
import { constants } from 'node:os'
import { resolve } from 'node:path'
import { printable, printableJson, printableLines } from '../line/text.js'
import { type ClientCall, parseClientArgs } from './client-args.js'
import { socketDirectory, socketFor } from './socket-path.js'

/** What a client writes, and what its process ends with. */
export interface ClientIo {
  readonly environment: NodeJS.ProcessEnv
  out(text: string): void
  err(text: string): void
}

interface Answer {
  readonly result?: Record<string, unknown>
  readonly error?: { code: number; message: string; data?: { code?: string; explanation?: string } }
}

/** `fusetrace wait`, `mark`, `step`, `fence`, `operations` and `stop`. Loads nothing but itself: it runs a thousand times. */
export async function client(argv: readonly string[], io: ClientIo): Promise<number> {
  const call = parseClientArgs(argv)
  if ('problem' in call) {
    io.err(`fusetrace: ${printable(call.problem)}\n`)
    return 2
  }
  const found = findSocket(call, io.environment)
  if (found === null) {
    io.err(
      'fusetrace: no monitor is served here; start one with: fusetrace serve -- DAEMON ARGS, or name its socket by --socket or FUSETRACE_SOCKET\n',
    )
    return 3
  }
  let connection: Connection
  try {
    connection = await Connection.open(found)
  } catch (error) {
    io.err(
      `fusetrace: ${printable(`no monitor answers at ${found}: ${(error as Error).message}`)}; is fusetrace serve still running?\n`,
    )
    return 3
  }
  try {
    return call.method === 'step'
      ? await step(call, connection, io)
      : await one({ ...call, params: withPaths(call, io.environment) }, connection, io)
  } catch (error) {
    io.err(`fusetrace: ${printable((error as Error).message)}\n`)
    return 3
  } finally {
    connection.close()
  }
}

/** The socket that is meant: by option, by environment, or by the mount that a path, or the working directory, lies in. */
function findSocket({ socket, paths }: ClientCall, environment: NodeJS.ProcessEnv): string | null {
  const named = socket ?? environment.FUSETRACE_SOCKET
  if (named) return resolve(named)
  const directory = socketDirectory(environment)
  for (const path of [...paths, '.']) {
    const found = socketFor(path, directory)
    if (found) return found.socket
  }
  return null
}

/** Where the monitor was found by a mount, paths are those of this machine: a relative one is of the working directory. */
function withPaths({ params, pathAt, socket }: ClientCall, environment: NodeJS.ProcessEnv): Record<string, unknown> {
  if (socket !== undefined || environment.FUSETRACE_SOCKET || !Array.isArray(params.args)) return params
  const directory = socketDirectory(environment)
  const below = (arg: string): string => socketFor(arg, directory)?.below ?? resolve(arg)
  const named = { ...params, args: (params.args as string[]).map((arg, i) => (pathAt.includes(i) ? below(arg) : arg)) }
  for (const key of ['path', 'newPath'] as const) {
    const path = params[key]
    if (typeof path === 'string' && path.startsWith('/')) Object.assign(named, { [key]: below(path) })
  }
  return named
}

async function one({ method, params, json }: ClientCall, connection: Connection, io: ClientIo): Promise<number> {
  const { result, error } = await connection.ask(method, params)
  if (error) return fail(error, json, io)
  if (method === 'operations') {
    const { operations, more } = result as { operations: object[]; more: number }
    for (const operation of operations)
      io.out(`${json ? printableJson(JSON.stringify(operation)) : brief(operation)}\n`)
    if (more > 0) io.err(`fusetrace: ${more} older operations are not shown\n`)
  } else if (json) io.out(`${printableJson(JSON.stringify(result))}\n`)
  else if (method === 'mark' || method === 'fence') io.out(`${String(result?.mark)}\n`)
  return 0
}

function fail(error: NonNullable<Answer['error']>, json: boolean, io: ClientIo): number {
  if (json) io.out(`${printableJson(JSON.stringify({ error }))}\n`)
  const text = error.data?.explanation ?? error.message
  io.err(`fusetrace: ${printableLines(text)}\n`)
  return error.code === 1 ? 1 : 2
}

function brief(operation: object): string {
  const { startNs, opcode, path, newPath, name, status, errno } = operation as Record<string, unknown>
  const what = [path ?? '?', newPath && `→ ${newPath}`, name].filter(Boolean).join(' ')
  return printable(
    `${(Number(startNs) / 1e9).toFixed(6).padStart(11)}  ${String(opcode).padEnd(12)}  ${String(errno ?? status).padEnd(12)}  ${what}`,
  )
}

/** Runs a command between the begin and the end of a step, and ends as it ends. */
async function step({ params, command, json }: ClientCall, connection: Connection, io: ClientIo): Promise<number> {
  const begun = await connection.ask('step.begin', params)
  if (begun.error) return fail(begun.error, json, io)
  const [file = '', ...args] = command
  const code = await new Promise<number>((done) => {
    const child = spawn(file, args, { stdio: 'inherit' })
    // The terminal's signals reach the command itself; the step is ended when it is.
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => child.kill(name))
    child.once('error', (error) => {
      io.err(`fusetrace: ${printable(`${file}: ${error.message}`)}\n`)
      done(127)
    })
    child.once('exit', (status, signal) => done(status ?? 128 + (signal ? constants.signals[signal] : 0)))
  })
  const ended = await connection.ask('step.end', params)
  return ended.error ? fail(ended.error, json, io) : code
}

/** One question at a time to a monitor. */
class Connection {
  readonly #socket: ReturnType<typeof connect>
  #rest = ''
  #id = 0
  #onAnswer: ((answer: Answer) => void) | null = null
  #onEnd: ((error: Error) => void) | null = null

  private constructor(socket: ReturnType<typeof connect>) {
    this.#socket = socket
    socket.setEncoding('utf8')
    socket.on('data', (text: string) => this.#read(text))
    socket.on('error', (error) => this.#onEnd?.(error))
    socket.on('close', () => this.#onEnd?.(new Error('the monitor has gone')))
  }

  static open(path: string): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect(path)
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(new Connection(socket))
      })
    })
  }

  ask(method: string, params: object): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#onAnswer = resolve
      this.#onEnd = reject
      this.#socket.write(`${JSON.stringify({ jsonrpc: '2.0', id: ++this.#id, method, params })}\n`)
    })
  }

  close(): void {
    this.#onEnd = null
    this.#socket.destroy()
  }

  #read(text: string): void {
    this.#rest += text
    const end = this.#rest.indexOf('\n')
    if (end < 0) return
    const line = this.#rest.slice(0, end)
    this.#rest = this.#rest.slice(end + 1)
    this.#onAnswer?.(JSON.parse(line) as Answer)
  }
}
