import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type FinishedTrace, openReplay, trace } from '../../src/index.js'
import { openRecording } from '../../src/recording/reader.js'
import { RecordingWriter } from '../../src/recording/writer.js'
import { fusetrace, objects, type Ran } from '../cli/run.js'
import { directory } from '../export/made.js'

const BINDFS = 'recordings/bindfs.fusetrace'

type Shown = Record<string, unknown> & { opcode: string; path: string | null; startNs: number; endNs: number | null }

async function operations(file: string): Promise<Shown[]> {
  return objects((await fusetrace('show', file, '--operations', '--json')).stdout) as Shown[]
}

async function cut(file: string, ...options: string[]): Promise<Ran & { out: string; done: Record<string, unknown> }> {
  const out = join(directory(), 'cut.fusetrace')
  const ran = await fusetrace('cut', file, ...options, '-o', out, '--json')
  return { ...ran, out, done: ran.code === 0 ? JSON.parse(ran.stdout) : {} }
}

/** The lines of a recording are read as its operations say. */
async function isSound(file: string): Promise<void> {
  const reader = openRecording(file)
  expect(reader.complete).toBe(true)
  reader.close()
  const checked = await fusetrace('check', file, '--json')
  expect(checked.code, checked.stdout).toBe(0)
}

function kept(run: FinishedTrace): string {
  const path = join(directory(), 'made.fusetrace')
  const writer = RecordingWriter.create(path, run.header)
  for (const row of run.rows()) writer.write(row)
  writer.finish()
  return path
}

const essence = ({ opcode, path, newPath, name, status, errno, unique }: Shown): unknown[] => [
  opcode,
  path,
  newPath,
  name,
  status,
  errno,
  unique,
]

describe('cut --from --to', () => {
  test.each(['create and write', 'rename', 'odd names', 'delete'])('%s is what it was', async (step) => {
    const [whole, steps] = [
      await operations(BINDFS),
      objects((await fusetrace('show', BINDFS, '--steps', '--json')).stdout),
    ]
    const { out, code, done } = await cut(BINDFS, '--from', step, '--to', step)
    expect(code).toBe(0)
    const { operations: before } = done.kept as { operations: number }
    // Its files were made before, and this log shows the paths of handles by that.
    expect(before > 0).toBe(step === 'delete')
    await isSound(out)
    const { beginNs, endNs } = steps.find(({ name }) => name === step) as { beginNs: number; endNs: number }
    const inside = whole.filter(({ startNs }) => startNs >= beginNs && startNs < endNs)
    const found = (await operations(out)).slice(before)
    expect(found.map(essence)).toEqual(inside.map(essence))
    expect(found.map(({ startNs }) => startNs)).toEqual(inside.map(({ startNs }) => startNs - beginNs))
  })

  test('a replay has the step, and waits find in it what they did', async () => {
    const { out } = await cut(BINDFS, '--from', 'rename', '--to', 'links')
    await using session = await openReplay(out)
    await session.step('rename', async () => {
      await expect(session.waitFor.renamed('a.txt', 'b.txt')).resolves.toBeDefined()
    })
    const header = openRecording(out).header
    const steps = objects((await fusetrace('show', BINDFS, '--steps', '--json')).stdout)
    const { beginNs } = steps.find(({ name }) => name === 'rename') as { beginNs: number }
    expect(Number(header.originNs - openRecording(BINDFS).header.originNs)).toBe(beginNs)
  })

  test('where names come from requests of before, those are kept', async () => {
    const run = trace({ dialect: 'go-fuse' })
      .begin('first')
      .at('1ms')
      .mkdir('/d')
      .ok()
      .create('/d/f')
      .ok()
      .statfs('/')
      .ok()
      .at('9ms')
      .end('first')
      .at('10ms')
      .begin('second')
      .write('/d/f', { size: 3 })
      .ok({ after: '5ms' })
      .at('12ms')
      .end('second')
      .at('20ms')
      .write('/d/f', { size: 9 })
      .ok()
      .exit(0)
    const { out, done } = await cut(kept(run), '--from', 'second', '--to', 'second')
    await isSound(out)
    expect(done).toMatchObject({ kept: { kept: 'names', operations: 2 }, operations: 3 })
    const found = await operations(out)
    // It is kept whole, although the step was over before it was.
    expect(found.at(-1)).toMatchObject({ opcode: 'write', path: '/d/f', status: 'ok', startNs: 0, endNs: 5e6, size: 3 })
    expect(found.map(({ opcode }) => opcode)).toEqual(['mkdir', 'create', 'write'])
  })

  test('one end alone, and steps that lie within', async () => {
    const [from, to] = [await cut(BINDFS, '--from', 'delete'), await cut(BINDFS, '--to', 'directories')]
    const names = async (file: string): Promise<unknown[]> =>
      objects((await fusetrace('show', file, '--steps', '--json')).stdout).map(({ name, endNs }) => [
        name,
        endNs !== null,
      ])
    expect(await names(from.out)).toEqual([['delete', true]])
    expect(await names(to.out)).toEqual([
      ['workload', true],
      ['create and write', true],
      ['directories', true],
    ])
    await isSound(from.out)
    await isSound(to.out)
  })

  test.each([
    [['--from', 'renam'], '--from renam is no step of this recording; its steps: workload'],
    [['--from', 'delete', '--to', 'rename'], 'step rename ends before --from begins'],
    [[], 'there is nothing to be done'],
  ])('%j is refused in one line', async (options, words) => {
    const { code, stderr, out } = await cut(BINDFS, ...options)
    expect(code).toBe(2)
    expect(stderr).toContain(words)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
    expect(existsSync(out)).toBe(false)
  })
})

describe('cut --drop, --delay, --fail', () => {
  test('each does what it says, and nothing else changes', async () => {
    const before = await operations(BINDFS)
    const options = [
      '--drop',
      'unlink:/parallel-1-*',
      '--delay',
      'mkdir:/dir=50ms',
      '--fail',
      'unlink:/moved/file=EBUSY',
    ]
    const { out, done, code } = await cut(BINDFS, ...options)
    expect(code).toBe(0)
    await isSound(out)
    const after = await operations(out)
    const changed = done.changed as { what: string; path: string }[]
    expect(
      changed
        .filter(({ what }) => what === 'drop')
        .map(({ path }) => path)
        .sort(),
    ).toEqual([1, 2, 3, 4, 5].map((i) => `/parallel-1-${i}`))
    expect(after).toHaveLength(before.length - 5)
    expect(after.some(({ opcode, path }) => opcode === 'unlink' && path?.startsWith('/parallel-1-'))).toBe(false)
    const took = (all: Shown[]): number => {
      const { startNs = 0, endNs = 0 } = all.find(({ opcode, path }) => opcode === 'mkdir' && path === '/dir') ?? {}
      return (endNs ?? 0) - startNs
    }
    expect(took(after)).toBe(took(before) + 50e6)
    expect(after.find(({ opcode, path }) => opcode === 'unlink' && path === '/moved/file')).toMatchObject({
      status: 'error',
      errno: 'EBUSY',
    })
  })

  test.each(['libfuse', 'tracing', 'go-fuse', 'kernel', 'wire'])('in %s: fail, delay, drop', async (dialect) => {
    const run = trace({ dialect })
      .at('1ms')
      .mkdir('/d')
      .ok()
      .at('2ms')
      .create('/a.txt')
      .ok({ after: '1ms' })
      .at('9ms')
      .create('/b.txt')
      .ok({ after: '1ms' })
      .at('90ms')
      .exit(0)
    const file = kept(run)
    const { out, stderr } = await cut(
      file,
      '--fail',
      'create#2=ENOSPC',
      '--delay',
      'create:/a.txt=3ms',
      '--drop',
      'mkdir',
    )
    expect(stderr).toBe('')
    await isSound(out)
    expect(
      (await operations(out)).map(({ opcode, path, errno, startNs, endNs }) => [opcode, path, errno, startNs, endNs]),
    ).toEqual([
      ['create', '/a.txt', null, 2e6, 6e6],
      ['create', '/b.txt', 'ENOSPC', 9e6, 10e6],
    ])
    await using session = await openReplay(out)
    await expect(session.waitFor.fileVisible('b.txt', { timeoutMs: 200 })).rejects.toThrow('ENOSPC')
  })

  test('a coloured log of mergerfs-rs', async () => {
    const { out } = await cut(
      'recordings/mergerfs-rs-debug.fusetrace',
      '--fail',
      'mkdir:/d1=EEXIST',
      '--drop',
      'lookup#1',
    )
    await isSound(out)
    expect((await operations(out)).find(({ opcode }) => opcode === 'mkdir')).toMatchObject({
      path: '/d1',
      errno: 'EEXIST',
    })
  })

  test.each([
    [['--drop', 'creat'], 'did you mean create?; fusetrace show FILE has the names of what is there'],
    [['--drop', 'create:/nowhere'], 'nothing matches create:/nowhere; create is asked of'],
    [['--drop', 'create:/a.txt#2'], 'only 1 match, there is no #2'],
    [['--drop', ':'], 'names no operation'],
    [['--delay', 'create'], 'says nothing behind a ='],
    [['--delay', 'create=soon'], 'soon is no time'],
    [['--fail', 'create=ENOPE'], 'ENOPE is no errno'],
    [['--delay', 'forget#1=1ms'], 'the log does not show its end'],
    [['--fail', 'forget#1=EIO'], 'the log does not show its end'],
  ])('%j is refused in one line', async (options, words) => {
    const { code, stderr, out } = await cut(BINDFS, ...options)
    expect(code).toBe(2)
    expect(stderr).toContain(words)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
    expect(existsSync(out)).toBe(false)
  })

  test('what a log could not show, or nobody can write, is refused', async () => {
    const fuser = kept(trace({ dialect: 'fuser' }).create('/a').ok().at('9ms').create('/b').ok().at('20ms').exit(0))
    expect(await cut(fuser, '--fail', 'create:/a=EIO')).toMatchObject({ code: 2 })
    expect((await cut(fuser, '--delay', 'create:/a=1ms')).stderr).toContain('does not show its end')
    expect((await cut(fuser, '--drop', 'create:/a')).code).toBe(0)
    const busy = kept(trace({ dialect: 'tracing' }).create('/a').ok().at('9ms').create('/b').ok().at('90ms').exit(0))
    // A thread is at one request at a time.
    expect((await cut(busy, '--delay', 'create:/a=20ms')).stderr).toContain('its end would be read as another')
    const late = kept(trace().create('/a').ok().at('9ms').exit(0))
    expect((await cut(late, '--delay', 'create=1s')).stderr).toContain('the daemon has ended by then')
    const log = join(directory(), 'virtiofsd.log')
    writeFileSync(log, 'hello\n')
    const none = join(directory(), 'none.fusetrace')
    await fusetrace('import', log, '-o', none)
    expect((await cut(none, '--drop', 'create')).stderr).toContain('nobody understands its log')
  })
})
