import { Reader, Writer } from './cursor.js'
import type { Protocol } from './protocol.js'
import { WireError } from './wire-error.js'

/** A label that a new file is to have, by the module that it is of. */
export interface SecurityContext {
  name: Buffer
  value: Buffer
}

/** What a request has behind its arguments: labels for a new file, groups of the caller, or what this table does not know. */
export type Extension =
  | { type: 'secctx'; contexts: SecurityContext[]; padding?: Buffer }
  | { type: 'groups'; groups: number[]; padding?: Buffer }
  | { type: 'other'; number: number; data: Buffer }

/** Numbers up to this one count labels, those above it are types. */
const MAX_CONTEXTS = 31
const GROUPS = 32
const HEAD_BYTES = 8

/** Reads all extensions of a request; `offset` is where they begin in the message. */
export function readExtensions(bytes: Buffer, protocol: Protocol, offset: number): Extension[] {
  const extensions: Extension[] = []
  let at = 0
  while (at < bytes.length) {
    const head = new Reader(bytes.subarray(at), protocol)
    if (head.left < HEAD_BYTES)
      throw new WireError('truncated', offset + bytes.length, 'the message ends within an extension')
    const size = head.scalar('u32', 'size') as number
    const number = head.scalar('u32', 'type') as number
    if (size < HEAD_BYTES || size > bytes.length - at) {
      throw new WireError('length', offset + at, `an extension of ${size} bytes where ${bytes.length - at} are left`)
    }
    extensions.push(
      readExtension(number, bytes.subarray(at + HEAD_BYTES, at + size), protocol, offset + at + HEAD_BYTES),
    )
    at += size
  }
  return extensions
}

function readExtension(number: number, data: Buffer, protocol: Protocol, offset: number): Extension {
  const reader = new Reader(data, protocol)
  try {
    if (number <= MAX_CONTEXTS) {
      const contexts = Array.from({ length: number }, () => readContext(reader))
      return { type: 'secctx', contexts, ...paddingOf(reader) }
    }
    if (number === GROUPS) {
      const count = reader.scalar('u32', 'groups') as number
      if (count * 4 > reader.left) throw new WireError('length', 0, `${count} groups do not fit`)
      const groups = Array.from({ length: count }, () => reader.scalar('u32', 'groups') as number)
      return { type: 'groups', groups, ...paddingOf(reader) }
    }
    return { type: 'other', number, data }
  } catch (error) {
    // Offsets within an extension count from the message's begin.
    if (error instanceof WireError)
      throw new WireError(error.problem, offset + error.offset, 'an extension is not whole')
    throw error
  }
}

function readContext(reader: Reader): SecurityContext {
  const size = reader.scalar('u32', 'size') as number
  if (reader.pad(4, 'padding')) throw new WireError('value', reader.offset - 4, 'a label with something in its padding')
  const name = reader.cstring('name')
  return { name, value: reader.take(size, 'value') }
}

/** What fills an extension up to eight bytes, where it is not just zeros. */
function paddingOf(reader: Reader): { padding?: Buffer } {
  const usual = -reader.offset & 7
  const padding = reader.take(reader.left, 'padding')
  return padding.length === usual && padding.every((byte) => byte === 0) ? {} : { padding }
}

const NONE: Buffer = Buffer.alloc(0)

/** All extensions as bytes. */
export function writeExtensions(extensions: readonly Extension[], protocol: Protocol): Buffer {
  if (extensions.length === 0) return NONE
  return Buffer.concat(extensions.map((extension) => writeExtension(extension, protocol)))
}

function writeExtension(extension: Extension, protocol: Protocol): Buffer {
  const writer = new Writer(protocol, 64)
  writer.pad(4, undefined, 'size')
  switch (extension.type) {
    case 'secctx':
      if (extension.contexts.length > MAX_CONTEXTS) throw new WireError('value', 0, `more than ${MAX_CONTEXTS} labels`)
      writer.scalar('u32', extension.contexts.length, 'contexts')
      for (const { name, value } of extension.contexts) {
        if (name.includes(0)) throw new WireError('name', writer.length, 'a label whose name has a NUL in it')
        writer.scalar('u32', value.length, 'size')
        writer.pad(4, undefined, 'padding')
        writer.raw(name)
        writer.pad(1, undefined, 'name')
        writer.raw(value)
      }
      break
    case 'groups':
      writer.scalar('u32', GROUPS, 'type')
      writer.scalar('u32', extension.groups.length, 'groups')
      for (const group of extension.groups) writer.scalar('u32', group, 'group')
      break
    case 'other':
      writer.scalar('u32', extension.number, 'number')
      writer.raw(extension.data)
      return writer.finish()
  }
  writer.raw(extension.padding ?? new Uint8Array(-writer.length & 7))
  return writer.finish()
}
