import type { Writer } from './cursor.js'
import { writeDirents } from './dirents.js'
import { writeIovecs } from './iovecs.js'
import { bytesOf, type Field, isPresent, type Kind, type Layout } from './layout.js'
import type { Values } from './values.js'
import { WireError } from './wire-error.js'

const NOTHING = new Uint8Array()

/** Writes the fields of a layout; values left out are 0, empty, or the length of what they count. */
export function writeFields(layout: Layout, given: object, writer: Writer): void {
  const values = given as Readonly<Values>
  const start = writer.length
  const limit = layout.loose ? fixedBytes(values.fixedBytes, writer) : undefined
  for (const field of layout.fields) {
    const end = writer.length - start + bytesOf(field.kind, writer.protocol)
    const there = field.loose && limit !== undefined ? end <= limit : isPresent(field, writer.protocol)
    if (there) writeKind(field.kind, valueFor(field, values, writer), field.name, values, writer)
  }
  if (limit !== undefined && writer.length - start !== limit) {
    throw new WireError('value', start, `fixedBytes of ${limit} is not where a field ends`)
  }
}

function fixedBytes(value: unknown, writer: Writer): number | undefined {
  if (value === undefined || (Number.isInteger(value) && (value as number) >= 0)) return value as number | undefined
  throw new WireError('value', writer.length, 'fixedBytes must be a number')
}

/** What to write for a field; the number of a list or the length of bytes where they are what it counts. */
function valueFor(field: Field, values: Readonly<Values>, writer: Writer): unknown {
  const value = values[field.name]
  if (field.counts === null) return value
  const counted = (values[field.counts] as { length?: number } | undefined)?.length ?? 0
  if (value !== undefined && value !== counted) {
    throw new WireError('value', writer.length, `${field.name} is ${value}, but there are ${counted} ${field.counts}`)
  }
  return counted
}

function writeKind(kind: Kind, value: unknown, name: string, values: Readonly<Values>, writer: Writer): void {
  switch (kind.is) {
    case 'scalar':
      writer.scalar(kind.scalar, value ?? (kind.bytes === 8 ? 0n : 0), name)
      break
    case 'pad':
      writer.pad(kind.bytes, value, name)
      break
    case 'struct':
      writeFields(kind.layout, (value ?? {}) as object, writer)
      break
    case 'bytes':
    case 'tail':
      writer.raw(bytes(value, name, writer))
      break
    case 'cstring':
      writeName(bytes(value, name, writer), kind.count === null, name, writer)
      break
    case 'list':
      for (const item of (value ?? []) as readonly unknown[]) writeKind(kind.item, item, name, {}, writer)
      break
    case 'dirents':
    case 'direntsplus':
      writeDirents(writer, (value ?? []) as never, kind.is === 'direntsplus', writeFields)
      break
    case 'iovecs':
      writeIovecs(writer, values, writeFields)
      break
  }
}

function bytes(value: unknown, name: string, writer: Writer): Uint8Array {
  if (value === undefined || value instanceof Uint8Array) return value ?? NOTHING
  throw new WireError('value', writer.length, `${name} must be bytes`)
}

function writeName(value: Uint8Array, ended: boolean, name: string, writer: Writer): void {
  // A NUL would end the name there for whoever reads it.
  if (ended && value.includes(0)) throw new WireError('name', writer.length, `${name} has a NUL in it`)
  writer.raw(value)
  writer.pad(1, undefined, name)
}
