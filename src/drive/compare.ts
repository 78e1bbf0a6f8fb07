import { printable } from '../line/text.js'
import type { Dirent, Request } from '../wire/index.js'
import type { Difference, Outcome } from './step.js'

const S_IFMT = 0o170000
const S_IFREG = 0o100000
const TYPES: ReadonlyMap<number, string> = new Map([
  [0o010000, 'fifo'],
  [0o020000, 'character device'],
  [0o040000, 'directory'],
  [0o060000, 'block device'],
  [0o100000, 'file'],
  [0o120000, 'symlink'],
  [0o140000, 'socket'],
])
/** Names of a listing that are shown. */
const MAX_NAMES = 5

interface Answer {
  readonly entry?: { readonly nodeId: bigint; readonly attr: Attr }
  readonly attr?: Attr
  readonly stat?: { readonly mode: number; readonly size: bigint }
  readonly entries?: readonly Dirent[]
  readonly target?: Buffer
  readonly value?: Buffer
  readonly data?: Buffer
  readonly size?: number
  readonly offset?: bigint
  readonly result?: number
  readonly bytesCopied?: bigint
}
export interface Attr {
  readonly mode: number
  readonly size: bigint
}

/** How two answers to one request differ in what a test could rely on: not in times, ids and inode numbers. */
export function differs(request: Request, then: Outcome, now: Outcome): Difference | null {
  const a = describe(request, then)
  const b = describe(request, now)
  return a === b ? null : { recorded: shortened(a, b), driven: shortened(b, a) }
}

/** What counts of an answer, as text: equal when it is. */
function describe(request: Request, { errno, body }: Outcome): string {
  if (errno !== null) return errno
  const answer = body as Answer
  if (answer.entry) return answer.entry.nodeId === 0n ? 'ENOENT' : nodeText(answer.entry.attr)
  if (answer.attr) return nodeText(answer.attr)
  if (answer.stat) return nodeText(answer.stat)
  if (answer.entries) return `names ${names(answer.entries).join(', ')}`
  if (answer.target) return `target ${text(answer.target)}`
  if (request.opcode === 'listxattr' && answer.value) {
    return `names ${text(answer.value).split('\0').filter(Boolean).sort().join(', ')}`
  }
  if (answer.value) return `value ${text(answer.value)}`
  if (answer.data) return `${answer.data.length} bytes`
  if (request.opcode === 'statfs') return 'ok'
  if (answer.bytesCopied !== undefined) return `${answer.bytesCopied} bytes`
  if (answer.size !== undefined) return `${answer.size} bytes`
  if (request.opcode === 'lseek') return `offset ${answer.offset}`
  if (answer.result !== undefined) return `result ${answer.result}`
  return 'ok'
}

/** What a node is, as far as it is compared: its type, and of a file the size. */
function nodeText({ mode, size }: Attr): string {
  const type = mode & S_IFMT
  const name = typeOf(mode)
  return type === S_IFREG ? `${name} of ${size} bytes` : name
}

const text = (bytes: Buffer): string => bytes.toString('latin1')

/** `.` and `..` are not every daemon's to name. */
const names = (entries: readonly Dirent[]): string[] =>
  entries
    .map(({ name }) => text(name))
    .filter((name) => name !== '.' && name !== '..')
    .sort()

/** An answer in a few words; a listing is shown by what the other does not have. */
export function shortened(one: string, other: string): string {
  const listing = /^names /
  if (!listing.test(one) || !listing.test(other)) return printable(one).slice(0, 200)
  const others = new Set(other.slice(6).split(', '))
  const only = one
    .slice(6)
    .split(', ')
    .filter((name) => name !== '' && !others.has(name))
  if (only.length === 0) return 'no other names'
  const more = only.length > MAX_NAMES ? ` and ${only.length - MAX_NAMES} more` : ''
  return printable(`also ${only.slice(0, MAX_NAMES).join(', ')}${more}`)
}

/** `file`, `directory`, `symlink` … of a mode. */
export const typeOf = (mode: number): string => TYPES.get(mode & S_IFMT) ?? 'unknown type'
