import type { Raw } from '../../line/line.js'
import { ALL_CAPABILITIES } from '../core/capabilities.js'
import type { Dialect } from '../core/dialect.js'
import { errnoOfWords } from '../core/errno.js'
import { linePerRequest, type WholeRequest } from '../text/line-per-request.js'
import { withoutBlanks } from '../text/text.js'
import { valuesOf } from '../text/values.js'
import { glusterfsSamples } from './samples.js'

const LOGGED =
  '^\\[\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{6}(?: \\+0000)?\\] [A-Z] (?:\\[MSGID: \\d{1,9}\\] )?'
/** Any line of GlusterFS. */
const OWN = new RegExp(`${LOGGED}\\[[\\w.-]{1,60}:\\d{1,6}:\\w{1,80}\\] `)
const REPEATED = /^The message "[A-Z] \[/
/** Where the bridge to the kernel answers: its function, and an id of its own. */
const HEAD = new RegExp(
  `${LOGGED}\\[fuse-bridge\\.c:\\d{1,6}:fuse_(\\w{1,40})_cbk\\] \\d{1,6}-glusterfs-fuse: \\d{1,20}: `,
)
/** What is not answered, with the kernel's id. */
const RELEASE = new RegExp(
  `${LOGGED}\\[fuse-bridge\\.c:\\d{1,6}:\\w+\\] \\d{1,6}-glusterfs-fuse: finh->unique: (\\d{1,19}): (RELEASE|RELEASEDIR) `,
)
const ASKS = `${LOGGED}\\[fuse-bridge\\.c:\\d{1,6}:\\w+\\] \\d{1,6}-glusterfs-fuse: \\d{1,20}: `
/** A list of names is answered as an attribute is: only the request says which it was. */
const ASKS_XATTR = new RegExp(`${ASKS}(GETXATTR|LISTXATTR) (/[^]*)/\\d{1,20}(?: \\(([^]*)\\))?$`)
/** A link's answer shows its new name. */
const ASKS_LINK = new RegExp(`${ASKS}LINK\\(\\) (/[^]*) -> (/[^]*)$`)

const ERROR = '-1 (?:gfid=\\S{1,40} fd=\\S{1,20} )?\\((?<words>[A-Z][^()]*(?:\\([^()]*\\))?)\\)'
const MADE = '(?:\\d{1,20}|0x[0-9a-f]{1,16})(?: \\(ino=\\d{1,20}\\))?'
/** `LOOKUP() /a => 2`, `GETXATTR(user.a) /a => -1 (No data available)`, `REMOVEXATTR() of user.a on /a => -1 (…)` */
const CALL = new RegExp(
  `^(?<op>[A-Z]{4,12})\\((?<xattr>[^()]{0,255})\\) (?:of (?<removed>[^ ]{1,255}) on )?(?<path>[^]+) => (?:${MADE}|${ERROR})$`,
)
/** `READ => 6/4096,0/6`: what was read, asked for, from where. */
const DATA = new RegExp(
  `^(?<op>READ|WRITE|READDIR|READDIRP|ERR) => (?:-?\\d{1,10}/(?<size>\\d{1,15}),(?<offset>\\d{1,19})(?:/\\d{1,19})?|0|${ERROR})$`,
)
const TWO = new RegExp(`^(?<path>/[^]*) -> (?<newPath>/[^]*) => (?:0 \\(buf->ia_ino=\\d{1,20}\\)|${ERROR})$`)
const LINK = new RegExp(`^(?<path>/[^]*) => (?:(?<target>[^]+) \\(size:\\d{1,6}\\)|${ERROR})$`)
const ONE = new RegExp(`^(?<path>/[^]*) => ${ERROR}$`)
const BEGINS = /^(?:\/|[A-Z]{4,12}\()/
/** Two paths and what stands around them are no longer. */
const MAX_BODY = 8600

const OPCODES: Readonly<Record<string, string>> = {
  STAT: 'getattr',
  FSTAT: 'getattr',
  FSETATTR: 'setattr',
  TRUNCATE: 'setattr',
  FTRUNCATE: 'setattr',
  READDIRP: 'readdirplus',
  FSETXATTR: 'setxattr',
  FGETXATTR: 'getxattr',
  FREMOVEXATTR: 'removexattr',
  DISCARD: 'fallocate',
  ZEROFILL: 'fallocate',
}
const KNOWN =
  /^(?:LOOKUP|MKNOD|MKDIR|SYMLINK|LINK|CREATE|OPEN|OPENDIR|UNLINK|RMDIR|SETATTR|READ|WRITE|READDIR|READDIRP|FLUSH|FSYNC|FSYNCDIR|ACCESS|STATFS|(?:SET|GET|REMOVE)XATTR|FALLOCATE|LSEEK)$/

/** Of what is answered by a function without its call's name, and of the root's attributes, which it asks for as a lookup. */
function opcodeOf(op: string, by: string): string | null {
  if (by === 'rename' || by === 'readlink' || by === 'create') return by
  if (op === 'ERR') return /^(?:statfs|getlk|setlk)$/.test(by) ? by : null
  if (op === 'LOOKUP') return by === 'entry' || by === 'lookup' || by === 'newentry' ? 'lookup' : 'getattr'
  return OPCODES[op] ?? (KNOWN.test(op) ? op.toLowerCase() : null)
}

const formsOf = (by: string): readonly RegExp[] =>
  by === 'rename' ? [TWO] : by === 'readlink' ? [LINK] : by === 'create' ? [CALL, ONE] : [CALL, DATA]

/** Reads answers; requests only show what an attribute's name was. */
class Reader {
  /** What was asked of a path last: a name, or null for all names. */
  readonly #asked = new Map<Raw, Raw | null>()
  /** What a new name was asked for to be another name of. */
  readonly #links = new Map<Raw, Raw>()

  read(line: Raw): WholeRequest | 'more' | null {
    // No answer ends in a name: blanks at its end are of whoever passed it on.
    const text = withoutBlanks(line)
    const release = RELEASE.exec(text.slice(0, 240))
    if (release) {
      const opcode = (release[2] ?? '').toLowerCase()
      return { opcode, unique: Number(release[1]), status: 'unknown', errno: null }
    }
    const head = HEAD.exec(text.slice(0, 200))
    if (head === null) return null
    const [by, body] = [head[1] ?? '', text.slice(head[0].length)]
    for (const form of formsOf(by)) {
      const found = form.exec(body)?.groups
      const whole = found && this.#whole(found, by)
      if (whole) return whole
    }
    return BEGINS.test(body) && !body.includes(' => ') && body.length < MAX_BODY ? 'more' : null
  }

  #whole(found: Record<string, string | undefined>, by: string): WholeRequest | null {
    const { op = '', words, removed, size, offset, newPath, target } = found
    const path = found.path?.startsWith('/') ? found.path : undefined
    const errno = words === undefined ? null : errnoOfWords(words)
    const named = opcodeOf(op, by)
    if (named === null || (words !== undefined && errno === null)) return null
    const xattr = removed ?? (found.xattr || undefined)
    const asked = named === 'getxattr' && path !== undefined ? this.#asked.get(path) : undefined
    const lists = named === 'getxattr' && (xattr === '(null)' || (xattr === undefined && asked === null))
    // Without its request it may be either.
    if (named === 'getxattr' && !lists && xattr === undefined && asked === undefined) return null
    const values = valuesOf({ size, offset })
    const facts = { path, newPath, target, xattr: lists ? undefined : (xattr ?? asked ?? undefined) }
    const opcode = lists ? 'listxattr' : named
    if (named === 'link') Object.assign(facts, { path: this.#links.get(path ?? ''), newPath: path })
    return { opcode, ...facts, ...(values && { values }), status: words === undefined ? 'ok' : 'error', errno }
  }

  /** True for lines of GlusterFS about no request, and for requests, whose answers follow. */
  own(text: Raw): boolean {
    const asked = ASKS_XATTR.exec(text)
    if (asked) remember(this.#asked, asked[2] ?? '', asked[1] === 'LISTXATTR' ? null : (asked[3] ?? null))
    const link = ASKS_LINK.exec(text)
    if (link) remember(this.#links, link[2] ?? '', link[1] ?? '')
    return (OWN.test(text.slice(0, 240)) && !HEAD.test(text.slice(0, 200))) || REPEATED.test(text)
  }
}

/** Requests whose answers have not come; those of which none is shown would stay. */
const MAX_ASKED = 1024

function remember<T>(map: Map<Raw, T>, path: Raw, what: T): void {
  if (map.size >= MAX_ASKED) map.clear()
  map.set(path, what)
}

/** What is refused at once without a line: attributes for which no volume was asked, a rename with flags. */
const UNLOGGED = ['getxattr', 'setxattr', 'rename'] as const

/** GlusterFS' client log. */
export const glusterfs: Dialect = {
  name: 'glusterfs',
  version: 1,
  description:
    "GlusterFS' client log (fuse-bridge): a line an answer, with path and outcome; at its usual level only those that failed, at TRACE nearly all (no statfs, no xattr that is refused at once), but for releases without the kernel's ids; reads, writes and flushes without paths; names stand raw",
  capabilities: {
    ...ALL_CAPABILITIES,
    ids: false,
    start: false,
    path: 'some',
    pid: false,
    timestamps: 'us',
    partly: UNLOGGED,
  },
  samples: glusterfsSamples,
  recognize: (raw) => {
    const head = raw.slice(0, 240)
    return HEAD.test(head.slice(0, 200)) || RELEASE.test(head) ? 2 : OWN.test(head) ? 1 : 0
  },
  explain: (raw) => ({
    matched: (HEAD.exec(raw.slice(0, 200)) ?? OWN.exec(raw.slice(0, 240)))?.[0].length ?? 0,
    expected: 'a call, its path, => and its result or -1 (error)',
  }),
  parser: () => {
    const reader = new Reader()
    return linePerRequest(
      (text) => reader.read(text),
      (text) => reader.own(text),
    )
  },
}
