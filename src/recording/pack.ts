import { Packr } from 'msgpackr/pack'

/** A file apart from unpack.ts: commands that only read need not load it. The options are explained there. */
const packr = new Packr({ useRecords: false, moreTypes: false })

/** MessagePack of plain values: null, booleans, numbers, text, bytes, arrays, objects. */
export function pack(value: unknown): Buffer {
  return packr.pack(value)
}
