import type { Line, Raw } from '../../line/line.js'
import { leadingTime, timeIn } from '../../line/own-time.js'
import { ALL_CAPABILITIES } from '../core/capabilities.js'
import type { Dialect, DialectEvent, DialectParser, RequestEvent } from '../core/dialect.js'
import { errnoOf } from '../core/errno.js'
import { opcodeName, UNANSWERED } from '../core/opcode.js'
import { longestMatch, type Piece } from '../text/longest-match.js'

const REQUEST =
  /Received request: opcode=\w{1,24} \((\d{1,10})\), inode=(\d{1,20}), unique=(\d{1,16}), pid=(\d{1,10})\s{0,8}$/
const REPLY = /Replying (?:OK|ERROR), header: OutHeader \{ ([^"{}]{1,200}) \}\s{0,8}$/
const ERROR = /\berror: (-?\d{1,6})(?: \(([^,]{1,80})\))?(?:,|$)/

/** Where the message begins behind a logger's prefix; -1 when it is none of these. */
function messageAt(raw: Raw): number {
  const head = raw.slice(0, 200)
  const at = head.search(/Received request: opcode=|Replying (?:OK|ERROR), header: /)
  return at < 0 || /["'`{]/.test(head.slice(0, at)) ? -1 : at
}

class VirtiofsdParser implements DialectParser {
  line({ raw, index, atNs }: Line, emit: (event: DialectEvent) => void): boolean {
    const at = messageAt(raw)
    if (at < 0) return / virtiofsd[\]: ]|\bvirtiofsd::/.test(raw.slice(0, 80))
    const lines = [index, index] as const
    const request = REQUEST.exec(raw.slice(at))
    if (request) {
      const [unique, nodeId] = [Number(request[3]), request[2] ?? '0']
      const event: RequestEvent = { kind: 'request', unique, opcode: opcodeName(Number(request[1])), atNs, lines }
      if (nodeId !== '0') event.nodeId = nodeId
      event.pid = Number(request[4])
      if (UNANSWERED.has(event.opcode)) event.noReply = true
      if (event.opcode === 'forget') event.forgets = [nodeId]
      emit(event)
      return true
    }
    const header = REPLY.exec(raw.slice(at))?.[1] ?? ''
    const unique = /\bunique: (\d{1,16})(?:,|$)/.exec(header)?.[1]
    const error = ERROR.exec(header)
    if (unique === undefined || error === null) return false
    const errno = errnoOf(Number(error[1]), error[2] ?? '')
    const status = errno === null ? 'ok' : 'error'
    emit({ kind: 'reply', key: Number(unique), endedBy: 'reply', status, errno, atNs, lines })
    return true
  }

  end(): void {}
}

const REQUEST_PIECES: readonly Piece[] = [
  [/[^"]{0,200}?Received request: /y, 'Received request: or Replying'],
  [/opcode=\w{1,24} \(\d{1,10}\), /y, 'opcode=Name (number),'],
  [/inode=\d{1,20}, unique=\d{1,16}, /y, 'inode=…, unique=…,'],
  [/pid=\d{1,10}/y, 'pid=…'],
]

/** virtiofsd (Rust) at debug; the older one in C prints libfuse's lines. */
export const virtiofsd: Dialect = {
  name: 'virtiofsd',
  version: 1,
  description:
    'virtiofsd (Rust), --log-level debug: requests and replies with ids, no names, so that only the root has a path; the one in C is read as libfuse (built without a capture)',
  capabilities: { ...ALL_CAPABILITIES, path: 'none', timestamps: 's', lookupNames: false },
  samples: [
    {
      lines:
        '[2024-01-02T03:04:05Z DEBUG virtiofsd::server] Received request: opcode=Read (15), inode=8, unique=35264, pid=836\n[2024-01-02T03:04:05Z DEBUG virtiofsd::server] Replying ERROR, header: OutHeader { error: -9 (Bad file descriptor), unique: 35264, len: 16 }',
      events: [
        { kind: 'request', unique: 35264, opcode: 'read', nodeId: '8', pid: 836 },
        { kind: 'reply', key: 35264, status: 'error', errno: 'EBADF' },
      ],
    },
    {
      lines:
        '[2024-07-08T03:42:34Z DEBUG virtiofsd::server] Received request: opcode=Init (26), inode=0, unique=2, pid=0\n[2024-07-08T03:42:34Z DEBUG virtiofsd::server] Replying OK, header: OutHeader { len: 80, error: 0, unique: 2 }',
      events: [
        { opcode: 'init', unique: 2 },
        { key: 2, status: 'ok', errno: null },
      ],
    },
    {
      lines: 'Received request: opcode=Forget (2), inode=3, unique=4, pid=0\n[DEBUG virtiofsd] QUEUE_EVENT',
      events: [{ opcode: 'forget', noReply: true, forgets: ['3'] }],
    },
  ],
  recognize(raw) {
    const at = messageAt(raw)
    if (at < 0) return 0
    return REQUEST.test(raw.slice(at)) || REPLY.test(raw.slice(at)) ? 2 : 1
  },
  time(raw) {
    const at = messageAt(raw)
    return at < 0 ? leadingTime(raw) : timeIn(raw.slice(0, at))
  },
  explain: (raw) => longestMatch(raw, 0, REQUEST_PIECES),
  parser: () => new VirtiofsdParser(),
}
