import type { Reader, Writer } from './cursor.js'
import type { Kind, Layout } from './layout.js'

/** Values by field name, as messages are decoded to. */
export type Values = Record<string, unknown>

/** `writeFields`, handed to what fields are made of, so that neither file imports the other. */
export type WriteFields = (layout: Layout, given: object, writer: Writer) => void

/** `readFields`, handed on in the same way. */
export type ReadFields = (layout: Layout, reader: Reader) => Values

/** `readList`, handed on in the same way. */
export type ReadList = (item: Kind, count: number, name: string, reader: Reader) => unknown[]
