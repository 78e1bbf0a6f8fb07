import { MESSAGES, NOTIFICATIONS } from './messages.js'
import { has, type Protocol } from './protocol.js'
import { STRUCTS } from './structs.js'

/** A number's kind. */
export type Scalar = 'u16' | 'u32' | 's32' | 'u64' | 's64'

const SCALAR_BYTES: Readonly<Record<Scalar, number>> = { u16: 2, u32: 4, s32: 4, u64: 8, s64: 8 }

/** What a field is, as read from its `name: kind`. */
export type Kind =
  | { readonly is: 'scalar'; readonly scalar: Scalar; readonly bytes: number }
  | { readonly is: 'pad'; readonly bytes: number }
  | { readonly is: 'struct'; readonly layout: Layout }
  | { readonly is: 'cstring' | 'bytes'; readonly count: string | null }
  | { readonly is: 'list'; readonly item: Kind; readonly count: string }
  | { readonly is: 'tail' | 'dirents' | 'direntsplus' | 'iovecs' }

export interface Field {
  readonly name: string
  readonly kind: Kind
  /** Not in messages before this minor version; 0 always. */
  readonly since: number
  /** Senders differ: there when the message has bytes for it. */
  readonly loose: boolean
  /** Only there when this was negotiated. */
  readonly condition: string | null
  /** The field whose length or count this one is. */
  readonly counts: string | null
}

/** A list of fields, ready to be read and written by. */
export interface Layout {
  readonly fields: readonly Field[]
  readonly loose: boolean
}

/** A message's layouts. */
export interface MessageLayout {
  readonly number: number
  readonly request: Layout
  readonly reply: Layout | null
  readonly sizeReply: Layout | null
}

const structs = new Map<string, Layout>()

function structLayout(name: string): Layout {
  let layout = structs.get(name)
  if (!layout) {
    layout = compile(STRUCTS[name as keyof typeof STRUCTS])
    structs.set(name, layout)
  }
  return layout
}

function kindOf(word: string): Kind {
  if (word in SCALAR_BYTES) return { is: 'scalar', scalar: word as Scalar, bytes: SCALAR_BYTES[word as Scalar] }
  const pad = /^pad(\d+)$/.exec(word)
  if (pad) return { is: 'pad', bytes: Number(pad[1]) }
  const counted = /^(\w+)\[(\w+)\]$/.exec(word)
  const [base, count] = counted ? [counted[1] ?? '', counted[2] ?? ''] : [word, null]
  if (base === 'cstring' || base === 'bytes') return { is: base, count }
  if (count !== null) return { is: 'list', item: kindOf(base), count }
  if (word === 'tail' || word === 'dirents' || word === 'direntsplus' || word === 'iovecs') return { is: word }
  return { is: 'struct', layout: structLayout(word) }
}

function fieldsOf(text: string): Field[] {
  if (text.startsWith('...')) return [...structLayout(text.slice(3)).fields]
  const [, name = '', word = '', mark, value = ''] = /^(\w+): (\S+)(?: ([@~?])(\w+))?$/.exec(text) ?? []
  return [
    {
      name,
      kind: kindOf(word),
      since: mark === '@' || mark === '~' ? Number(value) : 0,
      loose: mark === '~',
      condition: mark === '?' ? value : null,
      counts: null,
    },
  ]
}

function compile(texts: readonly string[]): Layout {
  const plain = texts.flatMap(fieldsOf)
  const counted = new Map(
    plain.flatMap(({ name, kind }) => ('count' in kind && kind.count !== null ? [[kind.count, name] as const] : [])),
  )
  const fields = plain.map((field) => ({ ...field, counts: counted.get(field.name) ?? null }))
  return { fields, loose: fields.some((field) => field.loose) }
}

/** Whether a field is in the messages of this protocol, the sender's freedom aside. */
export function isPresent(field: Field, protocol: Protocol): boolean {
  return field.since <= protocol.minor && (field.condition === null || has(protocol, field.condition))
}

/** The bytes that something of fixed length takes in this protocol. */
export function bytesOf(kind: Kind, protocol: Protocol): number {
  if (kind.is === 'scalar' || kind.is === 'pad') return kind.bytes
  return kind.is === 'struct' ? layoutBytes(kind.layout, protocol) : 0
}

/** The bytes that the fixed part of a layout takes in this protocol. */
export function layoutBytes(layout: Layout, protocol: Protocol): number {
  let bytes = 0
  for (const field of layout.fields) if (isPresent(field, protocol)) bytes += bytesOf(field.kind, protocol)
  return bytes
}

/** The layouts of all requests, by name. */
export const MESSAGE_LAYOUTS: ReadonlyMap<string, MessageLayout> = new Map(
  Object.entries(MESSAGES).map(([name, message]) => [
    name,
    {
      number: message.number,
      request: compile(message.request),
      reply: message.reply ? compile(message.reply) : null,
      sizeReply: 'sizeReply' in message ? compile(message.sizeReply) : null,
    },
  ]),
)

/** The layouts of all notifications, by name. */
export const NOTIFICATION_LAYOUTS: ReadonlyMap<string, { readonly number: number; readonly body: Layout }> = new Map(
  Object.entries(NOTIFICATIONS).map(([name, { number, body }]) => [name, { number, body: compile(body) }]),
)

/** The layout of a struct of structs.ts. */
export const ENTRY_LAYOUT: Layout = structLayout('entry')
export const IOVEC_LAYOUT: Layout = structLayout('iovec')
