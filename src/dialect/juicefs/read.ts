import type { Raw } from '../../line/line.js'
import { MAKES_NODE } from '../core/effects.js'
import { errnoOfWords } from '../core/errno.js'
import type { WholeRequest } from '../text/line-per-request.js'
import { GO, unquote } from '../text/quoted.js'
import { ArgumentTable, type Slots } from '../text/slots.js'
import { withoutBlanks } from '../text/text.js'

const ARGUMENTS = new ArgumentTable({
  'nodeId entry': 'lookup resolve unlink rmdir',
  nodeId: 'getattr readlink opendir releasedir open release flush statfs',
  'nodeId flags': 'open',
  'nodeId fh': 'release flush',
  'nodeId fh -': 'flush',
  'nodeId fh *': 'getlk setlk flock',
  'nodeId size offset': 'readdir read write',
  'nodeId size offset fh': 'read write',
  'nodeId size offset -': 'readdir',
  'nodeId entry mode': 'mkdir create',
  'nodeId entry mode -': 'mknod create mkdir',
  'nodeId entry otherNodeId otherEntry flags': 'rename',
  'nodeId entry otherNodeId otherEntry': 'rename',
  'otherNodeId nodeId entry': 'link',
  'nodeId entry target': 'symlink',
  'nodeId size': 'truncate listxattr',
  'nodeId mode offset size': 'fallocate',
  'nodeId xattr size flags': 'setxattr',
  'nodeId xattr size': 'getxattr',
  'nodeId xattr': 'removexattr',
  'nodeId *': 'setattr truncate opendir readdir releasedir open release flush fsync ioctl access',
  '*': 'statfs copy_file_range',
})
const NAMED = /^(?:lookup|resolve|unlink|rmdir|mkdir|create|mknod|rename|link|symlink|readlink|\w+xattr)$/
/** Two names, numbers and a node with its attributes are no longer; what a symlink says is. */
const MAX_NAMES = 800
const LONG = /^(?:symlink|readlink)$/
const MAX_TARGET = 5000
const OPCODES: Readonly<Record<string, string>> = { resolve: 'lookup', truncate: 'setattr', flock: 'setlk' }

export const HEAD: RegExp =
  /^\d{4}\.\d\d\.\d\d \d\d:\d\d:\d\d\.\d{6} \[uid:\d{1,10},gid:\d{1,10},pid:(\d{1,10})\] ([a-z_]{3,20}) \(/
export const TOOK: RegExp = / <(\d{1,6}\.\d{6})>$/

/** What stands behind the arguments: a node with its attributes, numbers, a symlink's target, or nothing. */
const RESULTS = {
  entry: '\\(\\d{1,20}(?:,\\[[^[\\]()]{0,200}\\])?\\)',
  numbers: '(?:\\d{1,20}|\\(\\d{1,20}(?:,[\\w-]{1,20}){0,8}\\))',
  text: '\\([\\s\\S]*\\)',
} as const
type Kind = keyof typeof RESULTS | 'none'
const KINDS: Readonly<Record<string, Kind>> = {
  lookup: 'entry',
  resolve: 'entry',
  getattr: 'entry',
  setattr: 'entry',
  mknod: 'entry',
  mkdir: 'entry',
  symlink: 'entry',
  link: 'entry',
  create: 'entry',
  readdir: 'numbers',
  read: 'numbers',
  getxattr: 'numbers',
  listxattr: 'numbers',
  statfs: 'numbers',
  getlk: 'numbers',
  readlink: 'text',
}
const ARGS = '^(?<args>[\\s\\S]*)\\)'
const FH = '(?: \\[fh:(?<fh>\\d{1,15})\\])?$'
const WORDS = ': (?<words>[^()[\\]]+?)'
/** Since 1.2 the outcome comes last, behind ` - `; before, it came first. */
const LATE = /^(?<before>[\s\S]*) - (?<words>OK|[A-Za-z.][^()[\]]*)$/

/** The ways in which arguments and result may stand: with the result and without it. */
const shapes = (between: string): Readonly<Record<Kind, readonly RegExp[]>> => {
  const without = new RegExp(`${ARGS}${between}${FH}`)
  const given = (kind: keyof typeof RESULTS): readonly RegExp[] => [
    new RegExp(`${ARGS}${between} (?<result>${RESULTS[kind]})${FH}`),
    without,
  ]
  return { entry: given('entry'), numbers: given('numbers'), text: given('text'), none: [without] }
}
const NEW = shapes(':?')
const OLD = shapes(WORDS)

type Groups = Record<string, string | undefined>

function* readings(kind: Kind, body: Raw): Generator<Groups> {
  const late = LATE.exec(body)?.groups
  for (const form of late ? NEW[kind] : []) {
    const found = form.exec(late?.before ?? '')?.groups
    if (found) yield { ...found, words: late?.words }
  }
  for (const form of OLD[kind]) {
    const found = form.exec(body)?.groups
    if (found) yield found
  }
}

/** Only what cannot stand between Go's back quotes is written with escapes (since 1.3). */
const ESCAPED = /`|\\(?:[abfnrv]|x[0-9a-f]{2}|u[0-9a-f]{4})/

function unescaped(name: Raw): Raw {
  return ESCAPED.test(name) ? (unquote(`"${name}"`, 0, GO)?.value ?? name) : name
}

function withNames(given: Slots): Slots {
  for (const key of ['entry', 'otherEntry', 'target', 'xattr'] as const) {
    if (given[key] !== undefined) given[key] = unescaped(given[key])
  }
  return given
}

/** What only some operations say: which request it was, and numbers in the text of their arguments. */
function particular(name: string, args: Raw, given: Slots): string {
  if (name === 'readdir') return args.endsWith(',true') ? 'readdirplus' : name
  if (name === 'setlk' || name === 'flock') return /,true(?:,\d+)?$/.test(args) ? 'setlkw' : 'setlk'
  if (name === 'rename' && given.values?.flags) {
    if (Number(given.values.flags) & 2) given.exchange = true
    return 'rename2'
  }
  if (name === 'setattr') {
    const size = /[[,]size=(\d{1,15})\]$/.exec(args)?.[1]
    const mode = /\[mode=[^,\]]{0,12}:([0-7]{1,6})[,\]]/.exec(args)?.[1]
    if (size !== undefined) given.values = { ...given.values, size: Number(size) }
    if (mode !== undefined) given.values = { ...given.values, mode: Number.parseInt(mode, 8) }
  }
  return OPCODES[name] ?? name
}

/** A file's handle behind its node: `setattr (7[3],0x208,[size=0])`. */
const HANDLE = /^(\d{1,20})\[(\d{1,15})\](?=,)/

/** Reads a request and its outcome; `more` where a name may go on in the next line. */
export function readAccess(line: Raw): WholeRequest | 'more' | null {
  // No line ends in a name: blanks at its end are of whoever passed it on.
  const text = withoutBlanks(line)
  const head = HEAD.exec(text.slice(0, 120))
  const took = TOOK.exec(text.slice(-24))
  if (head === null) return null
  const [name, rest] = [head[2] ?? '', text.slice(head[0].length, took ? -took[0].length : undefined)]
  for (const { args = '', result = '', words = '', fh } of took ? readings(KINDS[name] ?? 'none', rest) : []) {
    const errno = words === 'OK' ? null : errnoOfWords(words)
    const node = HANDLE.exec(args)
    const bare = node ? args.replace(HANDLE, '$1') : args
    const given = words === 'OK' || errno !== null ? ARGUMENTS.read(name, bare) : null
    if (given === null || took === null) continue
    const opcode = particular(name, bare, given)
    const childNodeId = MAKES_NODE.has(opcode) ? /^\((\d{1,20}),\[/.exec(result)?.[1] : undefined
    // What went well was answered with a node: without one the name goes on.
    if (MAKES_NODE.has(opcode) && errno === null && !childNodeId) continue
    const handle = Number(fh ?? node?.[2] ?? 0)
    if (handle > 0) given.values = { ...given.values, fh: handle }
    const facts = { ...withNames(given), pid: Number(head[1]), childNodeId }
    const durationNs = Math.round(Number(took[1]) * 1e9)
    return { opcode, ...facts, durationNs, status: errno === null ? 'ok' : 'error', errno }
  }
  return NAMED.test(name) && rest.length < (LONG.test(name) ? MAX_TARGET : MAX_NAMES) ? 'more' : null
}
