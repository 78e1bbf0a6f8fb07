import { constants } from 'node:os'
import type { Clock } from '../clock.js'
import { FusetraceError } from '../errors.js'
import type { Raw } from '../line/line.js'
import { encode, unescapeOctal } from '../line/text.js'
import { runTool } from '../process/run-tool.js'
import { LATE, MS } from '../time.js'
import type { StatRequest } from './stat-child.js'
import type { StatPool } from './stat-pool.js'

export interface XattrOptions {
  clock: Clock
  /** Processes that make the calls where koffi is installed. @default a process of the tool's own for each call */
  pool?: StatPool
  /**
   * How long the file system may take, ns; then the call fails with `ETIMEDOUT` and what hangs is left behind.
   * @default 5 s
   */
  limitNs?: number
  /**
   * False: of a symbolic link itself instead of what it names.
   * @default true
   */
  follow?: boolean
  /** Called when the call begins: what happens later may not be in its answer. */
  onSent?(): void
}

/**
 * Value of an extended attribute. Node has no such call: a process of the pool makes it, by way of the optional package
 * koffi; where that is not installed, `getfattr` of Debian's package `attr` does.
 *
 * @throws an error with `code`, `errno`, `syscall` and `path` as those of `node:fs` (`ENODATA` when there is no such attribute)
 * @throws FT_ENVIRONMENT when neither koffi nor `getfattr` is installed
 */
export async function getXattr(path: string, name: string, options: XattrOptions): Promise<Buffer> {
  const bytes = await call({ stat: 'getxattr', ...onName(path, name, options) }, path, options)
  if (bytes !== null) return Buffer.from(bytes, 'latin1')
  const args = ['--absolute-names', '--only-values', ...link(options), '-n', name, '--', path]
  return (await run('getfattr', args, 'getxattr', path, options)).stdout
}

/** Names of all extended attributes that this user may see, as text. */
export async function listXattr(path: string, options: XattrOptions): Promise<string[]> {
  const follow = options.follow !== false
  const bytes = await call({ stat: 'listxattr', path: encode(path), follow }, path, options)
  if (bytes !== null) {
    const names = bytes.split('\0').slice(0, -1)
    return names.map((name) => Buffer.from(name, 'latin1').toString('utf8'))
  }
  const args = ['--absolute-names', '-m', '-', ...link(options), '--', path]
  const { stdout } = await run('getfattr', args, 'listxattr', path, options)
  return stdout
    .toString('latin1')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('# file: '))
    .map((line) => Buffer.from(unescapeOctal(line), 'latin1').toString('utf8'))
}

/** Sets an extended attribute to these bytes (text as UTF-8). */
export async function setXattr(
  path: string,
  name: string,
  value: string | Uint8Array,
  options: XattrOptions,
): Promise<void> {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : Buffer.from(value)
  const question = { ...onName(path, name, options), value: bytes.toString('latin1') }
  if ((await call({ stat: 'setxattr', ...question }, path, options)) !== null) return
  // An empty value in base64 sets nothing, and says nothing.
  const encoded = bytes.length === 0 ? '' : `0s${bytes.toString('base64')}`
  const args = [...link(options), '-n', name, '-v', encoded, '--', path]
  await run('setfattr', args, 'setxattr', path, options)
}

/** Removes an extended attribute; `ENODATA` when there is none of that name. */
export async function removeXattr(path: string, name: string, options: XattrOptions): Promise<void> {
  if ((await call({ stat: 'removexattr', ...onName(path, name, options) }, path, options)) !== null) return
  await run('setfattr', [...link(options), '-x', name, '--', path], 'removexattr', path, options)
}

const onName = (path: string, name: string, { follow }: XattrOptions): { path: Raw; name: Raw; follow: boolean } => ({
  path: encode(path),
  name: encode(name),
  follow: follow !== false,
})

/** Makes the call in a process of the pool; null when it has no way to. */
async function call(question: StatRequest, path: string, options: XattrOptions): Promise<Raw | null> {
  if (options.pool === undefined) return null
  const answer = await options.pool.ask(question, options.limitNs ?? 5000 * MS, options.onSent)
  if (answer === LATE) throw failure('ETIMEDOUT', question.stat, path)
  if (answer.errno === 'NOKOFFI') return null
  if (answer.errno !== null) throw failure(answer.errno, question.stat, path)
  return answer.bytes ?? ''
}

const link = (options: XattrOptions): string[] => (options.follow === false ? ['-h'] : [])

async function run(
  tool: 'getfattr' | 'setfattr',
  args: readonly string[],
  syscall: string,
  path: string,
  options: XattrOptions,
): Promise<{ stdout: Buffer }> {
  const result = await runTool(options.clock, options.limitNs ?? 5000 * MS, tool, args)
  if (result === null) {
    throw new FusetraceError('FT_ENVIRONMENT', `${tool} is not installed, and Node itself cannot read xattrs`, {
      hint: 'npm install koffi, or apt install attr',
    })
  }
  if (result === LATE) throw failure('ETIMEDOUT', syscall, path)
  if (result.code === 0) return result
  const reason = /: ([^:]*)\s*$/.exec(result.stderr)?.[1]?.trim() ?? ''
  throw failure(REASONS[reason] ?? 'UNKNOWN', syscall, path, REASONS[reason] ? undefined : result.stderr.trim())
}

/** The error of a call on extended attributes, as those of `node:fs` are. */
export function asXattrError(errno: string, syscall: string, path: string): NodeJS.ErrnoException {
  return failure(errno === 'EOPNOTSUPP' ? 'ENOTSUP' : errno, syscall, path)
}

function failure(code: string, syscall: string, path: string, detail?: string): NodeJS.ErrnoException {
  const error: NodeJS.ErrnoException = new Error(`${code}: ${detail ?? 'the call failed'}, ${syscall} '${path}'`)
  error.code = code
  const number = (constants.errno as Record<string, number>)[code]
  if (number !== undefined) error.errno = -number
  error.syscall = syscall
  error.path = path
  return error
}

/** What the C library says, in English, and the tools' own words for ENODATA. */
const REASONS: Readonly<Record<string, string>> = {
  'No such attribute': 'ENODATA',
  'No data available': 'ENODATA',
  'No such file or directory': 'ENOENT',
  'Operation not supported': 'ENOTSUP',
  'Operation not permitted': 'EPERM',
  'Permission denied': 'EACCES',
  'Not a directory': 'ENOTDIR',
  'File name too long': 'ENAMETOOLONG',
  'Numerical result out of range': 'ERANGE',
  'Argument list too long': 'E2BIG',
  'No space left on device': 'ENOSPC',
  'Disk quota exceeded': 'EDQUOT',
  'Read-only file system': 'EROFS',
  'Transport endpoint is not connected': 'ENOTCONN',
  'Software caused connection abort': 'ECONNABORTED',
  'Input/output error': 'EIO',
  'Function not implemented': 'ENOSYS',
  'Invalid argument': 'EINVAL',
  'Too many levels of symbolic links': 'ELOOP',
  'Device or resource busy': 'EBUSY',
  'Stale file handle': 'ESTALE',
  'Is a directory': 'EISDIR',
  'File exists': 'EEXIST',
}
