import { INIT } from '../wire/flags.js'

const PAGE = 4096
/** What surrounds the data of a request, or of an answer, takes less than a page. */
const HEADS = PAGE
/** Of an answer to INIT, behind the header of 16 bytes: its flags, the longest write, the most pages of a request. */
const AT = { flags: 16 + 12, maxWrite: 16 + 20, maxPages: 16 + 28 } as const

/**
 * An answer to INIT, as the kernel is to get it: no request or answer that it allows is longer than a socket's messages can be.
 *
 * @param room the longest message, bytes
 */
export function fitInit(reply: Buffer, room: number): Buffer {
  const pages = Math.max(1, Math.floor((room - HEADS) / PAGE))
  const fitted = Buffer.from(reply)
  if (reply.length >= AT.maxWrite + 4) {
    fitted.writeUInt32LE(Math.min(reply.readUInt32LE(AT.maxWrite), pages * PAGE), AT.maxWrite)
  }
  const says = reply.length >= AT.maxPages + 2 && BigInt(reply.readUInt32LE(AT.flags)) & INIT.MAX_PAGES
  if (says) fitted.writeUInt16LE(Math.min(reply.readUInt16LE(AT.maxPages), pages), AT.maxPages)
  return fitted
}
