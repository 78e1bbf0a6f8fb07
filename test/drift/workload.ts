import { dialects } from '../../src/dialect/builtin.js'
import { none } from '../../src/dialect/core/choose.js'
import type { Line } from '../../src/line/line.js'
import { Interpreter } from '../../src/operation/interpreter.js'
import type { Operation } from '../../src/operation/operation.js'
import { numbered } from './captures.js'

/** Another workload of the same daemon: the format is the same. */
export interface Workload {
  name: string
  of(lines: readonly Line[], operations: readonly Operation[]): Line[]
}

/** The operations of a log. */
export function operationsOf(lines: readonly Line[], dialectName: string): Operation[] {
  const operations: Operation[] = []
  const dialect = dialects.find(({ name }) => name === dialectName) ?? none
  const interpreter = new Interpreter({ dialect, onEnd: (operation) => operations.push({ ...operation }) })
  for (const line of lines) interpreter.push(line)
  interpreter.end(0)
  return operations.sort((a, b) => a.id - b.id)
}

/** Leaves out operations with their lines; those whose lines lie among another's stay. */
function without(
  lines: readonly Line[],
  operations: readonly Operation[],
  drop: (operation: Operation) => boolean,
): Line[] {
  const claims = new Map<number, number>()
  for (const {
    lines: [first, last],
  } of operations) {
    for (let i = first; i <= last; i++) claims.set(i, (claims.get(i) ?? 0) + 1)
  }
  const gone = new Set<number>()
  for (const operation of operations) {
    const [first, last] = operation.lines
    const own = Array.from({ length: last - first + 1 }, (_, i) => first + i)
    if (drop(operation) && own.every((i) => claims.get(i) === 1)) for (const i of own) gone.add(i)
  }
  return numbered(lines.filter(({ index }) => !gone.has(index)))
}

const KEPT = new Set(['init', 'statfs', 'lookup', 'forget'])

export const workloads: readonly Workload[] = [
  { name: 'the first third', of: (lines) => numbered(lines.slice(0, Math.floor(lines.length / 3))) },
  { name: 'the first two thirds', of: (lines) => numbered(lines.slice(0, Math.floor((lines.length * 2) / 3))) },
  { name: 'every second operation', of: (lines, ops) => without(lines, ops, ({ id }) => id % 2 === 1) },
  {
    name: 'every tenth operation',
    of: (lines, ops) => without(lines, ops, ({ id, opcode }) => id % 10 !== 0 && !KEPT.has(opcode)),
  },
  { name: 'no failures', of: (lines, ops) => without(lines, ops, ({ status }) => status === 'error') },
  {
    name: 'only lookups and writes',
    of: (lines, ops) => without(lines, ops, ({ opcode }) => !KEPT.has(opcode) && opcode !== 'write'),
  },
  { name: 'no xattrs', of: (lines, ops) => without(lines, ops, ({ opcode }) => opcode.includes('xattr')) },
  { name: 'no directories', of: (lines, ops) => without(lines, ops, ({ opcode }) => opcode.includes('dir')) },
  {
    name: 'no creates',
    of: (lines, ops) => without(lines, ops, ({ opcode }) => opcode === 'create' || opcode === 'mkdir'),
  },
  { name: 'twice as much', of: (lines) => numbered([...lines, ...lines]) },
  { name: 'other files', of: (lines) => renamed(lines, (name) => [...name].reverse().join('')) },
  {
    name: 'names with spaces',
    of: (lines) => renamed(lines, (name) => (name.startsWith('user.') ? name : name.replace(/[._]/, ' '))),
  },
  { name: 'names with digits', of: (lines) => renamed(lines, (name) => name.replace(/[a-z]/g, '7')) },
  {
    name: 'other inodes',
    of: (lines) => numbered(lines.map((line) => ({ ...line, raw: line.raw.replace(INODE, otherInode) }))),
  },
]

/** Numbers of inodes of the underlying file systems, also as fuser writes them. */
const INODE = /\b1\d{9,}|0x[0-9a-f]{16}\b/g
const otherInode = (text: string): string => {
  const number = BigInt(text)
  if (!/^1\d{9,}$/.test(`${number}`)) return text
  const other = number ^ (1n << 28n)
  return text.startsWith('0x') ? `0x${other.toString(16).padStart(16, '0')}` : `${other}`
}

/** Names of the workload that are words of no format. */
const NAMES = /\b(a\.txt|deep\.txt|u\.txt|r1\.txt|r2\.txt|excl\.txt|in\.txt|c\d_\d|user\.test|user\.missing)\b/g

const renamed = (lines: readonly Line[], other: (name: string) => string): Line[] =>
  numbered(lines.map((line) => ({ ...line, raw: line.raw.replace(NAMES, other) })))
