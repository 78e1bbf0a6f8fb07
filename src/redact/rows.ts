import type { Raw } from '../line/line.js'
import { decode } from '../line/text.js'
import type { Operation } from '../operation/operation.js'
import type { CallRow, RecordingHeader, ReplyRow, RequestRow, Row } from '../recording/row.js'
import type { Place, Redactor } from './redactor.js'

/** A row with its secrets replaced; itself when it has none. */
export function redactRow(row: Row, redactor: Redactor): Row {
  const log = (text: string): string => redactor.text(text, 'log')
  switch (row.kind) {
    case 'line': {
      const raw = redactor.line(row.raw, row.stream)
      return raw === row.raw ? row : { ...row, raw, readBytes: row.readBytes ?? row.raw.length }
    }
    case 'mark':
      return { ...row, name: log(row.name) }
    case 'probe':
      return {
        ...row,
        args: row.args.map((arg) => redactor.raw(arg, 'log')),
        answer: typeof row.answer === 'string' ? log(row.answer) : row.answer,
      }
    case 'call':
      return redactCall(row, redactor)
    case 'operation':
      return { kind: 'operation', operation: redactOperation(row.operation, (raw) => redactor.raw(raw, 'log')) }
    case 'kernel':
      return row.details === undefined
        ? row
        : { ...row, details: { ...row.details, body: redactor.raw(row.details.body, 'log') } }
    case 'request':
    case 'reply':
      return redactMessage(row, redactor)
    case 'mount':
      return row.detail === null ? row : { ...row, detail: redactor.text(row.detail, 'command') }
    case 'wait':
      return {
        ...row,
        title: log(row.title),
        since: log(row.since),
        misses: row.misses.map(({ operation, reasons }) => ({ operation, reasons: reasons.map(log) })),
        note: row.note === null ? null : log(row.note),
      }
    case 'fault':
      return { ...row, text: log(row.text), path: row.path === null ? null : log(row.path) }
    case 'exit':
    case 'loss':
      return row
  }
}

/** What the header says of the command and where it ran. */
export function redactHeader(header: RecordingHeader, redactor: Redactor): RecordingHeader {
  const text = (value: string): string => redactor.text(value, 'command')
  const { command, mountpoint, branches, environment, daemonVersion } = header
  return {
    ...header,
    command: command === null ? null : command.map(text),
    mountpoint: mountpoint === null ? null : text(mountpoint),
    branches: branches.map(text),
    daemonVersion: daemonVersion === null ? null : text(daemonVersion),
    environment: Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, text(value)])),
  }
}

/** Names of an operation, by a function of their bytes. */
export function redactOperation(operation: Operation, redact: (raw: Raw) => Raw): Operation {
  const out: { -readonly [K in keyof Operation]: Operation[K] } = { ...operation }
  for (const key of ['path', 'newPath', 'name', 'target'] as const) {
    const text = operation[key]
    if (typeof text !== 'string') continue
    const given = operation[`${key}Bytes`]
    const raw =
      given === undefined
        ? Buffer.from(text, 'utf8').toString('latin1')
        : Buffer.from(given, 'base64').toString('latin1')
    const redacted = redact(raw)
    if (redacted === raw) continue
    const { text: now, bytes } = decode(redacted)
    out[key] = now
    if (bytes === null) delete out[`${key}Bytes`]
    else out[`${key}Bytes`] = bytes
  }
  if (operation.paths !== undefined) {
    out.paths = operation.paths.map((path) => decode(redact(Buffer.from(path, 'utf8').toString('latin1'))).text)
  }
  return out
}

/** Which arguments of a call are paths below its root; of those that are not here the first. */
const PATHS: Readonly<Record<string, readonly number[]>> = {
  symlink: [1],
  rename: [0, 1],
  link: [0, 1],
  copyFile: [0, 1],
}
/** Methods whose results are names. */
const NAMES: ReadonlySet<string> = new Set(['readdir', 'listXattr'])

function redactCall(row: CallRow, redactor: Redactor): CallRow {
  const { root, method, args, result, error } = row
  const isExec = root === 'daemon'
  const paths = isExec ? [] : (PATHS[method] ?? [0])
  const place: Place = isExec ? 'command' : 'log'
  const text = (value: string): string => redactor.text(value, place)
  return {
    ...row,
    args: args.map((arg, i) => redactValue(arg, redactor, paths.includes(i) ? 'log' : 'command')),
    result: redactValue(result, redactor, NAMES.has(method) ? 'log' : 'command'),
    error: error && {
      ...error,
      syscall: error.syscall === null ? null : text(error.syscall),
      message: text(error.message),
      ...(error.path !== undefined && { path: text(error.path) }),
      ...(error.dest !== undefined && { dest: text(error.dest) }),
    },
  }
}

/** JSON-like data with bytes, as calls have them. */
function redactValue(value: unknown, redactor: Redactor, place: Place): unknown {
  if (typeof value === 'string') return redactor.text(value, place)
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Uint8Array) {
    const raw = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1')
    const redacted = redactor.raw(raw, place)
    return redacted === raw ? value : new Uint8Array(Buffer.from(redacted, 'latin1'))
  }
  if (Array.isArray(value)) return value.map((item) => redactValue(item, redactor, place))
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      redactor.text(key, place),
      // Tags say what a value is, digests are compared.
      key === '$' || key === 'sha256' ? item : redactValue(item, redactor, place),
    ]),
  )
}

function redactMessage<R extends RequestRow | ReplyRow>(row: R, redactor: Redactor): R {
  const raw = Buffer.from(row.bytes.buffer, row.bytes.byteOffset, row.bytes.byteLength).toString('latin1')
  const redacted = redactor.raw(raw, 'log')
  // Where lengths stand in a message they have to hold.
  if (redacted === raw || redacted.length !== raw.length) return row
  return { ...row, bytes: new Uint8Array(Buffer.from(redacted, 'latin1')) }
}
