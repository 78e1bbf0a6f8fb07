import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  BEFORE_INIT,
  decodeNotification,
  decodeReply,
  decodeRequest,
  encodeNotification,
  encodeReply,
  encodeRequest,
  type Protocol,
  WireError,
} from '../../src/wire/index.js'
import { ENTRY_LAYOUT, MESSAGE_LAYOUTS, NOTIFICATION_LAYOUTS } from '../../src/wire/layout.js'
import { tries } from '../tries.js'
import { bodyArbitrary, extensions, otherLengths, protocols, structs } from './arbitrary.js'

structs.entry = ENTRY_LAYOUT

const u32 = fc.integer({ min: 0, max: 0xffff_ffff })
const u64 = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn })
const LABELLED = ['create', 'mkdir', 'mknod', 'symlink', 'tmpfile']

/** INIT's length is that of the version that it says. */
const versionOf = (opcode: string, body: Record<string, unknown>, protocol: Protocol): Protocol =>
  opcode === 'init' ? { ...protocol, minor: body.minor as number } : protocol

describe.each([...MESSAGE_LAYOUTS])('%s', (opcode, { request, reply, sizeReply }) => {
  const body = (protocol: Protocol) =>
    bodyArbitrary(request, protocol).map((given) => (opcode === 'init' ? { ...given, minor: protocol.minor } : given))

  test('what is encoded as a request is decoded as it was', () => {
    const cases = protocols.chain((protocol) =>
      fc.tuple(fc.constant(protocol), body(protocol), fc.tuple(u64, u64, u32, u32, u32), extensions),
    )
    fc.assert(
      fc.property(cases, ([protocol, given, [unique, nodeId, uid, gid, pid], behind]) => {
        const labels = LABELLED.includes(opcode) && protocol.minor < 38 && protocol.flags & (1n << 32n)
        const some = protocol.minor >= 38 || labels ? behind : []
        const message = {
          opcode,
          unique,
          nodeId,
          uid,
          gid,
          pid,
          body: given,
          ...(some.length > 0 && { extensions: some }),
        }
        expect(decodeRequest(encodeRequest(message as never, protocol), protocol)).toEqual(message)
      }),
      { numRuns: tries(10, 100) },
    )
  })

  test('a request of another length that senders use comes out with that length', () => {
    for (const minor of [8, 9, 12, 36, 45]) {
      const protocol = { ...BEFORE_INIT, minor }
      for (const fixedBytes of otherLengths(request, protocol)) {
        const message = { opcode, body: { fixedBytes, ...(opcode === 'init' && { minor }) } }
        const bytes = encodeRequest(message as never, protocol)
        expect(bytes.length).toBe(40 + fixedBytes)
        const decoded = decodeRequest(bytes, protocol)
        expect(decoded.body).toHaveProperty('fixedBytes', fixedBytes)
        expect(encodeRequest(decoded, protocol)).toEqual(bytes)
      }
    }
  })

  const replies = [...(reply ? [[reply, 1] as const] : []), ...(sizeReply ? [[sizeReply, 0] as const] : [])]
  test.each(replies)('what is encoded as a reply is decoded as it was (%#)', (layout, size) => {
    const cases = protocols.chain((protocol) =>
      fc.tuple(
        fc.constant(protocol),
        bodyArbitrary(layout, protocol).map((given) => ({
          ...given,
          ...(opcode === 'init' && { minor: protocol.minor }),
          ...(opcode === 'ioctl' && { flags: 0 }),
        })),
        u64,
      ),
    )
    const asked = { opcode, body: { size } }
    fc.assert(
      fc.property(cases, ([protocol, given, unique]) => {
        const message = { unique, error: 0, body: given } as never
        const bytes = encodeReply(message, asked, protocol)
        const decoded = decodeReply(bytes, asked, protocol)
        expect(decoded).toEqual(message)
        expect(encodeReply(decoded, asked, protocol)).toEqual(bytes)
      }),
      { numRuns: tries(10, 100) },
    )
  })

  test('cut off at any byte it is an error that says where, or a shorter message that is one', () => {
    const cases = protocols.chain((protocol) => fc.tuple(fc.constant(protocol), body(protocol), extensions, fc.nat()))
    fc.assert(
      fc.property(cases, ([protocol, given, behind, seed]) => {
        const whole = encodeRequest(
          { opcode, body: given, extensions: protocol.minor >= 38 ? behind : [] } as never,
          protocol,
        )
        cutAnywhere(whole, seed, protocol, (bytes) => encodeRequest(decodeRequest(bytes, protocol), protocol))
      }),
      { numRuns: tries(2, 20) },
    )
  })

  test.each(replies)('so is a reply (%#)', (layout, size) => {
    const asked = { opcode, body: { size } }
    const cases = protocols.chain((protocol) =>
      fc.tuple(fc.constant(protocol), bodyArbitrary(layout, protocol), fc.nat()),
    )
    fc.assert(
      fc.property(cases, ([given, values, seed]) => {
        const fields = opcode === 'ioctl' ? { ...values, flags: 0 } : values
        const protocol = versionOf(opcode, { minor: given.minor }, given)
        const message = opcode === 'init' ? { ...fields, minor: given.minor } : fields
        const whole = encodeReply({ unique: 6n, body: message } as never, asked, protocol)
        cutAnywhere(whole, seed, protocol, (bytes) => encodeReply(decodeReply(bytes, asked, protocol), asked, protocol))
      }),
      { numRuns: tries(2, 20) },
    )
  })
})

/** Tries every shorter form of a message, with its length left as it was and set right. */
function cutAnywhere(whole: Buffer, seed: number, protocol: Protocol, again: (bytes: Buffer) => Buffer): void {
  for (let length = 0; length < whole.length; length++) {
    const cut = Buffer.from(whole.subarray(0, length))
    refuses(cut, again)
    if (length < 4) continue
    new DataView(cut.buffer, cut.byteOffset).setUint32(0, length, protocol.endianness === 'LE')
    same(cut, again)
    if (length > 40) {
      // Some byte of it is something else.
      cut[4 + (seed % (length - 4))] = seed & 0xff
      same(cut, again)
    }
  }
}

/** It is decoded and encoded to the same bytes, or a typed error says where it is wrong. */
function same(bytes: Buffer, again: (bytes: Buffer) => Buffer): void {
  try {
    const encoded = again(bytes)
    if (!encoded.equals(bytes)) expect(encoded).toEqual(bytes)
  } catch (error) {
    if (!(error instanceof WireError) || error.code !== 'FT_WIRE') throw error
    if (!(error.offset >= 0 && error.offset <= bytes.length)) throw error
  }
}

function refuses(bytes: Buffer, again: (bytes: Buffer) => Buffer): void {
  try {
    again(bytes)
  } catch (error) {
    if (error instanceof WireError) return
    throw error
  }
  throw new Error(`taken although its header says another length: ${bytes.toString('hex')}`)
}

describe('any bytes', () => {
  const header = fc.tuple(fc.constantFrom(...[...MESSAGE_LAYOUTS.values()].map(({ number }) => number), 99), protocols)
  const rest = fc.uint8Array({ maxLength: 300 })

  test('as a request', () => {
    fc.assert(
      fc.property(header, rest, ([number, protocol], behind) => {
        const bytes = Buffer.concat([Buffer.alloc(8), behind])
        const view = new DataView(bytes.buffer, bytes.byteOffset)
        view.setUint32(0, bytes.length, protocol.endianness === 'LE')
        view.setUint32(4, number, protocol.endianness === 'LE')
        same(bytes, (some) => encodeRequest(decodeRequest(some, protocol), protocol))
      }),
      { numRuns: tries(500, 5000) },
    )
  })

  test('as a reply', () => {
    const opcodes = fc.constantFrom(...[...MESSAGE_LAYOUTS].filter(([, { reply }]) => reply).map(([name]) => name))
    fc.assert(
      fc.property(opcodes, protocols, rest, fc.nat(1), (opcode, protocol, behind, size) => {
        const asked = { opcode, body: { size } }
        const bytes = Buffer.concat([Buffer.alloc(16), behind])
        new DataView(bytes.buffer, bytes.byteOffset).setUint32(0, bytes.length, protocol.endianness === 'LE')
        same(bytes, (some) => encodeReply(decodeReply(some, asked, protocol), asked, protocol))
      }),
      { numRuns: tries(500, 5000) },
    )
  })

  test('as a notification', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 12 }), protocols, rest, (number, protocol, behind) => {
        const bytes = Buffer.concat([Buffer.alloc(16), behind])
        const view = new DataView(bytes.buffer, bytes.byteOffset)
        view.setUint32(0, bytes.length, protocol.endianness === 'LE')
        view.setInt32(4, number, protocol.endianness === 'LE')
        same(bytes, (some) => encodeNotification(decodeNotification(some, protocol), protocol))
      }),
      { numRuns: tries(500, 5000) },
    )
  })
})

test.each([...NOTIFICATION_LAYOUTS])(
  'what is encoded as a notification %s is decoded as it was',
  (notification, { body }) => {
    const cases = protocols.chain((protocol) =>
      fc.tuple(fc.constant(protocol), bodyArbitrary(body, protocol), fc.nat()),
    )
    fc.assert(
      fc.property(cases, ([protocol, values, seed]) => {
        const message = { notification, body: values } as never
        const bytes = encodeNotification(message, protocol)
        expect(decodeNotification(bytes, protocol)).toEqual(message)
        cutAnywhere(bytes, seed, protocol, (some) => encodeNotification(decodeNotification(some, protocol), protocol))
      }),
      { numRuns: tries(10, 100) },
    )
  },
)
