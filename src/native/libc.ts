import { constants } from 'node:os'
import { FusetraceError } from '../errors.js'

/** Calls of the C library that Node lacks. All but `poll` return at once; none may be used on a descriptor that blocks. */
export interface Libc {
  /** Two connected sockets that keep the borders of messages (SOCK_SEQPACKET), closed on exec. */
  messagePair(): [number, number]
  /** Two connected sockets that carry a stream of bytes, closed on exec. */
  streamPair(): [number, number]
  /**
   * Asks for room for messages of this many bytes in both directions of a socket.
   *
   * @returns the longest message that can be sent on it, bytes: less than was asked for where the machine's limits say so
   */
  setBuffers(fd: number, bytes: number): number
  /** Makes a pipe with a name, for this user alone. */
  makeFifo(path: string): void
  /** Makes `to` another name of what `from` names, closed on exec: a daemon must not inherit the other end of its own socket. */
  duplicateTo(from: number, to: number): void
  setNonBlocking(fd: number): void
  /** Sends one message, without waiting. False when there is no room for it now. */
  send(fd: number, message: Uint8Array): boolean
  /**
   * Takes one message, without waiting.
   *
   * @returns its bytes; 0 at the end, -1 when there is none now, or the socket has failed
   */
  receive(fd: number, into: Buffer): number
  /** Reads from a descriptor that does not block. @returns how many bytes; an errno, negative, where it failed */
  read(fd: number, into: Uint8Array): number
  /** Writes to a descriptor that does not block. @returns how many bytes; an errno, negative, where it failed */
  write(fd: number, bytes: Uint8Array): number
  /** Waits until there is a message, in this thread, for that many ns at most. False when there is none by then. */
  waitForMessage(fd: number, limitNs: number): boolean
  /** Bytes that can be read from a socket. */
  bytesWaiting(fd: number): number
  /** Hands a descriptor over to whoever reads the other end of a socket. */
  sendDescriptor(socket: number, fd: number): void
  /** Takes a descriptor that was handed over on a socket; null when there is none, now. */
  receiveDescriptor(socket: number): number | null
  /** A copy of another process's descriptor; that process must be ours to debug. */
  takeDescriptor(pid: number, fd: number): number
  /**
   * Waits until one of the descriptors is ready, in this thread.
   *
   * @param entries `struct pollfd` one after the other, see `pollEntries`; what is ready is written into it
   * @returns how many are ready; 0 when the time is up, or a signal came
   */
  poll(entries: Buffer, timeoutMs: number): number
  /** Nothing more will be written into this end of a socket: the other side reads its end. */
  shutdown(fd: number): void
  /** mount(2); needs CAP_SYS_ADMIN. */
  mount(mount: { source: string; target: string; type: string; flags: number; options: string }): void
}

/** What `poll` can be asked for and answers: readable, writable, failed, the other side is gone. */
export const POLL = { IN: 1, OUT: 4, ERR: 8, HUP: 16, NVAL: 32 } as const

/** A `struct pollfd` for each descriptor, 8 bytes: the descriptor, what is wanted, what is ready. */
export function pollEntries(fds: readonly number[]): Buffer {
  const entries = Buffer.alloc(fds.length * 8)
  for (const [i, fd] of fds.entries()) new Int32Array(entries.buffer, entries.byteOffset + i * 8, 1)[0] = fd
  return entries
}

let loaded: Promise<Libc> | null = null

/**
 * The C library by way of the optional dependency koffi; loaded once.
 *
 * @throws FT_ENVIRONMENT when koffi is not installed, or has no build for this machine
 */
export function loadLibc(): Promise<Libc> {
  loaded ??= load()
  return loaded
}

async function load(): Promise<Libc> {
  let koffi: typeof import('koffi')
  try {
    koffi = (await import('koffi')).default as unknown as typeof import('koffi')
  } catch (cause) {
    throw new FusetraceError(
      'FT_ENVIRONMENT',
      'the npm package koffi is not there: sockets for FUSE messages cannot be made',
      {
        hint: 'npm install koffi (an optional dependency of fusetrace; it has builds for Linux on x64, arm64, arm, ia32 and riscv64)',
        cause,
      },
    )
  }
  return bind(koffi)
}

const AF_UNIX = 1
const SOCK_STREAM = 1
const SOCK_SEQPACKET = 5
const SOCK_CLOEXEC = 0o2000000
const SOL_SOCKET = 1
/** The common way, which the machine's limit bounds, and root's way round the limit: sending, receiving. */
const SO_BUF = [7, 8] as const
const SO_BUFFORCE = [32, 33] as const
const F_GETFL = 3
const F_SETFL = 4
const O_NONBLOCK = 0o4000
const MSG_NOSIGNAL = 0x4000
const MSG_DONTWAIT = 0x40
const MSG_CMSG_CLOEXEC = 0x40000000
const SCM_RIGHTS = 1
/** A `struct cmsghdr` with one descriptor. */
const CONTROL_BYTES = 24
const FIONREAD = 0x541b
const SHUT_WR = 1
const SYS_PIDFD_OPEN = 434
const SYS_PIDFD_GETFD = 438

/** A `struct msghdr` of one byte, which a descriptor goes with. */
const oneByteWith = (control: Buffer): Record<string, unknown> => ({
  name: null,
  nameSize: 0,
  iov: [{ base: Buffer.alloc(1), size: 1 }],
  iovCount: 1,
  control,
  controlSize: control.length,
  flags: 0,
})

function bind(koffi: typeof import('koffi')): Libc {
  const lib = koffi.load('libc.so.6')
  const socketpair = lib.func('int socketpair(int domain, int type, int protocol, _Out_ int *pair)')
  const setsockopt = lib.func('int setsockopt(int fd, int level, int name, int *value, uint32_t size)')
  const getsockopt = lib.func('int getsockopt(int fd, int level, int name, _Out_ int *value, _Inout_ uint32_t *size)')
  const dup3 = lib.func('int dup3(int from, int to, int flags)')
  const close = lib.func('int close(int fd)')
  const mkfifo = lib.func('int mkfifo(const char *path, uint32_t mode)')
  const fcntl = lib.func('int fcntl(int fd, int command, int value)')
  const ioctl = lib.func('int ioctl(int fd, unsigned long request, _Out_ int *value)')
  const sendTo = lib.func('int64_t send(int fd, const void *bytes, size_t size, int flags)')
  const readFrom = lib.func('int64_t read(int fd, void *into, size_t size)')
  const writeTo = lib.func('int64_t write(int fd, const void *bytes, size_t size)')
  const recv = lib.func('int64_t recv(int fd, void *into, size_t size, int flags)')
  const ppoll = lib.func('int ppoll(void *entries, ulong count, void *limit, void *signals)')
  const one = pollEntries([-1])
  new Int16Array(one.buffer, one.byteOffset, 4)[2] = POLL.IN
  const limit = new BigInt64Array(2)
  const syscall = lib.func('long syscall(long number, long a, long b, long c)')
  const shutdown = lib.func('int shutdown(int fd, int how)')
  const poll = lib.func('int poll(void *entries, ulong count, int timeout)')
  const mount = lib.func(
    'int mount(const char *source, const char *target, const char *type, ulong flags, const char *data)',
  )
  const iovec = koffi.struct({ base: 'void *', size: 'size_t' })
  const msghdr = koffi.struct({
    name: 'void *',
    nameSize: 'uint32_t',
    iov: koffi.pointer(iovec),
    iovCount: 'size_t',
    control: 'void *',
    controlSize: 'size_t',
    flags: 'int',
  })
  const sendmsg = lib.func('sendmsg', 'int64_t', ['int', koffi.pointer(msghdr), 'int'])
  const recvmsg = lib.func('recvmsg', 'int64_t', ['int', koffi.inout(koffi.pointer(msghdr)), 'int'])

  const failed = (call: string): Error => {
    const number = koffi.errno()
    const code = Object.entries(constants.errno).find(([, value]) => value === number)?.[0] ?? `errno ${number}`
    return Object.assign(new Error(`${code}: ${call}`), { code, errno: -number, syscall: call })
  }
  const check = (result: number, call: string): number => {
    if (result < 0) throw failed(call)
    return result
  }
  const pair = (type: number): [number, number] => {
    const out: number[] = [0, 0]
    check(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, out), 'socketpair')
    return [out[0] as number, out[1] as number]
  }

  return {
    messagePair: () => pair(SOCK_SEQPACKET),
    streamPair: () => pair(SOCK_STREAM),
    setBuffers(fd, bytes) {
      for (const way of [SO_BUF, SO_BUFFORCE]) for (const name of way) setsockopt(fd, SOL_SOCKET, name, [bytes], 4)
      const value = [0]
      check(getsockopt(fd, SOL_SOCKET, SO_BUF[0], value, [4]), 'getsockopt')
      // The kernel counts its own keeping in: it doubles what it is asked for, and a message needs 32 bytes of it.
      return Math.min(bytes, (value[0] as number) - 32)
    },
    makeFifo: (path) => void check(mkfifo(path, 0o600), 'mkfifo'),
    duplicateTo: (from, to) => void check(dup3(from, to, SOCK_CLOEXEC), 'dup3'),
    poll(entries, timeoutMs) {
      const ready = poll(entries, entries.length / 8, timeoutMs) as number
      if (ready >= 0) return ready
      const error = failed('poll') as NodeJS.ErrnoException
      if (error.code === 'EINTR') return 0
      throw error
    },
    shutdown: (fd) => void shutdown(fd, SHUT_WR),
    mount: ({ source, target, type, flags, options }) =>
      void check(mount(source, target, type, flags, options), 'mount'),
    setNonBlocking(fd) {
      check(fcntl(fd, F_SETFL, check(fcntl(fd, F_GETFL, 0), 'fcntl') | O_NONBLOCK), 'fcntl')
    },
    send(fd, message) {
      if (Number(sendTo(fd, message, message.byteLength, MSG_NOSIGNAL)) >= 0) return true
      const error = failed('send') as NodeJS.ErrnoException
      if (error.code === 'EAGAIN' || error.code === 'ENOBUFS') return false
      throw error
    },
    receive(fd, into) {
      return Number(recv(fd, into, into.length, MSG_DONTWAIT))
    },
    read(fd, into) {
      const bytes = Number(readFrom(fd, into, into.byteLength))
      return bytes < 0 ? -koffi.errno() : bytes
    },
    write(fd, bytes) {
      const written = Number(writeTo(fd, bytes, bytes.byteLength))
      return written < 0 ? -koffi.errno() : written
    },
    waitForMessage(fd, limitNs) {
      new Int32Array(one.buffer, one.byteOffset, 1)[0] = fd
      limit[1] = BigInt(limitNs)
      return ppoll(one, 1, limit, null) > 0
    },
    bytesWaiting(fd) {
      const value = [0]
      check(ioctl(fd, FIONREAD, value), 'ioctl')
      return value[0] as number
    },
    sendDescriptor(socket, fd) {
      const control = Buffer.alloc(CONTROL_BYTES)
      control.writeUInt32LE(20, 0)
      control.writeInt32LE(SOL_SOCKET, 8)
      control.writeInt32LE(SCM_RIGHTS, 12)
      control.writeInt32LE(fd, 16)
      check(Number(sendmsg(socket, oneByteWith(control), MSG_NOSIGNAL)), 'sendmsg')
    },
    receiveDescriptor(socket) {
      const control = Buffer.alloc(CONTROL_BYTES)
      if (Number(recvmsg(socket, oneByteWith(control), MSG_DONTWAIT | MSG_CMSG_CLOEXEC)) < 0) return null
      const isDescriptor = control.readInt32LE(8) === SOL_SOCKET && control.readInt32LE(12) === SCM_RIGHTS
      return isDescriptor && control.readUInt32LE(0) >= 20 ? control.readInt32LE(16) : null
    },
    takeDescriptor(pid, fd) {
      const process = check(Number(syscall(SYS_PIDFD_OPEN, pid, 0, 0)), 'pidfd_open')
      try {
        return check(Number(syscall(SYS_PIDFD_GETFD, process, fd, 0)), 'pidfd_getfd')
      } finally {
        close(process)
      }
    },
  }
}
