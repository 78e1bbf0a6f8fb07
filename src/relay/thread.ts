import { closeSync, readSync } from 'node:fs'
import { availableParallelism, constants } from 'node:os'
import { receiveMessageOnPort, workerData } from 'node:worker_threads'
import { systemClock } from '../clock.js'
import { type FiredFault, MessageRelay, type PassedMessage } from '../faults/message-relay.js'
import { FollowedSubjects } from '../faults/subjects.js'
import { loadLibc, POLL, pollEntries } from '../native/libc.js'
import { Frames, MAX_MESSAGE_BYTES } from '../transport/frames.js'
import { WideReads } from '../transport/wide-reads.js'
import { requestNumber } from '../wire/opcodes.js'
import { BatchWriter, type RelayNote } from './batch.js'
import { fitInit } from './fit-init.js'
import { Spin } from './spin.js'
import { type RelayCommand, type RelayThreadData, Shared } from './thread-messages.js'

/*
 * The thread of a relay: waits for the kernel, the daemon, its timers and commands, and passes messages on. It alone has the
 * two descriptors, so that nothing that another thread does, or is stuck in, holds up the file system.
 */

/** Batches that are larger are handed over at once. */
const BATCH_BYTES = 256 * 1024
/** Batches are handed over no more often than this, ns, unless somebody asks. */
const BATCH_NS = 300_000
/** While there is no end of messages, so often, ns. */
const BUSY_BATCH_NS = 5_000_000
/** Reads before everything else is looked at as well, while awake: in vain; of messages that came. */
const GLANCES = 3
const MAX_GLANCES = 8
const { EAGAIN, EINTR, ENODEV, ENOENT } = constants.errno
const INIT = requestNumber('init')
const DEVICE = 0
const SOCKET = 1
const WAKE = 2

const data = workerData as RelayThreadData
const libc = await loadLibc()
const { nowNs } = systemClock({ originNs: data.originNs })
const batch = new BatchWriter()
const entries = pollEntries([data.device, data.socket, data.wake])
const events = new Int16Array(entries.buffer, entries.byteOffset, 12)
const wanted = (which: number, what: number): void => {
  events[which * 4 + 2] = what
}
const ready = (which: number): number => events[which * 4 + 3] as number
const buffer = Buffer.allocUnsafeSlow(MAX_MESSAGE_BYTES)
/** Requests that the daemon's socket had no room for. */
const queue: Buffer[] = []
/** Where there is one processor, whoever is waited for needs it. */
const spin = availableParallelism() > 1 ? new Spin() : null
/** INIT, whose answer agrees on how long messages can be, where a socket cannot carry those of any length. */
let init: bigint | null = null
let lost = 0
let lastBatchNs = Number.NEGATIVE_INFINITY
let kernelOpen = true
let daemonOpen = true
let ended = false
let glances = 0
// Reads that fail do so often enough; where is of no interest.
Error.stackTraceLimit = 0

const relay = new MessageRelay({
  subjects: data.faults ? new FollowedSubjects() : null,
  seed: data.seed,
  toDaemon: (bytes) => reads.request(bytes),
  toKernel(bytes) {
    if (!kernelOpen) return 'late'
    const agrees = init !== null && bytes.length >= 16 && bytes.readBigUInt64LE(8) === init
    const written = libc.write(data.device, agrees ? fitInit(bytes, data.room) : bytes)
    if (written >= 0) return 'passed'
    // ENOENT: nobody waits for it any more. ENODEV: nor for anything. EINVAL: it is no answer to that.
    return written === -ENOENT || written === -ENODEV ? 'late' : 'refused'
  },
  signalDaemon(signal) {
    const group = Atomics.load(data.shared, Shared.daemon)
    try {
      if (group > 0) process.kill(-group, constants.signals[signal as NodeJS.Signals])
    } catch {
      // It is gone already.
    }
    note({ note: 'signal', signal })
  },
  onMessage: report,
  onFired: report,
})

/** For the thread that started this one; what it has not taken is bounded. */
function report(event: PassedMessage | FiredFault): void {
  if (Atomics.load(data.shared, Shared.waiting) > data.limitBytes) {
    lost++
    return
  }
  if (lost > 0) {
    note({ note: 'lost', count: lost })
    lost = 0
  }
  batch.add(event)
  if (batch.length > BATCH_BYTES) flush()
}

/** What a splicing daemon sends in pieces is one message for the kernel. */
const frames = new Frames({
  maxBytes: MAX_MESSAGE_BYTES,
  onMessage(bytes) {
    relay.reply(bytes, nowNs())
    reads.reply(bytes)
  },
})
const reads = new WideReads((bytes) => {
  if (daemonOpen && (queue.length > 0 || !trySend(bytes))) queue.push(Buffer.from(bytes))
})

function note(content: RelayNote): void {
  batch.add({ kind: 'note', atNs: nowNs(), note: content })
}

function trySend(bytes: Buffer): boolean {
  try {
    return libc.send(data.socket, bytes)
  } catch (error) {
    // EPIPE: its end is read soon. EMSGSIZE: such a message can never be sent.
    if ((error as NodeJS.ErrnoException).code === 'EMSGSIZE') end('failure', 'a request does not fit into the socket')
    return true
  }
}

function flush(): void {
  if (batch.length === 0) return
  const taken = batch.take()
  Atomics.add(data.shared, Shared.waiting, taken.length)
  Atomics.add(data.shared, Shared.sent, 1)
  data.port.postMessage(taken, [taken.buffer])
  lastBatchNs = nowNs()
}

/** @returns whether there was a message, or an end */
function fromKernel(): boolean {
  const bytes = libc.read(data.device, buffer)
  // EINTR, ENOENT: a request can be taken back before it is read.
  if (bytes === -EAGAIN || bytes === -EINTR || bytes === -ENOENT) return false
  if (bytes > 0) {
    const opcode = buffer.readUInt32LE(4)
    spin?.request(opcode)
    if (opcode === INIT && data.room < MAX_MESSAGE_BYTES) init = buffer.readBigUInt64LE(8)
    relay.request(buffer.subarray(0, bytes), nowNs())
  } else end('kernel', bytes === -ENODEV ? 'unmounted' : `errno ${-bytes}`)
  return true
}

/** @returns whether there was a message, or an end */
function fromDaemon(): boolean {
  const bytes = libc.read(data.socket, buffer)
  if (bytes === -EINTR || bytes === -EAGAIN) return false
  if (bytes > 0) {
    if (bytes >= 16) spin?.reply(buffer.readBigUInt64LE(8))
    frames.push(buffer.subarray(0, bytes))
    if (frames.partial > 0) reads.piece()
  } else if (kernelOpen) end('daemon', 'the daemon has closed its end')
  else closeDaemon()
  return true
}

function commands(): void {
  readSync(data.wake, Buffer.alloc(64))
  for (let next = receiveMessageOnPort(data.port); next; next = receiveMessageOnPort(data.port)) {
    const message = next.message as RelayCommand
    if (message.command === 'add') relay.addFault(message.id, message.spec)
    else if (message.command === 'remove') relay.removeFault(message.id, nowNs())
    else if (message.command === 'end') end('failure', 'closed')
    flush()
    Atomics.add(data.shared, Shared.done, 1)
    Atomics.notify(data.shared, Shared.done)
  }
}

/** One side is gone: the other sees it as it would without us between. */
function end(by: 'kernel' | 'daemon' | 'failure', why: string): void {
  if (ended) return
  ended = true
  note({ note: 'ended', by, why })
  if (kernelOpen) closeOnce(data.device, Shared.deviceClosed)
  kernelOpen = false
  wanted(DEVICE, 0)
  // Without a device the connection is aborted: what is in flight fails, the mount answers ENOTCONN.
  entries.writeInt32LE(-1, DEVICE * 8)
  if (by === 'daemon') closeDaemon()
  else libc.shutdown(data.socket)
}

function closeDaemon(): void {
  if (daemonOpen) closeOnce(data.socket, Shared.socketClosed)
  daemonOpen = false
  entries.writeInt32LE(-1, SOCKET * 8)
}

/** Should this thread fail, the one that started it closes what is left. */
function closeOnce(fd: number, closed: number): void {
  Atomics.store(data.shared, closed, 1)
  closeSync(fd)
}

function timeoutMs(): number {
  const nextNs = relay.nextNs
  const timerMs = nextNs === null ? -1 : Math.max(0, Math.ceil((nextNs - nowNs()) / 1e6))
  if (batch.length === 0) return timerMs
  return timerMs === -1 ? 1 : Math.min(1, timerMs)
}

/** While the next message is awaited awake: reads where it is to come from, some times, which is quicker than to ask first. */
function glance(awake: Spin): boolean {
  if (!kernelOpen || queue.length > 0) return false
  for (let i = 0; i < GLANCES; i++) if (awake.awaitsReply ? fromDaemon() : fromKernel()) return true
  return false
}

/** Waits for what is next, asleep; for a moment by asking again. */
function wait(before: number, awake: boolean): number {
  if (awake) return libc.poll(entries, 0)
  // What has been collected is handed over when there is nothing else to do, and its time has come.
  const due = batch.length > 0 && before - lastBatchNs >= BATCH_NS
  const count = libc.poll(entries, due ? 0 : timeoutMs())
  if (count > 0) return count
  flush()
  if (!due) spin?.slept()
  return due ? libc.poll(entries, timeoutMs()) : 0
}

function turn(): void {
  const before = nowNs()
  if (batch.length > 0 && before - lastBatchNs >= BUSY_BATCH_NS) flush()
  const awake = spin?.wanted(before) === true
  if (relay.nextNs !== null && relay.nextNs <= before) relay.tick(before)
  if (spin && awake && glances < MAX_GLANCES && glance(spin)) {
    glances++
    spin.passed(nowNs())
    return
  }
  glances = 0
  const count = wait(before, awake)
  if (count === 0) return
  if (ready(WAKE) !== 0) commands()
  if (daemonOpen && ready(SOCKET) & POLL.OUT) {
    while (queue[0] && trySend(queue[0])) queue.shift()
  }
  if (daemonOpen && ready(SOCKET) & (POLL.IN | POLL.HUP | POLL.ERR)) fromDaemon()
  if (kernelOpen && ready(DEVICE) !== 0) fromKernel()
  spin?.passed(nowNs())
}

libc.setNonBlocking(data.device)
libc.setNonBlocking(data.socket)
wanted(WAKE, POLL.IN)
try {
  while (daemonOpen) {
    // A daemon that does not read is given no more than it takes: the rest stays in the kernel.
    wanted(DEVICE, queue.length === 0 ? POLL.IN : 0)
    wanted(SOCKET, queue.length === 0 ? POLL.IN : POLL.IN | POLL.OUT)
    turn()
  }
} catch (error) {
  // Whoever started this thread may be stuck in a call on the mount: nobody else can end it.
  end('failure', `the relay has failed: ${(error as Error).message}`)
  closeDaemon()
}
flush()
Atomics.store(data.shared, Shared.over, 1)
Atomics.notify(data.shared, Shared.done)
data.port.close()
closeSync(data.wake)
