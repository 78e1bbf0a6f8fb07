import { FusetraceError } from '../errors.js'
import type { Mark } from '../monitor/monitor.js'
import { toJson } from '../operation/json.js'
import { isOwn } from '../operation/own.js'
import { WaitError } from '../wait/engine/errors.js'
import type { WaitOptions, WaitResult } from '../wait/engine/machine.js'
import { PROTOCOL, RPC, RpcError } from './protocol.js'
import type { Served } from './served.js'
import { WAIT_KINDS } from './wait-kinds.js'

/** Names of marks that are kept; the oldest go first. */
const MAX_MARKS = 10_000
/** Characters of a name. */
const MAX_NAME = 4096
/** Operations that one answer holds. */
const MAX_OPERATIONS = 10_000

type Params = Readonly<Record<string, unknown>>

/** What one client may ask. */
export interface Asker {
  /** Fires when the client has gone, or has taken the request back. */
  readonly signal: AbortSignal
  /** Steps that it has begun and not ended. */
  readonly steps: string[]
}

/** The methods of the protocol on what is served. `stop` is whoever serves' own. */
export class Methods {
  readonly #served: Served
  readonly #stop: () => void
  readonly #marks = new Map<string, Mark>()

  constructor(served: Served, stop: () => void) {
    this.#served = served
    this.#stop = stop
  }

  /** Answers a request; rejects with an `RpcError`. */
  async call(method: string, params: Params, asker: Asker): Promise<unknown> {
    switch (method) {
      case 'hello':
        return this.#hello()
      case 'wait':
        return this.#wait(params, asker)
      case 'mark':
        return this.#mark(params)
      case 'step.begin':
        return this.#beginStep(params, asker)
      case 'step.end':
        return this.#endStep(params, asker)
      case 'fence': {
        const { mark, exact, note } = await this.#served.fence()
        return { ...this.#keep(mark), exact, ...(note !== undefined && { note }) }
      }
      case 'operations':
        return this.#operations(params)
      case 'stop':
        this.#stop()
        return {}
      default:
        throw new RpcError(RPC.methodNotFound, `there is no method ${JSON.stringify(method)}`)
    }
  }

  /** Ends what a client that has gone left open. */
  async leave({ steps }: Asker): Promise<void> {
    for (const name of steps.splice(0).reverse()) await this.#served.endStep(name).catch(() => undefined)
  }

  #hello(): object {
    const { monitor, mountpoint, pid } = this.#served
    return {
      protocol: PROTOCOL,
      mountpoint,
      pid,
      state: monitor.state,
      dialect: monitor.dialect,
      lines: monitor.lineCount,
    }
  }

  async #wait(params: Params, { signal }: Asker): Promise<object> {
    const { kind, args = [], timeoutMs, since } = params
    const wait = typeof kind === 'string' && Object.hasOwn(WAIT_KINDS, kind) ? WAIT_KINDS[kind] : undefined
    if (!wait) {
      throw new RpcError(
        RPC.invalidParams,
        `there is no wait ${JSON.stringify(kind)}; there are ${Object.keys(WAIT_KINDS).join(', ')}`,
      )
    }
    if (!Array.isArray(args) || args.length !== wait.args.length || !args.every((arg) => typeof arg === 'string')) {
      throw new RpcError(RPC.invalidParams, `${String(kind)} takes ${wait.args.join(' and ') || 'no arguments'}`)
    }
    const known = ['kind', 'args', 'timeoutMs', 'since', ...(wait.more ?? [])]
    const strange = Object.keys(params).find((key) => !known.includes(key))
    if (strange !== undefined) {
      const what = known.filter((key) => key !== 'kind' && key !== 'args').join(', ')
      throw new RpcError(RPC.invalidParams, `${String(kind)} knows no ${strange}; it knows ${what}`)
    }
    if (timeoutMs !== undefined && !(typeof timeoutMs === 'number' && timeoutMs >= 0)) {
      throw new RpcError(RPC.invalidParams, 'timeoutMs is to be a number of milliseconds')
    }
    const options: WaitOptions = {
      signal,
      ...(typeof timeoutMs === 'number' && { timeoutMs }),
      ...(since !== undefined && { since: this.#since(since) }),
    }
    const paths = args.map(
      (arg, i) => (/path|from|to/.test(wait.args[i] ?? '') ? this.#below(arg as string) : arg) as string,
    )
    try {
      return resultJson(await wait.run(this.#served.waitFor, paths, options, this.#relative(params)))
    } catch (error) {
      throw asRpcError(error)
    }
  }

  /** A path of the mount as seen from outside is one below the mountpoint. */
  #below(given: string): string {
    const { mountpoint } = this.#served
    // Bytes that are not UTF-8, as operations show them; Python's strings hold them as lone surrogates.
    const path = given
      .replace(/[\udc80-\udcff]/gu, (byte) => `\\x${(byte.charCodeAt(0) & 0xff).toString(16)}`)
      .replace(/\\x[89a-f][0-9a-f]/gi, (byte) => `\\x${byte.slice(2).toUpperCase()}`)
    if (mountpoint === null || !path.startsWith(mountpoint)) return path
    const rest = path.slice(mountpoint.length)
    return rest === '' ? '/' : rest.startsWith('/') ? rest : path
  }

  #relative(params: Params): Params {
    const { path, newPath } = params
    return {
      ...params,
      ...(typeof path === 'string' && { path: this.#below(path) }),
      ...(typeof newPath === 'string' && { newPath: this.#below(newPath) }),
    }
  }

  #mark({ name }: Params): object {
    if (name !== undefined && (typeof name !== 'string' || name.length > MAX_NAME)) {
      throw new RpcError(RPC.invalidParams, `name is to be a string of at most ${MAX_NAME} characters`)
    }
    return this.#keep(this.#served.mark(name), name)
  }

  /** A mark as clients hold it: a text that `since` takes, also after a name of the same. */
  #keep(mark: Mark, name?: string): { mark: string; atNs: number } {
    if (name !== undefined) {
      this.#marks.delete(name)
      this.#marks.set(name, mark)
      const [oldest] = this.#marks.size > MAX_MARKS ? this.#marks.keys() : []
      if (oldest !== undefined) this.#marks.delete(oldest)
    }
    return { mark: `@${mark.line}:${mark.atNs}`, atNs: mark.atNs }
  }

  #since(since: unknown): Mark {
    const text = String(since)
    const [, line, atNs] = /^@(\d{1,15}):(\d{1,15})$/.exec(text) ?? []
    if (line !== undefined && atNs !== undefined) {
      if (Number(line) > this.#served.monitor.lineCount) {
        throw new RpcError(
          RPC.invalidParams,
          `the mark ${text} is not of this run: it lies beyond what has been logged`,
        )
      }
      return { name: text, line: Number(line), atNs: Number(atNs) }
    }
    const named = this.#marks.get(text)
    if (!named) throw new RpcError(RPC.invalidParams, `there is no mark ${JSON.stringify(text)}`)
    return named
  }

  async #beginStep(params: Params, { steps }: Asker): Promise<object> {
    const name = stepName(params)
    if (steps.length >= 100) throw new RpcError(RPC.busy, 'more than 100 steps of one client are open')
    steps.push(name)
    try {
      return this.#keep(await this.#served.beginStep(name), name)
    } catch (error) {
      steps.splice(steps.lastIndexOf(name), 1)
      throw asRpcError(error)
    }
  }

  async #endStep(params: Params, { steps }: Asker): Promise<object> {
    const name = stepName(params)
    const at = steps.lastIndexOf(name)
    if (at < 0) throw new RpcError(RPC.invalidParams, `no step ${JSON.stringify(name)} of this client is open`)
    steps.splice(at, 1)
    return this.#keep(await this.#served.endStep(name))
  }

  #operations({ since, limit = MAX_OPERATIONS }: Params): object {
    const { monitor } = this.#served
    if (typeof limit !== 'number' || !Number.isSafeInteger(limit) || limit < 0) {
      throw new RpcError(RPC.invalidParams, 'limit is to be a whole number')
    }
    const mark = since === undefined ? null : this.#since(since)
    const all = [...monitor.recentOperations(), ...monitor.openOperations()].filter(
      (operation) => !isOwn(operation) && (mark === null || operation.lines[0] >= mark.line),
    )
    const kept = all.slice(Math.max(0, all.length - Math.min(limit, MAX_OPERATIONS)))
    return { operations: kept.map(toJson), more: all.length - kept.length }
  }
}

function stepName({ name }: Params): string {
  if (typeof name !== 'string' || name === '' || name.length > MAX_NAME) {
    throw new RpcError(RPC.invalidParams, `a step has a name, of at most ${MAX_NAME} characters`)
  }
  return name
}

/** What a wait that was satisfied says of itself. */
function resultJson(result: WaitResult): object {
  const { operation, operations, by, startNs, endNs, durationNs, waitedNs, note } = result
  return {
    operation: operation && toJson(operation),
    operations: operations.map(toJson),
    by,
    startNs,
    endNs,
    durationNs,
    waitedNs,
    ...(note !== undefined && { note }),
  }
}

function asRpcError(error: unknown): unknown {
  if (error instanceof WaitError) {
    const { code, title, reason, hint, message } = error
    return new RpcError(RPC.unsatisfied, `${title}: ${reason}`, { code, reason, hint, explanation: message })
  }
  if (error instanceof FusetraceError) {
    const code = error.code === 'FT_USAGE' ? RPC.invalidParams : RPC.unsatisfied
    return new RpcError(code, error.message, {
      code: error.code,
      reason: error.message,
      hint: error.hint,
      explanation: error.message,
    })
  }
  return error
}
