import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { Fifos } from '../../src/process/fifo.js'
import { type Pipe, PipeReader } from '../../src/process/pipe-reader.js'
import { tries } from '../tries.js'

const clock = systemClock()
const readers: PipeReader[] = []

function makeReader(favour: 'waits' | 'times'): PipeReader {
  const pipes = new PipeReader({ clock, favour })
  readers.push(pipes)
  return pipes
}

afterEach(() => {
  vi.unstubAllEnvs()
  for (const pipes of readers.splice(0)) pipes.close()
})

interface Opened {
  pipe: Pipe
  readonly text: string
}

async function open(
  pipes: PipeReader,
  onText: (text: string) => void = () => undefined,
  last = false,
): Promise<Opened> {
  let text = ''
  const pipe = await pipes.open({
    onChunk(chunk) {
      text += chunk
      onText(chunk)
    },
    onLoss: () => expect.unreachable('nothing is lost'),
    last,
  })
  return {
    pipe,
    get text() {
      return text
    },
  }
}

/** A node program that writes into the pipes as its descriptors 1 and 2. */
function program(source: string, stdout: Opened, stderr?: Opened): ReturnType<typeof spawn> {
  const child = spawn(process.execPath, ['-e', source], {
    stdio: ['ignore', stdout.pipe.fd, stderr?.pipe.fd ?? 'ignore'],
  })
  for (const opened of [stdout, stderr]) opened?.pipe.spawned()
  return child
}

/** Nothing of ours runs until a child is a zombie. What ended that otherwise: a signal. */
function standStill({ pid }: { pid?: number | undefined }): NodeJS.Signals | null {
  const wait = 'while read -r stat < /proc/$0/stat; do case $stat in *") Z "*) break ;; esac; sleep 0.005; done'
  return spawnSync('sh', ['-c', wait, String(pid)], { timeout: 60_000 }).signal
}

describe.each(['waits', 'times'] as const)('pipes, for the sake of %s', (favour) => {
  const reader = (): PipeReader => makeReader(favour)

  test('what is written is handed on, and the end of the last writer is the end', async () => {
    const out = await open(reader())
    program("process.stdout.write('one\\n'); process.stdout.write('two')", out)
    await out.pipe.ended
    expect(out.text).toBe('one\ntwo')
  })

  test('while this thread stands still, whoever writes does not', async () => {
    const out = await open(reader())
    const child = program("require('fs').writeSync(1, 'x'.repeat(3_000_000)); process.exit(3)", out)
    const exited = once(child, 'exit')
    // Nothing of ours runs until the writer is gone; its descriptors are closed before its parent (asleep here) takes it.
    expect(standStill(child)).toBeNull()
    expect(await exited).toEqual([3, null])
    await out.pipe.ended
    expect(out.text).toHaveLength(3_000_000)
  })

  test('a writer that never rests leaves the event loop its turns', async () => {
    let chunks = 0
    let turns = 0
    const turn = (): void => void (++turns < 5 ? setTimeout(turn, 1) : child.kill('SIGKILL'))
    const out = await open(reader(), () => {
      if (chunks++ === 0) setTimeout(turn, 1)
      if (chunks > 200) child.kill('SIGKILL')
      // Slower than the writer: there is always more.
      const untilNs = clock.nowNs() + 2e6
      while (clock.nowNs() < untilNs);
    })
    const child = program("const fs = require('fs'); for (;;) fs.writeSync(1, 'a line of a log\\n')", out)
    await once(child, 'exit')
    expect(turns).toBe(5)
    out.pipe.release()
  })

  test('a write larger than a pipe is read', async () => {
    const out = await open(reader())
    program("require('fs').writeSync(1, 'a'.repeat(1_000_000)); require('fs').writeSync(1, 'end')", out)
    await out.pipe.ended
    expect(out.text.length).toBe(1_000_003)
    expect(out.text.endsWith('aend')).toBe(true)
  })

  test('the order is kept, whichever thread reads', async () => {
    const pipes = reader()
    let handed = 0
    // Now and then this thread is busy for longer than the other one has patience.
    const busy = (): void => {
      if (++handed % 3 !== 0 || handed > tries(30, 100)) return
      const untilNs = clock.nowNs() + 15e6
      while (clock.nowNs() < untilNs);
    }
    const out = await open(pipes, busy)
    const count = tries(10_000, 40_000)
    program(`const fs = require('fs'); for (let i = 0; i < ${count}; i++) fs.writeSync(1, i + '\\n')`, out)
    await out.pipe.ended
    expect(out.text).toBe(Array.from({ length: count }, (_, i) => `${i}\n`).join(''))
  })

  test('nothing has arrived before it was written, nor before what came before it', async () => {
    const times: number[] = []
    const source = `const fs = require('fs')
      for (let i = 0; i < 3000; i++) { const at = process.hrtime.bigint(); fs.writeSync(1, at + '\\n') }`
    const pipe = await reader().open({
      onChunk(chunk, atNs) {
        times.push(atNs)
        const written = chunk.split('\n').at(-2) ?? ''
        expect(atNs).toBeGreaterThanOrEqual(Number(BigInt(written) - clock.originNs))
      },
      onLoss: () => expect.unreachable('nothing is lost'),
    })
    spawn(process.execPath, ['-e', source], { stdio: ['ignore', pipe.fd, 'ignore'] })
    pipe.spawned()
    await pipe.ended
    expect(times).toEqual([...times].sort((a, b) => a - b))
  })

  test('fake timers hold nothing up', async () => {
    vi.useFakeTimers()
    try {
      const out = await open(reader(), () => undefined)
      program("require('fs').writeSync(1, 'x'.repeat(5_000_000))", out)
      await out.pipe.ended
      expect(out.text).toHaveLength(5_000_000)
    } finally {
      vi.useRealTimers()
    }
  })

  test('catching up hands on what was written, without a turn of the event loop', async () => {
    const pipes = reader()
    const [out, err] = await Promise.all([open(pipes), open(pipes)])
    const writer = ['-e', "const fs = require('fs'); fs.writeSync(1, 'to stdout'); fs.writeSync(2, 'to stderr')"]
    spawnSync(process.execPath, writer, { stdio: ['ignore', out.pipe.fd, err.pipe.fd] })
    pipes.catchUp()
    expect([out.text, err.text]).toEqual(['to stdout', 'to stderr'])
  })

  test('who catches up while being handed something gets the rest of it first', async () => {
    const pipes = reader()
    const out = await open(pipes, () => pipes.catchUp())
    const count = tries(5000, 20_000)
    program(`const fs = require('fs'); for (let i = 0; i < ${count}; i++) fs.writeSync(1, i + '\\n')`, out)
    await out.pipe.ended
    expect(out.text).toBe(Array.from({ length: count }, (_, i) => `${i}\n`).join(''))
  })

  test('what comes by the last pipe is behind what the others had by then', async () => {
    const pipes = reader()
    const order: string[] = []
    const note = (text: string): void => void order.push(...text.trim().split('\n'))
    const last = await open(pipes, note, true)
    const first = await open(pipes, note)
    const source =
      "const fs = require('fs'); for (let i = 0; i < 2000; i++) { fs.writeSync(2, i + ' first\\n'); fs.writeSync(1, i + ' last\\n') }"
    program(source, last, first)
    await Promise.all([last.pipe.ended, first.pipe.ended])
    for (let i = 0; i < 2000; i++) expect(order.indexOf(`${i} first`)).toBeLessThan(order.indexOf(`${i} last`))
  })

  test('a pipe that somebody holds open can be let go, with what is in it', async () => {
    const out = await open(reader())
    const child = program("require('fs').writeSync(1, 'words'); setInterval(() => {}, 1000)", out)
    while (out.text === '') await new Promise(setImmediate)
    out.pipe.release()
    await out.pipe.ended
    expect(out.text).toBe('words')
    child.kill()
  })

  test('a program may open its stderr by name, as shells do', async () => {
    const pipes = reader()
    const [out, err] = await Promise.all([open(pipes), open(pipes)])
    spawnSync('sh', ['-c', 'echo by name > /dev/stderr'], { stdio: ['ignore', out.pipe.fd, err.pipe.fd] })
    pipes.catchUp()
    expect(err.text).toBe('by name\n')
  })

  test('no name is left in the temporary directory', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'fusetrace-test-'))
    vi.stubEnv('TMPDIR', directory)
    await open(reader())
    expect(readdirSync(directory)).toEqual([])
    rmSync(directory, { recursive: true })
  })

  test('where the temporary directory takes no pipes, another does', async () => {
    vi.stubEnv('TMPDIR', '/proc')
    const out = await open(reader())
    program("require('fs').writeSync(1, 'words')", out)
    await out.pipe.ended
    expect(out.text).toBe('words')
  })

  test('where no pipe can be made, that is a matter of the environment', async () => {
    vi.stubEnv('PATH', '/proc')
    const pipes = new PipeReader({ clock, favour, fifos: new Fifos() })
    readers.push(pipes)
    await expect(open(pipes)).rejects.toMatchObject({
      code: 'FT_ENVIRONMENT',
      hint: expect.stringContaining('mkfifo'),
    })
  })

  test('the next reader is served by the same thread', async () => {
    const threads = (): string[] => readdirSync('/proc/self/task')
    /** All that a reader needs is there afterwards: a thread that reads while this one sleeps. */
    const use = async (): Promise<void> => {
      const pipes = makeReader(favour)
      const out = await open(pipes)
      const child = program("require('fs').writeSync(1, 'x'.repeat(200_000))", out)
      standStill(child)
      await out.pipe.ended
      expect(out.text).toHaveLength(200_000)
      pipes.close()
    }
    await use()
    const before = new Set(threads())
    await use()
    expect(threads().filter((thread) => !before.has(thread))).toEqual([])
  })
})

test('one run of the program that makes pipes serves several readers; a failure is tried again', async () => {
  const made: number[] = []
  const fifos = new Fifos(async (paths) => {
    made.push(paths.length)
    if (made.length === 1) return
    spawnSync('mkfifo', paths)
  })
  // The first finds nothing at the names, and the other directory is tried.
  const taken = await Promise.all(Array.from({ length: 9 }, () => fifos.take()))
  expect(made).toEqual([8, 8, 8])
  expect(new Set(taken.map(({ read }) => read)).size).toBe(9)
  for (let i = 0; i < 7; i++) taken.push(await fifos.take())
  expect(made).toHaveLength(3)
  for (const { read, write } of taken) for (const fd of [read, write]) closeSync(fd)
  const broken = new Fifos(async () => {
    made.push(0)
    throw new Error('none')
  })
  await expect(broken.take()).rejects.toMatchObject({ code: 'FT_ENVIRONMENT' })
  await expect(broken.take()).rejects.toMatchObject({ code: 'FT_ENVIRONMENT' })
  // Two directories each time.
  expect(made.filter((count) => count === 0)).toHaveLength(4)
})
