import type { Raw } from '../../line/line.js'
import type { NodeId, OperationFacts } from '../core/dialect.js'
import { opcodeOf, UNANSWERED } from '../core/opcode.js'
import type { FuserRequest } from '../text/fuser-request.js'
import { RUST, unquote } from '../text/quoted.js'
import { hexToDecimal } from '../text/text.js'

const REQUEST =
  /([A-Z_]{3,14})\((\d{1,15})\)(?: (?:ino|parent) 0x([0-9a-f]{16})(?=, |$)| unique \d| {3}kernel: ABI |$)/y
const FIELD = /, (name|link|newname|newparent|nlookup|fh) /y

/**
 * Reads a request of rust-fuse's, which fuser was made from, that begins at `from`: `CREATE(8) parent 0x0000000000000001,
 * name "a.txt", mode 0o100644, flags 0x8041`. Null when it is none.
 */
export function readRustFuse(raw: Raw, from: number): FuserRequest | null {
  REQUEST.lastIndex = from
  const found = REQUEST.exec(raw)
  const opcode = found && opcodeOf(found[1] ?? '')
  if (!found || !opcode) return null
  const given = fieldsOf(raw, REQUEST.lastIndex)
  const node = hexToDecimal((found[3] ?? '0').replace(/^0+(?=.)/, ''))
  const facts: OperationFacts & { nodeId: NodeId } = { nodeId: node }
  const [name, newName] = [given.get('name'), given.get('newname')]
  const newParent = given.get('newparent')
  if (opcode === 'link') {
    facts.otherNodeId = node
    if (newParent !== undefined) facts.nodeId = newParent
    if (newName !== undefined) facts.entry = newName
  } else {
    if (name !== undefined) facts[opcode.endsWith('xattr') ? 'xattr' : 'entry'] = name
    if (newParent !== undefined) facts.otherNodeId = newParent
    if (newName !== undefined) facts.otherEntry = newName
    const target = given.get('link')
    if (target !== undefined) facts.target = target
  }
  const count = given.get('nlookup')
  const forgets = opcode === 'forget' ? [node] : null
  return {
    unique: Number(found[2]),
    opcode,
    facts,
    values: undefined,
    handle: given.get('fh') ?? null,
    thread: null,
    forgets,
    forgetCounts: forgets && count !== undefined ? [Number(count)] : null,
    noReply: UNANSWERED.has(opcode),
  }
}

/** Names, which are quoted, and the numbers that are of use. */
function fieldsOf(raw: Raw, from: number): Map<string, Raw> {
  const fields = new Map<string, Raw>()
  for (let at = raw.indexOf(', ', from); at >= 0; ) {
    FIELD.lastIndex = at
    const key = FIELD.exec(raw)?.[1]
    let end = at + 2
    if (key !== undefined) {
      const begin = FIELD.lastIndex
      const quoted = raw.charCodeAt(begin) === 34 ? unquote(raw, begin, RUST) : null
      const number = quoted ? null : /^(?:0x([0-9a-f]{16})|(\d{1,20}))(?=, |$)/.exec(raw.slice(begin, begin + 40))
      if (quoted) fields.set(key, quoted.value)
      else if (number) fields.set(key, number[1] ? hexToDecimal(number[1].replace(/^0+(?=.)/, '')) : (number[2] ?? ''))
      end = quoted?.end ?? begin
    }
    at = raw.indexOf(', ', end)
  }
  return fields
}
