import { FSYNC, IOCTL, LK, type Opcode, type ReplyBody, type Struct } from '../wire/index.js'
import { invalidate, RESIZED, refreshAttributes, truncatePages } from './attributes.js'
import { dropPages, readContent, writeContent, wrote } from './content.js'
import { type Core, lockOwner, STATX } from './core.js'
import { Errno, isErrno } from './errno.js'
import type { OpenFile } from './open-file.js'
import { checkCapabilities } from './set-attributes.js'

/** Runs a request that the daemon may not know; then it is not sent again, and `otherwise` is the outcome. */
async function optional<T>(core: Core, opcode: Opcode, run: () => Promise<T>, otherwise: () => T): Promise<T> {
  if (core.unsupported.has(opcode)) return otherwise()
  try {
    return await run()
  } catch (error) {
    if (!isErrno(error, 'ENOSYS')) throw error
    core.unsupported.add(opcode)
    return otherwise()
  }
}

const refused = (code: string) => (): never => {
  throw new Errno(code)
}

/** fsync(2), or fdatasync(2). A daemon that does not know it has nothing to write out. */
export async function sync(core: Core, file: OpenFile, dataOnly: boolean): Promise<void> {
  const opcode = file.inode.isDirectory ? 'fsyncdir' : 'fsync'
  const body = { fh: file.fh, fsyncFlags: dataOnly ? FSYNC.FDATASYNC : 0 }
  await optional(
    core,
    opcode,
    async () => {
      await core.connection.ask(opcode, file.inode.nodeId, body)
    },
    () => undefined,
  )
}

/** `mode` of fallocate(2). */
const FALLOCATE = { KEEP_SIZE: 1, PUNCH_HOLE: 2, ZERO_RANGE: 16 } as const

/** fallocate(2); offset and length in bytes. @throws Errno */
export async function allocate(
  core: Core,
  file: OpenFile,
  mode: number,
  offset: number,
  length: number,
): Promise<void> {
  if (!file.writable) throw new Errno('EBADF')
  if ((mode & ~(FALLOCATE.KEEP_SIZE | FALLOCATE.PUNCH_HOLE | FALLOCATE.ZERO_RANGE)) !== 0) throw new Errno('EOPNOTSUPP')
  if (offset < 0 || length <= 0) throw new Errno('EINVAL')
  const { inode } = file
  const body = { fh: file.fh, offset: BigInt(offset), length: BigInt(length), mode }
  await inode.lock.exclusive(async () => {
    await checkCapabilities(core, inode)
    await optional<unknown>(
      core,
      'fallocate',
      () => core.connection.ask('fallocate', inode.nodeId, body),
      refused('EOPNOTSUPP'),
    )
    const end = offset + length
    if ((mode & FALLOCATE.KEEP_SIZE) === 0 && end > inode.size) inode.attributes.size = BigInt(end)
    if ((mode & (FALLOCATE.PUNCH_HOLE | FALLOCATE.ZERO_RANGE)) !== 0) dropPages(inode, offset, length)
    invalidate(inode, RESIZED & ~STATX.SIZE)
  })
}

/** `whence` of lseek(2). */
const SEEK = { SET: 0, CUR: 1, END: 2, DATA: 3, HOLE: 4 } as const

/** Moves where the next read begins; of holes and data only the daemon knows. */
export async function seek(core: Core, file: OpenFile, offset: bigint, whence: number): Promise<bigint> {
  const { inode } = file
  let position: bigint
  if (whence === SEEK.SET) position = offset
  else if (whence === SEEK.CUR) position = file.position + offset
  else {
    if (whence !== SEEK.END && whence !== SEEK.DATA && whence !== SEEK.HOLE) throw new Errno('EINVAL')
    const ends = async (): Promise<bigint> => {
      await refreshAttributes(core, inode, STATX.SIZE, file.fh)
      if (whence === SEEK.END) return inode.attributes.size + offset
      if (offset >= inode.attributes.size) throw new Errno('ENXIO')
      return whence === SEEK.DATA ? offset : inode.attributes.size
    }
    const ask = async (): Promise<bigint> =>
      (await core.connection.ask('lseek', inode.nodeId, { fh: file.fh, offset, whence })).offset
    const known = whence !== SEEK.END && !core.unsupported.has('lseek')
    position = await (known ? optional(core, 'lseek', ask, () => -1n) : ends())
    if (position === -1n) position = await ends()
  }
  if (position < 0n) throw new Errno('EINVAL')
  file.position = position
  return position
}

/** What splice(2) takes at a time, bytes. */
const PIPE = 65_536

/** Copies from file to file: the daemon does it, or else it is read and written here. Returns how many bytes were copied. */
export async function copyRange(
  core: Core,
  from: OpenFile,
  fromOffset: number,
  to: OpenFile,
  toOffset: number,
  length: number,
): Promise<number> {
  if (!from.readable || !to.writable || to.appends) throw new Errno('EBADF')
  const copied = await to.inode.lock.exclusive(async () => {
    if (core.unsupported.has('copy_file_range')) return null
    await checkCapabilities(core, to.inode)
    const body = {
      fhIn: from.fh,
      offIn: BigInt(fromOffset),
      nodeIdOut: to.inode.nodeId,
      fhOut: to.fh,
      offOut: BigInt(toOffset),
      len: BigInt(length),
      flags: 0n,
    }
    const large = async (): Promise<number | null> =>
      Number((await core.connection.ask('copy_file_range_64', from.inode.nodeId, body)).bytesCopied)
    const small = async (): Promise<number | null> =>
      (await core.connection.ask('copy_file_range', from.inode.nodeId, body)).size
    const none = (): number | null => null
    let bytes = await optional(core, 'copy_file_range_64', large, none)
    bytes ??= await optional(core, 'copy_file_range', small, none)
    if (bytes === null) return null
    if (bytes > length) throw new Errno('EIO')
    truncatePages(to.inode, toOffset)
    wrote(to.inode, toOffset + bytes, bytes)
    return bytes
  })
  return copied ?? copyByHand(core, from, fromOffset, to, toOffset, length)
}

async function copyByHand(
  core: Core,
  from: OpenFile,
  fromOffset: number,
  to: OpenFile,
  toOffset: number,
  length: number,
): Promise<number> {
  let done = 0
  while (done < length) {
    const data = await readContent(core, from, fromOffset + done, Math.min(PIPE, length - done))
    if (data.length === 0) break
    const { written } = await writeContent(core, to, data, toOffset + done)
    done += written
    if (written < data.length) break
  }
  return done
}

/** ioctl(2) by the size and direction in its number. @returns its result and what it wrote */
export async function control(
  core: Core,
  file: OpenFile,
  command: number,
  input: Uint8Array,
  outputSize: number,
): Promise<{ result: number; data: Buffer }> {
  const { inode } = file
  const body = {
    fh: file.fh,
    flags: inode.isDirectory ? IOCTL.DIR : 0,
    cmd: command >>> 0,
    arg: 0n,
    inSize: input.length,
    outSize: outputSize,
    data: Buffer.from(input),
  }
  const reply = await optional<ReplyBody<'ioctl'>>(
    core,
    'ioctl',
    () => core.connection.ask('ioctl', inode.nodeId, body),
    refused('ENOTTY'),
  )
  if ((reply.flags & IOCTL.RETRY) !== 0 || reply.data.length > outputSize) throw new Errno('EIO')
  if (reply.result < 0) throw new Errno('EIO')
  return { result: reply.result, data: reply.data }
}

/** A lock of fcntl(2) or flock(2) on a range; `end` is the last byte. */
export type LockRange = Pick<Struct<'lock'>, 'start' | 'end'> & { readonly type: 'read' | 'write' | 'unlock' }

const LOCK_TYPES = { read: 0, write: 1, unlock: 2 } as const

/** Takes or gives back a lock; `wait` for as long as somebody else has it, or until `signal` interrupts. */
export async function setLock(
  core: Core,
  file: OpenFile,
  range: LockRange,
  options: { flock?: boolean; wait?: boolean; signal?: AbortSignal } = {},
): Promise<void> {
  const { flock = false, wait = false, signal } = options
  // Locks that the daemon does not take part in are the kernel's own, and of this process only.
  if (!(flock ? core.features.flockLocks : core.features.posixLocks)) return
  const opcode = wait ? 'setlkw' : 'setlk'
  const lock = { start: range.start, end: range.end, type: LOCK_TYPES[range.type], pid: core.credentials.pid }
  const owner = flock ? file.fh + 0x2000n : lockOwner(core)
  const body = { fh: file.fh, owner, lock, lkFlags: flock ? LK.FLOCK : 0 }
  const asked = { patient: wait, ...(signal && { signal }) }
  await optional<unknown>(
    core,
    opcode,
    () => core.connection.ask(opcode, file.inode.nodeId, body, asked),
    () => undefined,
  )
  if (flock) file.flocked = range.type !== 'unlock'
}

/** Who holds a lock that is in the way of this one; null when it could be taken. */
export async function getLock(core: Core, file: OpenFile, range: LockRange): Promise<Struct<'lock'> | null> {
  if (!core.features.posixLocks) return null
  const lock = { start: range.start, end: range.end, type: LOCK_TYPES[range.type], pid: core.credentials.pid }
  const body = { fh: file.fh, owner: lockOwner(core), lock, lkFlags: 0 }
  const held = await optional<Struct<'lock'> | null>(
    core,
    'getlk',
    async () => (await core.connection.ask('getlk', file.inode.nodeId, body)).lock,
    () => null,
  )
  return held === null || held.type === LOCK_TYPES.unlock ? null : held
}

/** Which of these events poll(2) would report now. */
export async function poll(core: Core, file: OpenFile, events: number): Promise<number> {
  const body = { fh: file.fh, kh: file.fh, flags: 0, events }
  return optional(
    core,
    'poll',
    async () => (await core.connection.ask('poll', file.inode.nodeId, body)).revents,
    () => events & 0x145,
  )
}
