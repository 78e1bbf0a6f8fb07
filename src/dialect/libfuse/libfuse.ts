import { ALL_CAPABILITIES } from '../core/capabilities.js'
import type { Dialect } from '../core/dialect.js'
import { longestMatch, type Piece } from '../text/longest-match.js'
import { readReply, readRequest } from './line.js'
import { LibfuseParser } from './parser.js'
import { libfuseSamples } from './samples.js'
import { libfuseFailed, libfuseWriter } from './write.js'

const REQUEST_PIECES: readonly Piece[] = [
  [/(?:dev |cqe )?unique: /y, 'unique:'],
  [/\d{1,16}, /y, "the request's number"],
  [/opcode: [A-Z_0-9?]{1,24} /y, 'opcode: and its name'],
  [/\(\d{1,10}\), /y, "the opcode's number in brackets"],
  [/nodeid: \d{1,20}, /y, 'nodeid: and a number'],
  [/insize: \d{1,10}/y, 'insize: and a number'],
  [/(?:, pid: \d{1,10})?$/y, ', pid: and a number, or the end of the line'],
]
const REPLY_PIECES: readonly Piece[] = [
  [/ {3}unique: /y, 'unique: behind three spaces'],
  [/\d{1,16}, /y, "the request's number"],
  [/(?:success|error: -?\d{1,6} \([^)]{0,80}\)), /y, 'success, or error: -N (words)'],
  [/outsize: \d{1,10}/y, 'outsize: and a number'],
  [/(?: \(splice\))?$/y, 'the end of the line'],
]

/** What programs print that use libfuse, when started with `-d` or `-o debug`. */
export const libfuse: Dialect = {
  name: 'libfuse',
  version: 2,
  description:
    'libfuse -d, 2.2 to 3.18, high and low level (also ntfs-3g, Python, Perl and Node daemons, macOS): requests and replies; ' +
    'sizes of requests tell how long names are, so that names with newlines and forged lines in them are told; low-level ' +
    'programs that print no names have none, and where they print some, the rest is concluded only without doubt; through ' +
    'io_uring errors are not logged, but known where an answer is empty that cannot be; macOS is built without a capture',
  capabilities: { ...ALL_CAPABILITIES, path: 'some' },
  samples: libfuseSamples,
  recognize: (text) => {
    if (readRequest(text) || readReply(text)) return 2
    return /^(?: {3}|dev |cqe )?unique: \d|^FUSE library version: \d/.test(text.slice(0, 40)) ? 1 : 0
  },
  // It writes no times, and paths may hold some.
  time: () => null,
  explain: (text) => {
    const [request, reply] = [longestMatch(text, 0, REQUEST_PIECES), longestMatch(text, 0, REPLY_PIECES)]
    return request.matched >= reply.matched ? request : reply
  },
  writer: libfuseWriter,
  failed: libfuseFailed,
  parser: () => new LibfuseParser(),
}
