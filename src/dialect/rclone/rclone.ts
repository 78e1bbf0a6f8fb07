import type { Line, Raw } from '../../line/line.js'
import { leadingTime, timeOfValue } from '../../line/own-time.js'
import { ALL_CAPABILITIES } from '../core/capabilities.js'
import type { Dialect, DialectEvent, DialectParser } from '../core/dialect.js'
import { errnoName, errnoOfWords } from '../core/errno.js'
import { isRcloneTrace, rcloneHead } from '../text/bazil-line.js'
import { readJsonLine } from '../text/json-line.js'
import { longestMatch } from '../text/longest-match.js'
import { CALLS, type Call, pathOf } from './calls.js'

/** A traced line taken apart: `OBJECT: Method: ARGS`, or `OBJECT: >Method: RESULT`. */
interface Trace {
  object: Raw
  method: string
  /** The call; null for a return. */
  call: Call | null
  result: Raw
}

/** A blank at a line's end may have been lost on the way. */
const METHOD = /: (>?)([A-Z][A-Za-z]{2,11}):(?: |$)/g
/** Names are raw and may look like calls; whoever writes more of them than this does so on purpose. */
const MAX_TRIES = 8
const FARTHEST = 4600

function readTrace(text: Raw): Trace | null {
  const begin = text.length > FARTHEST ? text.slice(0, FARTHEST) : text
  METHOD.lastIndex = 0
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const found = METHOD.exec(begin)
    if (found === null) return null
    const trace = readCall(text.slice(0, found.index), found[2] ?? '', found[1] === '>', text.slice(METHOD.lastIndex))
    if (trace) return trace
    // The next may begin with this one's colon.
    METHOD.lastIndex = found.index + 1
  }
  return null
}

function readCall(object: Raw, method: string, isReturn: boolean, args: Raw): Trace | null {
  const read = Object.hasOwn(CALLS, method) ? CALLS[method] : undefined
  if (read === undefined) return null
  if (isReturn) return RESULT.test(args) ? { object, method, call: null, result: args } : null
  const call = read(object, args)
  return call && { object, method, call, result: '' }
}

const RESULT = /(?:^|, )(?:err=|errc=-?\d{1,4}(?:,|$)|n=-?\d{1,9}$)/

/** What a line says, whether plain or of --use-json-log. */
function readLine(raw: Raw): Trace | null {
  if (raw.startsWith('{"')) {
    const object = raw.includes('"msg":') ? readJsonLine(raw) : null
    // Without an object the message is none of rclone's JSON: another program has put the line there.
    const [of, message] = [object?.object, object?.msg]
    if (typeof of !== 'string' || typeof message !== 'string') return null
    return readTrace(`${of}: ${message}`)
  }
  const head = rcloneHead(raw)
  return head > 0 && !raw.startsWith('fuse: ', head) ? readTrace(raw.slice(head)) : null
}

class RcloneParser implements DialectParser {
  /** Slots of the open calls of an object and method, oldest first. */
  readonly #open = new Map<string, { slot: string; call: Call }[]>()
  /** After these calls rclone's library asks for attributes of its own accord: no request. */
  readonly #asked = new Map<Raw, number>()
  readonly #directories = new Set<Raw>()
  /** Nodes that are being made: rclone makes them by a create of its own. */
  readonly #making = new Set<Raw>()
  /** A line whose name goes on in the next: names are raw, and newlines in them too. */
  #begun: { text: Raw; index: number } | null = null
  #calls = 0

  line(line: Line, emit: (event: DialectEvent) => void): boolean {
    const { raw, index } = line
    const trace = readLine(raw)
    if (trace) {
      this.#begun = null
      this.#take(trace, line, index, emit)
      return true
    }
    if (raw.startsWith('{"')) return false
    const head = rcloneHead(raw)
    if (head > 0) {
      this.#begun = { text: raw.slice(head), index }
      return isRcloneTrace(raw)
    }
    if (this.#begun === null) return false
    const { text, index: first } = this.#begun
    const joined = text.length + raw.length < FARTHEST ? `${text}\n${raw}` : null
    const whole = joined === null ? null : readTrace(joined)
    this.#begun = joined === null || whole ? null : { text: joined, index: first }
    if (whole) this.#take(whole, line, first, emit)
    return whole !== null
  }

  end(): void {}

  #take({ object, method, call, result }: Trace, line: Line, first: number, emit: (event: DialectEvent) => void): void {
    const key = `${method}|${object}`
    if (call === null) {
      const queue = this.#open.get(key)
      const done = queue?.shift()
      if (queue?.length === 0) this.#open.delete(key)
      if (done) this.#return(done, method, result, line, first, emit)
      return
    }
    // rclone writes a blank after the colon. Where it is gone an editor or a paste has had the log, and what stood around the line
    // may be gone as well: it cannot be known to be the library's.
    const pasted = line.terminated && line.raw.endsWith(':')
    if (call.opcode === 'getattr' && !pasted && this.#isAsked(object)) return
    const path = call.facts.path ?? ''
    if (call.opcode === 'create' && this.#making.has(path)) return
    if (call.opcode === 'mknod') this.#making.add(path)
    const opcode = method === 'Remove' && this.#directories.delete(path) ? 'rmdir' : call.opcode
    const slot = `${method}:${this.#calls++}`
    const queue = this.#open.get(key)
    if (queue) queue.push({ slot, call })
    else this.#open.set(key, [{ slot, call }])
    if (object.endsWith('/')) this.#directories.add(pathOf(object))
    emit({ kind: 'request', unique: null, slot, opcode, ...call.facts, atNs: line.atNs, lines: [first, line.index] })
  }

  #return(
    { slot, call }: { slot: string; call: Call },
    method: string,
    result: Raw,
    { atNs, index }: Line,
    first: number,
    emit: (event: DialectEvent) => void,
  ): void {
    const { status, errno } = outcome(result)
    const path = call.facts.path ?? ''
    if (method === 'Mknod') this.#making.delete(path)
    if (status === 'ok' && ASKS.has(method)) {
      this.#asked.set(path, (this.#asked.get(path) ?? 0) + 1)
      if (method === 'Mkdir' || /^node=[\s\S]*\/, err=/.test(result)) this.#directories.add(path)
    }
    emit({ kind: 'reply', key: slot, endedBy: 'reply', status, errno, atNs, lines: [first, index] })
  }

  #isAsked(object: Raw): boolean {
    const path = pathOf(object)
    const times = this.#asked.get(path)
    if (times === undefined) return false
    if (times === 1) this.#asked.delete(path)
    else this.#asked.set(path, times - 1)
    return true
  }
}

const ASKS = new Set(['Lookup', 'Create', 'Mkdir', 'Symlink', 'Mknod', 'Setattr'])

function outcome(result: Raw): { status: 'ok' | 'error'; errno: string | null } {
  const number = /(?:^|, )(?:errc|n)=(-?\d{1,9})(?:,|$)/.exec(result)?.[1]
  const at = result.lastIndexOf('err=')
  if (number !== undefined && at < 0) {
    const errno = Number(number) < 0 ? errnoName(Number(number)) : null
    return { status: errno === null ? 'ok' : 'error', errno }
  }
  const words = result.slice(at + 4)
  // Links are never made; which error the kernel is given depends on bazil's version.
  if (result.startsWith('new=')) return { status: words === '<nil>' ? 'ok' : 'error', errno: null }
  return words === '<nil>' ? { status: 'ok', errno: null } : { status: 'error', errno: errnoOfWords(words) }
}

const AT = '2026/11/22 20:00:41 DEBUG : '

/** rclone mount -vv, without --debug-fuse. */
export const rclone: Dialect = {
  name: 'rclone',
  version: 3,
  description:
    "rclone mount's own -vv lines (with --debug-fuse the bazil dialect reads its log): paths and outcomes without ids or pids, no xattrs, no opendir, one readdir a listing; names stand raw, so one that holds a newline and a whole line of rclone's could forge one (cmount and --use-json-log from sources, no capture)",
  capabilities: { ...ALL_CAPABILITIES, ids: false, pid: false, timestamps: 's' },
  samples: [
    {
      lines: `${AT}/: Lookup: name="a: \\"b\\".txt"\n${AT}/: >Lookup: node=<nil>, err=no such file or directory`,
      events: [
        { kind: 'request', unique: null, opcode: 'lookup', path: '/a: "b".txt' },
        { kind: 'reply', status: 'error', errno: 'ENOENT' },
      ],
    },
    {
      lines: `${AT}d1/: Create: name="a.txt"\n${AT}d1/a.txt: Open: flags=O_WRONLY|O_CREATE\n${AT}d1/a.txt: >Open: fd=a.txt (rw), err=<nil>\n${AT}d1/: >Create: node=d1/a.txt, handle=&{d1/a.txt (rw)}, err=<nil>\n${AT}d1/a.txt: Attr: \n${AT}d1/a.txt: >Attr: a=valid=1s ino=0 size=0 mode=-rw-r--r--, err=<nil>`,
      events: [
        { opcode: 'create', path: '/d1/a.txt' },
        { status: 'ok', errno: null },
      ],
    },
    {
      lines: `${AT}&{d/a b (rw)}: Flush: \n${AT}&{d/a b (rw)}: >Flush: err=<nil>\n${AT}: Statfs: \n${AT}: >Statfs: stat={Blocks:6}, err=<nil>`,
      events: [
        { opcode: 'flush', path: '/d/a b' },
        { status: 'ok' },
        { opcode: 'statfs', path: '/' },
        { status: 'ok' },
      ],
    },
    {
      lines: `${AT}/: Rename: oldName="r2.txt", newName="r, 3.txt", newDir=d1/\n${AT}/: >Rename: err=<nil>\n${AT}/: Mkdir: name="e"\n${AT}/: >Mkdir: node=e/, err=<nil>\n${AT}/: Remove: name="e"\n${AT}/: >Remove: err=directory not empty`,
      events: [
        { opcode: 'rename', path: '/r2.txt', newPath: '/d1/r, 3.txt' },
        { status: 'ok' },
        { opcode: 'mkdir', path: '/e' },
        { status: 'ok' },
        { opcode: 'rmdir', path: '/e' },
        { status: 'error', errno: 'ENOTEMPTY' },
      ],
    },
    {
      lines: `${AT}/: Lookup: name="a"\n${AT}/: >Lookup: node=a, err=<nil>\n${AT}a: Attr:\n${AT}a: >Attr: a=valid=1s ino=0 size=1 mode=-rw-rw-r--, err=<nil>`,
      events: [
        { opcode: 'lookup', path: '/a' },
        { status: 'ok' },
        { opcode: 'getattr', path: '/a' },
        { status: 'ok', errno: null },
      ],
    },
    {
      lines: `${AT}x: Lookup: name="y": Attr: \n${AT}x: Lookup: name="y": >Attr: a=valid=1s, err=<nil>`,
      events: [{ opcode: 'getattr', path: '/x: Lookup: name="y"' }, { status: 'ok' }],
    },
    {
      lines: `${AT}/: Link: req=Link [ID=0xc2 Node=0x1 Uid=0 Gid=0 Pid=24561] node 2 to "hard", old=a.txt\n${AT}/: >Link: new=<nil>, err=function not implemented`,
      events: [
        { opcode: 'link', path: '/a.txt', newPath: '/hard' },
        { status: 'error', errno: null },
      ],
    },
    {
      lines: `${AT}/d/f: Getattr: fh=0xFFFFFFFFFFFFFFFF\n${AT}/d/f: >Getattr: errc=-2`,
      events: [
        { opcode: 'getattr', path: '/d/f' },
        { status: 'error', errno: 'ENOENT' },
      ],
    },
    {
      lines:
        '{"level":"debug","msg":"Lookup: name=\\"a\\"","object":"/","objectType":"*mount.Dir","time":"2026-11-22T20:00:41Z"}',
      events: [{ opcode: 'lookup', path: '/a' }],
    },
    { lines: `${AT}: Root: `, events: [] },
  ],
  overriddenBy: 'bazil',
  recognize(raw) {
    if (readLine(raw)) return 2
    return isRcloneTrace(raw) ? 1 : 0
  },
  time: (raw) => (raw.startsWith('{"') ? timeOfValue(readJsonLine(raw)?.time) : leadingTime(raw)),
  explain(raw) {
    const head = rcloneHead(raw)
    if (head === 0) return { matched: 0, expected: "rclone's date, time and level" }
    return longestMatch(raw, head, PIECES)
  },
  parser: () => new RcloneParser(),
}

const PIECES = [
  [/(?:(?!: )[\s\S]){0,300}/y, 'a name'],
  [/: >?[A-Z][A-Za-z]{2,11}: /y, ': Method: or : >Method: '],
  [/(?!)/y, 'the arguments of a call that stands for a request'],
] as const
