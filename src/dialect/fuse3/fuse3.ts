import type { Line, Raw } from '../../line/line.js'
import { leadingTime, timeIn } from '../../line/own-time.js'
import { ALL_CAPABILITIES } from '../core/capabilities.js'
import type { Dialect, DialectEvent, DialectParser, OperationFacts, OperationValues } from '../core/dialect.js'
import { isEntry, MAKES_NODE } from '../core/effects.js'
import { errnoName } from '../core/errno.js'
import { opcodeOf, UNANSWERED } from '../core/opcode.js'
import { longestMatch, type Piece } from '../text/longest-match.js'
import { RUST, unquote } from '../text/quoted.js'

/** Before 2025 with small letters. */
const MESSAGE =
  /(?:^|[ \]:|>])([A-Z][A-Z_0-9]{3,24}|[a-z]{4,16}) (started|completed|failed) req\.unique=(\d{1,16})(?: |$)/
const ERRNO = /^(?:e|err|error)=(?:Errno\()?-?(\d{1,5})\)?/
/** The whole request, instead of fields of its own. */
const REQUEST = /^Request \{ unique: \d{1,16}, uid: \d{1,10}, gid: \d{1,10}, pid: (\d{1,10}) \}/
const CHILD = /\bino: (\d{1,20})\b/

/** A line of a request's; null for every other. What stands before is a logger's prefix. */
function messageIn(raw: Raw): { found: RegExpExecArray; opcode: string } | null {
  const found = MESSAGE.exec(raw.slice(0, 260))
  if (found === null || /["'`]/.test(raw.slice(0, found.index))) return null
  const opcode = opcodeOf(found[1] ?? '')
  return opcode === null ? null : { found, opcode }
}

/** `parent="/" parent_id=1 name="a"`: names are quoted, numbers are not. */
function fieldsOf(raw: Raw, from: number): Map<string, Raw> {
  const fields = new Map<string, Raw>()
  const key = /([A-Za-z_][\w.]{0,40})=/y
  for (let at = from; at < raw.length; ) {
    key.lastIndex = at
    const found = key.exec(raw)
    if (found === null) break
    const value = raw.charCodeAt(key.lastIndex) === 34 ? unquote(raw, key.lastIndex, RUST) : null
    const request = REQUEST.exec(raw.slice(key.lastIndex, key.lastIndex + 120))
    if (request) {
      fields.set('pid', request[1] ?? '')
      at = key.lastIndex + request[0].length + 1
      continue
    }
    const space = raw.indexOf(' ', key.lastIndex)
    const end = value?.end ?? (space < 0 ? raw.length : space)
    fields.set(found[1] ?? '', value?.value ?? raw.slice(key.lastIndex, end))
    at = end + 1
  }
  return fields
}

/** Of the root's path some versions write nothing, and no others begin with a slash then. */
const whole = (path: Raw): Raw => (path.startsWith('/') ? path : `/${path}`)
const join = (directory: Raw, name: Raw): Raw => (directory === '/' ? `/${name}` : `${directory}/${name}`)

function factsOf(opcode: string, fields: ReadonlyMap<string, Raw>): OperationFacts & { values?: OperationValues } {
  const facts: OperationFacts & { values?: OperationValues } = {}
  const first = (...keys: string[]): Raw | undefined =>
    keys.map((key) => fields.get(key)).find((one) => one !== undefined)
  const number = (text: Raw | undefined): string | undefined => /^\d{1,20}$/.exec(text ?? '')?.[0]
  const entry = isEntry(opcode)
  const parent = number(first('parent_id', 'parent_inode', 'origin_parent_id', 'new_parent_id'))
  const node = number(first('inode', 'ino', 'inode_id', 'file_id', 'node_id'))
  const nodeId = entry ? (parent ?? node) : node
  if (nodeId !== undefined) facts.nodeId = nodeId
  // A create's file name is its entry's.
  const name = first('name', 'origin_name', 'link_name', ...(opcode === 'create' ? ['filename'] : []))
  if (name !== undefined) facts[entry ? 'entry' : 'xattr'] = name
  const directory = first('parent', 'origin_parent')
  const named = entry ? undefined : first('filename', 'dirname', ...(opcode.startsWith('readdir') ? ['parent'] : []))
  if (entry && name !== undefined && directory !== undefined) facts.path = join(whole(directory), name)
  if (named !== undefined) facts.path = whole(named)
  const [target, newParent] = [first('new_name'), number(fields.get('new_parent_id'))]
  if (opcode.startsWith('rename') && target !== undefined) facts.otherEntry = target
  if (opcode.startsWith('rename') && newParent !== undefined) facts.otherNodeId = newParent
  const values: OperationValues = {}
  for (const key of ['size', 'offset', 'mode', 'flags', 'fh'] as const) {
    const value = number(fields.get(key))
    if (value !== undefined) values[key] = Number(value)
  }
  const length = number(fields.get('data_len'))
  if (length !== undefined) values.size = Number(length)
  if (fields.get('pid') !== undefined) facts.pid = Number(number(fields.get('pid')) ?? 0)
  if (Object.keys(values).length > 0) facts.values = values
  return facts
}

class Fuse3Parser implements DialectParser {
  line({ raw, index, atNs }: Line, emit: (event: DialectEvent) => void): boolean {
    const message = messageIn(raw)
    if (message === null) return false
    const { found, opcode } = message
    const [unique, rest] = [Number(found[3]), found.index + found[0].length]
    const lines = [index, index] as const
    if (found[2] === 'started') {
      const noReply = UNANSWERED.has(opcode) ? { noReply: true } : null
      emit({ kind: 'request', unique, opcode, ...factsOf(opcode, fieldsOf(raw, rest)), ...noReply, atNs, lines })
      return true
    }
    if (UNANSWERED.has(opcode)) return true
    const failed = found[2] === 'failed'
    const error = failed ? ERRNO.exec(raw.slice(rest, rest + 80))?.[1] : undefined
    const errno = error === undefined ? null : errnoName(Number(error))
    const child = !failed && MAKES_NODE.has(opcode) ? CHILD.exec(raw.slice(rest, rest + 1000))?.[1] : undefined
    const status = failed ? 'error' : 'ok'
    const answer = child === undefined ? null : { childNodeId: child }
    emit({ kind: 'reply', key: unique, endedBy: 'reply', status, errno, ...answer, atNs, lines })
    return true
  }

  end(): void {}
}

const PIECES: readonly Piece[] = [
  [/[^"]{0,200}?(?=[A-Za-z_]{4,24} (?:started|completed|failed) )/y, 'REQUEST started, completed or failed'],
  [/[A-Za-z_]{4,24} \w+ /y, 'REQUEST started, completed or failed'],
  [/req\.unique=\d{1,16}/y, 'req.unique=…'],
]

/** File systems on fuse3 (Rust) that log each request as it begins and ends: gvfs-fuse. */
export const fuse3: Dialect = {
  name: 'fuse3',
  version: 2,
  description:
    'fuse3 (Rust) where it logs each request (gvfs-fuse: NAME started, completed, failed with req.unique): ids, names, outcomes; names are quoted, so that forged lines are told (built without a capture)',
  capabilities: { ...ALL_CAPABILITIES, timestamps: 'us' },
  samples: [
    {
      lines:
        '2025-01-02T03:04:05.123456Z DEBUG gvfs_fuse::debug: LOOKUP started req.unique=16 uid=501 gid=20 pid=435 parent="/" parent_id=1 name="a \\"b\\"\\n"\n2025-01-02T03:04:05.123556Z ERROR gvfs_fuse::debug: LOOKUP failed req.unique=16 e=Errno(2)',
      events: [
        { kind: 'request', unique: 16, opcode: 'lookup', nodeId: '1', entry: 'a "b"\n', path: '/a "b"\n', pid: 435 },
        { kind: 'reply', key: 16, status: 'error', errno: 'ENOENT' },
      ],
    },
    {
      lines:
        'getattr started req.unique=6 req=Request { unique: 6, uid: 1000, gid: 1000, pid: 525 } filename="" fh=None flags=0\ngetattr completed req.unique=6 reply=ttl: 1s, FileAttr: { ino: 1, size: 0 }\nCREATE started req.unique=8 uid=0 gid=0 pid=9 parent="/d" parent_id=4 filename="x" mode=420 flags=32769\nWRITE started req.unique=10 uid=0 gid=0 pid=9 filename="/d/x" file_id=7 fh=3 offset=0 data_len=5 write_flags=0 flags=1',
      events: [
        { opcode: 'getattr', unique: 6, path: '/', pid: 525 },
        { key: 6, status: 'ok' },
        { opcode: 'create', nodeId: '4', entry: 'x', path: '/d/x', values: { mode: 420, flags: 32769 } },
        { opcode: 'write', nodeId: '7', path: '/d/x', values: { offset: 0, flags: 1, fh: 3, size: 5 } },
      ],
    },
    {
      lines:
        'OPENDIR started req.unique=11 uid=501 gid=20 pid=435 inode=1 flags=0\nOPENDIR completed req.unique=11 reply=ReplyOpen { fh: 1, flags: 0 }',
      events: [
        { opcode: 'opendir', unique: 11, nodeId: '1', values: { flags: 0 } },
        { key: 11, status: 'ok', errno: null },
      ],
    },
    {
      lines:
        'MKDIR started req.unique=12 uid=0 gid=0 pid=9 parent="/d" parent_id=4 name="x" mode=493\nMKDIR completed req.unique=12 reply=ReplyEntry { ttl: 1s, attr: FileAttr { ino: 7, size: 0 } }',
      events: [
        { opcode: 'mkdir', nodeId: '4', entry: 'x', path: '/d/x', values: { mode: 493 } },
        { key: 12, status: 'ok', childNodeId: '7' },
      ],
    },
  ],
  recognize: (raw) => (messageIn(raw) === null ? 0 : 2),
  time(raw) {
    const message = messageIn(raw)
    return message ? timeIn(raw.slice(0, message.found.index)) : leadingTime(raw)
  },
  explain: (raw) => longestMatch(raw, 0, PIECES),
  parser: () => new Fuse3Parser(),
}
