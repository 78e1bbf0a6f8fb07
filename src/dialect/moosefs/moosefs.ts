import type { Raw } from '../../line/line.js'
import { leadingTime, type OwnTime } from '../../line/own-time.js'
import { ALL_CAPABILITIES } from '../core/capabilities.js'
import type { Dialect } from '../core/dialect.js'
import { MAKES_NODE } from '../core/effects.js'
import { errnoOfName, errnoOfWords } from '../core/errno.js'
import { linePerRequest, type WholeRequest } from '../text/line-per-request.js'
import { ArgumentTable } from '../text/slots.js'
import { withoutBlanks } from '../text/text.js'
import { moosefsSamples } from './samples.js'

const ARGUMENTS = new ArgumentTable({
  'nodeId entry': 'lookup unlink rmdir',
  'nodeId entry mode': 'mkdir create',
  'nodeId entry mode -': 'mknod',
  'nodeId entry otherNodeId otherEntry flags': 'rename',
  'nodeId entry otherNodeId otherEntry': 'rename',
  'otherNodeId nodeId entry': 'link',
  'target nodeId entry': 'symlink',
  'nodeId xattr size flags': 'setxattr',
  'nodeId xattr size': 'getxattr',
  'nodeId xattr': 'removexattr',
  nodeId: 'getattr readlink opendir releasedir open release flush statfs getlk setlk setlkw',
  'nodeId size offset': 'readdir readdirplus read write',
  'nodeId size': 'listxattr',
  'nodeId size *': 'write',
  'nodeId *': 'setattr open fsync access',
  '- nodeId *': 'flock',
  '*': 'statfs read write release flush fsync',
})
/** Operations with a name among their arguments, raw: what comes behind it is looked for in the next lines as well. */
const NAMED = /^(?:lookup|unlink|rmdir|mkdir|create|mknod|rename|link|symlink|(?:set|get|remove)xattr)$/

const LOGGED = '(?:(\\d{10}) )?\\d\\d\\.\\d\\d \\d\\d:\\d\\d:\\d\\d\\.(\\d{6}): (?:uid:\\d+ gid:\\d+ pid:(\\d{1,10}) )?'
const HEAD = new RegExp(`^${LOGGED}cmd:(?:special case: internal |sustained )?([a-z]{4,16}) \\(`)
/** Of the log itself, and (mounted with `-d`) the begins of requests, whose ends follow. */
const OWN_COMMANDS = [
  'invalidate ',
  '[a-z]+ \\(\\d+ ?[,\\w]*\\) (?:- releasing|from master)',
  'open \\(\\d+,[\\w|]*\\) \\(do actual',
  '[^]*[)\\]] \\.\\.\\.$',
  '[^]*: interrupted$',
  'create \\([^]*:0\\d+\\)$',
  'statfs \\(\\d*\\)$',
]
const OWN = new RegExp(`^#$|^${LOGGED}(?:msg:|cmd:(?:${OWN_COMMANDS.join('|')}))`)
/** Behind the arguments: how it was answered, and the handle. */
const NOTES =
  '(?: \\((?:using|internal|sustained|this is|mknod|open)\\b[^()]*\\)?| \\[(?:no handle|handle:(?<handle>\\w{8})[^\\]]*)\\])*'
const RESULT = '(?:forced )?OK(?<result>(?: \\([^()]*\\)| with empty directory)*)(?: \\[handle:(?<made>\\w{8})\\])?'
const ERROR = "(?:\\(\\w+\\) )?(?<words>[A-Z][\\w:' -]*(?: \\([^()]*\\))?)"
const OUTCOME = `\\)${NOTES}(?:: ${RESULT}|: ${ERROR}| returned \\d+ dirents[^]*)$`
const WITH_NAMES = new RegExp(`^(?<args>[^]*?)${OUTCOME}`)
const WITHOUT = new RegExp(`^(?<args>[^()]*)${OUTCOME}`)
const READLINK = /^(?<args>\d{1,20})\)(?: \(using cache\))?: OK \([\s\S]*\)$/
/** LizardFS says nothing of how it went. */
const ACCESS = /^(?<args>\d{1,20},0x\w+)(?<unknown>)\)$/
/** Longer lines are cut off there, whatever they hold. */
const MAX_LINE = 999

function read(line: Raw): WholeRequest | 'more' | null {
  // No line ends in a name: blanks at its end are of whoever passed it on.
  const text = withoutBlanks(line)
  const head = HEAD.exec(text.slice(0, 160))
  if (head === null || text.length > MAX_LINE || OWN.test(text)) return null
  const [name, rest] = [head[4] ?? '', text.slice(head[0].length)]
  const free = name === 'readlink' ? READLINK.exec(rest) : name === 'access' ? ACCESS.exec(rest) : null
  const found = free ?? (NAMED.test(name) ? WITH_NAMES : WITHOUT).exec(rest)
  const { args = '', result = '', words, handle, made, unknown } = found?.groups ?? {}
  const errno = words === undefined ? null : (errnoOfName(words.split(' ')[0] ?? '') ?? errnoOfWords(words))
  // Without the flags of an open before a create's mode, and `inode:` before a lock's node.
  const plain = args.replace(/,O_[\w|]*(?=,-[^,]*$)/, '').replace(/^inode:(\d+) .*$/, '$1')
  const given = found === null || (words && !errno) ? null : ARGUMENTS.read(name, plain)
  const childNodeId = MAKES_NODE.has(name) ? /^ \((?:\d+\.\d,)?(\d+)[,)]/.exec(result)?.[1] : undefined
  // What went well was answered with a node: without one the name goes on.
  if (given === null || (MAKES_NODE.has(name) && errno === null && childNodeId === undefined)) {
    return NAMED.test(name) && text.length < MAX_LINE ? 'more' : null
  }
  const flags = name === 'rename' ? Number(given.values?.flags ?? 0) : 0
  const opcode = flags > 0 ? 'rename2' : name === 'flock' ? 'setlk' : name
  const pid = head[3] === undefined ? undefined : Number(head[3])
  const fh = handle ?? made
  if (fh !== undefined) given.values = { ...given.values, fh: Number.parseInt(fh, 16) }
  const status = unknown !== undefined ? 'unknown' : errno === null ? 'ok' : 'error'
  return { opcode, ...given, pid, childNodeId, exchange: (flags & 2) > 0 || undefined, status, errno }
}

function time(raw: Raw): OwnTime | null {
  const [, seconds, part] = HEAD.exec(raw.slice(0, 160)) ?? []
  return seconds ? { of: 'wall', ns: BigInt(`${seconds}${part}`) * 1000n } : leadingTime(raw)
}

/** The operations log of MooseFS, and of LizardFS and SaunaFS, which came of it. */
export const moosefs: Dialect = {
  name: 'moosefs',
  version: 2,
  description:
    'the operations log of MooseFS, LizardFS and SaunaFS (.oplog, .ophistory): one line a request at its end, with nodes and outcomes, no ids and no begins; names stand raw, and a line that another one ends has none and no outcome; LizardFS logs no opendir that went well (built without a capture)',
  capabilities: { ...ALL_CAPABILITIES, ids: false, start: false, timestamps: 'us' },
  samples: moosefsSamples,
  recognize: (raw) => (HEAD.test(raw.slice(0, 160)) ? 2 : 0),
  time,
  explain: (raw) => ({
    matched: HEAD.exec(raw.slice(0, 160))?.[0].length ?? 0,
    expected: 'time, ids, cmd:operation, arguments in brackets, OK or an error',
  }),
  parser: () => linePerRequest(read, (text) => OWN.test(text)),
}
