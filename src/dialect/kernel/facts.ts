import type { Raw } from '../../line/line.js'
import type { NodeId, OperationFacts, OperationValues, ReplyEvent } from '../core/dialect.js'
import { isEntry, MAKES_NODE } from '../core/effects.js'
import { Arguments } from './arguments.js'

const S_IFMT = 0o170000
const S_IFDIR = 0o040000
const GETATTR_FH = 1
const FATTR = { mode: 1, size: 8, fh: 64 } as const
const RENAME_EXCHANGE = 2

/** What a request's arguments show. A name that is none in its directory (`.`) shows nothing. */
export function requestFacts(opcode: string, nodeId: NodeId, body: Raw): OperationFacts & { values?: OperationValues } {
  const args = Arguments.ofRequest(opcode, body)
  const facts: OperationFacts & { values?: OperationValues } = namesOf(opcode, nodeId, args)
  if (args !== null) facts.values = requestValues(opcode, nodeId, args)
  return facts
}

/** The same without numbers. */
export function requestNames(opcode: string, nodeId: NodeId, body: Raw): OperationFacts {
  return namesOf(opcode, nodeId, Arguments.ofRequest(opcode, body))
}

function namesOf(opcode: string, nodeId: NodeId, args: Arguments | null): OperationFacts {
  const facts: OperationFacts = {}
  if (nodeId !== '0') facts.nodeId = nodeId
  if (args === null) return facts
  const [first, second] = args.names()
  if (isEntry(opcode)) {
    if (first !== undefined && isName(first)) facts.entry = first
    if (opcode === 'symlink') facts.target = second
    if (opcode === 'link') facts.otherNodeId = args.decimal('oldNodeId')
    if (opcode === 'rename' || opcode === 'rename2') {
      facts.otherNodeId = args.decimal('newDir')
      if (second !== undefined && isName(second)) facts.otherEntry = second
      if (opcode === 'rename2') facts.exchange = (args.small('flags') & RENAME_EXCHANGE) !== 0
    }
  } else if (first !== undefined) facts.xattr = first
  return facts
}

/** Whether it can stand for something in a directory. */
export const isName = (name: Raw): boolean => name !== '' && name !== '.' && name !== '..' && !name.includes('/')

/** Which fields of a request's arguments are which values; what is named the same needs no saying. */
const NAMED_OTHERWISE: Readonly<Record<string, Partial<Record<keyof OperationValues, string>>>> = {
  access: { mode: 'mask' },
  fallocate: { size: 'length' },
  copy_file_range: { offset: 'offIn', size: 'len', fh: 'fhIn' },
  copy_file_range_64: { offset: 'offIn', size: 'len', fh: 'fhIn' },
}

function requestValues(opcode: string, nodeId: NodeId, args: Arguments): OperationValues {
  const values: OperationValues = {}
  // Flags of the protocol, not of a file.
  if (opcode === 'init' || opcode === 'cuse_init') return values
  if (nodeId !== '0') values.nodeId = Number.isSafeInteger(Number(nodeId)) ? Number(nodeId) : nodeId
  const given = givenFields(opcode, args)
  for (const name of ['size', 'offset', 'mode', 'flags', 'fh'] as const) {
    if (given !== null && !given.has(name)) continue
    const value = args.value(NAMED_OTHERWISE[opcode]?.[name] ?? name)
    if (value !== undefined) Object.assign(values, { [name]: value })
  }
  return values
}

/** The fields that count, where the request says which; null where all do. */
function givenFields(opcode: string, args: Arguments): ReadonlySet<string> | null {
  if (opcode === 'setattr') {
    const valid = args.small('valid')
    return new Set(Object.entries(FATTR).flatMap(([name, bit]) => (valid & bit ? [name] : [])))
  }
  if (opcode !== 'getattr' && opcode !== 'statx') return null
  return new Set(args.small('getattrFlags') & GETATTR_FH ? ['fh'] : [])
}

/** What a successful answer shows. */
export function replyFacts(opcode: string, body: Raw): Pick<ReplyEvent, 'childNodeId' | 'onlyName' | 'values'> {
  const args = body === '' ? null : Arguments.ofReply(opcode, body)
  if (args === null) return {}
  const node = nodeOf(opcode, args)
  // Of a name that is not there the rest says nothing.
  return node.childNodeId === '0' ? node : { values: replyValues(opcode, args), ...node }
}

/** The same without numbers. */
export function replyNode(opcode: string, body: Raw): Pick<ReplyEvent, 'childNodeId' | 'onlyName'> {
  const args = body === '' ? null : Arguments.ofReply(opcode, body)
  return args === null ? {} : nodeOf(opcode, args)
}

function nodeOf(opcode: string, args: Arguments): Pick<ReplyEvent, 'childNodeId' | 'onlyName'> {
  const childNodeId = MAKES_NODE.has(opcode) ? args.decimal('entry.nodeId') : undefined
  if (childNodeId === undefined) return {}
  if (childNodeId === '0') return { childNodeId }
  const onlyName = (args.small('entry.attr.mode') & S_IFMT) === S_IFDIR || args.small('entry.attr.nlink') === 1
  return { childNodeId, onlyName }
}

function replyValues(opcode: string, args: Arguments): OperationValues {
  const values: OperationValues = {}
  const set = (name: keyof OperationValues, field: string): void => {
    const value = args.value(field)
    if (value !== undefined) Object.assign(values, { [name]: value })
  }
  if (opcode === 'open' || opcode === 'opendir') set('fh', 'fh')
  if (opcode === 'create' || opcode === 'tmpfile') set('fh', 'open.fh')
  const attributes = MAKES_NODE.has(opcode)
    ? 'entry.attr'
    : opcode === 'getattr' || opcode === 'setattr'
      ? 'attr'
      : null
  if (attributes === null) return values
  set('size', `${attributes}.size`)
  set('mode', `${attributes}.mode`)
  return values
}
