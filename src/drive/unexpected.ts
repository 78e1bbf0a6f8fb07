import { printable } from '../line/text.js'
import type { Operation } from '../operation/operation.js'
import type { Dirent } from '../wire/index.js'
import { type Attr, shortened, typeOf } from './compare.js'
import type { Expectation } from './expectations.js'
import type { Difference, Outcome } from './step.js'

interface Answer {
  readonly entry?: { readonly attr: Attr }
  readonly attr?: Attr
  readonly target?: Buffer
  readonly data?: Buffer
  readonly size?: number
  readonly entries?: readonly Dirent[]
}

/** Types of what these requests make. */
const MADE: Readonly<Record<string, Expectation['type']>> = { create: 'file', mkdir: 'directory', symlink: 'symlink' }
/** Names that file systems show or hide of their own accord. */
const OWN_NAME = /^(?:\.{1,2}|\.fuse_hidden.*|\.nfs.*|\.unionfs.*|\.wh\..*)$/

/** Names of a listing that came so far, by the directory's path. */
export type Listings = Map<string, Set<string>>

/**
 * How a good answer differs from what the recording's operations make it be; undefined when they say nothing of it.
 *
 * @param expected null where nothing is known
 */
export function unexpected(
  operation: Operation,
  { body }: Outcome,
  expected: Expectation | null,
  listings: Listings,
): Difference | null | undefined {
  const answer = body as Answer
  const { opcode } = operation
  if (opcode === 'readdir' || opcode === 'readdirplus') return listed(operation, answer, expected, listings)
  const attr = answer.entry?.attr ?? answer.attr
  if (attr) return attributes(operation, attr, expected)
  if (opcode === 'readlink' && answer.target && expected?.target != null) {
    const [then, now] = [expected.target, answer.target.toString('latin1')]
    return then === now ? null : { recorded: `target ${printable(then)}`, driven: `target ${printable(now)}` }
  }
  const bytes = expectedBytes(operation, expected)
  const got = opcode === 'read' ? answer.data?.length : opcode === 'write' ? answer.size : undefined
  if (bytes === null || got === undefined) return undefined
  return bytes === got ? null : { recorded: `${bytes} bytes`, driven: `${got} bytes` }
}

function attributes(operation: Operation, attr: Attr, expected: Expectation | null): Difference | null | undefined {
  const type = MADE[operation.opcode] ?? expected?.type ?? null
  if (type === null) return undefined
  const now = typeOf(attr.mode)
  const size =
    operation.opcode === 'setattr' && operation.size !== undefined ? BigInt(operation.size) : sizeOf(expected)
  const sized = type === 'file' && now === 'file' && size !== null && !(operation.opcode in MADE)
  if (!sized) return type === now ? null : { recorded: type, driven: now }
  return size === attr.size ? null : { recorded: `file of ${size} bytes`, driven: `file of ${attr.size} bytes` }
}

const sizeOf = (expected: Expectation | null): bigint | null => expected?.size ?? null

function expectedBytes({ opcode, size, offset }: Operation, expected: Expectation | null): number | null {
  if (size === undefined) return null
  if (opcode === 'write') return Number(size)
  if (opcode !== 'read' || expected?.size == null || offset === undefined) return null
  const left = expected.size - BigInt(offset)
  return left <= 0n ? 0 : Math.min(Number(size), Number(left))
}

/** Names that should not be there are found at once; those that are missing, at the end of the listing. */
function listed(
  { path }: Operation,
  { entries = [] }: Answer,
  expected: Expectation | null,
  listings: Listings,
): Difference | null | undefined {
  if (path === null || expected?.names == null) return undefined
  const key = path
  const names = entries.map(({ name }) => name.toString('latin1')).filter((name) => !OWN_NAME.test(name))
  const seen = new Set([...(listings.get(key) ?? []), ...names])
  if (entries.length > 0) {
    listings.set(key, seen)
    if (names.every((name) => expected.names?.has(name))) return null
  } else {
    listings.delete(key)
    if (seen.size >= expected.names.size) return null
  }
  const text = (all: Iterable<string>): string => `names ${[...all].sort().join(', ')}`
  const [then, now] = [text([...expected.names].filter((name) => !OWN_NAME.test(name))), text(seen)]
  return { recorded: shortened(then, now), driven: shortened(now, then) }
}
