import type { Line, Raw } from '../../line/line.js'
import { leadingTime } from '../../line/own-time.js'
import type { Dialect, DialectEvent, DialectParser, OperationFacts, OperationValues } from '../core/dialect.js'
import { TELLS_ALL } from '../text/line-per-request.js'
import { longestMatch, type Piece } from '../text/longest-match.js'
import { winfspSamples } from './samples.js'
import { outcomeOf } from './status.js'

const MESSAGE = /(?:^|[\w.)-]\[TID=[0-9a-fA-F]{1,8}\]: )([0-9A-Fa-f]{8,16}): (>>|<<)([A-Z][A-Za-z]{2,32})/
const LOOSE = /\[TID=[0-9a-fA-F]{1,8}\]: /

/** Windows' requests as the kernel's that ask for the same. */
const OPCODES: Readonly<Record<string, string>> = {
  Overwrite: 'setattr',
  Cleanup: 'flush',
  Close: 'release',
  Read: 'read',
  Write: 'write',
  QueryInformation: 'getattr',
  SetInformation: 'setattr',
  QueryEa: 'listxattr',
  SetEa: 'setxattr',
  FlushBuffers: 'fsync',
  QueryVolumeInformation: 'statfs',
  SetVolumeInformation: 'setattr',
  QueryDirectory: 'readdir',
  FileSystemControl: 'ioctl',
  DeviceControl: 'ioctl',
  LockControl: 'setlk',
  QuerySecurity: 'getattr',
  SetSecurity: 'setattr',
  QueryStreamInformation: 'listxattr',
}

/** What a Create asks for: only its options say whether it makes something, and whether that is a directory. */
function openedAs(rest: Raw): string {
  const directory = (Number.parseInt(/CreateOptions=(?:0x)?([0-9a-fA-F]{1,8})/.exec(rest)?.[1] ?? '0', 16) & 1) !== 0
  if (/, FILE_(?:CREATE|SUPERSEDE|OPEN_IF|OVERWRITE_IF)\b/.test(rest)) return directory ? 'mkdir' : 'create'
  return directory ? 'opendir' : 'open'
}

/** `"\a\b"`: no name on Windows has a quote in it. */
function quoted(rest: Raw, from: number): { path: Raw; end: number } | null {
  const open = rest.indexOf('"', from)
  const close = open < 0 ? -1 : rest.indexOf('"', open + 1)
  if (close < 0) return null
  const path = rest.slice(open + 1, close).replaceAll('\\', '/')
  return path.startsWith('/') ? { path, end: close + 1 } : null
}

function readRequest(
  name: string,
  rest: Raw,
): { opcode: string; facts: OperationFacts & { values?: OperationValues } } {
  const facts: OperationFacts & { values?: OperationValues } = {}
  const first = quoted(rest, 0)
  if (first) facts.path = first.path
  // Behind the name there are only numbers, and for a rename the new name.
  const after = rest.slice(first?.end ?? 0)
  let opcode = name === 'Create' ? openedAs(after) : (OPCODES[name] ?? name.toLowerCase())
  const before = rest.slice(0, first ? rest.indexOf('"') : rest.length)
  if (name === 'SetInformation' && /\bRename\b/.test(before + after)) {
    opcode = 'rename'
    const to = quoted(after, 0)
    if (to) facts.newPath = to.path
  } else if (name === 'Cleanup' && /\bDelete\b/.test(before)) opcode = 'unlink'
  const values: OperationValues = {}
  const size = /\bLength=(\d{1,15})\b/.exec(after)?.[1]
  const offset = /\bOffset=([0-9a-fA-F]{1,8}):([0-9a-fA-F]{1,8})\b/.exec(after)
  if (size !== undefined && (opcode === 'read' || opcode === 'write')) values.size = Number(size)
  if (offset) values.offset = Number.parseInt(offset[1] ?? '0', 16) * 2 ** 32 + Number.parseInt(offset[2] ?? '0', 16)
  if (Object.keys(values).length > 0) facts.values = values
  const pid = /\[PID=([0-9a-fA-F]{1,8})\]/.exec(after)?.[1]
  if (pid !== undefined) facts.pid = Number.parseInt(pid, 16)
  return { opcode, facts }
}

class WinfspParser implements DialectParser {
  line({ raw, index, atNs }: Line, emit: (event: DialectEvent) => void): boolean {
    const head = raw.slice(0, 160)
    const message = MESSAGE.exec(head)
    if (message === null) return LOOSE.test(head)
    const [, key = '', arrow, name = ''] = message
    const rest = raw.slice(message.index + message[0].length)
    const lines = [index, index] as const
    if (arrow === '>>') {
      const { opcode, facts } = readRequest(name, rest)
      emit({ kind: 'request', unique: null, slot: key, opcode, ...facts, atNs, lines })
      return true
    }
    const status = /^ IoStatus=([0-9a-fA-F]{1,8})\[/.exec(rest.slice(0, 40))?.[1]
    if (status === undefined) return false
    emit({ kind: 'reply', key, endedBy: 'reply', ...outcomeOf(status), atNs, lines })
    return true
  }

  end(): void {}
}

const PIECES: readonly Piece[] = [
  [/[^"]{0,120}?\[TID=[0-9a-fA-F]{1,8}\]: /y, 'PROGRAM[TID=…]:'],
  [/[0-9A-Fa-f]{8,16}: /y, "the request's address"],
  [/(?:>>|<<)[A-Z][A-Za-z]{2,32}/y, '>>Request or <<Request'],
  [/ IoStatus=[0-9a-fA-F]{1,8}\[/y, 'IoStatus=…[…]'],
]

/** WinFsp's debug log (Windows). */
export const winfsp: Dialect = {
  name: 'winfsp',
  version: 1,
  description:
    "WinFsp's debug log (-d -1): Windows' requests under the names of the kernel's that ask for the same (Create is create, mkdir, open or opendir, Cleanup flush or unlink, Close release), paths with slashes, statuses as errors; no ids, no times (built without a capture)",
  capabilities: { ...TELLS_ALL, ids: false, lookupNames: false },
  samples: winfspSamples,
  recognize(raw) {
    const head = raw.slice(0, 160)
    return MESSAGE.test(head) ? 2 : LOOSE.test(head) ? 1 : 0
  },
  time: (raw) => leadingTime(raw),
  explain: (raw) => longestMatch(raw, 0, PIECES),
  parser: () => new WinfspParser(),
}
