import type { Line, Raw } from '../../line/line.js'
import { leadingTime } from '../../line/own-time.js'
import { ALL_CAPABILITIES } from '../core/capabilities.js'
import type { Dialect, DialectEvent, DialectParser, OperationFacts, OperationValues } from '../core/dialect.js'
import { longestMatch, type Piece } from '../text/longest-match.js'
import { winfspSamples } from './samples.js'
import { outcomeOf } from './status.js'

const MESSAGE = /^(?:|[^"'{}=]{0,60}[\w.)-]\[TID=[0-9a-fA-F]{1,8}\]: )([0-9A-Fa-f]{8,16}): (>>|<<)([A-Z][A-Za-z]{2,32})/
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
  // Those that it does not show more of, it writes in capitals.
  QUERYEA: 'listxattr',
  SETEA: 'setxattr',
  DEVICECONTROL: 'ioctl',
  LOCKCONTROL: 'setlk',
}

/** What a Create asks for: only its options say whether it makes something, and whether that is a directory. */
function openedAs(rest: Raw): string {
  const directory = (Number.parseInt(/CreateOptions=(?:0x)?([0-9a-fA-F]{1,8})/.exec(rest)?.[1] ?? '0', 16) & 1) !== 0
  if (/, FILE_(?:CREATE|SUPERSEDE|OPEN_IF|OVERWRITE_IF)\b/.test(rest)) return directory ? 'mkdir' : 'create'
  return directory ? 'opendir' : 'open'
}

/** What stands in brackets behind a request's kind, and its file's name: ` [Rename] "\\a\\b", `. No name on Windows has a quote in it. */
const NAME = /^(?: ?\[([\w-]{0,40})\])? ?(?:"([^"]*)")?/
const NEW_NAME = /, NewFileName="([^"]*)"/

/** A path with slashes; undefined where it is none. */
function pathOf(name: Raw | undefined): Raw | undefined {
  const path = name?.replaceAll('\\', '/')
  return path?.startsWith('/') ? path : undefined
}

/** `0:1000`: the upper and the lower half, hexadecimal. */
const whole = (halves: RegExpExecArray): number =>
  Number.parseInt(halves[1] ?? '0', 16) * 2 ** 32 + Number.parseInt(halves[2] ?? '0', 16)

function readRequest(
  kind: string,
  rest: Raw,
): { opcode: string; facts: OperationFacts & { values?: OperationValues } } {
  const facts: OperationFacts & { values?: OperationValues } = {}
  const [before = '', how = '', name] = NAME.exec(rest) ?? []
  const path = pathOf(name)
  if (path !== undefined) facts.path = path
  const after = rest.slice(before.length)
  let opcode = kind === 'Create' ? openedAs(after) : (OPCODES[kind] ?? kind.toLowerCase())
  if (kind === 'SetInformation' && how.startsWith('Rename')) {
    opcode = 'rename'
    const to = pathOf(NEW_NAME.exec(after)?.[1])
    if (to !== undefined) facts.newPath = to
  } else if (kind === 'Cleanup' && how === 'Delete') opcode = 'unlink'
  const values: OperationValues = {}
  const size = /\bLength=(\d{1,15})\b/.exec(after)?.[1]
  const offset = /\bOffset=([0-9a-fA-F]{1,8}):([0-9a-fA-F]{1,8})\b/.exec(after)
  const end = how === 'EndOfFile' ? /, FileSize ?= ?([0-9a-fA-F]{1,8}):([0-9a-fA-F]{1,8})\b/.exec(after) : null
  if (size !== undefined && (opcode === 'read' || opcode === 'write' || opcode === 'readdir'))
    values.size = Number(size)
  if (end) values.size = whole(end)
  if (offset) values.offset = whole(offset)
  if (Object.keys(values).length > 0) facts.values = values
  const pid = /\[PID=([0-9a-fA-F]{1,8})\]/.exec(after)?.[1]
  if (pid !== undefined) facts.pid = Number.parseInt(pid, 16)
  return { opcode, facts }
}

/** A file's attributes, in what a request is answered with: this one is of directories. */
const ATTRIBUTES = /\bFileInfo=\{FileAttributes=([0-9a-fA-F]{1,8}),/
const DIRECTORY = 0x10
const MAX_KNOWN = 4096

class WinfspParser implements DialectParser {
  /** The paths that requests under way are about. */
  readonly #paths = new Map<string, Raw>()
  readonly #directories = new Set<Raw>()

  line({ raw, index, atNs }: Line, emit: (event: DialectEvent) => void): boolean {
    const head = raw.slice(0, 160)
    const message = MESSAGE.exec(head)
    if (message === null) return LOOSE.test(head)
    const [, key = '', arrow, kind = ''] = message
    const rest = raw.slice(message.index + message[0].length)
    const lines = [index, index] as const
    if (arrow === '>>') {
      const { opcode, facts } = readRequest(kind, rest)
      const removed = opcode === 'unlink' && this.#directories.delete(facts.path ?? '') ? 'rmdir' : opcode
      this.#paths.set(key, facts.newPath ?? facts.path ?? '')
      emit({
        kind: 'request',
        unique: null,
        slot: key,
        opcode: removed,
        ...facts,
        atNs,
        lines,
      })
      return true
    }
    const status = /^ IoStatus=([0-9a-fA-F]{1,8})\[/.exec(rest.slice(0, 40))?.[1]
    if (status === undefined) return false
    this.#learn(this.#paths.get(key) ?? '', rest)
    this.#paths.delete(key)
    emit({
      kind: 'reply',
      key,
      endedBy: 'reply',
      ...outcomeOf(status),
      atNs,
      lines,
    })
    return true
  }

  end(): void {}

  #learn(path: Raw, answer: Raw): void {
    const attributes = ATTRIBUTES.exec(answer.slice(0, 240))?.[1]
    if (path === '' || attributes === undefined) return
    if (this.#directories.size > MAX_KNOWN) this.#directories.clear()
    if (Number.parseInt(attributes, 16) & DIRECTORY) this.#directories.add(path)
    else this.#directories.delete(path)
  }
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
  version: 2,
  description:
    "WinFsp's debug log (-d -1): Windows' requests under the names of the kernel's that ask for the same (Create is create, mkdir, open or opendir, Cleanup flush, unlink or rmdir, Close release), paths with slashes, statuses as errors; no ids, no times (built from its source, without a capture)",
  capabilities: { ...ALL_CAPABILITIES, ids: false, lookupNames: false },
  samples: winfspSamples,
  recognize(raw) {
    const head = raw.slice(0, 160)
    return MESSAGE.test(head) ? 2 : LOOSE.test(head) ? 1 : 0
  },
  time: (raw) => leadingTime(raw),
  explain: (raw) => longestMatch(raw, 0, PIECES),
  parser: () => new WinfspParser(),
}
