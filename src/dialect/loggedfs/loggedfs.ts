import type { Raw } from '../../line/line.js'
import { ALL_CAPABILITIES } from '../core/capabilities.js'
import type { Dialect, OperationFacts } from '../core/dialect.js'
import { HighLevelNames } from '../nodes/high-level-names.js'
import { linePerRequest, type WholeRequest } from '../text/line-per-request.js'
import { type Slots, slots } from '../text/slots.js'
import { withoutBlanks } from '../text/text.js'
import { valuesOf } from '../text/values.js'
import { loggedfsSamples } from './samples.js'

/** Its time and logger: easylogging's, rlog's, the Python version's; in syslog none. */
const HEAD =
  /^(?:(?:\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d(?:[,.]\d{1,6})? (?:[A-Z]{3,8} \[\w{1,40}\]|\([\w./-]{1,80}(?::\d{1,6})?\)) )?/
const OUTCOME = / \{(SUCCESS|FAILURE)\} \[ pid = (\d{1,10}) [\s\S]{0,300}? ?uid = \d{1,10} \]$/
const CALL =
  /^(?:(getattr|access|readlink|readdir|mknod|mkfifo|mkdir|unlink|rmdir|rename|chmod|chown|truncate|utime|utimens|statfs|release|fsync|symlink from|hard link from|open(?: readonly| writeonly| readwrite)?) (?=\/)|(read|write) (?=\d)|(?=\d{1,10} bytes (?:read|readed|written) ))/
const OWN = /^(?:LoggedFS|chdir to |Using configuration|Configuration|Default configuration)/
const STARTS = /^(?:LoggedFS(?:-python)? starting at (\/[\s\S]*?)\.?|chdir to (\/[\s\S]*))$/

const OPCODES: Readonly<Record<string, string>> = {
  mkfifo: 'mknod',
  chmod: 'setattr',
  chown: 'setattr',
  truncate: 'setattr',
  utime: 'setattr',
  utimens: 'setattr',
  'symlink from': 'symlink',
  'hard link from': 'link',
}

/** Behind the path: what each call says about it. */
const PATTERNS: Readonly<Record<string, RegExp>> = {
  mknod: /^(?<path>[\s\S]+) (?<mode>[0-7]{1,7})(?: S_IF[A-Z]+)?(?: \([a-z ]+\))?$/,
  mkdir: /^(?<path>[\s\S]+) (?<mode>[0-7]{1,7})$/,
  chmod: /^(?<path>[\s\S]+) to (?<mode>[0-7]{1,7})$/,
  chown: /^(?<path>[\s\S]+) to -?\d{1,10}:-?\d{1,10}(?: [^ :]{1,64}:[^ :]{1,64})?$/,
  truncate: /^(?<path>[\s\S]+) to (?<size>-?\d{1,10}) bytes$/,
  read: /^(?<size>\d{1,10}) bytes from (?<path>\/[\s\S]*) at offset (?<offset>-?\d{1,10})$/,
  write: /^(?<size>\d{1,10}) bytes to (?<path>\/[\s\S]*) at offset (?<offset>-?\d{1,10})$/,
  done: /^\d{1,10} bytes (?<what>read|readed|written) (?:from|to) (?<path>\/[\s\S]*) at offset (?<offset>-?\d{1,10})$/,
}
const TWO: Readonly<Record<string, (text: Raw) => Slots | null>> = {
  rename: slots('path newPath', ' to '),
  'hard link from': slots('newPath path', ' to '),
  'symlink from': slots('path target', ' to '),
}

function argumentsOf(call: string, args: Raw): (Slots & { what?: string }) | null {
  const two = TWO[call]
  if (two) return two(args)
  const pattern = PATTERNS[call === 'mkfifo' ? 'mknod' : call]
  if (pattern === undefined) return { path: args }
  const found = pattern.exec(args)?.groups
  if (found === undefined) return null
  const { path, mode, size, offset, what } = found as Record<string, string | undefined>
  // Sizes and offsets of more than 31 bits are printed as if they had no more.
  const exact = (text: string | undefined): string | undefined => (text?.startsWith('-') ? undefined : text)
  const values = valuesOf({ mode, size: exact(size), offset: exact(offset) })
  return { path, ...(values && { values }), ...(what !== undefined && { what }) }
}

/** What can be asked of the root: elsewhere its path is one whose name was left out. */
const OF_ROOT = /^(?:getattr|access|readdir|statfs|setattr)$/
/** Two paths and what stands around them are no longer. */
const MAX_LINE = 9000
/** Processes and open files that are remembered. */
const MAX_USED = 8192

/** Reads lines; the mountpoint, which stands before every path, shows in those that it writes at its start. */
class Reader {
  /** It mounts so that no name is kept: every use of a path is a lookup. */
  readonly #names = new HighLevelNames(0)
  /** How often each path is open, and which each process used last. */
  readonly #open = new Map<Raw, number>()
  readonly #last = new Map<number, Raw>()
  #mountpoint: Raw | null

  constructor(mountpoint: Raw | null) {
    this.#mountpoint = mountpoint
  }

  read(line: Raw): WholeRequest | 'more' | null {
    // No line ends in a name: blanks at its end are of whoever passed it on.
    const text = withoutBlanks(line)
    const head = HEAD.exec(text.slice(0, 200))?.[0].length ?? 0
    const body = text.slice(head)
    const begin = text.length > MAX_LINE ? null : CALL.exec(body)
    if (begin === null) return null
    const outcome = OUTCOME.exec(body)
    if (outcome === null) return head > 0 ? 'more' : null
    const call = begin[1] ?? begin[2] ?? 'done'
    const given = argumentsOf(call, body.slice(begin[0].length, outcome.index))
    if (given === null) return null
    const { what, values, ...names } = given
    const opcode = what ? (what === 'written' ? 'write' : 'read') : (OPCODES[call] ?? call.split(' ')[0] ?? call)
    const failed = outcome[1] === 'FAILURE'
    const pid = Number(outcome[2])
    const of = `${opcode} ${pid} ${values?.offset} ${names.path}`
    const part = what
      ? { of, is: 'end' as const }
      : (call === 'read' || call === 'write') && !failed
        ? { of, is: 'begin' as const }
        : undefined
    return { opcode, ...names, ...(values && { values }), pid, part, status: failed ? 'error' : 'ok', errno: null }
  }

  /** libfuse looks a name up by asking for its path's attributes, and for those of what it has made. */
  meant(read: WholeRequest, atNs: number): WholeRequest | null {
    const whole = { ...read, ...this.#facts(read) }
    if (whole.path === '/' && !OF_ROOT.test(whole.opcode)) whole.path = undefined
    const { path, newPath, status, pid = 0 } = whole
    if (path === undefined) return whole
    const known = this.#last.get(pid) === path || this.#open.has(path)
    const named = this.#names.opcodeOf(whole.opcode, whole, known && status === 'ok', atNs)
    if (named === null) return null
    this.#names.answered(named, newPath ?? path, status === 'ok' ? 'ok' : 'error', atNs)
    if (status === 'ok') this.#used(named, path, pid)
    return { ...whole, opcode: named, newPath: named === 'unlink' ? undefined : newPath }
  }

  #used(opcode: string, path: Raw, pid: number): void {
    if (this.#last.size > MAX_USED) this.#last.clear()
    this.#last.delete(pid)
    if (opcode === 'lookup') this.#last.set(pid, path)
    if (opcode !== 'open' && opcode !== 'release') return
    const times = (this.#open.get(path) ?? 0) + (opcode === 'open' ? 1 : -1)
    if (times > 0 && this.#open.size < MAX_USED) this.#open.set(path, times)
    else this.#open.delete(path)
  }

  /** True for lines that are its own and about no request. */
  own(text: Raw): boolean {
    const body = text.slice(HEAD.exec(text.slice(0, 200))?.[0].length ?? 0)
    const starts = STARTS.exec(withoutBlanks(body))
    if (starts) this.#mountpoint = (starts[2] ?? starts[1] ?? '').replace(/\/$/, '')
    return OWN.test(body)
  }

  #facts({ path, newPath, target }: OperationFacts): OperationFacts {
    // Only the root's ends in a slash.
    if (this.#mountpoint === null && path?.endsWith('/')) this.#mountpoint = path.slice(0, -1)
    return { path: this.#below(path), newPath: this.#below(newPath), target }
  }

  #below(path: Raw | undefined): Raw | undefined {
    const mountpoint = this.#mountpoint
    if (path === undefined || mountpoint === null) return undefined
    if (path === mountpoint) return '/'
    return path.startsWith(`${mountpoint}/`) ? path.slice(mountpoint.length) : undefined
  }
}

const SURE = / \{(?:SUCCESS|FAILURE)\} \[ pid = \d{1,10} /

function recognize(raw: Raw): 0 | 1 | 2 {
  const body = raw.slice(HEAD.exec(raw.slice(0, 200))?.[0].length ?? 0)
  if (STARTS.test(body)) return body.length < raw.length ? 1 : 0
  return CALL.test(body) && SURE.test(raw) ? 2 : 0
}

/** LoggedFS, which logs what it passes through. */
export const loggedfs: Dialect = {
  name: 'loggedfs',
  version: 2,
  description:
    "LoggedFS (file, syslog, its Python version): one line a call at its end, with paths and whether it failed but not how; no ids, and getattr stands for lookup as well; no opendir, flush or xattrs; paths are known once a line has shown the mountpoint (its start, or the root's getattr)",
  capabilities: { ...ALL_CAPABILITIES, ids: false, start: false, errno: 'none', timestamps: 'ms' },
  samples: loggedfsSamples,
  recognize,
  explain: (raw) => {
    const head = HEAD.exec(raw.slice(0, 200))?.[0].length ?? 0
    return { matched: head, expected: 'a call, its path, {SUCCESS} or {FAILURE}, [ pid = … uid = … ]' }
  },
  parser: ({ mountpoint }) => {
    const reader = new Reader(
      mountpoint === undefined ? null : Buffer.from(mountpoint).toString('latin1').replace(/\/$/, ''),
    )
    return linePerRequest(
      (text) => reader.read(text),
      (text) => reader.own(text),
      (whole, atNs) => reader.meant(whole, atNs),
    )
  },
}
