import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { LineSplitter } from '../../src/line/splitter.js'
import { type Daemon, describeExit, drained, startDaemon } from '../../src/process/daemon.js'
import { PipeReader } from '../../src/process/pipe-reader.js'
import { LATE, MS, within } from '../../src/time.js'

const clock = systemClock()
const started: Daemon[] = []
const readers: PipeReader[] = []

/** A thread that reads. */
function reader(limitBytes?: number): PipeReader {
  const pipes = new PipeReader({ clock, ...(limitBytes !== undefined && { limitBytes }) })
  readers.push(pipes)
  return pipes
}

const program = (name: string): string => fileURLToPath(new URL(`../daemons/${name}.js`, import.meta.url))

interface Run {
  daemon: Daemon
  bytes: Record<string, Buffer[]>
  losses: number
  text(stream: string): string
}

async function run(name: string, args: string[] = [], limitBytes?: number): Promise<Run> {
  const bytes: Record<string, Buffer[]> = { stdout: [], stderr: [] }
  const result = { losses: 0 }
  const daemon = await startDaemon({
    argv: [process.execPath, program(name), ...args],
    pipes: reader(limitBytes),
    onChunk: (stream, chunk) => bytes[stream]?.push(Buffer.from(chunk, 'latin1')),
    onLoss: ({ count }) => {
      result.losses += count
    },
  })
  started.push(daemon)
  return {
    daemon,
    bytes,
    get losses() {
      return result.losses
    },
    text: (stream) => Buffer.concat(bytes[stream] ?? []).toString('latin1'),
  }
}

afterEach(async () => {
  for (const daemon of started.splice(0)) {
    daemon.kill('SIGKILL')
    await daemon.exited
  }
  for (const pipes of readers.splice(0)) pipes.close()
})

describe('a daemon process', () => {
  test('its two streams arrive apart and byte for byte', async () => {
    const { daemon, text } = await run('not-utf8')
    expect(await daemon.closed).toEqual({ code: 0, signal: null })
    const all = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join('')
    expect(text('stdout')).toBe(`${all}\xc3\xa9\n`)
    expect(text('stderr')).toBe('\xff\xfe\n')
  })

  test('a last line without a line feed is not lost, nor given one', async () => {
    const { daemon, text } = await run('unterminated')
    await daemon.closed
    expect(text('stdout')).toBe('first\nlast of stdout')
    expect(text('stderr')).toBe('last of stderr')
  })

  test('much output is taken to its end, none is lost', async () => {
    const { daemon, bytes, text, losses } = await run('chatty', ['20000'])
    await daemon.closed
    expect(text('stdout').split('\n')).toHaveLength(20_001)
    expect(text('stderr').split('\n')).toHaveLength(20_001)
    expect(bytes.stdout?.length).toBeGreaterThan(1)
    expect(losses).toBe(0)
  })

  test('when more waits than the limit allows, the bytes that are missing are counted', async () => {
    const lines: string[] = []
    let received = 0
    let lost = 0
    const splitter = new LineSplitter({ onLine: (line) => lines.push(line.raw) })
    const daemon = await startDaemon({
      argv: [process.execPath, program('chatty'), '20000'],
      pipes: reader(100_000),
      onChunk: (stream, chunk, atNs) => {
        received += chunk.length
        splitter.push(stream, chunk, atNs)
      },
      onLoss: ({ count }) => {
        lost += count
      },
    })
    started.push(daemon)
    await daemon.closed
    const whole = 2 * Array.from({ length: 20_000 }, (_, i) => `out ${i} `.length + 81).reduce((a, b) => a + b)
    expect(received + lost).toBe(whole)
    // Whatever was dropped, no two lines have run into one.
    for (const line of lines) expect(line).toMatch(/^(out \d+ o{80}|err \d+ e{80})$/)
  })

  test('its end says how: a code, or a signal', async () => {
    const crashed = await run('crashing', ['3'])
    expect(describeExit(await crashed.daemon.closed)).toBe('exit code 3')
    expect(crashed.daemon.lastLines()).toEqual(["fuse: bad mount point `/nowhere': No such file or directory"])

    const killed = await run('dying')
    expect(describeExit(await killed.daemon.closed)).toBe('signal SIGKILL')
    expect(killed.text('stderr')).toBe(
      'unique: 2, opcode: LOOKUP (1), nodeid: 1, insize: 46, pid: 7\n   unique: 2, succ',
    )
  })

  test('a signal reaches it in a process group of its own', async () => {
    const { daemon } = await run('stubborn')
    await until(() => daemon.lastLines().includes('ready'))
    daemon.kill('SIGTERM')
    await until(() => daemon.lastLines().includes('no: SIGTERM'))
    expect(daemon.exit).toBeNull()
    daemon.kill('SIGKILL')
    expect(await daemon.exited).toEqual({ code: null, signal: 'SIGKILL' })
    expect(daemon.kill('SIGTERM')).toBe(false)
  })

  test('a child that holds the streams open does not hold up the end', async () => {
    const daemon = await startDaemon({
      argv: ['sh', '-c', 'sleep 30 & echo words; exit 7'],
      pipes: reader(),
      onChunk: () => undefined,
      onLoss: () => undefined,
    })
    started.push(daemon)
    expect(await within(clock, 20_000 * MS, drained(daemon, clock, 100 * MS))).toEqual({ code: 7, signal: null })
    expect(daemon.lastLines()).toEqual(['words'])
  })

  test('a program that is not there is a matter of the environment, and says so', async () => {
    const start = startDaemon({
      argv: ['fusetrace-no-such'],
      pipes: reader(),
      onChunk: () => undefined,
      onLoss: () => undefined,
    })
    await expect(start).rejects.toMatchObject({
      code: 'FT_ENVIRONMENT',
      message: 'the daemon fusetrace-no-such was not found',
      hint: expect.stringContaining('install it'),
    })
    const file = program('silent')
    expect(existsSync(file)).toBe(true)
    const notExecutable = startDaemon({
      argv: [file],
      pipes: reader(),
      onChunk: () => undefined,
      onLoss: () => undefined,
    })
    await expect(notExecutable).rejects.toMatchObject({
      code: 'FT_ENVIRONMENT',
      hint: expect.stringContaining('chmod'),
    })
  })

  test('arrival times never run backwards and lie within the run', async () => {
    const beginNs = clock.nowNs()
    const times: number[] = []
    const daemon = await startDaemon({
      argv: [process.execPath, program('chatty'), '5000'],
      pipes: reader(),
      onChunk: (_stream, _chunk, atNs) => times.push(atNs),
      onLoss: () => undefined,
    })
    started.push(daemon)
    await daemon.closed
    expect(times.every((atNs, i) => atNs >= (times[i - 1] ?? beginNs))).toBe(true)
    expect(times.at(-1)).toBeLessThanOrEqual(clock.nowNs())
  })
})

/** Turns of the event loop until it is so; the runner's time limit ends it otherwise. */
async function until(so: () => boolean): Promise<void> {
  while (!so()) await new Promise(setImmediate)
}

test('within gives up at its limit and leaves the promise alone', async () => {
  expect(await within(clock, 1, new Promise(() => undefined))).toBe(LATE)
  expect(await within(clock, 1000 * MS, Promise.resolve(5))).toBe(5)
})
