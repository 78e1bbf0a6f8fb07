import type { Line } from '../../line/line.js'
import { leadingTime, timeIn, timeOfValue } from '../../line/own-time.js'
import { ALL_CAPABILITIES } from '../core/capabilities.js'
import type { Dialect, DialectEvent, DialectParser, RequestEvent } from '../core/dialect.js'
import { errnoOfName, errnoOfWords } from '../core/errno.js'
import { failedReply } from '../core/failed.js'
import { opcodeName, UNANSWERED } from '../core/opcode.js'
import { isRcloneTrace } from '../text/bazil-line.js'
import { readJsonLine } from '../text/json-line.js'
import { longestMatch } from '../text/longest-match.js'
import { arrow, type BazilLine, readBazilLine } from './line.js'
import { type Details, detailsOfJson, readDetails, SHAPES } from './names.js'

/** Text forms of bazil.org/fuse since 2013, its JSON form, and rclone's `--debug-fuse`. */
class BazilParser implements DialectParser {
  /** Nodes that were opened as directories: the text form of a release or fsync does not say so. */
  readonly #directories = new Set<string>()
  /** Opcodes of requests without a name, named by the line before. */
  readonly #unnamed: number[] = []

  line(line: Line, emit: (event: DialectEvent) => void): boolean {
    const read = readBazilLine(line.raw)
    if (read === null) return isRcloneTrace(line.raw)
    switch (read.kind) {
      case 'request':
        emit(this.#request(read, line))
        return true
      case 'reply':
        if (!UNANSWERED.has(SHAPES[read.op]?.opcode ?? '')) emit(reply(read, line))
        return true
      case 'no-opcode':
        this.#unnamed.push(read.opcode)
        return true
      case 'other':
        return true
    }
  }

  end(): void {}

  #request(read: BazilLine & { kind: 'request' }, { index, atNs }: Line): RequestEvent {
    const { op, node, rest, given } = read
    const details = given ? detailsOfJson(op, given, node) : readDetails(op, rest, node)
    const event: RequestEvent = {
      kind: 'request',
      unique: read.id,
      opcode: this.#opcode(read, details),
      nodeId: node,
      atNs,
      lines: [index, index],
    }
    // Not spread into it: that takes ten times as long where facts have many shapes.
    Object.assign(event, details.facts)
    event.pid = read.pid
    if (details.values) event.values = details.values
    if (UNANSWERED.has(event.opcode)) event.noReply = true
    if (details.forgets) {
      event.forgets = details.forgets
      if (details.forgetCounts?.length === details.forgets.length) event.forgetCounts = details.forgetCounts
      for (const id of details.forgets) this.#directories.delete(id)
    }
    return event
  }

  #opcode({ op, node, rest, given }: BazilLine & { kind: 'request' }, { directory }: Details): string {
    const shape = SHAPES[op]
    if (shape === undefined) {
      const reported = /^opcode=(\d{1,5})$/.exec(rest)?.[1] ?? given?.Opcode
      const number = reported ?? this.#unnamed.shift()
      return number === undefined ? op.toLowerCase() || 'unknown' : opcodeName(Number(number))
    }
    if (directory && op === 'Open') this.#directories.add(node)
    const known = (op === 'Release' || op === 'Fsync') && this.#directories.has(node)
    return (directory || known ? shape.directory : undefined) ?? shape.opcode
  }
}

function reply({ id, error, child }: BazilLine & { kind: 'reply' }, { index, atNs }: Line): DialectEvent {
  const event: DialectEvent = {
    kind: 'reply',
    key: id,
    endedBy: 'reply',
    status: error === null ? 'ok' : 'error',
    errno: error === null ? null : errnoOf(error),
    atNs,
    lines: [index, index],
  }
  if (child !== null) event.childNodeId = child
  return event
}

/** `ENOENT`, `operation not supported`, or the name with a longer message: `EIO: function not implemented`. */
function errnoOf(error: string): string | null {
  const name = /^(E[A-Z0-9]{1,20})(?::|$)/.exec(error)?.[1]
  if (name !== undefined) return errnoOfName(name)
  return errnoOfWords(error) ?? errnoOfWords(error.slice(0, Math.max(0, error.indexOf(': '))))
}

const HEAD = 'ID=0x6 Node=0x1 Uid=0 Gid=0 Pid=24561'

/** bazil.org/fuse and rclone mount --debug-fuse. */
export const bazil: Dialect = {
  name: 'bazil',
  version: 2,
  description:
    "bazil.org/fuse's debug messages, text or JSON, and rclone --debug-fuse: ids, names, outcomes; JSON since 2020 has no ids in requests and tells nothing (JSON and versions but 2016's from sources, no capture)",
  capabilities: { ...ALL_CAPABILITIES, timestamps: 's' },
  samples: [
    {
      lines: `2026/11/22 20:00:41 DEBUG : fuse: <- Lookup [${HEAD}] "a \\"b\\".txt"\n2026/11/22 20:00:41 DEBUG : fuse: -> [ID=0x6] Lookup error=ENOENT`,
      events: [
        { kind: 'request', unique: 6, opcode: 'lookup', nodeId: '1', entry: 'a "b".txt', pid: 24561 },
        { kind: 'reply', key: 6, status: 'error', errno: 'ENOENT' },
      ],
    },
    {
      lines: `2026/11/22 21:13:02 FUSE: <- Create [${HEAD}] "a.txt" fl=OpenWriteOnly+OpenCreate mode=-rw-r--r-- umask=-----w--w-\n2026/11/22 21:13:02 FUSE: -> [ID=0x6] Create {0x2 gen=0 valid=1m0s attr={valid=1m0s ino=2320449 size=0 mode=-rw-r--r--}} {0x1 fl=0}`,
      events: [
        { unique: 6, opcode: 'create', entry: 'a.txt' },
        { kind: 'reply', key: 6, status: 'ok', errno: null, childNodeId: '2' },
      ],
    },
    {
      lines: `FUSE: <- Rename [${HEAD}] from "r1 to dirnode 0x9" to dirnode 0x3 "r\\xff2"\nFUSE: -> [ID=0x6] Rename`,
      events: [
        { opcode: 'rename', nodeId: '1', entry: 'r1 to dirnode 0x9', otherNodeId: '3', otherEntry: 'r\xff2' },
        { key: 6, status: 'ok' },
      ],
    },
    {
      lines: `FUSE: <- Link [${HEAD}] node 12 to "hard"\nFUSE: -> [ID=0x6] Lookup 0xc gen=0 valid=1m0s attr={valid=1m0s ino=3 size=1 mode=-rw-------}`,
      events: [
        { opcode: 'link', nodeId: '1', otherNodeId: '12', entry: 'hard' },
        { key: 6, status: 'ok', childNodeId: '12' },
      ],
    },
    {
      lines: `FUSE: <- Symlink [${HEAD}] from "sym" to target "a.txt"\nFUSE: -> [ID=0x6] Symlink error=EIO: not here`,
      events: [
        { opcode: 'symlink', entry: 'sym', target: 'a.txt' },
        { status: 'error', errno: 'EIO' },
      ],
    },
    {
      lines: `<- Open [${HEAD}] dir=true fl=OpenReadOnly+OpenDirectory+OpenNonblock\n<- Release [${HEAD}] 0x1 fl=OpenReadOnly rfl=0 owner=0x0\n<- Remove [${HEAD}] "d dir=false" dir=true\n<- Read [${HEAD}] 0x1 4096 @0x0 dir=false fl=0 lock=0 ffl=OpenReadOnly`,
      events: [
        { opcode: 'opendir' },
        { opcode: 'releasedir' },
        { opcode: 'rmdir', entry: 'd dir=false' },
        { opcode: 'read' },
      ],
    },
    {
      lines: `FUSE: <- Getxattr [${HEAD}] "security.capability" 0 @0\nFUSE: -> [ID=0x6] Getxattr error=operation not supported`,
      events: [
        { opcode: 'getxattr', xattr: 'security.capability' },
        { status: 'error', errno: 'ENOTSUP' },
      ],
    },
    {
      lines: `FUSE: <- Forget [ID=0xd0 Node=0x9 Uid=0 Gid=0 Pid=0] 2\nFUSE: -> [ID=0xd0] Forget\nFUSE: <- BatchForget [ID=0xd2 Node=0x0 Uid=0 Gid=0 Pid=0] 5x1 6x2`,
      events: [
        { opcode: 'forget', unique: 0xd0, noReply: true, forgets: ['9'], forgetCounts: [2] },
        { opcode: 'batch_forget', forgets: ['5', '6'], forgetCounts: [1, 2] },
      ],
    },
    {
      lines: `2026/11/22 21:13:02 FUSE: No opcode 43\n2026/11/22 21:13:02 FUSE: <- ${HEAD}\n2026/11/22 21:13:02 FUSE: -> [ID=0x6] Header error=ENOSYS\n<- Unrecognized [${HEAD}] opcode=46\n-> [ID=0x6] {0x5}`,
      events: [
        { opcode: 'fallocate' },
        { status: 'error', errno: 'ENOSYS' },
        { opcode: 'lseek' },
        { status: 'error', errno: 'ESTALE' },
      ],
    },
    {
      lines:
        '{"Op":"Lookup","Request":{"ID":6,"Node":18446744073709551615,"Uid":0,"Gid":0,"Pid":9150},"In":{"Name":"a\\u003c.txt"}}\n{"Op":"Lookup","Request":{"ID":6},"Errno":"ENOENT"}',
      events: [
        { opcode: 'lookup', unique: 6, nodeId: '18446744073709551615', entry: 'a<.txt', pid: 9150 },
        { kind: 'reply', key: 6, status: 'error', errno: 'ENOENT' },
      ],
    },
    {
      lines:
        '{"Op":"Mkdir","Request":{"ID":8,"Node":1,"Uid":0,"Gid":0,"Pid":1},"In":{"Name":"d","Mode":2147484141,"Umask":18}}\n{"Op":"Mkdir","Request":{"ID":8},"Out":{"Node":3,"Generation":0}}',
      events: [
        { opcode: 'mkdir', entry: 'd' },
        { key: 8, status: 'ok', childNodeId: '3' },
      ],
    },
    {
      lines: `{"level":"debug","msg":"fuse: \\u003c- Lookup [${HEAD}] \\"a.txt\\"","source":"mount/mount.go:1","time":"2026-11-22T20:00:41Z"}`,
      events: [{ opcode: 'lookup', unique: 6, entry: 'a.txt' }],
    },
    {
      lines: `2013/11/22 20:00:41 <- Lookup [${HEAD}] "a"\n2013/11/22 20:00:41 -> 0x6 no such file or directory\n<- Mkdir [${HEAD}] "d" mode=drwxr-xr-x\n-> 0x6 Mkdir {LookupResponse:{Node:3 Generation:0`,
      events: [
        { opcode: 'lookup' },
        { status: 'error', errno: 'ENOENT' },
        { opcode: 'mkdir' },
        { status: 'ok', childNodeId: '3' },
      ],
    },
    {
      lines: `2026/11/22 20:00:41 DEBUG : fuse: No opcode 43\n2026/11/22 20:00:41 DEBUG : fuse: <- ${HEAD}`,
      events: [{ opcode: 'fallocate', unique: 6 }],
    },
    { lines: '2026/11/22 20:00:41 DEBUG : fuse: => InvalidateEntry 0x1 "r2.txt"', events: [] },
    { lines: '2026/11/22 20:00:41 DEBUG : /: Lookup: name="a.txt"', events: [] },
  ],
  recognize(raw) {
    const read = readBazilLine(raw)
    return read?.kind === 'request' || read?.kind === 'reply' ? 2 : read ? 1 : 0
  },
  time(raw) {
    if (raw.startsWith('{"')) return timeOfValue(readJsonLine(raw)?.time)
    const at = arrow(raw)
    return at < 0 ? leadingTime(raw) : timeIn(raw.slice(0, at))
  },
  explain(raw) {
    const at = arrow(raw)
    if (at < 0) return { matched: 0, expected: '<- Request [ID=0x…] or -> [ID=0x…] after the prefix' }
    if (raw.startsWith('->', at)) return longestMatch(raw, at, REPLY)
    return longestMatch(raw, at, REQUEST)
  },
  failed: failedReply(/^(.{0,80}?-> \[ID=0x[0-9a-f]{1,16}\] [A-Z][A-Za-z]{1,24})[ \n]?/, (errno) => ` error=${errno}`),
  parser: () => new BazilParser(),
}

const REQUEST = [
  [/<- /y, '<- '],
  [/\w{1,24} /y, "a request's name"],
  [/\[ID=0x[0-9a-f]{1,16} /y, '[ID=0x…'],
  [/Node=0x[0-9a-f]{1,16} /y, 'Node=0x…'],
  [/Uid=\d{1,10} Gid=\d{1,10} /y, 'Uid=… Gid=…'],
  [/Pid=\d{1,10}\]/y, 'Pid=…]'],
] as const
const REPLY = [
  [/-> /y, '-> '],
  [/\[ID=0x[0-9a-f]{1,16}\]/y, '[ID=0x…]'],
] as const
