import type { Line } from '../../line/line.js'
import { ALL_CAPABILITIES } from '../core/capabilities.js'
import type { Dialect, DialectEvent, DialectParser, ReplyEvent, RequestEvent } from '../core/dialect.js'
import { errnoOfWords } from '../core/errno.js'
import { failedReply } from '../core/failed.js'
import { opcodeName, UNANSWERED } from '../core/opcode.js'
import { goQuoted, nodeIdOf } from '../text/go-text.js'
import { longestMatch } from '../text/longest-match.js'
import { OPERATIONS, readComponents } from './names.js'
import { type JacobsaText, jacobsaTime, readJacobsaText } from './text.js'
import { WireLog } from './wire.js'

class JacobsaParser implements DialectParser {
  /** Names of the open requests, by id: replies before 2024 do not repeat it, and an error can be logged twice. */
  readonly #open = new Map<number, string>()
  /** Inodes that were opened as directories: their fsync has the same name as a file's. */
  readonly #directories = new Set<string>()
  readonly #wire = new WireLog()
  /** The text form is there: the wire log of the same run would show everything twice. */
  #text = false

  line(line: Line, emit: (event: DialectEvent) => void): boolean {
    const wire = this.#wire.line(line, (event) => {
      if (!this.#text) emit(event)
    })
    if (wire) return true
    const read = readJacobsaText(line.raw)
    if (read === null) return false
    if (read.kind === 'other') return true
    // Errors have a logger of their own, beside the wire log too.
    if (!read.again) this.#text = true
    if (read.arrow === '<-') this.#request(read, line, emit)
    else this.#reply(read, line, emit)
    return true
  }

  end(emit: (event: DialectEvent) => void): void {
    this.#wire.end(emit)
  }

  #request({ id, text }: JacobsaText, { index, atNs }: Line, emit: (event: DialectEvent) => void): void {
    const op = /^\w{1,40}/.exec(text)?.[0] ?? ''
    const { facts, opcode, values } = readComponents(op, text, op.length + 2)
    const event: RequestEvent = {
      kind: 'request',
      unique: id,
      opcode: OPERATIONS[op] ?? (opcode === null ? op.toLowerCase() : opcodeName(opcode)),
      atNs,
      lines: [index, index],
    }
    // Not spread into it: that takes ten times as long where facts have many shapes.
    Object.assign(event, facts)
    if (values) event.values = values
    if (UNANSWERED.has(event.opcode)) event.noReply = true
    const node = facts.nodeId
    if (node !== undefined) {
      if (op === 'OpenDir') this.#directories.add(node)
      if (op === 'SyncFile' && this.#directories.has(node)) event.opcode = 'fsyncdir'
      if (op === 'ForgetInode') {
        event.forgets = [node]
        this.#directories.delete(node)
      }
    }
    this.#open.set(id, op)
    emit(event)
  }

  #reply({ id, text, again }: JacobsaText, { index, atNs }: Line, emit: (event: DialectEvent) => void): void {
    const op = this.#open.get(id)
    this.#open.delete(id)
    // The error logger repeats what the debug logger has said; requests that need no answer have one in the log.
    if (op === undefined ? again : UNANSWERED.has(OPERATIONS[op] ?? '')) return
    const lines = [index, index] as const
    const event: ReplyEvent = { kind: 'reply', key: id, endedBy: 'reply', status: 'ok', errno: null, atNs, lines }
    const error = text.startsWith('Error: ') ? goQuoted(text, 7) : null
    if (error || text.startsWith('Error: ')) {
      event.status = 'error'
      event.errno = errnoOf(error?.value ?? '')
    } else {
      const handle = text.includes('(handle ') ? /\(handle (\d{1,15})\)/.exec(text.slice(0, 80))?.[1] : undefined
      if (handle !== undefined) event.values = { fh: Number(handle) }
      const child = /\(inode (\d{1,20})[,)]/.exec(text.slice(0, 80))?.[1]
      if (child !== undefined) event.childNodeId = nodeIdOf(child) ?? child
      // A link's request does not name the existing file; its answer does.
      if (child !== undefined && op === 'CreateLink') {
        emit({ kind: 'detail', key: id, otherNodeId: event.childNodeId ?? child, atNs, lines })
      }
    }
    emit(event)
  }
}

/** A syscall's words, or the end of a longer message that wraps them. */
function errnoOf(words: string): string | null {
  return errnoOfWords(words) ?? errnoOfWords(words.slice(words.lastIndexOf(': ') + 2))
}

const OP = 'fuse: Op 0x00000008        connection.go:479] '
const DONE = 'fuse: Op 0x00000008        connection.go:578] '

/** github.com/jacobsa/fuse, gcsfuse among its users. */
export const jacobsa: Dialect = {
  name: 'jacobsa',
  version: 2,
  description:
    "jacobsa/fuse's debug logger (gcsfuse too) and its wire logger: ids, names, outcomes; the 2015 form names only lookups and has no pids, symlink targets are only in the wire log; an xattr's name stands unquoted and could forge a line (2015, gcsfuse and wire forms from sources, no capture)",
  capabilities: ALL_CAPABILITIES,
  samples: [
    {
      lines: `${OP}<- LookUpInode (parent 1, name "a\\n(\\"b\\").txt", PID 8659)\nfuse: Op 0x00000008        connection.go:581] -> Error: "no such file or directory"`,
      events: [
        { kind: 'request', unique: 8, opcode: 'lookup', nodeId: '1', entry: 'a\n("b").txt', pid: 8659 },
        { kind: 'reply', key: 8, status: 'error', errno: 'ENOENT' },
      ],
    },
    {
      lines: `${OP}<- CreateFile (parent 1, name "a.txt", PID 8659)\n${DONE}-> CreateFile (inode 2)`,
      events: [
        { opcode: 'create', nodeId: '1', entry: 'a.txt' },
        { key: 8, status: 'ok', errno: null, childNodeId: '2' },
      ],
    },
    {
      lines: `${OP}<- Rename (PID 8659, old_parent 1, old_name "r, 1", new_parent 3, new_name "r2")\n${DONE}-> Rename ()`,
      events: [
        { opcode: 'rename', nodeId: '1', entry: 'r, 1', otherNodeId: '3', otherEntry: 'r2', pid: 8659 },
        { key: 8, status: 'ok' },
      ],
    },
    {
      lines: `${OP}<- CreateLink (parent 1, name "hard", PID 8659)\n${DONE}-> CreateLink (inode 2)`,
      events: [
        { opcode: 'link', nodeId: '1', entry: 'hard' },
        { kind: 'detail', key: 8, otherNodeId: '2' },
        { kind: 'reply', key: 8, childNodeId: '2' },
      ],
    },
    {
      lines: `${OP}<- GetXattr (inode 2, name "user.test", PID 8659, name user.test)\n${DONE}-> GetXattr ()`,
      events: [{ opcode: 'getxattr', nodeId: '2', xattr: 'user.test', pid: 8659 }, { status: 'ok' }],
    },
    {
      lines: `${OP}<- ReleaseFileHandle (PID 0, handle 0)\nfuse_err: Op 0x00000008 *fuseops.ReleaseFileHandleOp] -> Error: "function not implemented"`,
      events: [{ opcode: 'release' }, { key: 8, status: 'error', errno: 'ENOSYS' }],
    },
    {
      lines: `${OP}<- RmDir (parent 1, name "d")\n${DONE}-> Error: "rmdir: directory not empty"\nfuse_err: Op 0x00000008 *fuseops.RmDirOp] -> Error: "rmdir: directory not empty"`,
      events: [{ opcode: 'rmdir' }, { status: 'error', errno: 'ENOTEMPTY' }],
    },
    {
      lines: `${OP}<- ForgetInode (inode 9, PID 0)\nfuse_err: Op 0x00000008 *fuseops.ForgetInodeOp] -> Error: "function not implemented"`,
      events: [{ opcode: 'forget', noReply: true, forgets: ['9'] }],
    },
    {
      lines: `${OP}<- SetInodeAttributes (inode 2, PID 8659, size 5, mode -rw-------, mtime 2026-11-22 21:12:50.41 +0000 UTC)\n${OP}<- unknown (inode 2, opcode 46)`,
      events: [
        { opcode: 'setattr', nodeId: '2' },
        { opcode: 'lseek', nodeId: '2' },
      ],
    },
    {
      lines:
        'fuse: 2015/08/11 06:33:18.123456 Op 0x00000004        connection.go:395] <- LookUpInode (parent 1, name "a")\nfuse: 2015/08/11 06:33:18.123456 Op 0x00000004        connection.go:482] -> OK\nOp 0x00000006        connection.go:395] <- MkDir\nOp 0x00000006        connection.go:482] -> OK (inode 5)',
      events: [
        { opcode: 'lookup', unique: 4, entry: 'a' },
        { key: 4, status: 'ok' },
        { opcode: 'mkdir', unique: 6 },
        { key: 6, status: 'ok', childNodeId: '5' },
      ],
    },
    {
      lines:
        'time="03/07/2024 03:38:08.411014" severity=TRACE message="fuse_debug: Op 0x000005e6        connection.go:420] <- LookUpInode (parent 2, name \\"da\\\\\\"ta\\", PID 93036)"\n{"timestamp":{"seconds":1716966846,"nanos":92208652},"severity":"TRACE","message":"fuse_debug: Op 0x00004106        connection.go:420] \\u003c- OpenFile (inode 10, PID 541742)"}',
      events: [
        { opcode: 'lookup', unique: 0x5e6, entry: 'da"ta' },
        { opcode: 'open', unique: 0x4106, nodeId: '10', pid: 541742 },
      ],
    },
    {
      lines:
        '{\n  "Operation": "LookUpInodeOp",\n  "StartTime": "2026-11-22T21:12:50.409510422Z",\n  "Duration": 2000,\n  "Status": 2,\n  "Context": {\n    "FuseID": 8,\n    "Pid": 8659,\n    "Uid": 0\n  },\n  "Args": {\n    "Entry": {\n      "Child": 0\n    },\n    "Name": "a.txt",\n    "Parent": 18446744073709551615\n  },\n  "Extra": {}\n}',
      events: [
        { kind: 'request', unique: 8, opcode: 'lookup', nodeId: '18446744073709551615', entry: 'a.txt', pid: 8659 },
        { kind: 'reply', key: 8, status: 'error', errno: 'ENOENT' },
      ],
    },
    {
      lines: `${OP}<- OpenDir (inode 3, PID 1)\n${OP}<- SyncFile (inode 3, PID 1)\n${OP}<- SyncFile (inode 4, PID 1)`,
      events: [{ opcode: 'opendir' }, { opcode: 'fsyncdir' }, { opcode: 'fsync' }],
    },
    { lines: '*fuseops.LookUpInodeOp error: no such file or directory', events: [] },
  ],
  recognize(raw) {
    const read = readJacobsaText(raw)
    if (read) return read.kind === 'other' ? 1 : 2
    return /^ {0,8}\{? {0,8}"Operation": ?"\w{1,40}Op",/.test(raw) ? 2 : 0
  },
  time: jacobsaTime,
  explain(raw) {
    const at = raw.indexOf('Op 0x')
    if (at < 0) return { matched: 0, expected: 'Op 0x…' }
    return longestMatch(raw, at, PIECES)
  },
  // Its errors are in Go's words.
  failed: failedReply(
    /^(.{0,80}?Op 0x[0-9a-f]{8} {1,20}[^"]{1,40}\] -> )/,
    (_, { words }) => `Error: "${words.toLowerCase()}"`,
  ),
  parser: () => new JacobsaParser(),
}

const PIECES = [
  [/Op 0x[0-9a-f]{8,16} /y, 'Op 0x00000000'],
  [/ {0,24}[^\]"]{1,60}\] /y, 'file.go:line]'],
  [/<- |-> /y, '<- or ->'],
  [/\w{1,40}/y, "an operation's name"],
] as const
