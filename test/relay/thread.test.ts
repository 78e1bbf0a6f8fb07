import { closeSync } from 'node:fs'
import { constants } from 'node:os'
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type Libc, loadLibc } from '../../src/native/libc.js'
import { type BatchedEvent, readBatch } from '../../src/relay/batch.js'
import { type RelayCommand, type RelayThreadData, Shared } from '../../src/relay/thread-messages.js'
import { INIT } from '../../src/wire/flags.js'
import { BEFORE_INIT, decodeReply, encodeReply, encodeRequest, type RequestOf } from '../../src/wire/index.js'

/*
 * The relay's thread, run in this one: its sockets are real, the kernel is the other end of a socket. Whenever the thread would sleep
 * the next action of a script is done instead; without one it fails.
 */
const libc: Libc | null = await loadLibc().catch(() => null)
const { ENODEV, ENOENT, EINTR, EINVAL } = constants.errno
const THREAD = new URL('../../src/relay/thread.ts', import.meta.url).pathname
let runs = 0

afterEach(() => {
  vi.doUnmock('node:worker_threads')
  vi.restoreAllMocks()
})

interface Sides {
  readonly libc: Libc
  readonly shared: Int32Array
  /** What the thread has as `/dev/fuse`. */
  readonly device: number
  /** The kernel sends a request; its end. */
  ask(bytes: Buffer): void
  unmount(): void
  /** The daemon sends an answer; its end. */
  answer(bytes: Buffer): void
  endDaemon(): void
  command(command: RelayCommand): void
  /** What the kernel has been given; `end` when its side was closed. */
  atKernel(): (Buffer | 'end')[]
  atDaemon(): (Buffer | 'end')[]
}

/** Runs the thread until it ends. */
async function relayed(
  script: (sides: Sides) => (() => void)[],
  options: Partial<Pick<RelayThreadData, 'room' | 'limitBytes' | 'faults'>> = {},
): Promise<{ events: BatchedEvent[]; sides: Sides; shared: Int32Array }> {
  if (!libc) throw new Error('no libc')
  const [kernel, device] = libc.messagePair()
  const [daemon, socket] = libc.messagePair()
  const [ours, wake] = libc.streamPair()
  for (const fd of [kernel, daemon]) libc.setNonBlocking(fd)
  const send = libc.send.bind(libc)
  const { port1, port2: port } = new MessageChannel()
  const shared = new Int32Array(new SharedArrayBuffer(4 * Shared.size))
  const taken = (fd: number) => (): (Buffer | 'end')[] => {
    const all: (Buffer | 'end')[] = []
    for (;;) {
      const into = Buffer.alloc(2 << 20)
      const bytes = libc.read(fd, into)
      if (bytes > 0) all.push(into.subarray(0, bytes))
      else return bytes === 0 ? [...all, 'end'] : all
    }
  }
  const sides: Sides = {
    libc,
    shared,
    device,
    ask: (bytes) => void libc.write(kernel, bytes),
    unmount: () => libc.shutdown(kernel),
    answer: (bytes) => void send(daemon, bytes),
    endDaemon: () => libc.shutdown(daemon),
    command(command) {
      port1.postMessage(command)
      libc.write(ours, Buffer.alloc(1))
    },
    atKernel: taken(kernel),
    atDaemon: taken(daemon),
  }
  const steps = script(sides)
  const poll = libc.poll.bind(libc)
  vi.spyOn(libc, 'poll').mockImplementation((entries, timeoutMs) => {
    const ready = poll(entries, 0)
    if (ready > 0) return ready
    const next = steps.shift()
    if (next) next()
    else if (timeoutMs === -1) throw new Error('the script is over')
    return poll(entries, next ? 0 : timeoutMs)
  })
  const workerData: RelayThreadData = {
    ...{ port, originNs: 0n, device, socket, wake, shared, seed: 1 },
    ...{ room: 2 << 20, limitBytes: 1 << 20, faults: false, ...options },
  }
  vi.doMock('node:worker_threads', async (original) => ({ ...(await original<object>()), workerData }))
  await import(`${THREAD}?run=${++runs}`)
  vi.doUnmock('node:worker_threads')
  vi.restoreAllMocks()
  const events: BatchedEvent[] = []
  for (let batch = receiveMessageOnPort(port1); batch; batch = receiveMessageOnPort(port1))
    events.push(...readBatch(batch.message as Uint8Array))
  const [atKernel, atDaemon] = [sides.atKernel(), sides.atDaemon()]
  for (const fd of [kernel, daemon, ours]) closeSync(fd)
  port1.close()
  return { events, shared, sides: { ...sides, atKernel: () => atKernel, atDaemon: () => atDaemon } }
}

function request(unique: number, opcode = 3, bytes = 0): Buffer {
  const message = Buffer.alloc(40 + 16 + bytes)
  message.writeUInt32LE(message.length, 0)
  message.writeUInt32LE(opcode, 4)
  message.writeBigUInt64LE(BigInt(unique), 8)
  message.writeBigUInt64LE(1n, 16)
  return message
}

function reply(unique: number, error = 0): Buffer {
  const message = Buffer.alloc(16)
  message.writeUInt32LE(16, 0)
  message.writeInt32LE(error, 4)
  message.writeBigUInt64LE(BigInt(unique), 8)
  return message
}

const shown = (events: readonly BatchedEvent[]): unknown[] =>
  events.map((event) => {
    if (event.kind === 'note') return event.note
    if (event.kind === 'fired') return `fired ${event.opcode}`
    const fate = event.kind === 'request' ? '' : ` ${event.fate}`
    return `${event.kind} ${event.bytes.readBigUInt64LE(8)}${fate}`
  })

const CLOSED = [Shared.deviceClosed, Shared.socketClosed, Shared.over]
const closed = (shared: Int32Array): number[] => CLOSED.map((place) => shared[place] ?? 0)

describe.skipIf(libc === null)(`the relay's thread${libc ? '' : ' (no koffi here)'}`, () => {
  test('passes on requests and answers, and reports them; the daemon reads an end when it is unmounted', async () => {
    const asked = [request(2), request(4)]
    const { events, sides, shared } = await relayed(({ libc, device, ask, answer, unmount, endDaemon }) => [
      () => asked.forEach(ask),
      () => answer(reply(4)),
      () => answer(reply(2, -2)),
      () => answer(reply(0, 3)),
      () => {
        const read = libc.read.bind(libc)
        vi.spyOn(libc, 'read').mockImplementation((fd, into) => (fd === device ? -ENODEV : read(fd, into)))
        unmount()
      },
      endDaemon,
    ])
    expect(sides.atDaemon()).toEqual([...asked, 'end'])
    expect(sides.atKernel()).toEqual([reply(4), reply(2, -2), reply(0, 3), 'end'])
    expect(shown(events)).toEqual([
      ...['request 2', 'request 4', 'reply 4 passed', 'reply 2 passed', 'notification 0 passed'],
      { note: 'ended', by: 'kernel', why: 'unmounted' },
    ])
    expect(closed(shared)).toEqual([1, 1, 1])
  })

  test('aborts the connection when the daemon closes its end', async () => {
    const { events, sides, shared } = await relayed(({ ask, endDaemon }) => [() => ask(request(2)), endDaemon])
    expect(sides.atKernel()).toEqual(['end'])
    expect(shown(events).slice(1)).toEqual([{ note: 'ended', by: 'daemon', why: 'the daemon has closed its end' }])
    expect(closed(shared)).toEqual([1, 1, 1])
  })

  test('a request that was taken back before it is read is no end; any other failure is', async () => {
    const failures = [-ENOENT, -EINTR]
    const { events, sides } = await relayed(({ libc, device, ask, unmount, endDaemon }) => {
      const read = libc.read.bind(libc)
      vi.spyOn(libc, 'read').mockImplementation(
        (fd, into) => (fd === device ? failures.shift() : undefined) ?? read(fd, into),
      )
      return [() => ask(request(2)), unmount, endDaemon]
    })
    expect(failures).toEqual([])
    expect(sides.atDaemon()).toEqual([request(2), 'end'])
    expect(shown(events).at(-1)).toEqual({ note: 'ended', by: 'kernel', why: 'errno 0' })
  })

  test('what the daemon has no room for is sent later, in order', async () => {
    const asked = [request(2), request(4), request(6)]
    const { sides } = await relayed(({ libc, ask, unmount, endDaemon }) => {
      vi.spyOn(libc, 'send').mockReturnValueOnce(false).mockReturnValueOnce(false)
      return [() => asked.forEach(ask), unmount, endDaemon]
    })
    expect(sides.atDaemon()).toEqual([...asked, 'end'])
  })

  test('what is released while others wait for room comes behind them', async () => {
    const read = (unique: number): Buffer => {
      const message = request(unique, 15, 40)
      message.writeUInt32LE(1 << 20, 40 + 16)
      return message
    }
    // The second long READ waits for the answer to the first, which comes while there is no room.
    const { sides } = await relayed(({ libc, ask, answer, unmount, endDaemon }) => {
      const send = libc.send.bind(libc)
      let refused = Number.POSITIVE_INFINITY
      vi.spyOn(libc, 'send').mockImplementation((fd, bytes) => {
        if (refused++ >= 2) return send(fd, bytes)
        if (refused === 1) answer(reply(2, -5))
        return false
      })
      const full = (): void => {
        refused = 0
        ask(request(6))
      }
      return [() => [read(2), read(4)].forEach(ask), full, unmount, endDaemon]
    })
    expect(sides.atDaemon()).toEqual([read(2), request(6), read(4), 'end'])
  })

  test('an end is told once', async () => {
    const { events } = await relayed(({ unmount, command, endDaemon }) => [
      unmount,
      () => command({ command: 'end' }),
      endDaemon,
    ])
    expect(shown(events)).toEqual([{ note: 'ended', by: 'kernel', why: 'errno 0' }])
  })

  test('a request that can never be sent ends it, since nobody would answer', async () => {
    const { events } = await relayed(({ libc, ask, endDaemon }) => {
      vi.spyOn(libc, 'send').mockImplementationOnce(() => {
        throw Object.assign(new Error('too long'), { code: 'EMSGSIZE' })
      })
      return [() => ask(request(2)), endDaemon]
    })
    expect(shown(events)).toContainEqual({
      note: 'ended',
      by: 'failure',
      why: 'a request does not fit into the socket',
    })
  })

  test.each([
    [-ENOENT, 'late'],
    [-ENODEV, 'late'],
    [-EINVAL, 'refused'],
  ])('an answer that the kernel fails with %s is %s', async (errno, fate) => {
    const { events } = await relayed(({ libc, device, ask, answer, endDaemon }) => {
      const write = libc.write.bind(libc)
      vi.spyOn(libc, 'write').mockImplementation((fd, bytes) => (fd === device ? errno : write(fd, bytes)))
      return [() => ask(request(2)), () => answer(reply(2)), endDaemon]
    })
    expect(shown(events)[1]).toBe(`reply 2 ${fate}`)
  })

  test('INIT is answered so that all messages fit into the socket; other answers stay as they are', async () => {
    const init = { opcode: 'init', unique: 2n, body: { major: 7, minor: 31, flags: Number(INIT.MAX_PAGES) } } as const
    const asked = init as unknown as RequestOf<'init'>
    const body = { major: 7, minor: 31, flags: Number(INIT.MAX_PAGES), maxWrite: 1 << 20, maxPages: 256 }
    const answered = (unique: bigint): Buffer =>
      encodeReply({ unique, error: 0, body } as never, asked, BEFORE_INIT as never)
    const run = (room: number) =>
      relayed(
        ({ ask, answer, endDaemon }) => [
          () => ask(encodeRequest(init as never, BEFORE_INIT)),
          () => answer(answered(2n)),
          () => answer(answered(4n)),
          endDaemon,
        ],
        { room },
      )
    const [small, large] = [await run(64 * 1024), await run(2 << 20)]
    const got = small.sides.atKernel() as Buffer[]
    expect(decodeReply(got[0] as Buffer, asked, BEFORE_INIT).body).toMatchObject({ maxWrite: 15 * 4096, maxPages: 15 })
    expect(got[1]).toEqual(answered(4n))
    expect(large.sides.atKernel()).toEqual([answered(2n), answered(4n), 'end'])
  })

  test('what is not taken is bounded: the rest passes, and is counted', async () => {
    const { events, sides } = await relayed(
      ({ shared, ask, endDaemon }) => {
        shared[Shared.waiting] = 10
        return [
          () => ask(request(2)),
          () => ask(request(4)),
          () => {
            shared[Shared.waiting] = 0
            ask(request(6))
          },
          endDaemon,
        ]
      },
      { limitBytes: 9 },
    )
    expect(sides.atDaemon()).toHaveLength(3 + 1)
    expect(shown(events).slice(0, 2)).toEqual([{ note: 'lost', count: 2 }, 'request 6'])
  })

  test('commands: faults come and go, a signal is reported, an end closes both sides', async () => {
    const add = (id: number, spec: object) => ({ command: 'add', id, spec }) as RelayCommand
    const { events, sides, shared } = await relayed(
      ({ ask, command, endDaemon }) => [
        () => command(add(1, { opcode: 'getattr', errno: 'EIO' })),
        () => ask(request(2)),
        () => command({ command: 'remove', id: 1 }),
        () => command(add(2, { opcode: 'getattr', kill: 'SIGUSR1' })),
        () => ask(request(4)),
        () => command({ command: 'flush' }),
        () => command({ command: 'end' }),
        // As it reads that.
        endDaemon,
      ],
      { faults: true },
    )
    expect(sides.atKernel()).toEqual([reply(2, -5), 'end'])
    expect(sides.atDaemon()).toEqual([request(4), 'end'])
    expect(shown(events)).toEqual([
      ...['request 2', 'fired getattr', 'reply 2 made', 'request 4', 'fired getattr'],
      { note: 'signal', signal: 'SIGUSR1' },
      { note: 'ended', by: 'failure', why: 'closed' },
    ])
    expect(shared[Shared.done]).toBe(5)
  })

  test('a thread that fails closes both sides, and says why', async () => {
    const { events, sides, shared } = await relayed(({ ask }) => [() => ask(request(2))])
    expect(shown(events).at(-1)).toEqual({
      note: 'ended',
      by: 'failure',
      why: 'the relay has failed: the script is over',
    })
    expect([sides.atKernel(), sides.atDaemon()]).toEqual([['end'], [request(2), 'end']])
    expect(closed(shared)).toEqual([1, 1, 1])
  })
})
