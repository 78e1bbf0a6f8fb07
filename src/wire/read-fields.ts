import type { Reader } from './cursor.js'
import { readDirents } from './dirents.js'
import { readIovecs } from './iovecs.js'
import { bytesOf, type Field, isPresent, type Kind, type Layout, layoutBytes } from './layout.js'
import type { Values } from './values.js'
import { WireError } from './wire-error.js'

/** Reads the fields of a layout. Fields that an older version does not have are 0. */
export function readFields(layout: Layout, reader: Reader): Values {
  const values: Values = {}
  const start = reader.offset
  for (const field of layout.fields) {
    const there = field.loose ? reader.left > 0 : isPresent(field, reader.protocol)
    const value = there ? readKind(field.kind, field.name, values, reader) : zero(field)
    if (value !== undefined) values[field.name] = value
  }
  const length = reader.offset - start
  if (layout.loose && length !== layoutBytes(layout, reader.protocol)) values.fixedBytes = length
  return values
}

/** What stands for a field that is not there. */
function zero({ kind }: Field): unknown {
  if (kind.is !== 'scalar') return undefined
  return kind.bytes === 8 ? 0n : 0
}

function readKind(kind: Kind, name: string, values: Values, reader: Reader): unknown {
  switch (kind.is) {
    case 'scalar':
      return reader.scalar(kind.scalar, name)
    case 'pad':
      return reader.pad(kind.bytes, name)
    case 'struct':
      return readFields(kind.layout, reader)
    case 'bytes':
      return reader.take(kind.count === null ? reader.left : (values[kind.count] as number), name)
    case 'cstring':
      return kind.count === null ? reader.cstring(name) : countedName(values[kind.count] as number, name, reader)
    case 'list':
      return readList(kind.item, values[kind.count] as number, name, reader)
    case 'tail':
      return reader.left > 0 ? reader.take(reader.left, name) : undefined
    case 'dirents':
    case 'direntsplus':
      return readDirents(reader, kind.is === 'direntsplus', readFields)
    case 'iovecs':
      return readIovecs(reader, values, readList)
  }
}

function countedName(bytes: number, name: string, reader: Reader): Buffer {
  const taken = reader.take(bytes, name)
  const end = reader.offset
  if (reader.byte(name) !== 0) throw new WireError('name', end, `${name} does not end where its length says`)
  return taken
}

/** A list of so many items; its length is held against the message before any memory is taken. */
function readList(item: Kind, count: number, name: string, reader: Reader): unknown[] {
  const bytes = bytesOf(item, reader.protocol)
  if (count * bytes > reader.left) {
    throw new WireError('length', reader.offset, `${count} ${name} do not fit into ${reader.left} bytes`)
  }
  return Array.from({ length: count }, () => readKind(item, name, {}, reader))
}
