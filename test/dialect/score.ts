import { existsSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { dialects } from '../../src/dialect/builtin.js'
import type { Dialect } from '../../src/dialect/core/dialect.js'
import type { Line, Stream } from '../../src/line/line.js'
import { LineSplitter } from '../../src/line/splitter.js'
import { Interpreter } from '../../src/operation/interpreter.js'
import type { Operation } from '../../src/operation/operation.js'
import { type PathScore, scorePaths } from './score-paths.js'

/**
 * Holds the operations that a dialect reads from a capture against the kernel's own events of the same run, and against
 * the workload's steps. A capture is a folder of `log.tsv`, `kernel.txt`, `workload.jsonl` and `meta.json`, each plain
 * or gzipped; committed ones lie in test/captures.
 */
export interface Score extends PathScore {
  dialect: string
  lines: number
  unparsed: number
  operations: Operation[]
  /** Operations by id, or without ids by opcode and time. */
  byId: boolean
  /** Share of the kernel's requests, of opcodes that the log shows at all, that have an operation. */
  recall: number
  missing: [string, number][]
  /** Operations that no kernel request stands behind. */
  phantom: number
  /** Agreement of opcodes among those joined by id; null without ids. */
  opcode: number | null
  badOpcodes: string[]
  /** Agreement of outcomes where the log tells one; null when it tells none. */
  errno: number | null
  badErrnos: string[]
  /** Share of joined operations whose outcome the log tells. */
  errnoKnown: number | null
  /** Median distance of start times from the kernel's, µs. */
  startUs: number | null
}

interface KernelRequest {
  readonly opcode: string
  readonly atNs: number
  error: number | null
}

/** The bytes of a capture's file, null when it has none. */
export function captureFile(directory: string, file: string): Buffer | null {
  const path = join(directory, file)
  if (existsSync(path)) return readFileSync(path)
  return existsSync(`${path}.gz`) ? gunzipSync(readFileSync(`${path}.gz`)) : null
}

/** Where the committed captures lie. */
export const captures: string = new URL('../captures', import.meta.url).pathname

/** The chunks of a stamped log, one a line, line feeds included. */
export function* stampedChunks(bytes: Buffer): Generator<{ atNs: bigint; stream: Stream; chunk: Buffer }> {
  for (let from = 0; from < bytes.length; ) {
    const feed = bytes.indexOf(10, from)
    const end = feed < 0 ? bytes.length : feed + 1
    const first = bytes.indexOf(9, from)
    const second = bytes.indexOf(9, first + 1)
    yield {
      atNs: BigInt(bytes.toString('latin1', from, first)),
      stream: bytes.toString('latin1', first + 1, second) as Stream,
      chunk: bytes.subarray(second + 1, end),
    }
    from = end
  }
}

/** A capture read with the built-in dialects (or one of its own). */
export function readCapture(directory: string, dialect?: Dialect) {
  const operations: Operation[] = []
  const strange: Line[] = []
  const interpreter = new Interpreter({
    candidates: dialects,
    ...(dialect && { dialect }),
    onEnd: (operation) => operations.push(operation),
    onLine: (line, understood) => {
      if (!understood) strange.push(line)
    },
  })
  const splitter = new LineSplitter({ onLine: (line) => interpreter.push(line) })
  let originNs: bigint | null = null
  let atNs = 0
  for (const { atNs: stamp, stream, chunk } of stampedChunks(captureFile(directory, 'log.tsv') ?? Buffer.alloc(0))) {
    originNs ??= stamp
    atNs = Number(stamp - originNs)
    splitter.push(stream, chunk, atNs)
  }
  splitter.end(atNs)
  interpreter.end(atNs)
  operations.sort((a, b) => a.id - b.id)
  return { interpreter, operations, strange, originNs: Number(originNs ?? 0n) }
}

/** Scores a capture, named by its folder in test/captures or by an absolute path. */
export function scoreCapture(name: string, dialect?: Dialect): Score {
  const directory = name.startsWith('/') ? name : join(captures, name)
  const meta = JSON.parse(String(captureFile(directory, 'meta.json'))) as { connection?: number }
  const { interpreter, operations, originNs } = readCapture(directory, dialect)
  const kernel = kernelRequests(String(captureFile(directory, 'kernel.txt') ?? ''), meta.connection ?? null, originNs)
  const byId = operations.some((operation) => operation.unique !== null)
  return {
    dialect: interpreter.dialect?.name ?? 'none',
    lines: interpreter.lines,
    unparsed: interpreter.unparsed,
    operations,
    byId,
    ...(byId ? scoreIds(operations, kernel) : scoreTimes(operations, kernel)),
    ...scorePaths(operations, String(captureFile(directory, 'workload.jsonl') ?? ''), originNs),
  }
}

const EVENT =
  / (\d+\.\d+): fuse_request_(send|end): connection (\d+) req (\d+)(?: opcode \d+ \(FUSE_(\w+)\))?(?:.*?error (-?\d+))?/

function kernelRequests(text: string, connection: number | null, originNs: number): Map<number, KernelRequest> {
  const requests = new Map<number, KernelRequest>()
  for (const line of text.split('\n')) {
    const event = EVENT.exec(line)
    if (event === null || (connection !== null && Number(event[3]) !== connection)) continue
    const unique = Number(event[4])
    const atNs = Math.round(Number(event[1]) * 1e6) * 1000 - originNs
    if (event[2] === 'send') {
      if (!requests.has(unique)) requests.set(unique, { opcode: (event[5] ?? '').toLowerCase(), atNs, error: null })
    } else {
      const request = requests.get(unique)
      if (request && request.error === null) request.error = Number(event[6])
    }
  }
  return requests
}

const norm = (opcode: string): string => opcode.toLowerCase().replaceAll('_', '').replace('rename2', 'rename')
/** Programs that print the name of the file's request for a directory's. */
const LOOSE = new Set(['open opendir', 'read readdir', 'read readdirplus', 'release releasedir', 'readdir readdirplus'])
/** Requests that the kernel's tracepoints do not show. */
const UNSEEN = new Set(['forget', 'batchforget', 'init', 'notifyreply', 'destroy', 'interrupt'])
/** Two names stand for 95; Node's errors have this one. */
const ERRNO_NAMES = new Map(Object.entries(constants.errno).map(([name, number]) => [number as number, name])).set(
  95,
  'ENOTSUP',
)

const ratio = (part: number, whole: number): number => (whole === 0 ? 1 : part / whole)
const counted = (names: string[]): [string, number][] => {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1])
}

type Joined = Omit<Score, 'dialect' | 'lines' | 'unparsed' | 'operations' | 'byId' | keyof PathScore>

function scoreIds(operations: Operation[], kernel: Map<number, KernelRequest>): Joined {
  const byUnique = new Map<number, Operation[]>()
  for (const operation of operations) {
    if (operation.unique === null) continue
    const same = byUnique.get(operation.unique)
    if (same) same.push(operation)
    else byUnique.set(operation.unique, [operation])
  }
  const shown = new Set(operations.map((operation) => norm(operation.opcode)))
  const want = [...kernel].filter(([, request]) => shown.has(norm(request.opcode)))
  const joined = want.flatMap(([unique, request]) => {
    const operation = byUnique.get(unique)?.[0]
    return operation ? [{ request, operation }] : []
  })
  let phantom = 0
  for (const [unique, same] of byUnique) {
    if (kernel.has(unique)) phantom += same.length - 1
    else phantom += same.filter((operation) => !UNSEEN.has(norm(operation.opcode))).length
  }
  const badOpcodes = joined.flatMap(({ request, operation }) => {
    const [a, b] = [norm(operation.opcode), norm(request.opcode)]
    return a === b || LOOSE.has(`${a} ${b}`) ? [] : [`${request.opcode} read as ${operation.opcode}`]
  })
  const told = joined.filter(
    ({ request, operation }) => request.error !== null && (operation.status === 'ok' || operation.status === 'error'),
  )
  const badErrnos = told.flatMap(({ request, operation }) => {
    const name = ERRNO_NAMES.get(-(request.error ?? 0)) ?? `errno_${-(request.error ?? 0)}`
    const agree = (request.error === 0) === (operation.status === 'ok')
    if (agree && (operation.errno === null || operation.errno === name)) return []
    return [`${operation.unique} ${operation.opcode}: ${request.error} read as ${operation.status} ${operation.errno}`]
  })
  const distances = joined
    .map(({ request, operation }) => Math.abs(request.atNs - operation.startNs))
    .sort((a, b) => a - b)
  const median = distances[distances.length >> 1]
  return {
    recall: ratio(joined.length, want.length),
    missing: counted(want.flatMap(([unique, request]) => (byUnique.has(unique) ? [] : [request.opcode]))),
    phantom,
    opcode: 1 - ratio(badOpcodes.length, Math.max(1, joined.length)),
    badOpcodes,
    errno: told.length === 0 ? null : 1 - badErrnos.length / told.length,
    badErrnos,
    errnoKnown: ratio(told.length, joined.length),
    startUs: median === undefined ? null : Math.round(median / 1000),
  }
}

/** Without ids: in order of time, an operation joins the nearest unjoined request of its opcode, at most 20 ms away. */
function scoreTimes(operations: Operation[], kernel: Map<number, KernelRequest>): Joined {
  const left = new Map<string, number[]>()
  for (const { opcode, atNs } of [...kernel.values()].sort((a, b) => a.atNs - b.atNs)) {
    const times = left.get(norm(opcode))
    if (times) times.push(atNs)
    else left.set(norm(opcode), [atNs])
  }
  const shown = new Set(operations.map((operation) => norm(operation.opcode)))
  const want = [...kernel.values()].filter((request) => shown.has(norm(request.opcode))).length
  let phantom = 0
  let hits = 0
  for (const { opcode, startNs } of [...operations].sort((a, b) => a.startNs - b.startNs)) {
    const times = left.get(norm(opcode)) ?? []
    let best = -1
    for (const [i, atNs] of times.entries()) {
      if (best < 0 || Math.abs(atNs - startNs) < Math.abs((times[best] ?? 0) - startNs)) best = i
    }
    if (best < 0 || Math.abs((times[best] ?? 0) - startNs) > 20e6) phantom++
    else {
      times.splice(best, 1)
      hits++
    }
  }
  const missing = [...left].filter(([opcode, times]) => shown.has(opcode) && times.length > 0)
  return {
    recall: ratio(hits, want),
    missing: missing.map(([opcode, times]) => [opcode, times.length]),
    phantom,
    opcode: null,
    badOpcodes: [],
    errno: null,
    badErrnos: [],
    errnoKnown: null,
    startUs: null,
  }
}
