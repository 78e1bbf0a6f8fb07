import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { FusetraceError } from '../../src/errors.js'
import type { Operation } from '../../src/operation/operation.js'
import { makeHeader } from '../../src/recording/header.js'
import type { RecordingHeader, Row } from '../../src/recording/row.js'
import { RecordingWriter } from '../../src/recording/writer.js'
import { openReplay } from '../../src/replay/open-replay.js'
import { rows, tiny } from './tiny.js'

const directory = mkdtempSync(join(tmpdir(), 'fusetrace-replay-'))
afterAll(() => rmSync(directory, { recursive: true }))

const facts = { fusetraceVersion: '1', nodeVersion: '20', origin: 'test', originNs: 0n, dialect: 'tiny' } as const
const golden: Row = {
  kind: 'operation',
  operation: {
    id: 0,
    opcode: 'create',
    unique: 2,
    path: '/a',
    newPath: null,
    name: null,
    startNs: 1,
    endNs: 2,
    endedBy: 'reply',
    status: 'ok',
    errno: null,
    pid: null,
    lines: [0, 1],
  } satisfies Operation,
}
const script = rows('step one\n> 2 create /a\n< 2 ok\nend one\nstep two\n> 4 unlink /a\n< 4 ok\nend two\nexit 0')
const file = join(directory, 'x.fusetrace')
const writer = RecordingWriter.create(file, makeHeader(facts))
for (const row of [...script, golden]) writer.write(row)
writer.finish()

/** Descriptors that are open on the recording. */
const open = (): number =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(directory)
    } catch {
      return false
    }
  }).length

describe('the replay of a file', () => {
  test('meets its steps one by one, and is told of every row', async () => {
    const played: Row['kind'][] = []
    const session = await openReplay(file, { candidates: [tiny], onRow: ({ kind }) => played.push(kind) })
    await session.step('one', () => undefined)
    expect(session.monitor.recentOperations().map(({ opcode }) => opcode)).toEqual(['create'])
    expect(session.monitor.dialect).toBe('tiny')
    await session.step('two', () => undefined)
    await session.playToEnd()
    expect(session.monitor.recentOperations()).toHaveLength(2)
    expect(played).toEqual([...script, golden].map(({ kind }) => kind))
    expect(session.problem).toBeNull()
    await session.close()
  })

  test.skipIf(process.platform !== 'linux')(
    'lets go of it at its end, when closed before, and when it fails',
    async () => {
      const ended = await openReplay(file, { candidates: [tiny] })
      expect(open()).toBe(1)
      await ended.playToEnd()
      expect(open()).toBe(0)
      await ended.close()
      {
        await using left = await openReplay(file, { candidates: [tiny] })
        await left.step('one', () => undefined)
        expect(open()).toBe(1)
      }
      expect(open()).toBe(0)
      const finished = await openReplay(file, { candidates: [tiny] })
      await finished.finish()
      expect([finished.monitor.state, finished.monitor.recentOperations().length, open()]).toEqual(['ended', 2, 0])
      process.env.FUSETRACE_LIMITS = 'marks=1'
      try {
        const failing = await openReplay(file, { candidates: [tiny] })
        await expect(failing.playToEnd()).rejects.toMatchObject({ code: 'FT_LIMIT' })
        expect(open()).toBe(0)
      } finally {
        delete process.env.FUSETRACE_LIMITS
      }
    },
  )

  test('says what is wrong with it', async () => {
    const bytes = readFileSync(file)
    const cut = join(directory, 'cut.fusetrace')
    writeFileSync(cut, bytes.subarray(0, bytes.length - 20))
    const session = await openReplay(cut, { candidates: [tiny] })
    await session.playToEnd()
    expect(session.problem).toMatch(/cut/)
    await session.close()
  })
})

describe('the replay of rows', () => {
  const kernel: Row = { kind: 'kernel', atNs: 1, edge: 'send', unique: 2, opcode: 'create', error: null }

  test('needs lines where it holds operations', async () => {
    await expect(openReplay([golden])).rejects.toMatchObject({
      code: 'FT_USAGE',
      hint: expect.stringMatching(/'line'/),
    })
    for (const sound of [[], rows('exit 0'), [golden, ...script], [golden, kernel]]) {
      await expect(openReplay(sound)).resolves.toMatchObject({ header: null })
    }
    await expect(openReplay([], { sed: 1 } as never)).rejects.toThrow(FusetraceError)
  })

  test('is read as their header says, in so far as nothing else is asked for', async () => {
    const header: RecordingHeader = { ...makeHeader({ ...facts, wire: true, mountpoint: '/mnt' }), dialect: 'tiny' }
    const given = (change: Partial<RecordingHeader>) => ({ header: { ...header, ...change }, rows: () => script })
    const wire = await openReplay(given({}), { candidates: [tiny] })
    expect([wire.monitor.dialect, wire.header?.mountpoint]).toEqual(['wire', '$MOUNT'])
    const plain = await openReplay(given({ wire: false }), { candidates: [{ ...tiny, name: 'other' }, tiny] })
    expect(plain.monitor.dialect).toBe('tiny')
    const other = await openReplay(given({ wire: false }), { dialect: { ...tiny, name: 'mine' }, candidates: [tiny] })
    expect(other.monitor.dialect).toBe('mine')
    const none = await openReplay(given({ wire: false, dialect: 'unheard of' }))
    expect(none.monitor.dialect).toBeNull()
    const short = await openReplay(script, { dialect: tiny, historyLimit: 1 })
    await short.playToEnd()
    expect(short.monitor.recentOperations().map(({ opcode }) => opcode)).toEqual(['unlink'])
  })

  test('gives dialects the mountpoint, which absolute paths begin with', async () => {
    let mountpoint: string | undefined
    const dialect = {
      ...tiny,
      parser: (options: { mountpoint?: string }) => {
        mountpoint = options.mountpoint
        return tiny.parser(options)
      },
    }
    await openReplay({ header: makeHeader({ ...facts, mountpoint: '/mnt' }), rows: () => script }, { dialect })
    expect(mountpoint).toBe('$MOUNT')
    await openReplay({ header: makeHeader(facts), rows: () => script }, { dialect })
    expect(mountpoint).toBeUndefined()
  })
})
