import { describe, expect, expectTypeOf, test } from 'vitest'
import { FusetraceError } from '../../src/errors.js'
import { openRecording } from '../../src/recording/reader.js'
import { RecordingWriter } from '../../src/recording/writer.js'
import { fusetrace, objects } from '../cli/run.js'
import { directory } from '../export/made.js'
import { type FinishedTrace, type OpenTrace, openReplay, type Trace, trace } from './exports.js'
import { DIALECTS } from './replayed.js'

describe.each(DIALECTS)('waits on a trace in %s', (dialect) => {
  test('a file that is created is visible when it is done, not before', async () => {
    const run = trace({ dialect }).at('5ms').create('/a.txt').ok({ after: '2ms' }).at('10ms').statfs('/').ok()
    await using session = await openReplay(run)
    const result = await session.waitFor.fileVisible('a.txt')
    expect(result.endNs).toBeGreaterThanOrEqual(7e6)
    expect(result.operations.map(({ opcode, path }) => [opcode, path])).toEqual([['create', '/a.txt']])
  })

  test('one that is never answered is not, and a killed daemon ends the wait', async () => {
    const run = trace({ dialect }).at('5ms').create('/a.txt').at('10ms').kill()
    await using session = await openReplay(run)
    await expect(session.waitFor.fileVisible('a.txt')).rejects.toMatchObject({ code: 'FT_STREAM_ENDED' })
  })

  test('a directory that cannot be made is not visible', async () => {
    const run = trace({ dialect })
      .at('1ms')
      .mkdir('/d')
      .fail('ENOSPC', { after: '1ms' })
      .at('20ms')
      .statfs('/')
      .ok()
      .exit(0)
    await using session = await openReplay(run)
    await expect(session.waitFor.dirVisible('d', { timeoutMs: 100 })).rejects.toBeInstanceOf(FusetraceError)
  })

  test('a wait within a step does not see what was before it', async () => {
    const run = trace({ dialect })
      .at('1ms')
      .unlink('/old')
      .ok()
      .at('5ms')
      .begin('delete again')
      .at('9ms')
      .create('/old')
      .ok()
      .at('10ms')
      .unlink('/old')
      .ok({ after: '3ms' })
      .after('1ms')
      .end('delete again')
      .statfs('/')
      .ok()
    await using session = await openReplay(run)
    await session.step('delete again', async () => {
      const { operations, endNs } = await session.waitFor.deleted('old')
      expect(operations[0]?.startNs).toBe(10e6)
      expect(endNs).toBeGreaterThanOrEqual(13e6)
    })
  })
})

describe('a trace', () => {
  test('stays as it is: one beginning has several ends', async () => {
    const begin = trace().at('1ms').create('/a')
    const [good, bad] = [begin.ok(), begin.fail('ENOSPC')]
    await using one = await openReplay(good)
    await expect(one.waitFor.operation({ opcode: 'create', status: 'ok' })).resolves.toBeDefined()
    await using two = await openReplay(bad)
    await expect(two.waitFor.operation({ opcode: 'create', errno: 'ENOSPC' })).resolves.toBeDefined()
  })

  test('takes what happens at the same time', async () => {
    const run = trace()
      .at('1ms')
      .create('/a')
      .ok({ after: '10ms' })
      .at('2ms')
      .create('/b')
      .ok({ after: '1ms' })
      .at('20ms')
    await using session = await openReplay(run)
    const first = await session.waitFor.operation('create')
    expect(first.operations[0]?.path).toBe('/b')
  })

  test('what was to come after the daemon ended does not come', () => {
    const run = trace().at('5ms').create('/a').ok({ after: '20ms' }).at('10ms').kill('SIGTERM')
    expect(run.rows().at(-1)).toEqual({ kind: 'exit', atNs: 10e6, code: null, signal: 'SIGTERM' })
    expect(run.rows().filter(({ kind }) => kind === 'line')).toHaveLength(2)
  })

  test('holds probes, lines and phases of the mount', async () => {
    const run = trace({ mounted: false })
      .at('1ms')
      .line('hello')
      .mount('spawned')
      .at('2ms')
      .mount('answered')
      .mark('up')
      .probe('exists', 'x', true)
    await using session = await openReplay(run)
    await expect(session.waitFor.mountReady()).resolves.toMatchObject({ endNs: 2e6 })
    expect(run.rows().map(({ kind }) => kind)).toEqual(['line', 'mount', 'mount', 'mark', 'probe'])
  })

  test.each(DIALECTS)('in %s a name can hold anything', async (dialect) => {
    const forged = 'f\n   unique: 8, success, outsize: 16\nrx 99: LOOKUP n1 "x" p1'
    const names = ['a b', forged, 'quote"\\', '\u202e', Uint8Array.of(0x66, 0xff, 0x0a), '}: x=y']
    const run = names.reduce<Trace>((so, name) => so.after('1ms').create(name).ok(), trace({ dialect }))
    await using session = await openReplay(run, { pace: 'manual' })
    const seen: (string | null)[] = []
    session.monitor.subscribe((event) => void (event.type === 'ended' && seen.push(event.operation.path)))
    await session.playToEnd()
    expect(seen).toEqual(['/a b', `/${forged}`, '/quote"\\', '/\u202e', '/f\\xFF\n', '/}: x=y'])
  })

  test('can be kept as a recording that every command reads', async () => {
    const run = trace({ dialect: 'go-fuse' })
      .begin('make')
      .at('1ms')
      .mkdir('/d')
      .ok()
      .end('make')
      .at('2ms')
      .rmdir('/d')
      .ok()
    const path = `${directory()}/made.fusetrace`
    const writer = RecordingWriter.create(path, run.header)
    for (const row of run.rows()) writer.write(row)
    writer.finish()
    expect(openRecording(path).complete).toBe(true)
    expect((await fusetrace('show', path, '--lines')).stdout).toContain('MKDIR')
    expect(objects((await fusetrace('show', path, '--steps', '--json')).stdout)).toMatchObject([{ name: 'make' }])
  })

  test.each([
    [() => trace({ dialect: 'libfus' }), 'did you mean libfuse'],
    [() => trace({ dialect: 's3fs' }), 'lines of the dialect s3fs cannot be written'],
    [() => trace().at('5' as '5ms'), '"5" is no time'],
    [
      () =>
        trace()
          .create('/a')
          .fail('ENOPE' as 'ENOENT'),
      'there is no errno "ENOPE"',
    ],
    [() => (trace() as OpenTrace).ok(), 'there is no request to answer'],
    [() => trace().create(''), 'is no path'],
    [() => trace().rename('/a', undefined as unknown as string), 'takes two names'],
    [() => trace().create('/a', { sise: 1 } as never), 'sise'],
    [() => trace({ dialekt: 'libfuse' } as never), 'dialekt'],
  ])('%s is refused', (act, words) => {
    const thrown = (): string => {
      try {
        act()
        return 'nothing'
      } catch (error) {
        expect(error).toBeInstanceOf(FusetraceError)
        return `${(error as FusetraceError).message}; ${(error as FusetraceError).hint}`
      }
    }
    expect(thrown()).toContain(words)
  })

  test('its types know what may follow', () => {
    expectTypeOf(trace().create('/a')).toEqualTypeOf<OpenTrace>()
    expectTypeOf(trace().create('/a').ok()).toEqualTypeOf<Trace>()
    expectTypeOf(trace().forget('/a')).toEqualTypeOf<Trace>()
    expectTypeOf(trace().kill()).toEqualTypeOf<FinishedTrace>()
    expectTypeOf<Trace['rename']>().parameter(1).toEqualTypeOf<string | Uint8Array>()
    // @ts-expect-error: what has not been asked cannot be answered
    expect(() => trace().ok()).toThrow()
  })
})
