// Small files that ask for much: written for test/attack/hostile.js, and for the test of the limits.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32, deflateRawSync } from 'node:zlib'

function block(kind, plain) {
  const stored = deflateRawSync(plain, { level: 9 })
  const head = Buffer.alloc(13)
  head.writeUInt8(kind, 0)
  head.writeUInt32LE(stored.length, 1)
  head.writeUInt32LE(plain.length, 5)
  head.writeUInt32LE(crc32(stored, crc32(head.subarray(0, 9))), 9)
  return Buffer.concat([head, stored])
}

const array32 = (length) => {
  const head = Buffer.alloc(5)
  head.writeUInt8(0xdd, 0)
  head.writeUInt32BE(length, 1)
  return head
}

/** One block of so many equal values of a byte. */
const many = (count, byte) => block(0x43, Buffer.concat([array32(count), Buffer.alloc(count, byte)]))

const text = (value) => Buffer.concat([Buffer.from([0xd9, value.length]), Buffer.from(value)])
const int = (value) => {
  const bytes = Buffer.alloc(5)
  bytes.writeUInt8(0xce, 0)
  bytes.writeUInt32BE(value, 1)
  return bytes
}

/** Rows in blocks of 4096, made one by one. */
function blocks(count, row) {
  const all = []
  for (let at = 0; at < count; at += 4096) {
    const rows = []
    for (let i = at; i < Math.min(count, at + 4096); i++) rows.push(row(i))
    all.push(block(0x43, Buffer.concat([array32(rows.length), ...rows])))
  }
  return Buffer.concat(all)
}

/** So many equal blocks. */
const repeated = (count, row) => Buffer.concat(Array(Math.ceil(count / 4096)).fill(blocks(4096, row)))

const mark = (edge) => (i) => Buffer.concat([Buffer.from([0x94, 0x01]), int(i), text(edge), text('s')])
const operation = (i) =>
  Buffer.concat([
    Buffer.from([0xdc, 0, 16, 5]),
    int(i),
    text(`opcode${i}`),
    Buffer.from([0xc0, 0xc0, 0xc0, 0xc0]),
    int(i),
    int(i),
    text('reply'),
    text('ok'),
    Buffer.from([0xc0, 0xc0, 0x92, 0, 0, 0x90, 0x94, 0xc0, 0xc0, 0xc0, 0xc0]),
  ])

/** What each file holds; `begin` is a recording's preamble and header. */
export const HOSTILE = {
  '500 million nils': () => many(500_000_000, 0xc0),
  '100 million empty maps': () => many(100_000_000, 0x80),
  '60 million empty lists in a row': () => {
    const inner = Buffer.concat([array32(60_000_000), Buffer.alloc(60_000_000, 0x90)])
    return block(
      0x43,
      Buffer.concat([
        array32(1),
        Buffer.from([0x98, 3, 0, 0, 0xa1, 0x78, 0xa1, 0x78]),
        inner,
        Buffer.from([0xc0, 0xc0]),
      ]),
    )
  },
  '10 million marks': () => repeated(10_000_000, (i) => mark(i % 2 ? 'end' : 'begin')(i)),
  'begins without ends': () => repeated(2_000_000, mark('begin')),
  'ends without begins': () => repeated(2_000_000, mark('end')),
  '200 thousand opcodes': () => blocks(200_000, operation),
}

/** Writes one of them; returns its path. */
export function writeHostile(directory, name, begin) {
  const file = join(directory, `${name.replaceAll(' ', '-')}.fusetrace`)
  writeFileSync(file, Buffer.concat([begin, HOSTILE[name]()]))
  return file
}
