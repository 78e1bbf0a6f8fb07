import { type Command, InvalidArgumentError } from 'commander'
import { dialects } from '../dialect/builtin.js'
import { EXIT, FusetraceError } from '../errors.js'
import { readLog } from '../input/log-file.js'
import { join, type Witness } from '../kernel/join.js'
import { type KernelRequest, KernelRequests } from '../kernel/requests.js'
import { bestFit, KernelTraceText } from '../kernel/trace.js'
import { type Verification, verify } from '../kernel/verify.js'
import { WireSides } from '../kernel/wire-requests.js'
import { openRecording } from '../recording/reader.js'
import type { Row } from '../recording/row.js'
import { verificationText } from '../report/verify-text.js'
import { json, print } from './output.js'

interface VerifyOptions {
  kernel?: string
  connection?: number
  json?: boolean
  operations?: boolean
}

/** `fusetrace verify`: a recording's operations against the kernel's own events. */
export function registerVerify(program: Command): void {
  program
    .command('verify')
    .description(
      "hold what a log tells against the kernel's own events, or against the messages of a recording with --wire",
    )
    .argument('<file>', 'a recording, - for stdin')
    .option(
      '--kernel <trace>',
      "a saved trace of the kernel's fuse events, plain or gzip (default: the recording's own)",
    )
    .option('--connection <number>', "the mount's connection in the trace (default: the one that fits)", wholeNumber)
    .option('--json', 'print the report as JSON')
    .option('--operations', "print each operation with the log's times and the kernel's, one JSON object a line")
    .addHelpText(
      'after',
      `
Examples:
  fusetrace verify run.fusetrace                        recorded with --kernel or --wire
  fusetrace verify run.fusetrace --kernel kernel.txt    with a trace saved beside it

Exit 1 when something disagrees that the log does tell, 0 when nothing does.`,
    )
    .action(async (file: string, options: VerifyOptions) => {
      const { report, notes, connection, operations, requests } = await verifyFile(file, options)
      if (options.operations) {
        for (const line of bothTimes(operations, requests)) print(line)
        if (!report.agrees) process.exitCode = EXIT.finding
        return
      }
      const out = options.json
        ? json({ ...report, connection, notes }, 2)
        : verificationText(report, connection, notes).trimEnd()
      print(out)
      if (!report.agrees) process.exitCode = EXIT.finding
    })
}

/** Rows of a recording that was made between kernel and daemon. */
const WIRE = ['line', 'request', 'reply'] as const

/** What `verify` finds, and what should be known about it. */
interface Verified {
  report: Verification
  /** Of the trace; null when the recording's own events were used. */
  connection: number | null
  notes: string[]
  operations: readonly Witness[]
  /** Those of the mount. */
  requests: readonly KernelRequest[]
}

/**
 * Holds a recording against its own kernel events, or against a saved trace.
 *
 * @throws FT_INPUT, FT_RECORDING when an input cannot be read or holds no events
 */
async function verifyFile(file: string, options: VerifyOptions = {}): Promise<Verified> {
  const { operations, own, lost, originNs, notes, wire, dialect } = readRecording(file, options.kernel === undefined)
  const partly = dialects.find(({ name }) => name === dialect)?.capabilities.partly ?? []
  if (options.kernel === undefined && wire) {
    const { operations, requests } = wire
    return { report: verify(operations, requests, { lost }), connection: null, notes, operations, requests }
  }
  if (options.kernel === undefined) {
    if (own.list.length === 0) {
      throw new FusetraceError('FT_INPUT', `${file} holds no kernel events`, {
        hint: 'record with --kernel or --wire, or give a saved trace with --kernel TRACE.txt',
      })
    }
    if (dialect === 'kernel') {
      throw new FusetraceError('FT_INPUT', `the operations of ${file} were made of the kernel's events that it holds`, {
        hint: "to agree with oneself proves nothing: record with the daemon's log on, or give another trace with --kernel TRACE.txt",
      })
    }
    return {
      report: verify(operations, own.list, { lost, partly }),
      connection: null,
      notes,
      operations,
      requests: own.list,
    }
  }
  const trace = new KernelTraceText(originNs)
  for await (const chunk of readLog(options.kernel)) trace.push(chunk)
  trace.end()
  const [connection, report] = choose(trace, operations, partly, options)
  if (trace.connections.size > 1) notes.push(`${trace.connections.size} connections in the trace`)
  return { report, connection, notes, operations, requests: trace.connections.get(connection)?.list ?? [] }
}

/** Operations in order of start; the kernel's times are null where no request of its was found. */
function* bothTimes(operations: readonly Witness[], requests: readonly KernelRequest[]): Generator<string> {
  const joined = new Map(join(operations, requests).pairs.map(({ operation, request }) => [operation.id, request]))
  for (const { id, opcode, unique, startNs, endNs, status, errno } of [...operations].sort((a, b) => a.id - b.id)) {
    const request = joined.get(id)
    const kernelStartNs = request?.sendNs ?? null
    yield json({
      id,
      opcode,
      unique,
      startNs,
      endNs,
      kernelStartNs,
      kernelEndNs: request?.endNs ?? null,
      status,
      errno,
    })
  }
}

function choose(
  trace: KernelTraceText,
  operations: readonly Witness[],
  partly: readonly string[],
  { kernel, connection }: VerifyOptions,
): readonly [number, Verification] {
  const known = [...trace.connections.keys()].sort((a, b) => a - b)
  if (known.length === 0) {
    throw new FusetraceError('FT_INPUT', `${kernel} holds no fuse_request_send or fuse_request_end events`, {
      hint: "save tracefs' trace or trace_pipe with events/fuse enabled",
    })
  }
  if (connection !== undefined && !trace.connections.has(connection)) {
    throw new FusetraceError('FT_INPUT', `${kernel} has no events of connection ${connection}`, {
      hint: `it has: ${known.join(', ')}`,
    })
  }
  const wanted = connection === undefined ? known : [connection]
  const candidates = wanted.map((one) => {
    const { list } = trace.connections.get(one) ?? new KernelRequests()
    return [one, verify(operations, list, { lost: trace.lost, partly })] as const
  })
  return bestFit(candidates) as readonly [number, Verification]
}

function readRecording(file: string, withKernel: boolean) {
  const reader = openRecording(file)
  const operations: Witness[] = []
  const own = new KernelRequests()
  const notes: string[] = []
  let lost = 0
  const wire = withKernel && reader.header.wire ? new WireSides(reader.header) : null
  const kinds: Row['kind'][] = withKernel ? ['operation', 'kernel', 'loss', ...WIRE] : ['operation']
  for (const row of reader.rows({ kinds })) {
    wire?.push(row)
    if (row.kind === 'operation') {
      const { id, opcode, unique, startNs, endNs, status, errno, path, newPath, paths } = row.operation
      operations.push({ id, opcode, unique, startNs, endNs, status, errno, path, newPath, ...(paths && { paths }) })
    } else if (row.kind === 'kernel') own.push(row)
    else if (row.kind === 'loss' && row.what === (wire ? 'wire-messages' : 'kernel-events')) {
      lost += row.count
      own.lose(row)
    }
  }
  if (reader.problem !== null) notes.push(`the recording is not whole: ${reader.problem}`)
  const { originNs, dialect } = reader.header
  reader.close()
  operations.sort((a, b) => a.id - b.id)
  wire?.end(reader.footer?.durationNs ?? 0)
  return { operations, own, lost, originNs, notes, wire, dialect }
}

function wholeNumber(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.')
  return Number(text)
}
