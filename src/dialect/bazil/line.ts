import type { Raw } from '../../line/line.js'
import { rcloneHead } from '../text/bazil-line.js'
import { nodeIdOf } from '../text/go-text.js'
import { readJsonLine } from '../text/json-line.js'

/** One line of bazil's protocol trace, text or JSON. */
export type BazilLine =
  | {
      kind: 'request'
      /** bazil's name; empty where an old version knows none. */
      op: string
      id: number
      node: string
      pid: number
      /** What follows the header (text) … */
      rest: string
      /** … or the JSON form's `In`. */
      given: Record<string, unknown> | null
    }
  | { kind: 'reply'; op: string; id: number; error: string | null; child: string | null }
  /** The next request's opcode, which this version has no name for. */
  | { kind: 'no-opcode'; opcode: number }
  /** Understood; about no request: a notification, a warning of bazil's own. */
  | { kind: 'other' }

const HEADER =
  /<- (?:(\w{1,24}) \[)?ID=(0x[0-9a-f]{1,16}) Node=(0x[0-9a-f]{1,16}) Uid=\d{1,10} Gid=\d{1,10} Pid=(\d{1,10})(?:\] ?|$)/y
const REPLY = /-> (?:\[ID=(0x[0-9a-f]{1,16})\] ?|ID=(0x[0-9a-f]{1,16})(?: |$)|(0x[0-9a-f]{1,16}) )/y
const NOTICE = /(?:=> \w{1,40} 0x|>> \w{1,40} \[ID=|<< \[ID=\d{1,20}\] )/y
const CHILD = /^(?:\w{1,16} \{?(0x[0-9a-f]{1,16}) gen=|\w{1,16} (?:\{\w{1,24}:)?\{Node:(\d{1,20}) )/
const PROSE =
  /^(?:No opcode (\d{1,5})|malformed message|missing handle: .*|bug: trying to drop .*|Duplicate request: .*)$/

/** How far into a line the arrow may be: what stands before is a logger's prefix. */
const FARTHEST = 160

/** Reads a line; null when it is not bazil's. */
export function readBazilLine(raw: Raw): BazilLine | null {
  if (raw.charCodeAt(0) === 0x7b) return readJson(raw)
  const at = arrow(raw)
  if (at < 0) {
    const brace = raw.indexOf('{"')
    if (brace > 0 && brace < FARTHEST && JSON_SIGN.test(raw.slice(brace, brace + 40))) return readJson(raw.slice(brace))
    return readProse(raw)
  }
  HEADER.lastIndex = at
  const header = HEADER.exec(raw)
  if (header) {
    const node = nodeIdOf(header[3] ?? '')
    if (node === null) return null
    return {
      kind: 'request',
      op: header[1] ?? '',
      id: Number(header[2]),
      node,
      pid: Number(header[4]),
      rest: raw.slice(HEADER.lastIndex),
      given: null,
    }
  }
  REPLY.lastIndex = at
  const reply = REPLY.exec(raw)
  if (reply)
    return readReply(Number(reply[1] ?? reply[2] ?? reply[3]), raw.slice(REPLY.lastIndex), reply[3] !== undefined)
  NOTICE.lastIndex = at
  return NOTICE.test(raw) ? { kind: 'other' } : readProse(raw)
}

/** Where the arrow is, behind what a logger puts before it; -1 when there is none or it is within something else. */
export function arrow(raw: Raw): number {
  const head = rcloneHead(raw)
  if (head > 0) return raw.startsWith('fuse: ', head) ? head + 6 : -1
  const begin = raw.slice(0, FARTHEST)
  const at = begin.search(/<- |-> |=> |>> |<< /)
  return at > 0 && /["'`]/.test(begin.slice(0, at)) ? -1 : at
}

function readReply(id: number, whole: string, old: boolean): BazilLine {
  // A reply ends in no name: blanks and colours behind it are of whoever passed the line on.
  const rest = whole.replace(/(?:\x1b\[[0-9;]{0,16}m|[ \t]){1,200}$/, '')
  const op = /^[A-Za-z]{1,24}/.exec(rest)?.[0] ?? ''
  const reply = { kind: 'reply' as const, op, id, error: null as string | null, child: null as string | null }
  if (rest.startsWith('error=')) {
    // 2014's, without a request's name.
    reply.op = ''
    reply.error = rest.slice(6)
  } else if (rest.startsWith(' error=', op.length)) reply.error = rest.slice(op.length + 7)
  // A request for a node that bazil has forgotten: it logs the largest node and no word.
  else if (!old && rest.startsWith('{')) reply.error = 'ESTALE'
  else if (old && rest !== '<nil>' && !/^[A-Z][a-z]{1,16}(?: |$)/.test(rest)) reply.error = rest
  else {
    const child = CHILD.exec(rest)
    if (child) reply.child = nodeIdOf(child[1] ?? child[2] ?? '')
  }
  return reply
}

function readProse(raw: Raw): BazilLine | null {
  const head = rcloneHead(raw)
  const from = head > 0 ? head : /^(?:\d{4}\/\d\d\/\d\d )?(?:\d\d:\d\d:\d\d(?:\.\d{1,9})? )?/.exec(raw)?.[0].length
  const text = raw.slice(from, (from ?? 0) + 400).replace(/^\w{1,16}: (?=[A-Zmb])/i, '')
  const prose = PROSE.exec(text)
  if (prose === null) return null
  return prose[1] === undefined ? { kind: 'other' } : { kind: 'no-opcode', opcode: Number(prose[1]) }
}

const JSON_SIGN = /^\{"(?:Op|Request|Opcode|In)":/

function readJson(raw: Raw): BazilLine | null {
  const own = JSON_SIGN.test(raw)
  if (!own && !raw.includes('"fuse: ') && !raw.includes('"object":"fuse"')) return null
  const object = readJsonLine(raw)
  if (object === null) return null
  // rclone with --use-json-log: the text form, wrapped.
  if (typeof object.msg === 'string') {
    const text = object.object === 'fuse' ? `fuse: ${object.msg}` : object.msg
    return text.startsWith('fuse: ') ? readBazilLine(text) : null
  }
  if (typeof object.Opcode === 'number') return { kind: 'no-opcode', opcode: object.Opcode }
  const request = object.Request as Record<string, unknown> | undefined
  const op = typeof object.Op === 'string' ? object.Op : ''
  const id = Number(request?.ID)
  if (!Number.isSafeInteger(id)) return null
  const node = request && 'Node' in request ? nodeIdOf(String(request.Node)) : null
  if (node !== null) {
    const given = typeof object.In === 'object' && object.In !== null ? (object.In as Record<string, unknown>) : {}
    return { kind: 'request', op: op === 'Header' ? '' : op, id, node, pid: Number(request?.Pid ?? 0), rest: '', given }
  }
  const error = typeof object.Errno === 'string' ? object.Errno : typeof object.Error === 'string' ? object.Error : null
  const out = object.Out as Record<string, unknown> | undefined
  const child = typeof out === 'object' && out !== null && 'Node' in out ? nodeIdOf(String(out.Node)) : null
  return { kind: 'reply', op, id, error, child: error === null ? child : null }
}
