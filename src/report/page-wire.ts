import { WireEvents } from '../dialect/wire/events.js'
import { decode, printable } from '../line/text.js'
import type { Operation } from '../operation/operation.js'
import type { ReplyRow, RequestRow } from '../recording/row.js'
import { wireMessage } from '../recording/wire-message.js'
import { decodeReply, decodeRequest, replyHeader, requestHeader } from '../wire/index.js'

/** Characters of a field that are shown. */
const MAX_FIELD = 120

export interface Messages {
  request: string[] | null
  reply: string[] | null
}

/** The fields of the messages between kernel and daemon, by the requests that they belong to. */
export class PageWire {
  #events: WireEvents | null = null
  readonly #byUnique = new Map<string, Messages[]>()
  #positions = 0

  /** Takes a row as it comes. */
  push(row: RequestRow | ReplyRow): void {
    const message = wireMessage(row)
    if (message === null) return
    const { bytes, atNs } = message
    this.#events ??= new WireEvents(bytes.length >= 8 && bytes.readUInt32LE(4) > 0xffff ? 'BE' : 'LE')
    const { protocol } = this.#events
    try {
      if (row.kind === 'request') {
        const { unique } = requestHeader(bytes, protocol.endianness)
        const known = this.#byUnique.get(String(unique)) ?? []
        known.push({ request: messageFields(() => decodeRequest(bytes, protocol), row), reply: null })
        this.#byUnique.set(String(unique), known)
      } else {
        const { unique, error } = replyHeader(bytes, protocol.endianness)
        const asked = this.#events.requestOf(unique)
        const last = this.#byUnique.get(String(unique))?.at(-1)
        if (last) last.reply = replyFields(bytes, asked, error, protocol, row)
      }
    } catch {
      // Not even a header: there is nothing to show.
    }
    if (row.kind === 'request') this.#events.request(bytes, atNs, this.#positions++)
    else this.#events.reply(bytes, atNs, this.#positions++)
  }

  /** The messages of an operation, asked in order of their ids. */
  of({ unique }: Operation): Messages | null {
    return this.#byUnique.get(String(unique))?.shift() ?? null
  }
}

function messageFields(make: () => unknown, { dataBytes }: RequestRow): string[] {
  try {
    // Those are named of the operation already.
    const { opcode: _, unique: __, pid: ___, ...fields } = make() as Record<string, unknown>
    return fieldsOf(fields, dataBytes)
  } catch (error) {
    return ['not as the protocol says', printable((error as Error).message)]
  }
}

function replyFields(
  bytes: Buffer,
  asked: ReturnType<WireEvents['requestOf']>,
  error: number,
  protocol: WireEvents['protocol'],
  row: ReplyRow,
): string[] {
  const fate = row.fate === 'passed' ? [] : ['fate', row.fate]
  if (error !== 0 || asked === null) return ['error', String(error), ...fate]
  try {
    const { body } = decodeReply(bytes, asked, protocol)
    return [...fieldsOf(body ?? {}, row.dataBytes), ...fate]
  } catch (wrong) {
    return ['not as the protocol says', printable((wrong as Error).message), ...fate]
  }
}

/** Names and texts by turns; structures within as `entry.attr.size`. */
function fieldsOf(value: object, leftOut: number, prefix = ''): string[] {
  return Object.entries(value).flatMap(([name, field]) => {
    const key = `${prefix}${name}`
    if (field === null || field === undefined) return []
    if (field instanceof Uint8Array) return [key, bytesText(field, name === 'data' ? leftOut : 0)]
    if (Array.isArray(field)) return [key, `${field.length} entries`]
    if (typeof field === 'object')
      return fieldsOf(field, leftOut, name === 'body' ? prefix : name === 'attr' ? `${prefix}` : `${key}.`)
    return [key, printable(String(field))]
  })
}

function bytesText(bytes: Uint8Array, leftOut: number): string {
  if (leftOut > 0) return `${leftOut} bytes, not recorded`
  const shown = printable(decode(Buffer.from(bytes.subarray(0, MAX_FIELD)).toString('latin1')).text)
  return bytes.length > MAX_FIELD ? `${shown}… (${bytes.length} bytes)` : shown
}
