import { errnoName } from '../dialect/core/errno.js'
import type { WireMessage } from '../operation/wire-interpreter.js'
import {
  BEFORE_INIT,
  type DirentPlus,
  decodeReply,
  decodeRequest,
  type Protocol,
  protocolOf,
  type Reply,
  type ReplyBody,
  type Request,
  type RequestOf,
  replyHeader,
  requestHeader,
  WireError,
} from '../wire/index.js'
import { differs } from './compare.js'
import { Ids } from './ids.js'
import { type Asked, bodyOf, count, type NotSent, type Outcome, type Step, type Target } from './step.js'

/** What the stand-in sends by itself, and what only makes sense in its moment. */
const OWN: ReadonlySet<string> = new Set(['init', 'destroy', 'interrupt', 'notify_reply'])

/** A recorded request with its recorded answer. */
interface Pair {
  readonly request: Request
  readonly startAt: number
  reply: Reply | null
  endAt: number | null
}

/** Pairs the messages of a recording. Messages that are none are left out, and remarked on. */
function pairs(messages: readonly WireMessage[], target: Target): Pair[] {
  let protocol: Protocol = BEFORE_INIT
  const all: Pair[] = []
  const open = new Map<bigint, Pair>()
  for (const [at, { edge, bytes }] of messages.entries()) {
    try {
      if (edge === 'request') {
        const pair: Pair = { request: decodeRequest(bytes, protocol), startAt: at, reply: null, endAt: null }
        all.push(pair)
        open.set(requestHeader(bytes).unique, pair)
        continue
      }
      const { unique } = replyHeader(bytes)
      const pair = open.get(unique)
      if (!pair) continue
      open.delete(unique)
      pair.endAt = at
      pair.reply = decodeReply(bytes, pair.request, protocol)
      if (pair.request.opcode === 'init' && pair.reply.body) {
        protocol = protocolOf((pair.request as RequestOf<'init'>).body, pair.reply.body as ReplyBody<'init'>)
      }
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      count(target.remarks.chosen, 'to leave out a message that is none')
    }
  }
  return all
}

/** Sends the recorded messages again, with the driven daemon's ids in them. */
export function stepsFromWire(messages: readonly WireMessage[], target: Target): Step[] {
  const ids = new Ids()
  return pairs(messages, target)
    .filter(({ request }) => !OWN.has(request.opcode))
    .map((pair) => ({
      opcode: pair.request.opcode,
      path: nameIn(pair.request),
      startAt: pair.startAt,
      endAt: pair.endAt,
      request: async () => translate(pair.request, ids),
      learn: (asked, outcome) => learn(pair, asked, outcome, ids),
      compare: (outcome) => (pair.reply ? differs(pair.request, recordedOutcome(pair.reply), outcome) : undefined),
    }))
}

const nameIn = ({ body }: Request): string | null => {
  const { name } = body as { name?: Buffer }
  return name === undefined ? null : name.toString('utf8')
}

const recordedOutcome = ({ error, body }: Reply): Outcome =>
  body === null ? { errno: errnoName(error) ?? 'EIO', body: null } : { errno: null, body }

/** Fields that hold ids of nodes, and of open files. */
const NODE_FIELDS = ['newDir', 'oldNodeId', 'nodeIdOut'] as const
const HANDLE_FIELDS = ['fh', 'fhIn', 'fhOut', 'kh'] as const

function translate(request: Request, ids: Ids): Asked | NotSent {
  const nodeId = ids.node(request.nodeId)
  const unknown: NotSent = { reason: 'the recording does not hold how its node was found' }
  if (nodeId === undefined) return unknown
  if (request.opcode.startsWith('opcode_')) return { reason: 'it is unknown here' }
  const body: Record<string, unknown> = { ...request.body }
  for (const field of NODE_FIELDS) {
    if (typeof body[field] !== 'bigint') continue
    const other = ids.node(body[field])
    if (other === undefined) return unknown
    body[field] = other
  }
  const recordedFh = body.fh
  for (const field of HANDLE_FIELDS) if (typeof body[field] === 'bigint') body[field] = ids.handle(body[field])
  if ((request.opcode === 'readdir' || request.opcode === 'readdirplus') && typeof recordedFh === 'bigint') {
    body.offset = ids.cookie(recordedFh, body.offset as bigint)
  }
  if (request.opcode === 'batch_forget') {
    const forgets = request.body.forgets.flatMap(({ nodeId: recorded, nlookup }) => {
      const node = ids.node(recorded)
      return node === undefined ? [] : [{ nodeId: node, nlookup }]
    })
    if (forgets.length === 0) return unknown
    Object.assign(body, { forgets, count: forgets.length })
  }
  // What was read by an older or newer length is sent as this version has it.
  delete body.fixedBytes
  return { opcode: request.opcode, nodeId, body } as unknown as Asked
}

function learn({ request, reply }: Pair, asked: Asked, outcome: Outcome, ids: Ids): void {
  if (!reply?.body || outcome.errno !== null) return
  const then = reply.body as { entry?: { nodeId: bigint }; open?: { fh: bigint }; fh?: bigint; entries?: DirentPlus[] }
  const now = outcome.body as typeof then
  if (then.entry && now.entry) ids.pairNode(then.entry.nodeId, now.entry.nodeId)
  if (then.open && now.open) ids.pairHandle(then.open.fh, now.open.fh)
  if ((asked.opcode === 'open' || asked.opcode === 'opendir') && then.fh !== undefined && now.fh !== undefined) {
    ids.pairHandle(then.fh, now.fh)
  }
  if (!then.entries || !now.entries) return
  const { fh } = (request as RequestOf<'readdir'>).body
  const listed = new Map(bodyOf<'readdirplus'>(outcome).entries.map((entry) => [entry.name.toString('latin1'), entry]))
  for (const [i, recorded] of then.entries.entries()) {
    const same = listed.get(recorded.name.toString('latin1'))
    if (same && recorded.entry && same.entry) ids.pairNode(recorded.entry.nodeId, same.entry.nodeId)
    // Names can come in another order: the last of a listing goes on where the last went on.
    const place = i === then.entries.length - 1 ? now.entries.at(-1) : same
    if (place) ids.pairCookie(fh, recorded.off, place.off)
  }
}
