import { stripAnsi } from '../../line/colours.js'
import type { Line, Raw } from '../../line/line.js'
import { leadingTime, timeIn } from '../../line/own-time.js'
import type { Dialect, DialectEvent, DialectParser, RequestEvent } from '../core/dialect.js'
import { opcodeOf } from '../core/opcode.js'
import { GuessedNodes } from '../nodes/guessed-nodes.js'
import { type FuserRequest, FuserRequests, readFuserRequest } from '../text/fuser-request.js'
import { longestMatch, type Piece } from '../text/longest-match.js'
import { RequestIds } from '../text/request-ids.js'
import { readRustFuse } from './ancestor.js'
import { fuserSamples } from './samples.js'
import { fuserWriter } from './write.js'

/** Loggers put a time, a level and a module before: nobody's is longer. */
const MAX_PREFIX = 160

/** Where a logger's message begins that starts so; -1 when it does not, or something stands before that is no prefix. */
function messageAt(text: Raw, words: string): number {
  const at = text.indexOf(words)
  if (at < 0 || at > MAX_PREFIX) return -1
  return at === 0 || /^[^"{]*[\]>:|-] +$/.test(text.slice(0, at)) ? at : -1
}

/** A request of rust-fuse's, whose words are those of its module. */
function rustFuse(text: Raw): FuserRequest | null {
  const module = /^[^"{]{0,150}?\bfuse::request(?:\]|:| >|\x1b\[0m) {1,2}(?=[A-Z_]{3,14}\(\d)/.exec(
    text.slice(0, MAX_PREFIX + 20),
  )
  return module && readRustFuse(text, module[0].length)
}

/** What fuser's own methods, where the program has none of its own, answer. */
const MISSING = /^\[Not Implemented\] ([a-z_]{3,20})\(/
const REFUSED: Readonly<Record<string, string>> = { symlink: 'EPERM', link: 'EPERM' }

class FuserParser implements DialectParser {
  readonly #nodes = new GuessedNodes()
  readonly #ids = new RequestIds()
  readonly #requests = new FuserRequests()
  /** For each thread the request that it is at. */
  readonly #slots = new Map<string, { readonly unique: number; readonly opcode: string }>()

  line(line: Line, emit: (event: DialectEvent) => void): boolean {
    const text = stripAnsi(line.raw)
    const at = messageAt(text, 'FUSE(')
    const old = at < 0 ? rustFuse(text) : null
    if (at < 0 && old === null) return this.#other(text, line, emit)
    const request = old ?? this.#requests.read(text, at)
    if (request === null || !this.#ids.accept(request.unique, request.opcode, false)) return false
    const { unique, opcode } = request
    const slot = request.thread ?? 'session'
    const event: RequestEvent = {
      kind: 'request',
      unique,
      slot,
      opcode,
      values: request.values,
      atNs: line.atNs,
      lines: [line.index, line.index],
    }
    Object.assign(event, request.facts, this.#nodes.request(opcode, request.facts))
    this.#nodes.answered(opcode, request.facts)
    if (event.nodeId === '0') event.nodeId = undefined
    if (request.forgets) {
      event.forgets = request.forgets
      if (request.forgetCounts) event.forgetCounts = request.forgetCounts
      this.#nodes.forget(request.forgets)
    }
    if (request.noReply) event.noReply = true
    else this.#slots.set(slot, { unique, opcode })
    emit(event)
    return true
  }

  end(): void {}

  /** Lines of fuser's own between requests: what it answers itself. */
  #other(text: Raw, { index, atNs }: Line, emit: (event: DialectEvent) => void): boolean {
    const at = messageAt(text, '[Not Implemented] ')
    if (at >= 0) {
      const name = MISSING.exec(text.slice(at, at + 50))?.[1] ?? ''
      const opcode = opcodeOf(name)
      const fits = [...this.#slots.values()].filter((open) => open.opcode === opcode || open.opcode === `${opcode}2`)
      const [only] = fits
      if (opcode === null || only === undefined || fits.length > 1) return false
      const errno = REFUSED[opcode] ?? 'ENOSYS'
      emit({ kind: 'detail', key: only.unique, status: 'error', errno, atNs, lines: [index, index] })
      return true
    }
    return messageAt(text, 'INIT response: ABI ') >= 0
  }
}

const PIECES: readonly Piece[] = [
  [/[^"{]{0,160}?\bFUSE\(/y, 'FUSE( behind the time and the level'],
  [/ {0,8}\d{1,16}\) /y, "the request's number and )"],
  [/ino 0x[0-9a-f]{1,16}/y, 'ino 0x and a number'],
  [/:? [A-Z_0-9]{3,24}/y, "the request's name"],
]

/** fuser (Rust) through the `log` crate and env_logger, or another logger of that kind. */
export const fuser: Dialect = {
  name: 'fuser',
  version: 2,
  description:
    'fuser (Rust), and rust-fuse, through env_logger and the like: requests only, so that ends are inferred and outcomes unknown (but for requests ' +
    'that fuser refuses itself); names are quoted; paths below directories are told by which node is used next, ' +
    'and left out when that is doubtful; lines of 0.17 and later are built without a capture',
  capabilities: {
    ids: true,
    start: true,
    end: 'inferred',
    errno: 'some',
    path: 'some',
    pid: false,
    timestamps: 'ns',
    lookupNames: true,
    // fuser gives the kernel one number for both.
    inodes: true,
  },
  samples: fuserSamples,
  recognize: (raw) => {
    if (!raw.includes('FUSE(')) return raw.includes('fuse::request') && rustFuse(stripAnsi(raw)) ? 2 : 0
    const text = stripAnsi(raw)
    const at = messageAt(text, 'FUSE(')
    if (at < 0 || readFuserRequest(text, at) === null) return 0
    return /[\]>] +$/.test(text.slice(0, at)) ? 2 : 1
  },
  time(raw) {
    const text = stripAnsi(raw)
    const at = messageAt(text, 'FUSE(')
    return at < 0 ? leadingTime(text) : timeIn(text.slice(0, at))
  },
  explain: (raw) => longestMatch(stripAnsi(raw), 0, PIECES),
  writer: fuserWriter,
  parser: () => new FuserParser(),
}
