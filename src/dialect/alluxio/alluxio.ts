import type { Line, Raw } from '../../line/line.js'
import { leadingTime, timeIn } from '../../line/own-time.js'
import { ALL_CAPABILITIES } from '../core/capabilities.js'
import type { Dialect, DialectEvent, DialectParser, OperationFacts, OperationValues } from '../core/dialect.js'
import { errnoName } from '../core/errno.js'
import { opcodeOf } from '../core/opcode.js'
import { HighLevelNames } from '../nodes/high-level-names.js'
import { longestMatch, type Piece } from '../text/longest-match.js'

/** `AlluxioFuseFileSystem - `, and since 2.8 `[Thread-3](AlluxioFuseUtils.java:401) - `. */
const CLASS = '(?:^|[ \\t.\\](])\\w{0,40}Fuse\\w{0,60}(?:\\.java:\\d{1,6}\\))? (?:\\[[^\\]"]{0,80}\\] )?- '
const HEAD = new RegExp(`${CLASS}(?:Enter: |Exit \\((-?\\d{1,18})\\): )(?:Fuse\\.)?([A-Za-z]{3,20})\\(`)
/** Any line of these classes. */
const OWN = new RegExp(` (?:TRACE|DEBUG|INFO|WARN|ERROR) {1,2}[^"]{0,100}?${CLASS}`)
const EXIT = /\) in (\d{1,12}) ms$/

const OPCODES: Readonly<Record<string, string>> = {
  chmod: 'setattr',
  chown: 'setattr',
  utimens: 'setattr',
  utimenscallback: 'setattr',
  truncate: 'setattr',
}

/** A call or its return; null for every other line. `open`: its arguments do not end in this text. */
function readCall(raw: Raw): { name: string; args: Raw; result: number | null; at: number; open: boolean } | null {
  const head = HEAD.exec(raw.slice(0, 240))
  if (head === null || /["']/.test(raw.slice(0, head.index))) return null
  const from = head.index + head[0].length
  const result = head[1] === undefined ? null : Number(head[1])
  const tail = result === null ? /\)$/.exec(raw) : EXIT.exec(raw)
  const args = raw.slice(from, tail ? tail.index : undefined)
  return { name: (head[2] ?? '').toLowerCase(), args, result, at: head.index, open: tail === null }
}

const LAST = /,(mode|flags|fd|size|offset|uid|gid|length|options?|len)=([^,=]{0,80})$/
const VALUES: Readonly<Record<string, keyof OperationValues>> = {
  mode: 'mode',
  flags: 'flags',
  fd: 'fh',
  size: 'size',
  length: 'size',
  offset: 'offset',
}
const SECOND = /,(newPath|new|dst|to|linkPath|link|name|value)=/g

/** `path=/a,fd=2,size=4096,offset=0`: the path stands raw, numbers follow it. */
function factsOf(opcode: string, args: Raw): OperationFacts & { values?: OperationValues } {
  const values: OperationValues = {}
  // Some end in a comma.
  let rest = args.endsWith(',') ? args.slice(0, -1) : args
  for (let last = LAST.exec(rest.slice(-120)); last; last = LAST.exec(rest.slice(-120))) {
    const key = VALUES[last[1] ?? '']
    const value = last[1] === 'mode' ? Number.parseInt(last[2] ?? '', 8) : Number(last[2])
    if (key !== undefined && Number.isSafeInteger(value)) values[key] = value as never
    rest = rest.slice(0, -last[0].length)
  }
  const facts: OperationFacts = {}
  const equals = rest.indexOf('=')
  const seconds = /^(?:rename|symlink|link|setxattr|getxattr|removexattr)$/.test(opcode)
    ? [...rest.matchAll(SECOND)]
    : []
  const [second] = seconds
  const first = rest.slice(equals + 1, second?.index)
  // Where names could be cut in two ways, they are left out.
  if (equals > 0 && seconds.length < 2) {
    const other = second && rest.slice(second.index + second[0].length)
    if (opcode === 'symlink' && other !== undefined) Object.assign(facts, { target: first, path: other })
    else if (first.startsWith('/')) facts.path = first
    if (opcode.endsWith('xattr') && other !== undefined) facts.xattr = other
    else if ((opcode === 'rename' || opcode === 'link') && other?.startsWith('/')) facts.newPath = other
  }
  return Object.keys(values).length > 0 ? { ...facts, values } : facts
}

interface Running {
  /** Null where the call is part of another request. */
  readonly slot: string | null
  readonly opcode: string
  readonly path: Raw
}

class AlluxioParser implements DialectParser {
  readonly #names = new HighLevelNames()
  /** The calls that run by name and arguments, oldest first: a return repeats both. */
  readonly #open = new Map<Raw, Running[]>()
  #begun: { text: Raw; index: number } | null = null
  #calls = 0

  line({ raw, index, atNs }: Line, emit: (event: DialectEvent) => void): boolean {
    const begun = this.#begun
    const own = readCall(raw)
    const call = own ?? (begun && begun.text.length < 9000 ? readCall(`${begun.text}\n${raw}`) : null)
    const text = own || begun === null ? raw : `${begun.text}\n${raw}`
    const first = own || begun === null ? index : begun.index
    this.#begun = call?.open ? { text, index: first } : null
    if (call === null) return OWN.test(raw.slice(0, 200))
    if (call.open) return true
    const opcode = OPCODES[call.name] ?? opcodeOf(call.name)
    if (opcode === null) return false
    const key = `${call.name}(${call.args}`
    const lines = [first, index] as const
    if (call.result !== null) return this.#exit(key, call.result, atNs, lines, emit)
    const facts = factsOf(opcode, call.args)
    const meant = this.#names.opcodeOf(opcode, facts, facts.values?.fh !== undefined, atNs)
    const slot = meant === null ? null : `${call.name} ${this.#calls++}`
    const running = { slot, opcode: meant ?? opcode, path: facts.newPath ?? facts.path ?? '' }
    this.#open.set(key, [...(this.#open.get(key) ?? []), running])
    if (meant !== null && slot !== null)
      emit({ kind: 'request', unique: null, slot, opcode: meant, ...facts, atNs, lines })
    return true
  }

  end(): void {}

  #exit(
    key: Raw,
    result: number,
    atNs: number,
    lines: readonly [number, number],
    emit: (event: DialectEvent) => void,
  ): boolean {
    const [running, ...others] = this.#open.get(key) ?? []
    if (others.length > 0) this.#open.set(key, others)
    else this.#open.delete(key)
    if (running === undefined) return false
    const status = result < 0 ? 'error' : 'ok'
    this.#names.answered(running.opcode, running.path, status, atNs)
    if (running.slot === null) return true
    const errno = result < 0 ? errnoName(result) : null
    emit({ kind: 'reply', key: running.slot, endedBy: 'reply', status, errno, atNs, lines })
    return true
  }
}

const PIECES: readonly Piece[] = [
  [
    /[^"]{0,160}?\w{0,40}Fuse\w{0,60}(?:\.java:\d{1,6}\))? (?:\[[^\]"]{0,80}\] )?- /y,
    "a time, a level and the class's name",
  ],
  [/(?:Enter: |Exit \(-?\d{1,18}\): )/y, 'Enter: or Exit (result):'],
  [/(?:Fuse\.)?[A-Za-z]{3,20}\(/y, "a call's name and a bracket"],
]
const AT = '2021-05-06 07:08:09,123 DEBUG AlluxioFuseFileSystem - '

/** Alluxio's FUSE daemon (Java) at debug. */
export const alluxio: Dialect = {
  name: 'alluxio',
  version: 2,
  description:
    "Alluxio's fuse.log at DEBUG (Enter and Exit of each call): paths and outcomes without ids or pids; a lookup is logged as getattr and told by its path not having been seen for a second; paths stand raw (built from its source, without a capture)",
  capabilities: { ...ALL_CAPABILITIES, ids: false, pid: false, timestamps: 'ms' },
  samples: [
    {
      lines: `${AT}Enter: getattr(path=/a, b)\n${AT}Exit (-2): getattr(path=/a, b) in 1 ms`,
      events: [
        { kind: 'request', unique: null, opcode: 'lookup', path: '/a, b' },
        { kind: 'reply', status: 'error', errno: 'ENOENT' },
      ],
    },
    {
      lines: `${AT}Enter: Fuse.Read(path=/a,fd=2,size=4096,offset=0)\n${AT}Exit (4096): Fuse.Read(path=/a,fd=2,size=4096,offset=0) in 22 ms`,
      events: [
        { opcode: 'read', path: '/a', values: { fh: 2, size: 4096, offset: 0 } },
        { status: 'ok', errno: null },
      ],
    },
    {
      lines: `${AT}Enter: rename(oldPath=/a,newPath=/b)\n${AT}Exit (0): rename(oldPath=/a,newPath=/b) in 2 ms\n${AT}Enter: chmod(path=/b,mode=100644)\n${AT}Exit (-1): chmod(path=/b,mode=100644) in 0 ms`,
      events: [
        { opcode: 'rename', path: '/a', newPath: '/b' },
        { status: 'ok' },
        { opcode: 'setattr', path: '/b', values: { mode: 0o100644 } },
        { status: 'error', errno: 'EPERM' },
      ],
    },
    {
      lines:
        `${AT}Enter: mkdir(path=/new\n${AT}Enter: unlink,mode=755)\n${AT}Exit (0): mkdir(path=/x,mode=755) in 1 ms`.replace(
          `${AT}Exit (0): mkdir(path=/x,mode=755) in 1 ms`,
          `${AT}Exit (0): mkdir(path=/new\n${AT}Enter: unlink,mode=755) in 1 ms`,
        ),
      events: [
        { opcode: 'mkdir', path: `/new\n${AT}Enter: unlink`, lines: [0, 1] },
        { status: 'ok', lines: [2, 3] },
      ],
    },
  ],
  recognize(raw) {
    const call = readCall(raw)
    return call === null ? 0 : call.open ? 1 : 2
  },
  time(raw) {
    const call = readCall(raw)
    return call === null ? leadingTime(raw) : timeIn(raw.slice(0, call.at + 1))
  },
  explain: (raw) => longestMatch(raw, 0, PIECES),
  parser: () => new AlluxioParser(),
}
