import { leadingTime, timeIn } from '../../line/own-time.js'
import { ALL_CAPABILITIES } from '../core/capabilities.js'
import type { Dialect } from '../core/dialect.js'
import { failedReply } from '../core/failed.js'
import { longestMatch } from '../text/longest-match.js'
import { FARTHEST, METHODS, readArguments, readCall } from './calls.js'
import { FusepyParser } from './parser.js'

const AT = 'DEBUG:fuse.log-mixin:'

/** fusepy's LoggingMixIn. */
export const fusepy: Dialect = {
  name: 'fusepy',
  version: 3,
  description:
    "fusepy's LoggingMixIn of libfuse's high level: paths and outcomes without ids or pids; a lookup is logged as getattr and told by its path not having been seen for a second; truncate, chmod, chown and utimens are setattr; what a program puts before every path is left out; a return names only its method, so that parallel calls of one method may be mixed up; paths stand raw and a newline in one can forge a line",
  capabilities: { ...ALL_CAPABILITIES, ids: false, pid: false },
  samples: [
    {
      lines: `${AT}-> getattr /a (b) (None,)\n${AT}<- getattr '[Errno 2] No such file or directory'`,
      events: [
        { kind: 'request', unique: null, opcode: 'lookup', path: '/a (b)' },
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
  time(raw) {
    const at = raw.slice(0, FARTHEST).search(/-> |<- /)
    return at < 0 ? leadingTime(raw) : timeIn(raw.slice(0, at))
  },
  explain(raw) {
    const at = raw.slice(0, FARTHEST).search(/-> |<- /)
    if (at < 0) return { matched: 0, expected: '-> method /path (arguments)' }
    return longestMatch(raw, at, raw.startsWith('<-', at) ? RETURN : REQUEST)
  },
  failed: failedReply(/^(.{0,80}?<- \w{1,24} )/, (_, { number, words }) => `'[Errno ${number}] ${words}'`),
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
