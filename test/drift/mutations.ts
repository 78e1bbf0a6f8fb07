/** What a mutation needs to know of a dialect's lines, so that the same kind of change can be made to each. */
export interface Grammar {
  capture: string
  request: RegExp
  reply: RegExp | null
  /** A reply that says how it failed. */
  failure: RegExp | null
  /** What says that it failed, and what it might say instead. */
  error: readonly [RegExp, string] | null
  /** The word of one opcode in its request, and another spelling. */
  opcode: readonly [RegExp, string]
  /** A field's name in requests. */
  field: readonly [RegExp, string]
  /** The same field, with its value, to be left out. */
  without: readonly [RegExp, string]
  /** Two neighbours in a request changing places. */
  swap: readonly [RegExp, string]
  /** A number in requests that is written in another way. */
  number: RegExp
  /** Lines beside request and reply. */
  detail: RegExp | null
  /** A word in lines of one kind. */
  word: readonly [RegExp, string]
  time: RegExp | null
  level: RegExp | null
  /** The two names of a rename, changing places. */
  rename: readonly [RegExp, string] | null
  /** The request's id, the pid and the name in requests, with what stands around them, to be left out. */
  id: RegExp | null
  pid: RegExp | null
  name: RegExp | null
}

const TRACING_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z /
const GO_TIME = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d /

export const grammars: readonly Grammar[] = [
  {
    capture: 'bindfs-d',
    request: /^unique: \d+, opcode/,
    reply: /^ {3}unique: \d+, (success|error)/,
    failure: /^ {3}unique: \d+, error/,
    error: [/error: -/, 'err=-'],
    opcode: [/opcode: CREATE/, 'opcode: CREAT'],
    field: [/nodeid: /, 'inode: '],
    without: [/, pid: \d+$/, ''],
    swap: [/(nodeid: \d+), (insize: \d+)/, '$2, $1'],
    number: /(?<=insize: )\d+/,
    detail: /^(LOOKUP|getattr|mkdir|unlink) \//,
    word: [/^release\[/, 'closing['],
    time: null,
    level: null,
    rename: [/^(rename) (\S+) (\S+)$/, '$1 $3 $2'],
    id: /^unique: \d+, /,
    pid: /, pid: \d+$/,
    name: /(?<=^(LOOKUP|getattr|mkdir|unlink|rmdir|open flags: \S+|create flags: \S+) )\/.*$/,
  },
  {
    capture: 'libfuse3-passthrough_ll-d',
    request: /^unique: \d+, opcode/,
    reply: /^ {3}unique: \d+, (success|error)/,
    failure: /^ {3}unique: \d+, error/,
    error: [/error: -/, 'failed with '],
    opcode: [/opcode: MKDIR/, 'opcode: MAKEDIR'],
    field: [/pid: /, 'process: '],
    without: [/, nodeid: \d+/, ''],
    swap: [/(opcode: \S+ \(\d+\)), (nodeid: \d+)/, '$2, $1'],
    number: /(?<=nodeid: )\d+/,
    detail: /^lo_lookup\(/,
    word: [/^lo_getxattr/, 'lo_get_xattr'],
    time: null,
    level: null,
    rename: null,
    id: /^unique: \d+, /,
    pid: /, pid: \d+$/,
    name: /, name=[^)]*/,
  },
  {
    capture: 'gocryptfs-fusedebug',
    request: / rx \d+: /,
    reply: / tx \d+: /,
    failure: / tx \d+: +\d+=/,
    error: [/(tx \d+: +)(\d+)=/, '$1errno $2: '],
    opcode: [/: CREATE n/, ': CREAT n'],
    field: [/ n(\d+) /, ' node=$1 '],
    without: [/ n(\d+)(?= |$)/, ''],
    swap: [/( n\d+) (\[".*"\])/, ' $2$1'],
    number: /(?<= n)\d+/,
    detail: null,
    word: [/: OK/, ': SUCCESS'],
    time: /^\d\d:\d\d:\d\d\.\d+ /,
    level: null,
    rename: [/\["([^"]*)" "([^"]*)"\]/, '["$2" "$1"]'],
    id: /(?<= rx )\d+(?=:)/,
    pid: null,
    name: / \["[^\]]*"\]/,
  },
  {
    capture: 'bazil-loopback-debug',
    request: /FUSE: <- /,
    reply: /FUSE: -> /,
    failure: /FUSE: -> .*error=/,
    error: [/error=/, 'errno: '],
    opcode: [/<- Create /, '<- Creat '],
    field: [/Node=/, 'Inode='],
    without: [/ Pid=\d+/, ''],
    swap: [/(Uid=\d+) (Gid=\d+)/, '$2 $1'],
    number: /(?<=Uid=)\d+/,
    detail: /-> \[ID=\S+\] Write /,
    word: [/FUSE: /, 'Fuse: '],
    time: GO_TIME,
    level: null,
    rename: [/from "([^"]*)" to (dirnode \S+) "([^"]*)"/, 'from "$3" to $2 "$1"'],
    id: /ID=0x[0-9a-f]+ /,
    pid: / Pid=\d+/,
    name: /(?<=\]) "[^"]*"/,
  },
  {
    capture: 'mergerfs242-d',
    request: / dir=IN /,
    reply: / dir=OUT /,
    failure: / dir=OUT .*error=-/,
    error: [/ error=-/, ' err=-'],
    opcode: [/opcode=CREATE /, 'opcode=CREAT '],
    field: [/ nodeid=/, ' inode='],
    without: [/ pid=\d+/, ''],
    swap: [/(uid=\d+) (gid=\d+)/, '$2 $1'],
    number: /(?<= pid=)\d+/,
    detail: null,
    word: [/ dir=/, ' direction='],
    time: /^ts=\d+ /,
    level: null,
    rename: [/oldname=("[^"]*") (newdir=\d+) newname=("[^"]*")/, 'oldname=$3 $2 newname=$1'],
    id: / unique=0x[0-9A-F]+/,
    pid: / pid=\d+/,
    name: / name="[^"]*"/,
  },
  {
    capture: 'jacobsa2026-memfs-debug',
    request: /\] <- /,
    reply: /\] -> /,
    failure: /-> Error: /,
    error: [/-> Error: /, '-> Failed: '],
    opcode: [/<- CreateFile /, '<- NewFile '],
    field: [/PID /, 'process '],
    without: [/, PID \d+/, ''],
    swap: [/\((parent \d+), (name "(?:[^"\\]|\\.)*")/, '($2, $1'],
    number: /(?<=parent )\d+/,
    detail: null,
    word: [/connection\.go/, 'session.go'],
    time: null,
    level: null,
    rename: [/old_name ("[^"]*"), (new_parent \d+), new_name ("[^"]*")/, 'old_name $3, $2, new_name $1'],
    id: / Op 0x[0-9a-f]+/,
    pid: /(, )?PID \d+(, )?/,
    name: /, name "[^"]*"/,
  },
  {
    capture: 'mergerfs-rs-trace-nocolor',
    request: /FUSE\( *\d+\) ino/,
    reply: null,
    failure: /removexattr failed for/,
    error: [/removexattr failed for/, 'could not remove attribute of'],
    opcode: [/fuse::create\{/, 'fuse::creat{'],
    field: [/\{parent=/, '{dir='],
    without: [/ThreadId\(\d+\) /, ''],
    swap: [/\{(parent=\d+) (name=[^ }]*)/, '{$2 $1'],
    number: /(?<=parent=)\d+/,
    detail: /Starting lookup/,
    word: [/Starting/, 'Beginning'],
    time: TRACING_TIME,
    level: /(?<=Z )( INFO|DEBUG| WARN|ERROR) /,
    rename: null,
    id: /FUSE\( *\d+\) /,
    pid: null,
    name: / name=[^ }]*/,
  },
  {
    capture: 'fuser-simple-debug',
    request: /FUSE\( *\d+\) ino/,
    reply: null,
    failure: null,
    error: null,
    opcode: [/ CREATE name/, ' CREAT name'],
    field: [/ ino 0x/, ' inode 0x'],
    without: [/ ino 0x[0-9a-f]+/, ''],
    swap: [/(name "(?:[^"\\]|\\.)*"), (mode \S+),/, '$2, $1,'],
    number: /(?<= mode 0o)\d+/,
    detail: /DEBUG simple\]/,
    word: [/called with/, 'invoked with'],
    time: /(?<=^\[)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z /,
    level: /(?<=Z )(INFO |DEBUG|WARN |ERROR) /,
    rename: null,
    id: /FUSE\( *\d+\) /,
    pid: null,
    name: / name "[^"]*"/,
  },
  {
    capture: 'rclone-vv-debugfuse',
    request: /fuse: <- /,
    reply: /fuse: -> /,
    failure: /fuse: -> .*error=/,
    error: [/error=/, 'errno: '],
    opcode: [/<- Create /, '<- Creat '],
    field: [/Node=/, 'Inode='],
    without: [/ Pid=\d+/, ''],
    swap: [/(Uid=\d+) (Gid=\d+)/, '$2 $1'],
    number: /(?<=Pid=)\d+/,
    detail: /DEBUG : \S+: Attr: /,
    word: [/ fuse: /, ' Fuse: '],
    time: GO_TIME,
    level: /(?<=\d )(DEBUG|INFO ) /,
    rename: [/from "([^"]*)" to dirnode (\S+) "([^"]*)"/, 'from "$3" to dirnode $2 "$1"'],
    id: /ID=0x[0-9a-f]+ /,
    pid: / Pid=\d+/,
    name: /(?<=\]) "[^"]*"/,
  },
  {
    capture: 'go-fuse-2018-loopback',
    request: /Dispatch \d+: /,
    reply: /Serialize \d+: /,
    failure: /code: +\d+=/,
    error: [/code: (\d+)=/, 'failed $1: '],
    opcode: [/: CREATE,/, ': CREAT,'],
    field: [/NodeId: /, 'Inode: '],
    without: [/, NodeId: \d+\./, '.'],
    swap: [/(NodeId: \d+)\. (data: \{[^}]*\})/, '$2. $1'],
    number: /(?<=NodeId: )\d+/,
    detail: null,
    word: [/Dispatch/, 'Dispatched'],
    time: /^\d\d:\d\d:\d\d\.\d+ /,
    level: null,
    rename: [/RENAME(.*)names: \[(\S+) (\S+)\]/, 'RENAME$1names: [$3 $2]'],
    id: /(?<=Dispatch )\d+(?=:)/,
    pid: null,
    name: / names: \[[^\]]*\]/,
  },
  {
    capture: 'mergerfs-rs-v-json-nocolor',
    request: /"message":"FUSE\( *\d+\) ino/,
    reply: null,
    failure: /removexattr failed for/,
    error: [/removexattr failed for/, 'could not remove attribute of'],
    opcode: [/"fuse::create"/g, '"fuse::creat"'],
    field: [/"parent":/g, '"dir":'],
    without: [/,"threadId":"[^"]*"/, ''],
    swap: [/("filename":"[^"]*"),("line_number":\d+)/, '$2,$1'],
    number: /(?<="line_number":)\d+/,
    detail: /Starting lookup/,
    word: [/Starting/, 'Beginning'],
    time: null,
    level: null,
    rename: null,
    id: /FUSE\( *\d+\) /,
    pid: null,
    name: /"name":"[a-z0-9._]*",/g,
  },
  {
    capture: 'mergerfs-rs-v-pretty-nocolor',
    request: /FUSE\( *\d+\) ino/,
    reply: null,
    failure: /removexattr failed for/,
    error: [/removexattr failed for/, 'could not remove attribute of'],
    opcode: [/fuse::create with/, 'fuse::creat with'],
    field: [/with parent: /, 'with dir: '],
    without: [/ on ThreadId\(\d+\)/, ''],
    swap: [/with (parent: \d+), (name: [^,]*)/, 'with $2, $1'],
    number: /(?<=parent: )\d+/,
    detail: /Starting lookup/,
    word: [/Starting/, 'Beginning'],
    time: null,
    level: null,
    rename: null,
    id: /FUSE\( *\d+\) /,
    pid: null,
    name: /, name: [a-z0-9._]*/,
  },
]

/** A line as it would be logged after the change: another line, two lines, or none. */
export type Change = (raw: string) => string | readonly string[] | null

export interface Mutation {
  name: string
  /** Codes that say rightly what it is. */
  codes: readonly string[]
  /** Null where the dialect has nothing of the kind. */
  of(grammar: Grammar): Change | null
  /** The streams change places. */
  stream?: true
  /** Lost beside what can be counted: names that are read wrongly. */
  loses?: readonly string[]
  /** Changes the lines as a whole, instead of one by one. */
  whole?(grammar: Grammar, lines: readonly string[]): string[]
}

export const replace = (where: RegExp | null, change: readonly [RegExp, string] | null): Change | null =>
  change === null ? null : (raw) => (where === null || where.test(raw) ? raw.replace(change[0], change[1]) : raw)
export const drop = (where: RegExp | null): Change | null =>
  where === null ? null : (raw) => (where.test(raw) ? null : raw)
export const text = [
  'message-reworded',
  'value-format-changed',
  'field-renamed',
  'field-new',
  'field-gone',
  'field-moved',
  'prefix-changed',
]

const reworded = ['message-reworded', 'prefix-changed', 'field-renamed']
const valued = ['value-format-changed', 'message-reworded']

export const mutations: readonly Mutation[] = [
  { name: 'one word in one message', codes: reworded, of: (g) => replace(null, g.word) },
  {
    name: 'a word taken out',
    codes: [...reworded, 'field-gone', 'line-gone'],
    of: (g) => replace(null, [g.word[0], '']),
  },
  { name: 'a word doubled', codes: reworded, of: (g) => replace(null, [g.word[0], '$& $&']) },
  {
    name: 'a field renamed',
    codes: ['field-renamed', 'field-new', 'message-reworded'],
    of: (g) => replace(g.request, g.field),
  },
  {
    name: 'a field renamed everywhere',
    codes: ['field-renamed', 'field-new', 'message-reworded'],
    of: (g) => replace(null, g.field),
  },
  {
    name: 'a field gone',
    codes: ['field-gone', 'message-reworded', 'prefix-changed'],
    of: (g) => replace(g.request, g.without),
  },
  { name: 'a field new at the end', codes: ['field-new'], of: (g) => replace(g.request, [/$/, ' extra=1']) },
  {
    name: 'a field new at the end, with a comma',
    codes: ['field-new'],
    of: (g) => replace(g.request, [/$/, ', extra: 1']),
  },
  { name: 'two fields swapped', codes: ['field-moved', 'message-reworded'], of: (g) => replace(g.request, g.swap) },
  {
    name: 'error worded differently',
    codes: ['field-renamed', 'field-gone', 'message-reworded'],
    of: (g) => replace(g.failure, g.error),
  },
  {
    name: 'opcode spelled differently',
    codes: [...text, 'operation-renamed', 'operation-gone'],
    of: (g) => replace(null, g.opcode),
  },
  {
    name: 'all lower case',
    codes: [...text, 'level-changed'],
    of: (g) => (raw) => (g.request.test(raw) ? raw.toLowerCase() : raw),
  },
  { name: 'a number in hexadecimal', codes: valued, of: (g) => numbers(g, (n) => `0x${BigInt(n).toString(16)}`) },
  { name: 'a number padded with zeros', codes: valued, of: (g) => numbers(g, (n) => n.padStart(24, '0')) },
  { name: 'a number with a unit', codes: valued, of: (g) => numbers(g, (n) => `${n}ms`) },
  { name: 'a number in quotes', codes: valued, of: (g) => numbers(g, (n) => `"${n}"`) },
  { name: 'a number in brackets', codes: [...valued, 'field-gone'], of: (g) => numbers(g, (n) => `<${n}>`) },
  {
    name: 'commas become semicolons',
    codes: text,
    of: (g) => (raw) => (g.request.test(raw) ? raw.replaceAll(', ', '; ') : raw),
  },
  {
    name: 'colons become equals signs',
    codes: text,
    of: (g) => (raw) => (g.request.test(raw) ? raw.replaceAll(': ', '=') : raw),
  },
  {
    name: 'double quotes become single',
    codes: ['value-format-changed'],
    of: (g) => (raw) => (g.request.test(raw) ? raw.replaceAll('"', "'") : raw),
  },
  { name: 'indentation', codes: [...text], of: (g) => replace(g.request, [/^/, '    ']) },
  {
    name: 'a prefix on every line',
    codes: ['prefix-changed', 'message-reworded'],
    of: () => (raw) => `[mount] ${raw}`,
  },
  {
    name: 'a prefix with a name and pid',
    codes: ['prefix-changed', 'message-reworded'],
    of: () => (raw) => `daemon[4711]: ${raw}`,
  },
  {
    name: 'replies no longer logged',
    codes: ['line-gone', 'reply-gone', 'operation-gone', 'end-inferred'],
    of: (g) => drop(g.reply),
  },
  {
    name: 'failures no longer logged',
    codes: ['line-gone', 'reply-gone', 'errno-lost', 'end-inferred'],
    of: (g) => drop(g.failure),
  },
  {
    name: 'a detail no longer logged',
    codes: ['line-gone', 'path-lost', 'id-lost', 'operation-gone', 'reply-gone'],
    of: (g) => drop(g.detail),
  },
  {
    name: 'requests logged twice',
    codes: ['operation-doubled'],
    of: (g) => (raw) => (g.request.test(raw) ? [raw, raw] : raw),
  },
  {
    name: 'a new line beside each request',
    codes: ['line-new'],
    of: (g) => (raw) => (g.request.test(raw) ? [raw, 'queue depth is 3 now'] : raw),
  },
  { name: 'an event split in two', codes: ['event-split', 'field-gone', 'line-new'], of: (g) => split(g) },
  { name: 'colour', codes: ['colour-changed'], of: () => (raw) => `\x1b[32m${raw}\x1b[0m` },
  {
    name: 'wrapped in JSON',
    codes: ['encoding-changed'],
    of: () => (raw) => JSON.stringify({ level: 'debug', msg: raw }),
  },
  {
    name: 'time stamps gone',
    codes: ['timestamp-changed', 'field-gone', ...text],
    of: (g) => replace(null, g.time && [g.time, '']),
  },
  {
    name: 'time stamps of whole seconds',
    codes: ['timestamp-changed', ...text],
    of: (g) => replace(null, g.time && [/(\d\d:\d\d:\d\d)(?:\.\d+)?(?=Z? )/, '$1.123']),
  },
  {
    name: 'time stamps with another separator',
    codes: ['timestamp-changed', ...text],
    of: (g) => replace(null, g.time && [/(\d{4})[-/](\d\d)[-/](\d\d)[T ]/, '$1.$2.$3-']),
  },
  {
    name: 'the level no longer in the line',
    codes: ['level-changed', ...text],
    of: (g) => replace(null, g.level && [g.level, '']),
  },
  {
    name: 'debug lines no longer logged',
    codes: ['level-gone', 'line-gone', 'operation-gone'],
    of: (g) => (g.level === null ? null : drop(/ DEBUG /)),
  },
  { name: 'trailing spaces', codes: ['whitespace-changed'], of: () => (raw) => `${raw}   ` },
  { name: 'carriage returns', codes: ['whitespace-changed', ...text], of: () => (raw) => `${raw}\r` },
  { name: 'the other stream', codes: ['stream-moved'], of: () => (raw) => raw, stream: true },
]

export function numbers(grammar: Grammar, write: (digits: string) => string): Change {
  return (raw) => (grammar.request.test(raw) ? raw.replace(grammar.number, write) : raw)
}

function split(grammar: Grammar): Change {
  return (raw) => {
    if (!grammar.request.test(raw)) return raw
    const at = raw.lastIndexOf(' ')
    return at > 0 ? [raw.slice(0, at), raw.slice(at + 1)] : raw
  }
}
