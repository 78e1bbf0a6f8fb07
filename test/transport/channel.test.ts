import { closeSync, readSync, writeSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { loadLibc } from '../../src/native/libc.js'
import { type Channel, openChannel } from '../../src/transport/channel.js'

interface Ends {
  channel: Channel
  theirs: number
  messages: Buffer[]
  /** Resolves when this many messages have come. */
  received(count: number): Promise<void>
  ended: Promise<void>
}

async function ends(): Promise<Ends> {
  const libc = await loadLibc()
  const [ours, theirs] = libc.messagePair()
  for (const fd of [ours, theirs]) libc.setBuffers(fd, 300_000)
  const messages: Buffer[] = []
  let wake = (): void => undefined
  let end = (): void => undefined
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  const channel = openChannel(libc, ours, {
    clock: systemClock(),
    onMessage(message) {
      messages.push(message)
      wake()
    },
    onEnd: () => end(),
  })
  onTestFinished(() => channel.close())
  const received = async (count: number): Promise<void> => {
    while (messages.length < count) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  return { channel, theirs, messages, received, ended }
}

test('messages keep their borders, long and short ones', async () => {
  const { theirs, messages, received } = await ends()
  onTestFinished(() => closeSync(theirs))
  const sent = [10, 130_000, 1, 200_000].map((size, i) => Buffer.alloc(size, i + 1))
  for (const message of sent) writeSync(theirs, message)
  await received(4)
  expect(messages.map((message) => message.equals(sent[messages.indexOf(message)] as Buffer))).toEqual(
    Array(4).fill(true),
  )
})

test('what finds no room waits, and comes whole and in order', async () => {
  const { channel, theirs } = await ends()
  onTestFinished(() => closeSync(theirs))
  const sizes = Array.from({ length: 40 }, (_, i) => 50_000 + i)
  for (const size of sizes) channel.send(Buffer.alloc(size, size & 0xff))
  expect(channel.waiting).toBeGreaterThan(0)
  const buffer = Buffer.alloc(100_000)
  const got: number[] = []
  while (got.length < sizes.length) {
    // What waits is sent as soon as there is room, which is for the event loop to see.
    await new Promise((resolve) => setImmediate(resolve))
    const size = readSync(theirs, buffer)
    expect([buffer[0], buffer[size - 1]]).toEqual([size & 0xff, size & 0xff])
    got.push(size)
  }
  expect(got).toEqual(sizes)
})

test('the end of the other side is reported once, and what is sent afterwards does no harm', async () => {
  const { channel, theirs, ended } = await ends()
  closeSync(theirs)
  await ended
  channel.send(Buffer.from('late'))
})
