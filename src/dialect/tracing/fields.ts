import type { Raw } from '../../line/line.js'
import type { NodeId, OperationFacts } from '../core/dialect.js'
import { isAttribute, isEntry, isRename } from '../core/effects.js'
import { RUST, unquote } from '../text/quoted.js'
import { Scan } from '../text/text.js'
import type { Field } from './event.js'

/** How a format writes fields one after another. */
export interface FieldStyle {
  readonly key: RegExp
  readonly assign: string
  readonly comma: string
}

/** `parent=1 name=a` of the full and compact formats. */
export const PLAIN: FieldStyle = { key: /[A-Za-z_][\w.]{0,60}=/y, assign: '=', comma: ' ' }
/** `parent: 1, name: a` of the pretty one. */
export const PRETTY: FieldStyle = { key: /[A-Za-z_][\w.]{0,60}: /y, assign: ': ', comma: ', ' }

/** Fields whose raw value may hold anything, spaces and other fields included. */
const FREE =
  /^_?(?:name|new_?name|old_?name|path|new_?path|old_?path|link_?name|link|target|attr|xattr|key|from|to|old|new|src|dst|dest)$/

/** A field whose raw value may hold anything. */
export const isFree = (key: string): boolean => FREE.test(key)

/**
 * The fields of a span: `parent=1 name=a b mode=755`. A raw name runs to the last place where the next field can begin,
 * `keys` being those that such a span is known to have.
 */
export function splitFields(text: Raw, keys: readonly string[] | undefined, style: FieldStyle = PLAIN): Field[] {
  const fields: Field[] = []
  const { key: pattern, assign, comma } = style
  for (let at = 0; at < text.length; ) {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    if (found === null) break
    const key = found[0].slice(0, -assign.length)
    const from = at + found[0].length
    const quoted = text[from] === '"' ? unquote(text, from, RUST) : null
    // No name is empty: these quotes are the name.
    const empty = quoted?.value === '' && FREE.test(key)
    if (quoted && !empty && (quoted.end === text.length || text.startsWith(comma, quoted.end))) {
      fields.push([key, quoted.value])
      at = quoted.end + comma.length
      continue
    }
    const end = rawEnd(text, from, FREE.test(key) ? keys : undefined, fields.length + 1, style)
    fields.push([key, text.slice(from, end)])
    at = end + comma.length
  }
  return fields
}

/** Where a value without quotes that begins at `from` ends. */
function rawEnd(
  text: Raw,
  from: number,
  keys: readonly string[] | undefined,
  index: number,
  style: FieldStyle,
): number {
  const { key, assign, comma } = style
  if (keys !== undefined) {
    const next = keys[index]
    if (next === undefined) return text.length
    const end = text.lastIndexOf(comma + next + assign)
    if (end >= from) return end
  }
  for (let at = text.indexOf(comma, from); at >= 0; at = text.indexOf(comma, at + 1)) {
    key.lastIndex = at + comma.length
    if (key.test(text)) return at
  }
  return text.length
}

/** A number as programs print it, decimal or hexadecimal, as a node id. Null when it is none. */
function nodeIdOf(value: Raw): NodeId | null {
  const scan = new Scan(value)
  if (value.startsWith('INodeNo(') || value.startsWith('Ino(')) scan.until('(')
  const id = value.startsWith('0x', scan.at) ? scan.hex() : scan.digits()
  if (id === null || !(scan.done || value.slice(scan.at) === ')')) return null
  return id.replace(/^0+(?=\d)/, '')
}

/** What a program that met a name which is not UTF-8 may have printed in its place. */
const PLACEHOLDERS = new Set(['<invalid>', '<invalid utf8>', '<invalid utf-8>', '<non-utf8>', '<non-utf-8>'])

/** What the fields of a request's span say of it. */
export function spanFacts(opcode: string, fields: readonly Field[]): OperationFacts {
  const facts: OperationFacts = {}
  const link = opcode === 'link'
  for (const [written, value] of fields) {
    const key = written.replace(/^_+/, '').replaceAll('_', '').toLowerCase()
    switch (key) {
      case 'parent':
      case 'parentino':
      case 'parentinode':
      case 'parentid':
      case 'dir':
        node(value, (id) => (facts.nodeId = id))
        break
      case 'ino':
      case 'inode':
      case 'node':
      case 'nodeid':
        if (link) node(value, (id) => (facts.otherNodeId = id))
        else if (facts.nodeId === undefined || !isEntry(opcode)) node(value, (id) => (facts.nodeId = id))
        break
      case 'newparent':
      case 'newparentino':
      case 'newdir':
        if (link) node(value, (id) => (facts.nodeId = id))
        else node(value, (id) => (facts.otherNodeId = id))
        break
      case 'pid':
        // Behind a name that goes on in the next line it may be part of the name.
        if (!facts.entry?.includes('\n') && /^\d{1,9}$/.test(value)) facts.pid = Number(value)
        break
      default:
        if (!PLACEHOLDERS.has(value)) nameFact(opcode, key, value, facts)
    }
  }
  return facts
}

function node(value: Raw, take: (id: NodeId) => void): void {
  const id = nodeIdOf(value)
  if (id !== null) take(id)
}

function nameFact(opcode: string, key: string, value: Raw, facts: OperationFacts): void {
  const rename = isRename(opcode)
  switch (key) {
    case 'name':
    case 'linkname':
    case 'oldname':
    case 'entry':
      if (isAttribute(opcode)) facts.xattr = value
      else if (isEntry(opcode) && opcode !== 'link' && (key !== 'name' || facts.entry === undefined))
        facts.entry = value
      break
    case 'newname':
      if (opcode === 'link') facts.entry = value
      else if (rename) facts.otherEntry = value
      break
    case 'attr':
    case 'xattr':
    case 'key':
      if (isAttribute(opcode)) facts.xattr = value
      break
    case 'target':
    case 'link':
      if (opcode === 'symlink') facts.target = value
      break
    case 'path':
    case 'oldpath':
    case 'from':
    case 'src':
    case 'old':
      if (value.startsWith('/') && (key === 'path' || rename || opcode === 'link')) facts.path = value
      break
    case 'newpath':
    case 'to':
    case 'dst':
    case 'dest':
    case 'new':
      if (value.startsWith('/') && (rename || opcode === 'link')) facts.newPath = value
      break
  }
}
