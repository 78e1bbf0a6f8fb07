// A daemon that answers the kernel in a way that no daemon should: node hung.js HOW /dev/fd/N
//   silent    nothing at all      init-only  INIT, and nothing else    twice  everything two times
//   too-long  8 bytes too many    garbage    no message at all         closes closes its descriptor after INIT
import fs from 'node:fs'

const [how, place] = process.argv.slice(2)
const fd = Number(place.slice('/dev/fd/'.length))
const NOW = 1_700_000_000n
const attr = (node) => {
  const bytes = Buffer.alloc(88)
  bytes.writeBigUInt64LE(node, 0)
  for (const at of [24, 32, 40]) bytes.writeBigUInt64LE(NOW, at)
  bytes.writeUInt32LE(0o040755, 60)
  bytes.writeUInt32LE(2, 64)
  return bytes
}
const BODIES = {
  3: (node) => Buffer.concat([Buffer.alloc(16), attr(node)]),
  17: () => Buffer.alloc(80),
  26() {
    const bytes = Buffer.alloc(64)
    bytes.writeUInt32LE(7, 0)
    bytes.writeUInt32LE(31, 4)
    bytes.writeUInt16LE(12, 16)
    bytes.writeUInt16LE(9, 18)
    bytes.writeUInt32LE(131072, 20)
    return bytes
  },
}
const reply = (request, extra) => {
  const [opcode, node] = [request.readUInt32LE(4), request.readBigUInt64LE(16)]
  const body = BODIES[opcode]?.(node) ?? Buffer.alloc(0)
  const head = Buffer.alloc(16)
  head.writeInt32LE(BODIES[opcode] ? 0 : -38, 4)
  request.copy(head, 8, 8, 16)
  const bytes = Buffer.concat([head, body, extra])
  bytes.writeUInt32LE(bytes.length, 0)
  return bytes
}
const none = Buffer.alloc(0)
const buffer = Buffer.alloc(1 << 20)
console.error('started')
for (;;) {
  const length = fs.readSync(fd, buffer)
  if (length === 0) process.exit(0)
  const request = buffer.subarray(0, length)
  const opcode = request.readUInt32LE(4)
  if (how === 'silent' || opcode === 2 || opcode === 42) continue
  if (opcode === 26) {
    fs.writeSync(fd, reply(request, none))
    if (how === 'closes') {
      fs.closeSync(fd)
      setInterval(() => undefined, 1000)
      break
    }
  } else if (how === 'twice') for (let i = 0; i < 2; i++) fs.writeSync(fd, reply(request, none))
  else if (how === 'too-long') fs.writeSync(fd, reply(request, Buffer.alloc(8)))
  else if (how === 'garbage') fs.writeSync(fd, Buffer.from('this is no answer to anything'))
}
