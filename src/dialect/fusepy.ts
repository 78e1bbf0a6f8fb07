import type { Line, Raw } from '../line/line.js'
import type { Dialect, DialectEvent, DialectParser, OperationFacts, ReplyEvent } from './dialect.js'
import { errnoName } from './errno.js'
import { howFar } from './how-far.js'
import { pythonQuoted } from './python-text.js'

/** What a method's first argument is, when it is a string. */
type First = 'newPath' | 'oldPath' | 'target' | 'xattr'

/** fusepy's methods: the kernel's request, and what its first argument is. */
const METHODS: Readonly<Record<string, readonly [opcode: string, first?: First]>> = {
  access: ['access'],
  bmap: ['bmap'],
  chmod: ['setattr'],
  chown: ['setattr'],
  create: ['create'],
  destroy: ['destroy'],
  fallocate: ['fallocate'],
  flush: ['flush'],
  fsync: ['fsync'],
  fsyncdir: ['fsyncdir'],
  getattr: ['getattr'],
  getxattr: ['getxattr', 'xattr'],
  init: ['init'],
  ioctl: ['ioctl'],
  link: ['link', 'oldPath'],
  listxattr: ['listxattr'],
  lock: ['setlk'],
  mkdir: ['mkdir'],
  mknod: ['mknod'],
  open: ['open'],
  opendir: ['opendir'],
  read: ['read'],
  readdir: ['readdir'],
  readlink: ['readlink'],
  release: ['release'],
  releasedir: ['releasedir'],
  removexattr: ['removexattr', 'xattr'],
  rename: ['rename', 'newPath'],
  rmdir: ['rmdir'],
  setxattr: ['setxattr', 'xattr'],
  statfs: ['statfs'],
  symlink: ['symlink', 'target'],
  truncate: ['setattr'],
  unlink: ['unlink'],
  utimens: ['setattr'],
  write: ['write'],
}

interface Call {
  arrow: '->' | '<-'
  method: string
  /** What follows the method. */
  rest: Raw
  /** The logger's own name stands before it. */
  named: boolean
}

const CALL = /(->|<-) ([a-z]{3,12}) /y
const FARTHEST = 200
/** A path and what little may stand behind it; only data makes lines longer. */
const LONGEST_PATH = 4200
const MOST_TRIES = 16

function readCall(raw: Raw): Call | null {
  const begin = raw.slice(0, FARTHEST)
  const at = begin.search(/-> |<- /)
  if (at < 0) return null
  CALL.lastIndex = at
  const call = CALL.exec(raw)
  const method = call?.[2] ?? ''
  if (call === null || !Object.hasOwn(METHODS, method)) return null
  const prefix = begin.slice(0, at)
  const named = prefix.includes('fuse.log-mixin')
  if (!named && /["'`(/]/.test(prefix)) return null
  return { arrow: call[1] === '->' ? '->' : '<-', method, rest: raw.slice(CALL.lastIndex), named }
}

/** Path and arguments: `/a b ('user.test',)`. The path stands raw, so the brackets are sought that hold just arguments. */
function readArguments(method: string, rest: Raw): { path: Raw; first: Raw | null } | null {
  if (!rest.startsWith('/') || !rest.endsWith(')')) return null
  const wantsText = METHODS[method]?.[1] !== undefined || method === 'write'
  if (!wantsText) {
    const at = rest.lastIndexOf(' (')
    return at < 0 ? null : { path: rest.slice(0, at), first: null }
  }
  let at = rest.indexOf(' (')
  for (let tries = 0; at >= 0 && at < LONGEST_PATH && tries < MOST_TRIES; tries++) {
    const text = pythonQuoted(rest, at + 2)
    const plain = method !== 'write' && text === null ? null : text
    if (plain && FITS.test(rest.slice(plain.end, plain.end + 4))) {
      const whole = method === 'setxattr' || method === 'write' || SINGLE.test(rest.slice(plain.end))
      if (whole) return { path: rest.slice(0, at), first: plain.value }
    }
    at = rest.indexOf(' (', at + 1)
  }
  return null
}

const FITS = /^(?:,\)|, [^ ])/
/** What may follow the only string: nothing, or numbers. */
const SINGLE = /^,(?: \d{1,10},?)*\)$/

class FusepyParser implements DialectParser {
  /** Slots of the calls that run, by method: a return names nothing else. */
  readonly #open = new Map<string, string[]>()
  #calls = 0
  /** A call whose path goes on in the next line. */
  #begun: { text: Raw; index: number } | null = null

  line(line: Line, emit: (event: DialectEvent) => void): boolean {
    let { raw } = line
    let first = line.index
    let call = readCall(raw)
    if (call === null && this.#begun !== null) {
      raw = `${this.#begun.text}\n${raw}`
      first = this.#begun.index
      call = raw.length < LONGEST_PATH ? readCall(raw) : null
    }
    this.#begun = null
    if (call === null) return false
    if (call.arrow === '<-') {
      this.#return(call, line, emit)
      return true
    }
    const given = readArguments(call.method, call.rest)
    if (given === null) {
      if (call.rest.startsWith('/')) this.#begun = { text: raw, index: first }
      return false
    }
    this.#call(call.method, given, first, line, emit)
    return true
  }

  end(): void {}

  #call(
    method: string,
    { path, first }: { path: Raw; first: Raw | null },
    from: number,
    { atNs, index }: Line,
    emit: (event: DialectEvent) => void,
  ): void {
    const [opcode = method, meaning] = METHODS[method] ?? []
    const slot = `${method}:${this.#calls++}`
    const open = this.#open.get(method)
    if (open) open.push(slot)
    else this.#open.set(method, [slot])
    const facts: OperationFacts = { path }
    if (first !== null && meaning === 'oldPath') Object.assign(facts, { path: first, newPath: path })
    else if (first !== null && meaning !== undefined && meaning !== 'oldPath') facts[meaning] = first
    emit({ kind: 'request', unique: null, slot, opcode, ...facts, atNs, lines: [from, index] })
  }

  #return({ method, rest }: Call, { atNs, index }: Line, emit: (event: DialectEvent) => void): void {
    const slot = this.#open.get(method)?.shift()
    if (slot === undefined) return
    const { status, errno } = outcome(rest)
    const reply: ReplyEvent = { kind: 'reply', key: slot, endedBy: 'reply', status, errno, atNs, lines: [index, index] }
    emit(reply)
  }
}

/** The repr() of what the method returned, or of the words of an exception. */
function outcome(rest: Raw): { status: 'ok' | 'error'; errno: string | null } {
  const error = /^u?['"]\[Errno (\d{1,4})\] /.exec(rest)?.[1]
  if (error !== undefined) return { status: 'error', errno: errnoName(Number(error)) }
  if (rest === "'[Unhandled Exception]'") return { status: 'error', errno: null }
  return { status: 'ok', errno: null }
}

const AT = 'DEBUG:fuse.log-mixin:'

/** fusepy's LoggingMixIn. */
export const fusepy: Dialect = {
  name: 'fusepy',
  version: 1,
  description:
    "fusepy's LoggingMixIn (from its source, no capture): paths and outcomes without ids or pids; a lookup appears as getattr, truncate, chmod, chown and utimens as setattr; a return names only its method, so that parallel calls of one method may be mixed up; paths stand raw and a newline in one can forge a line",
  capabilities: {
    ids: false,
    start: true,
    end: 'reply',
    errno: 'all',
    path: 'all',
    pid: false,
    timestamps: null,
    lookupNames: true,
  },
  samples: [
    {
      lines: `${AT}-> getattr /a (b) (None,)\n${AT}<- getattr '[Errno 2] No such file or directory'`,
      events: [
        { kind: 'request', unique: null, opcode: 'getattr', path: '/a (b)' },
        { kind: 'reply', endedBy: 'reply', status: 'error', errno: 'ENOENT' },
      ],
    },
    {
      lines: `${AT}-> statfs / ()\n${AT}<- statfs {'f_bsize': 512, 'f_blocks': 4096}`,
      events: [
        { opcode: 'statfs', path: '/' },
        { status: 'ok', errno: null },
      ],
    },
    {
      lines: `${AT}-> rename /r1 ("it's",) ('/r2 \\'x\\'\\n',)\n${AT}<- rename None`,
      events: [{ opcode: 'rename', path: '/r1 ("it\'s",)', newPath: "/r2 'x'\n" }, { status: 'ok' }],
    },
    {
      lines: `${AT}-> symlink /sym ('a.txt',)\n${AT}-> link /hard ('/a\\udcff',)\n${AT}-> setxattr /a ('user.test', b'\\xff (', 0)`,
      events: [
        { opcode: 'symlink', path: '/sym', target: 'a.txt' },
        { opcode: 'link', path: '/a\xff', newPath: '/hard' },
        { opcode: 'setxattr', path: '/a', xattr: 'user.test' },
      ],
    },
    {
      lines: `${AT}-> write /f (b'some (text)', 0, 3)\n${AT}<- write 11`,
      events: [{ opcode: 'write', path: '/f' }, { status: 'ok' }],
    },
    {
      lines:
        '2026-01-01 12:00:00,123 fuse.log-mixin DEBUG -> truncate /f (0,)\n-> mkdir /d (493,)\n<- mkdir "[Errno 17] File exists: \'/srv/d\'"',
      events: [
        { opcode: 'setattr', path: '/f' },
        { opcode: 'mkdir', path: '/d' },
        { status: 'error', errno: 'EEXIST' },
      ],
    },
  ],
  recognize(raw) {
    const call = readCall(raw)
    if (call === null) return 0
    if (call.arrow === '<-') return call.named ? 2 : 1
    return readArguments(call.method, call.rest) ? 2 : 1
  },
  explain(raw) {
    const at = raw.slice(0, FARTHEST).search(/-> |<- /)
    if (at < 0) return { matched: 0, expected: '-> method /path (arguments)' }
    return howFar(raw, at, raw.startsWith('<-', at) ? RETURN : REQUEST)
  },
  parser: () => new FusepyParser(),
}

const REQUEST = [
  [/-> /y, '->'],
  [new RegExp(`(?:${Object.keys(METHODS).join('|')}) `, 'y'), "a method's name"],
  [/\//y, 'a path from /'],
  [/[\s\S]{0,4200}? \(/y, 'arguments in brackets'],
  [/(?!)/y, "the method's arguments to the end of the line"],
] as const
const RETURN = [
  [/<- /y, '<-'],
  [new RegExp(`(?:${Object.keys(METHODS).join('|')}) `, 'y'), "a method's name"],
] as const
