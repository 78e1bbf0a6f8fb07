import { describe, expect, test } from 'vitest'
import type { FaultSpec } from '../../src/faults/fault.js'
import { type FiredFault, MessageRelay, type PassedMessage } from '../../src/faults/message-relay.js'
import { FollowedSubjects } from '../../src/faults/subjects.js'
import {
  BEFORE_INIT,
  decodeReply,
  encodeReply,
  encodeRequest,
  replyHeader,
  requestHeader,
} from '../../src/wire/index.js'

const bytes = Buffer.from
const MS = 1e6

/** A relay with nobody on either side: what it hands on is kept. */
function begin(...specs: FaultSpec[]) {
  const toDaemon: Buffer[] = []
  const toKernel: Buffer[] = []
  const signals: string[] = []
  const events: (PassedMessage | FiredFault)[] = []
  const relay = new MessageRelay({
    subjects: new FollowedSubjects(),
    toDaemon: (message) => void toDaemon.push(bytes(message)),
    toKernel: (message) => {
      toKernel.push(bytes(message))
      return run.refuse ? 'refused' : 'passed'
    },
    signalDaemon: (signal) => void signals.push(signal),
    onMessage: (event) => void events.push(event),
    onFired: (event) => void events.push(event),
  })
  for (const [id, spec] of specs.entries()) relay.addFault(id, spec)
  /** Whoever reads messages has one buffer for all. */
  const lend = (to: 'request' | 'reply', message: Buffer): void => {
    const buffer = bytes(message)
    relay[to](buffer, nowNs)
    buffer.fill(0xee)
  }
  let nowNs = 0
  const run = {
    /** The kernel takes nothing for an answer. */
    refuse: false,
    relay,
    toDaemon,
    toKernel,
    signals,
    events,
    fired: () => events.filter((event) => event.kind === 'fired'),
    asked: () => toDaemon.map((message) => requestHeader(message).unique),
    answered: () => toKernel.map((message) => replyHeader(message)).map(({ unique, error }) => [unique, error]),
    at(ns: number) {
      nowNs = ns
      relay.tick(ns)
    },
    lookup(unique: bigint, name: string, node: bigint) {
      lend('request', encodeRequest({ opcode: 'lookup', unique, nodeId: 1n, body: { name: bytes(name) } }, BEFORE_INIT))
      const entry = { nodeId: node, attr: { mode: 0o100644 } }
      lend('reply', encodeReply({ unique, body: { entry } }, { opcode: 'lookup' }, BEFORE_INIT))
    },
    write(unique: bigint, node: bigint) {
      const data = bytes('hello')
      lend('request', encodeRequest({ opcode: 'write', unique, nodeId: node, body: { data } }, BEFORE_INIT))
    },
    done(unique: bigint) {
      lend('reply', encodeReply({ unique, body: { size: 5 } }, { opcode: 'write' }, BEFORE_INIT))
    },
  }
  return run
}

/** The two messages that learning the file's name took on each side. */
const named = (spec: FaultSpec) => {
  const run = begin(spec)
  run.lookup(2n, 'a.txt', 7n)
  run.toDaemon.length = 0
  run.toKernel.length = 0
  return run
}

test('without faults all pass as they are, in order, notifications and what nobody knows included', () => {
  const run = begin()
  const messages = [
    encodeRequest({ opcode: 'opcode_99', unique: 4n, body: { data: bytes('x') } }, BEFORE_INIT),
    encodeRequest({ opcode: 'forget', unique: 6n, nodeId: 3n, body: { nlookup: 1n } }, BEFORE_INIT),
    bytes('not a message at all, but long enough to have a header'),
  ]
  for (const message of messages) run.relay.request(message, 0)
  expect(run.toDaemon).toEqual(messages)
  const answers = [bytes('\x10\0\0\0\0\0\0\0\x04\0\0\0\0\0\0\0', 'latin1'), Buffer.alloc(16), bytes('short')]
  for (const answer of answers) run.relay.reply(answer, 0)
  expect(run.toKernel).toEqual(answers)
  // What nobody has asked for is no reply.
  expect(run.events.slice(-3).map(({ kind }) => kind)).toEqual(['reply', 'notification', 'notification'])
})

test('a name is not learned from an answer that the kernel refuses', () => {
  const run = begin({ opcode: 'write', path: 'a.txt', errno: 'ENOSPC' })
  run.refuse = true
  run.lookup(2n, 'a.txt', 7n)
  run.refuse = false
  run.write(4n, 7n)
  expect(run.fired()).toEqual([])
  expect(run.events.map((event) => ('fate' in event ? event.fate : event.kind))).toEqual([
    'request',
    'refused',
    'request',
  ])
})

test('an interrupt of what the daemon has is the daemon’s', () => {
  const run = named({ opcode: 'getattr', hold: true })
  run.write(4n, 7n)
  const interrupt = encodeRequest({ opcode: 'interrupt', unique: 5n, body: { unique: 4n } }, BEFORE_INIT)
  run.relay.request(interrupt, 0)
  expect(run.asked()).toEqual([4n, 5n])
  expect(run.answered()).toEqual([])
})

test('an answer meets a fault once: one that the daemon gives again is passed on as it is', () => {
  const run = named({ opcode: 'write', errno: 'EIO', after: true })
  run.write(4n, 7n)
  run.done(4n)
  run.done(4n)
  expect(run.answered()).toEqual([
    [4n, -5],
    [4n, 0],
  ])
})

describe('each kind of fault', () => {
  test('an error instead: the daemon never sees it', () => {
    const run = named({ opcode: 'write', path: 'a.txt', errno: 'ENOSPC' })
    run.write(4n, 7n)
    expect(run.toDaemon).toEqual([])
    expect(run.answered()).toEqual([[4n, -28]])
    expect(run.fired()).toMatchObject([{ fault: 0, opcode: 'write', path: '/a.txt', unique: '4' }])
  })

  test('an error after: the daemon has done it', () => {
    const run = named({ opcode: 'write', errno: 'EIO', after: true })
    run.write(4n, 7n)
    run.done(4n)
    expect(run.asked()).toEqual([4n])
    expect(run.answered()).toEqual([[4n, -5]])
  })

  test('a delay of the request, and of the answer', () => {
    const before = named({ opcode: 'write', delayMs: 5 })
    before.write(4n, 7n)
    expect(before.relay.nextNs).toBe(5 * MS)
    before.at(4 * MS)
    expect(before.toDaemon).toEqual([])
    before.at(5 * MS)
    expect(before.asked()).toEqual([4n])
    const after = named({ opcode: 'write', delayMs: 5, after: true })
    after.write(4n, 7n)
    after.done(4n)
    expect([after.asked(), after.answered()]).toEqual([[4n], []])
    after.at(5 * MS)
    expect(after.answered()).toEqual([[4n, 0]])
  })

  test('a lost answer, and a lost request', () => {
    const answer = named({ opcode: 'write', drop: true })
    answer.write(4n, 7n)
    answer.done(4n)
    expect([answer.asked(), answer.answered()]).toEqual([[4n], []])
    expect(answer.events.at(-1)).toMatchObject({ kind: 'reply', fate: 'lost' })
    const request = named({ opcode: 'write', drop: true, instead: true })
    request.write(4n, 7n)
    expect([request.asked(), request.answered()]).toEqual([[], []])
  })

  test('an answer given twice', () => {
    const run = named({ opcode: 'write', duplicate: true })
    run.write(4n, 7n)
    run.done(4n)
    expect(run.answered()).toEqual([
      [4n, 0],
      [4n, 0],
    ])
  })

  test('an answer after the next one, or after its time when there is none', () => {
    const run = named({ opcode: 'write', nth: 1, reorder: true })
    run.write(4n, 7n)
    run.write(6n, 7n)
    run.done(4n)
    expect(run.answered()).toEqual([])
    run.done(6n)
    run.at(2000 * MS)
    expect(run.answered()).toEqual([
      [6n, 0],
      [4n, 0],
    ])
    const alone = named({ opcode: 'write', reorder: true, delayMs: 10 })
    alone.write(4n, 7n)
    alone.done(4n)
    alone.at(10 * MS)
    expect(alone.answered()).toEqual([[4n, 0]])
  })

  test('a killed daemon, a stopped one, one that goes on', () => {
    const killed = named({ opcode: 'write', kill: true })
    killed.write(4n, 7n)
    expect(killed.signals).toEqual(['SIGKILL'])
    const stopped = named({ opcode: 'write', freeze: 20 })
    stopped.write(4n, 7n)
    expect([stopped.signals, stopped.asked()]).toEqual([['SIGSTOP'], [4n]])
    stopped.at(20 * MS)
    expect(stopped.signals).toEqual(['SIGSTOP', 'SIGCONT'])
  })

  test('a gate holds what comes until it is opened; others pass by', () => {
    const run = named({ opcode: 'write', hold: true })
    run.write(4n, 7n)
    run.lookup(6n, 'b', 8n)
    expect(run.asked()).toEqual([6n])
    run.relay.removeFault(0, 0)
    run.write(8n, 7n)
    expect(run.asked()).toEqual([6n, 4n, 8n])
  })
})

test('a caller that gives up a held request gets EINTR, and the daemon never sees it', () => {
  const run = named({ opcode: 'write', hold: true })
  run.write(4n, 7n)
  run.relay.request(encodeRequest({ opcode: 'interrupt', unique: 5n, body: { unique: 4n } }, BEFORE_INIT), 0)
  expect(run.answered()).toEqual([[4n, -4]])
  run.relay.removeFault(0, 0)
  expect(run.toDaemon).toEqual([])
})

test('paths follow renames', () => {
  const run = named({ opcode: 'write', path: 'd/b.txt', errno: 'EIO' })
  run.lookup(4n, 'd', 9n)
  const body = { newDir: 9n, name: bytes('a.txt'), newName: bytes('b.txt') }
  run.relay.request(encodeRequest({ opcode: 'rename', unique: 6n, nodeId: 1n, body }, BEFORE_INIT), 0)
  run.relay.reply(encodeReply({ unique: 6n, body: {} }, { opcode: 'rename' }, BEFORE_INIT), 0)
  run.write(8n, 7n)
  const reply = run.toKernel.at(-1) as Buffer
  expect(decodeReply(reply, { opcode: 'write' }, BEFORE_INIT)).toEqual({ unique: 8n, error: -5, body: null })
})
