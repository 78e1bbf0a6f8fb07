import type { Line, Raw } from '../../line/line.js'
import type { DialectEvent, DialectParser, OperationFacts } from '../core/dialect.js'
import { HighLevelNames } from '../nodes/high-level-names.js'
import { isWhole, readArguments } from './arguments.js'

const TIME = '(?:\\[?\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d:\\d\\d(?:[.,]\\d{1,9})?Z?\\]? {1,2})?'
const LEVEL = '(?:\\[(?:CRT|ERR|WAN|INF|DBG|DUMP|CURL DBG)\\] {0,12}|s3fs: {1,3})'
/** Time and level of a line. */
export const HEAD: string = TIME + LEVEL
/** A call of libfuse's; before 1.80 without a level. */
export const CALL: RegExp = new RegExp(
  `^(?:${HEAD}s3fs\\.cpp:|(?=s3fs_[a-z]{3,20}\\(\\d{1,6}\\): \\[(?:path|from)=))s3fs_([a-z_]{3,20})\\(\\d{1,6}\\): `,
)
/** Any line of s3fs. */
export const OWN: RegExp = new RegExp(`^${HEAD}(?:[\\w.-]{1,40}\\.(?:cpp|h):\\w{1,60}\\(\\d{1,6}\\): |[A-Za-z*<>{} ])`)

/** s3fs' functions that are not called as the kernel's requests. */
const OPCODES: Readonly<Record<string, string | null>> = {
  chmod: 'setattr',
  chown: 'setattr',
  utimens: 'setattr',
  truncate: 'setattr',
  init: null,
  destroy: null,
  check_service: null,
  exit_fuseloop: null,
}
const KNOWN =
  /^(?:getattr|readlink|mknod|mkdir|unlink|rmdir|symlink|rename|link|create|open|read|write|statfs|flush|fsync|release|opendir|readdir|access|setxattr|getxattr|listxattr|removexattr)$/
/** The line of an answer: `[path=/a] uid=0, gid=0, mode=40755`. */
const ANSWER = /^\[path=([\s\S]*)\] [a-z]+=[\w., =-]*$/
/** Something that s3fs says in words while it does a call. */
const PROSE = /^[^[\s]\S* /
/** It asks the store for a name that it does not know yet, and keeps the answer where the name is there. */
const ASKS = /\bcurl\.cpp:HeadRequest\(/
const KEEPS = /\bcache\.cpp:AddStat\w{0,12}\(\d{1,6}\): add /
const MAX_RENAMED = 64
const MAX_LINES = 16
const MAX_BYTES = 9000

/** A line whose name goes on in the next. Without a call, one of those that say what s3fs does for one. */
interface Begun {
  readonly text: Raw
  readonly index: number
  readonly call: string | null
  readonly lines: readonly Line[]
}

/** Reads s3fs' own lines. */
export class S3fsParser implements DialectParser {
  readonly #names = new HighLevelNames()
  #begun: Begun | null = null
  #latest: { opcode: string; path: Raw } | null = null
  /** The store was asked for the latest call's name, and nothing came of it. */
  #asked = false
  /** When it last said something: at the earliest then, the latest call was answered. */
  #saidNs = 0
  /** Names that were moved away and not named since: what is removed there is s3fs' own copy. */
  #renamed: Raw[] = []

  line(line: Line, emit: (event: DialectEvent) => void): boolean {
    const { raw, index } = line
    const begun = this.#begun
    if (begun !== null) {
      const text = `${begun.text}\n${raw}`
      const lines = [...begun.lines, line]
      if (begun.call === null ? !OWN.test(raw.slice(0, 160)) : lines.length < MAX_LINES && text.length < MAX_BYTES) {
        const rest = text.replace(CALL, '')
        const whole = begun.call === null ? raw.includes(']') : isWhole(begun.call, rest) || ANSWER.test(rest)
        this.#begun = whole ? null : { ...begun, text, lines }
        return !whole || begun.call === null || this.#call(text, begun.index, line, emit)
      }
      this.#giveUp(emit)
    }
    if (CALL.test(raw.slice(0, 120))) return this.#call(raw, index, line, emit)
    const own = OWN.test(raw.slice(0, 160))
    if (own) {
      this.#saidNs = line.atNs
      this.#asked = ASKS.test(raw.slice(0, 120)) || (this.#asked && !KEEPS.test(raw.slice(0, 120)))
    }
    if (own && /\[[^\]]*$/.test(raw.slice(-4096))) this.#begun = { text: '', index, call: null, lines: [] }
    return own
  }

  end(emit: (event: DialectEvent) => void): void {
    this.#giveUp(emit)
  }

  /** The name that was thought to go on did not end: each line is what it says by itself. */
  #giveUp(emit: (event: DialectEvent) => void): void {
    const lines = this.#begun?.lines.slice(1) ?? []
    for (const line of lines) if (CALL.test(line.raw.slice(0, 120))) this.#call(line.raw, line.index, line, emit)
    this.#begun = null
  }

  #call(text: Raw, first: number, line: Line, emit: (event: DialectEvent) => void): boolean {
    const call = CALL.exec(text.slice(0, 120))
    const name = (call?.[1] ?? '').replace(/_nocopy$/, '')
    const opcode = Object.hasOwn(OPCODES, name) ? OPCODES[name] : KNOWN.test(name) ? name : undefined
    if (call === null || opcode === undefined || opcode === null) return call !== null
    const rest = text.slice(call[0].length)
    const { atNs } = line
    const lines = [first, line.index] as const
    if (rest === '') {
      // statfs and the like may name nothing.
      emit({ kind: 'request', unique: null, slot: 'daemon', opcode, atNs, lines })
      return true
    }
    const facts = readArguments(name, rest)
    if (facts !== null) {
      this.#request(opcode, facts, atNs, lines, emit)
      return true
    }
    const answer = ANSWER.exec(rest)
    if (answer) {
      if (answer[1] === this.#latest?.path) emit({ kind: 'detail', key: 'daemon', status: 'ok', atNs, lines })
    } else if (rest.startsWith('[path=/') || rest.startsWith('[from=')) {
      this.#begun = { text, index: first, call: name, lines: [line] }
    } else return PROSE.test(rest)
    return true
  }

  #request(
    called: string,
    facts: OperationFacts,
    atNs: number,
    lines: readonly [number, number],
    emit: (event: DialectEvent) => void,
  ): void {
    if (this.#isOwnRemoval(called, facts)) return
    if (this.#latest) {
      const { opcode, path } = this.#latest
      this.#names.answered(opcode, path, opcode === 'lookup' && this.#asked ? 'error' : 'ok', this.#saidNs)
    }
    this.#asked = false
    const meant = this.#names.opcodeOf(called, facts, false, atNs)
    this.#latest = meant === null ? null : { opcode: meant, path: facts.newPath ?? facts.path ?? '' }
    this.#saidNs = atNs
    if (meant !== null) emit({ kind: 'request', unique: null, slot: 'daemon', opcode: meant, ...facts, atNs, lines })
  }

  /** A rename copies, and then removes what it copied by the same functions that the kernel's requests call. */
  #isOwnRemoval(opcode: string, { path = '' }: OperationFacts): boolean {
    const bare = path.endsWith('/') ? path.slice(0, -1) : path
    if (opcode === 'unlink' || opcode === 'rmdir') {
      return this.#renamed.some((from) => bare === from || bare.startsWith(`${from}/`))
    }
    if (this.#renamed.length > 0) this.#renamed = this.#renamed.filter((from) => from !== bare)
    if (opcode === 'rename') this.#renamed = [...this.#renamed.slice(1 - MAX_RENAMED), path]
    return false
  }
}
