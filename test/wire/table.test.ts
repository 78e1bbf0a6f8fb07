import { expect, test } from 'vitest'
import {
  BEFORE_INIT,
  decodeReply,
  decodeRequest,
  encodeReply,
  encodeRequest,
  INIT,
  MESSAGES,
  protocolOf,
  requestName,
  requestNumber,
} from '../../src/wire/index.js'
import { layoutBytes, MESSAGE_LAYOUTS, NOTIFICATION_LAYOUTS } from '../../src/wire/layout.js'

const NEWEST = { ...BEFORE_INIT, flags: INIT.SETXATTR_EXT }

/** `sizeof` of the structs of Linux 6.18's fuse.h, as a C compiler says them: request, reply. */
const SIZES: Readonly<Record<string, readonly [number, number | null]>> = {
  lookup: [0, 128],
  forget: [8, null],
  getattr: [16, 104],
  setattr: [88, 104],
  readlink: [0, 0],
  symlink: [0, 128],
  mknod: [16, 128],
  mkdir: [8, 128],
  unlink: [0, 0],
  rmdir: [0, 0],
  rename: [8, 0],
  link: [8, 128],
  open: [8, 16],
  read: [40, 0],
  write: [40, 8],
  statfs: [0, 80],
  release: [24, 0],
  fsync: [16, 0],
  setxattr: [16, 0],
  getxattr: [8, 0],
  listxattr: [8, 0],
  removexattr: [0, 0],
  flush: [24, 0],
  init: [64, 64],
  opendir: [8, 16],
  readdir: [40, 0],
  releasedir: [24, 0],
  fsyncdir: [16, 0],
  getlk: [48, 24],
  setlk: [48, 0],
  setlkw: [48, 0],
  access: [8, 0],
  create: [16, 144],
  interrupt: [8, null],
  bmap: [16, 8],
  destroy: [0, 0],
  ioctl: [32, 16],
  poll: [24, 8],
  notify_reply: [40, null],
  batch_forget: [8, null],
  fallocate: [32, 0],
  readdirplus: [40, 0],
  rename2: [16, 0],
  lseek: [24, 8],
  copy_file_range: [56, 8],
  setupmapping: [40, 0],
  removemapping: [4, 0],
  syncfs: [8, 0],
  tmpfile: [16, 144],
  statx: [24, 288],
  copy_file_range_64: [56, 8],
  cuse_init: [16, 72],
}

const NOTIFICATION_SIZES = {
  poll: 8,
  inval_inode: 24,
  inval_entry: 16,
  store: 24,
  retrieve: 32,
  delete: 24,
  resend: 0,
  inc_epoch: 0,
  prune: 16,
}

test('every struct has the size that it has in C', () => {
  const sizes = [...MESSAGE_LAYOUTS].map(([name, { request, reply }]) => [
    name,
    [layoutBytes(request, NEWEST), reply && layoutBytes(reply, NEWEST)],
  ])
  expect(Object.fromEntries(sizes)).toEqual(SIZES)
  const notified = [...NOTIFICATION_LAYOUTS].map(([name, { body }]) => [name, layoutBytes(body, NEWEST)])
  expect(Object.fromEntries(notified)).toEqual(NOTIFICATION_SIZES)
})

test.each([
  ['lookup', 8, 0, 120],
  ['getattr', 8, 0, 96],
  ['read', 8, 24, 0],
  ['write', 8, 24, 8],
  ['mknod', 11, 8, 128],
  ['create', 8, 8, 136],
  ['create', 11, 8, 144],
  ['setlk', 8, 40, 0],
])('%s of 7.%i is as long as it was then', (name, minor, request, reply) => {
  const layout = MESSAGE_LAYOUTS.get(name)!
  const protocol = { ...BEFORE_INIT, minor }
  expect([layoutBytes(layout.request, protocol), layoutBytes(layout.reply!, protocol)]).toEqual([request, reply])
})

test('fields stand where C has them', () => {
  const init = encodeReply(
    { unique: 1n, body: { major: 7, minor: 45, maxPages: 0x1234, flags2: 0x5678, requestTimeout: 0x9abc } },
    { opcode: 'init' },
    BEFORE_INIT,
  )
  expect([init.readUInt16LE(16 + 28), init.readUInt32LE(16 + 32), init.readUInt16LE(16 + 40)]).toEqual([
    0x1234, 0x5678, 0x9abc,
  ])
  const setattr = encodeRequest({ opcode: 'setattr', body: { mode: 0o644, uid: 7 } }, BEFORE_INIT)
  expect([setattr.readUInt32LE(40 + 68), setattr.readUInt32LE(40 + 76)]).toEqual([0o644, 7])
  const stat = { mtime: { sec: -5n }, rdevMajor: 8 }
  const statx = encodeReply({ unique: 1n, body: { stat } }, { opcode: 'statx' }, BEFORE_INIT)
  expect([statx.readBigInt64LE(16 + 144), statx.readUInt32LE(16 + 160)]).toEqual([-5n, 8])
})

test('numbers and names of requests are one to one', () => {
  for (const [name, { number }] of Object.entries(MESSAGES)) {
    expect([requestName(number), requestNumber(name)]).toEqual([name, number])
  }
  expect(new Set(Object.values(MESSAGES).map(({ number }) => number)).size).toBe(Object.keys(MESSAGES).length)
})

test('a request that the table does not know keeps its bytes', () => {
  const bytes = encodeRequest({ opcode: 'opcode_777', body: { data: Buffer.from('new') } }, BEFORE_INIT)
  const request = decodeRequest(bytes, BEFORE_INIT)
  expect(request).toMatchObject({ opcode: 'opcode_777', body: { data: Buffer.from('new') } })
  expect(encodeRequest(request, BEFORE_INIT)).toEqual(bytes)
})

test('names are bytes: what is not UTF-8 comes through', () => {
  const name = Buffer.from([0x66, 0xff, 0x0a, 0x7d, 0x3a])
  const request = { opcode: 'rename2', body: { newDir: 1n << 63n, name, newName: Buffer.from('x') } } as const
  expect(decodeRequest(encodeRequest(request, BEFORE_INIT), BEFORE_INIT).body).toMatchObject(request.body)
})

test('a daemon that leaves rubbish behind the names of a listing changes nothing', () => {
  const asked = { opcode: 'readdir' } as const
  const listing = { entries: [{ ino: 2n, off: 1n, type: 8, name: Buffer.from('a.txt') }] }
  const bytes = encodeReply({ unique: 4n, body: listing }, asked, BEFORE_INIT)
  bytes.fill(0xee, 16 + 24 + 5)
  const reply = decodeReply(bytes, asked, BEFORE_INIT)
  expect(reply.body?.entries).toMatchObject(listing.entries)
  expect(encodeReply(reply, asked, BEFORE_INIT)).toEqual(bytes)
})

test('an ioctl that is to be tried again says with which memory', () => {
  const iovecs = [
    { base: 0x7fff_0000_1000n, len: 16n },
    { base: 0x7fff_0000_2000n, len: 4096n },
  ]
  const asked = { opcode: 'ioctl' } as const
  const body = { flags: 4, inIovs: 1, outIovs: 1, iovecs }
  const bytes = encodeReply({ unique: 4n, body }, asked, BEFORE_INIT)
  expect(bytes.length).toBe(16 + 16 + 32)
  expect(decodeReply(bytes, asked, BEFORE_INIT).body).toMatchObject({ iovecs, data: Buffer.alloc(0) })
  const many = Buffer.from(bytes)
  many.writeUInt32LE(0xffff_ffff, 16 + 8)
  expect(() => decodeReply(many, asked, BEFORE_INIT)).toThrow('at most 256')
})

test('labels come without a length before 7.38, where they were agreed on', () => {
  const protocol = { ...BEFORE_INIT, minor: 37, flags: INIT.SECURITY_CTX }
  const contexts = [{ name: Buffer.from('security.selinux'), value: Buffer.from('u:r:t:s0') }]
  const request = {
    opcode: 'mkdir',
    body: { name: Buffer.from('d') },
    extensions: [{ type: 'secctx' as const, contexts }],
  } as const
  const bytes = encodeRequest({ ...request, extensions: [...request.extensions] }, protocol)
  expect(bytes.readUInt16LE(36)).toBe(0)
  expect(decodeRequest(bytes, protocol).extensions).toEqual(request.extensions)
  expect(() => decodeRequest(bytes, { ...protocol, flags: 0n })).toThrow('bytes more than a mkdir request has')
})

test('both sides speak the smaller version, with the flags that both set', () => {
  const kernel = { minor: 45, flags: Number(INIT.INIT_EXT | INIT.SETXATTR_EXT | INIT.POSIX_ACL), flags2: 3 }
  const daemon = { minor: 39, flags: Number(INIT.INIT_EXT | INIT.SETXATTR_EXT), flags2: 1 }
  expect(protocolOf(kernel, daemon)).toEqual({
    minor: 39,
    flags: INIT.INIT_EXT | INIT.SETXATTR_EXT | INIT.SECURITY_CTX,
    endianness: 'LE',
  })
  // Without bit 30 the upper flags are not there, whatever stands in their place.
  expect(protocolOf(kernel, { ...daemon, flags: 0 }).flags).toBe(0n)
})

test('a reply that the kernel would not take is an error', () => {
  const bytes = encodeReply({ unique: 2n, error: -2 }, { opcode: 'lookup' }, BEFORE_INIT)
  for (const number of [5, -512, -524]) {
    const wrong = Buffer.from(bytes)
    wrong.writeInt32LE(number, 4)
    expect(() => decodeReply(wrong, { opcode: 'lookup' }, BEFORE_INIT)).toThrow(
      expect.objectContaining({ code: 'FT_WIRE', problem: 'error-number', offset: 4 }),
    )
  }
})

test('what does not fit a field is refused, and says which', () => {
  const write = (body: object) => () => encodeRequest({ opcode: 'write', body } as never, BEFORE_INIT)
  expect(write({ offset: -1n })).toThrow('offset must be a bigint of 0 to 18446744073709551615')
  expect(write({ fh: 3 })).toThrow('fh must be a bigint')
  expect(write({ size: 4, data: Buffer.from('abc') })).toThrow('size is 4, but there are 3 data')
  expect(() => encodeRequest({ opcode: 'lookup', body: { name: Buffer.from('a\0b') } }, BEFORE_INIT)).toThrow('NUL')
})
