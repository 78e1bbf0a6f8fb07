import { closest } from '../closest.js'
import { dialects } from '../dialect/builtin.js'
import type { Dialect } from '../dialect/core/dialect.js'
import { isAttribute, isRename } from '../dialect/core/effects.js'
import { errnoOfName } from '../dialect/core/errno.js'
import { OPCODE_NAMES } from '../dialect/core/opcode.js'
import { FusetraceError, pointAtCaller } from '../errors.js'
import { checkKeys, keysOf } from '../known-keys.js'
import type { Raw } from '../line/line.js'
import { encode } from '../line/text.js'
import { makeHeader } from '../recording/header.js'
import type { MarkRow, RecordingHeader, Row } from '../recording/row.js'
import { VERSION } from '../version.js'
import { buildRows } from './build.js'
import type { TraceEvent, TraceRequest } from './event.js'
import { kernelMaker, logMaker, type RowMaker, wireMaker } from './makers.js'
import { nsOf } from './time.js'
import type { OpenTrace, ReplyOptions, RequestOptions, Trace, TracePath } from './trace-types.js'

/** Of `trace`. */
export interface TraceOptions {
  /**
   * How the run is shown: the name of a dialect whose lines can be written (`libfuse`, `tracing`, `fuser`, `go-fuse`), one of your
   * own with a `writer`, `kernel` for the kernel's events, or `wire` for the messages themselves.
   * @default 'libfuse'
   */
  readonly dialect?: string | Dialect
  /** The mount is there from the beginning. @default true */
  readonly mounted?: boolean
}

const OPTIONS = keysOf<TraceOptions>({ dialect: true, mounted: true })

/**
 * Begins a trace: a run for unit tests of waits, without a daemon and without a recording. What is used and was not made before
 * was there before: it is looked up at the very beginning, as a kernel would have done.
 *
 * @throws {FusetraceError} `FT_DIALECT` for a dialect whose lines cannot be written
 * @example
 * const run = trace({ dialect: 'go-fuse' }).at('5ms').create('/a.txt').ok({ after: '2ms' }).at('10ms').kill()
 * await using session = await openReplay(run)
 * await session.waitFor.fileVisible('a.txt')
 */
export function trace(options: TraceOptions = {}): Trace {
  checkKeys('an option of trace', options, OPTIONS)
  return make({ form: formOf(options.dialect ?? 'libfuse'), mounted: options.mounted !== false, last: null, nowNs: 0 })
}

/** Traces share what they have in common. */
interface Chain {
  readonly event: TraceEvent
  readonly before: Chain | null
}

interface State {
  readonly form: Form
  readonly mounted: boolean
  readonly last: Chain | null
  readonly nowNs: number
}

/** In which way a trace's rows show its requests. */
interface Form {
  readonly name: string
  readonly version: number
  readonly endsHidden: boolean
  maker(): RowMaker
}

function formOf(given: string | Dialect): Form {
  if (given === 'wire') return { name: 'none', version: 1, endsHidden: false, maker: wireMaker }
  const dialect = typeof given === 'string' ? dialects.find(({ name }) => name === given) : given
  const writable = [...dialects.filter(({ writer }) => writer).map(({ name }) => name), 'kernel', 'wire']
  if (dialect?.name === 'kernel') return { ...dialect, endsHidden: false, maker: kernelMaker }
  const writer = dialect?.writer
  if (writer) return { ...dialect, endsHidden: dialect.capabilities.end === 'inferred', maker: () => logMaker(writer) }
  const what = dialect
    ? `lines of the dialect ${dialect.name} cannot be written`
    : `there is no dialect ${JSON.stringify(given)}`
  const near = dialect ? [] : closest(String(given), writable)
  const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : `give one of ${writable.join(', ')}`
  throw pointAtCaller(new FusetraceError('FT_DIALECT', what, { hint }))
}

/** What of the class the compiler cannot see: a method for each opcode. */
const make = (state: State, asked: TraceRequest | null = null): OpenTrace =>
  new TraceBuilder(state, asked) as unknown as OpenTrace

class TraceBuilder {
  readonly #state: State
  readonly #asked: TraceRequest | null
  #rows: readonly Row[] | null = null

  constructor(state: State, asked: TraceRequest | null) {
    this.#state = state
    this.#asked = asked
  }

  get header(): RecordingHeader {
    const { form } = this.#state
    return makeHeader({
      fusetraceVersion: VERSION,
      nodeVersion: process.versions.node,
      origin: 'record',
      originNs: 0n,
      dialect: form.name,
      dialectVersion: form.version,
      ...(form.maker === wireMaker && { wire: true }),
    })
  }

  rows(): readonly Row[] {
    const { form, mounted, last } = this.#state
    const events: TraceEvent[] = []
    for (let at = last; at !== null; at = at.before) events.push(at.event)
    this.#rows ??= buildRows(events.reverse(), { maker: form.maker(), endsHidden: form.endsHidden, mounted })
    return this.#rows
  }

  marks(): readonly MarkRow[] {
    return this.rows().filter((row) => row.kind === 'mark')
  }

  at(time: string): OpenTrace {
    return make({ ...this.#state, nowNs: nsOf(time) })
  }

  after(time: string): OpenTrace {
    return make({ ...this.#state, nowNs: this.#state.nowNs + nsOf(time) })
  }

  request(opcode: string, path: TracePath, options: RequestOptions = {}): OpenTrace {
    return this.ask(opcode.toLowerCase().replace(/^fuse_/, ''), rawPath(path), {}, options)
  }

  ask(opcode: string, path: Raw, names: Partial<TraceRequest>, options: RequestOptions): OpenTrace {
    checkKeys(`an option of ${opcode}`, options, REQUEST_OPTIONS)
    const { pid = 1000, ...values } = options
    const request: TraceRequest = { kind: 'request', atNs: this.#state.nowNs, opcode, path, pid, values, ...names }
    return make(this.#with(request), request)
  }

  ok(options?: ReplyOptions): OpenTrace {
    return this.#answer(null, options)
  }

  fail(errno: string, options?: ReplyOptions): OpenTrace {
    const known = errnoOfName(errno)
    if (known !== null) return this.#answer(known, options)
    throw pointAtCaller(
      new FusetraceError('FT_USAGE', `there is no errno ${JSON.stringify(errno)}`, { hint: 'give a name as ENOENT' }),
    )
  }

  missing(options?: ReplyOptions): OpenTrace {
    return this.#answer(null, options, true)
  }

  begin(name: string): OpenTrace {
    return this.#add({ kind: 'mark', atNs: this.#state.nowNs, edge: 'begin', name })
  }

  end(name: string): OpenTrace {
    return this.#add({ kind: 'mark', atNs: this.#state.nowNs, edge: 'end', name })
  }

  mark(name: string): OpenTrace {
    return this.#add({ kind: 'mark', atNs: this.#state.nowNs, edge: 'moment', name })
  }

  line(text: string): OpenTrace {
    return this.#add({ kind: 'line', atNs: this.#state.nowNs, raw: encode(text) })
  }

  probe(probe: string, path: TracePath, answer: string | number | boolean | null): OpenTrace {
    return this.#add({ kind: 'probe', atNs: this.#state.nowNs, probe, args: [rawPath(path)], answer })
  }

  mount(event: 'answered', detail: string | null = null): OpenTrace {
    return this.#add({ kind: 'mount', atNs: this.#state.nowNs, event, detail })
  }

  exit(code: number): OpenTrace {
    return this.#add({ kind: 'exit', atNs: this.#state.nowNs, code, signal: null })
  }

  kill(signal = 'SIGKILL'): OpenTrace {
    return this.#add({ kind: 'exit', atNs: this.#state.nowNs, code: null, signal })
  }

  #answer(errno: string | null, options: ReplyOptions = {}, negative = false): OpenTrace {
    checkKeys('an option of a reply', options, REPLY_OPTIONS)
    const request = this.#asked
    if (request === null) {
      throw pointAtCaller(
        new FusetraceError('FT_USAGE', 'there is no request to answer', { hint: 'answer right behind the request' }),
      )
    }
    const atNs = request.atNs + nsOf(options.after ?? '100us')
    const { nowNs, ...state } = this.#with({ kind: 'reply', atNs, request, errno, negative })
    return make({ ...state, nowNs: Math.max(nowNs, atNs) })
  }

  #add(event: TraceEvent): OpenTrace {
    return make(this.#with(event))
  }

  #with(event: TraceEvent): State {
    return { ...this.#state, last: { event, before: this.#state.last } }
  }
}

const REQUEST_OPTIONS = keysOf<RequestOptions>({
  size: true,
  offset: true,
  mode: true,
  flags: true,
  fh: true,
  pid: true,
})
const REPLY_OPTIONS = keysOf<ReplyOptions>({ after: true })
const WITHOUT_PATH = ['init', 'destroy', 'cuse_init', 'batch_forget', 'interrupt', 'notify_reply']

/** The method of an opcode: what it takes follows from what the request names. */
function method(opcode: string): (this: TraceBuilder, ...given: unknown[]) => OpenTrace {
  if (WITHOUT_PATH.includes(opcode)) {
    return function (options) {
      return this.ask(opcode, '/', {}, (options ?? {}) as RequestOptions)
    }
  }
  const two = isRename(opcode) || opcode === 'link' || opcode === 'symlink' || isAttribute(opcode)
  return function (path, second, third) {
    const options = ((two ? third : second) ?? {}) as RequestOptions
    return this.ask(opcode, rawPath(path as TracePath), two ? namesOf(opcode, second) : {}, options)
  }
}

function namesOf(opcode: string, given: unknown): Partial<TraceRequest> {
  if (typeof given !== 'string' && !(given instanceof Uint8Array)) {
    throw pointAtCaller(new FusetraceError('FT_USAGE', `${opcode} takes two names, the second is ${String(given)}`))
  }
  if (opcode === 'symlink') return { target: rawOf(given) }
  return isAttribute(opcode) ? { xattr: rawOf(given) } : { newPath: rawPath(given) }
}

for (const opcode of OPCODE_NAMES) Object.defineProperty(TraceBuilder.prototype, opcode, { value: method(opcode) })

const rawOf = (name: TracePath): Raw => (typeof name === 'string' ? encode(name) : Buffer.from(name).toString('latin1'))

/** `a.txt` → `/a.txt`, `/d/` → `/d`. */
function rawPath(path: TracePath): Raw {
  const raw = rawOf(path)
  if (raw === '' || raw.includes('\0')) {
    throw pointAtCaller(
      new FusetraceError('FT_USAGE', `${JSON.stringify(path)} is no path`, { hint: "write '/a.txt'" }),
    )
  }
  const rooted = raw.startsWith('/') ? raw : `/${raw}`
  return rooted.length > 1 && rooted.endsWith('/') ? rooted.slice(0, -1) : rooted
}
