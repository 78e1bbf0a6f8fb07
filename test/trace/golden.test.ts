import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fusetrace, objects } from '../cli/run.js'
import { directory } from '../export/made.js'
import { tries } from '../tries.js'
import { type OpenTrace, type Operation, type Trace, trace } from './exports.js'
import { DIALECTS, LOGS, operationsOf } from './replayed.js'

type Written = (typeof DIALECTS)[number]

/** Names as somebody may give them who means ill. */
const NAMES = [
  'a.txt',
  'two words',
  "quote\"s 'and' \\",
  '}: x=y',
  'ümläut 日本',
  '\u202e.txt',
  'line\nunique: 9, opcode: MKDIR (9), nodeid: 1, insize: 50, pid: 1',
  '\x1b[31m',
  '-o',
  ' ',
]

/** What an operation is to be read as. */
interface Asked {
  readonly opcode: string
  readonly path: string
  readonly newPath: string | null
  readonly name: string | null
  readonly target: string | null
  readonly errno: string | null
  readonly startNs: number
  readonly endNs: number
  readonly pid: number
}

type Turn = { readonly what: number; readonly name: number; readonly errno: string | null; readonly tookUs: number }

const turns = fc.array(
  fc.record({
    what: fc.nat(99),
    name: fc.nat(NAMES.length - 1),
    errno: fc.constantFrom(null, null, 'ENOENT', 'EEXIST', 'ENOSPC', 'EACCES', 'ENOTSUP', 'EIO'),
    tookUs: fc.integer({ min: 1, max: 4000 }),
  }),
  { minLength: 1, maxLength: 12 },
)

/** A program at work in a directory of its own: what it asks follows from what it has made. */
function program(run: Trace, nr: number, given: readonly Turn[]): { run: Trace; asked: Asked[] } {
  const directory = `/program ${nr}`
  const asked: Asked[] = []
  const files: string[] = []
  let us = 1000 + nr * 37
  let so = run
  const ask = (
    opcode: string,
    { errno, tookUs }: Pick<Turn, 'errno' | 'tookUs'>,
    path: string,
    more: { newPath?: string; name?: string; target?: string } = {},
  ): void => {
    const pid = 100 + nr
    const startNs = us * 1000
    const call = (so.at(`${us}us`) as unknown as Record<string, (...args: unknown[]) => OpenTrace>)[opcode]!
    const second = more.newPath ?? more.name ?? more.target
    const open = call.apply(so.at(`${us}us`), second === undefined ? [path, { pid }] : [path, second, { pid }])
    so = errno === null ? open.ok({ after: `${tookUs}us` }) : open.fail(errno as 'EIO', { after: `${tookUs}us` })
    asked.push({
      ...{ opcode, path, newPath: more.newPath ?? null, name: more.name ?? null, target: more.target ?? null },
      ...{ errno, startNs, endNs: startNs + tookUs * 1000, pid },
    })
    us += tookUs + 1
  }
  ask('mkdir', { errno: null, tookUs: 10 }, directory)
  for (const [i, turn] of given.entries()) {
    const fresh = `${directory}/${i}${NAMES[turn.name]}`
    const old = files[turn.what % Math.max(1, files.length)]
    const kind = old === undefined ? 0 : turn.what % 9
    if (kind === 0) ask(turn.what % 2 === 0 ? 'create' : 'mknod', turn, fresh)
    else if (kind === 1) ask('symlink', turn, fresh, { target: NAMES[turn.name]! })
    else if (kind === 2) ask('mkdir', turn, fresh)
    else if (kind === 3) ask('link', turn, old!, { newPath: fresh })
    else if (kind === 4) ask('rename', turn, old!, { newPath: fresh })
    else if (kind === 5) ask('setxattr', turn, old!, { name: `user.${i}` })
    else if (kind === 6) ask('getattr', turn, old!)
    else if (kind === 7) ask('unlink', turn, old!)
    else ask('write', turn, old!)
    if (turn.errno !== null) continue
    if (kind === 0) files.push(fresh)
    else if (kind === 4) files[files.indexOf(old!)] = fresh
    else if (kind === 7) files.splice(files.indexOf(old!), 1)
  }
  return { run: so, asked }
}

/** Programs whose requests overlap; what is asked, in the order of its starts. */
function written(dialect: Written, programs: readonly (readonly Turn[])[]): { run: Trace; asked: readonly Asked[] } {
  let run: Trace = trace({ dialect })
  const asked: Asked[] = []
  for (const [nr, given] of programs.entries()) {
    const done = program(run, nr, given)
    run = done.run
    asked.push(...done.asked)
  }
  return { run, asked: asked.sort((a, b) => a.startNs - b.startNs || a.pid - b.pid) }
}

type Read = Pick<
  Operation,
  'opcode' | 'path' | 'newPath' | 'name' | 'target' | 'status' | 'errno' | 'startNs' | 'endNs' | 'pid'
>

/**
 * What was asked, as a log that cannot tell all of it shows it. Of a node with several names it does not say which one was meant; libfuse
 * names no file in a write, and where requests overlap not always the node in an answer.
 */
function asShown(dialect: Written, { paths, path }: Operation, one: Asked): Asked {
  const several = path === null && paths !== undefined && paths.includes(one.path)
  const unnamed = dialect === 'libfuse' && one.opcode === 'write' && path === null
  return several || unnamed ? { ...one, path: null as never } : one
}

/** What of an operation a dialect's log shows. */
function shown(dialect: Written, one: Read | (Asked & { status?: string })): unknown[] {
  const { opcode, path, newPath = null, name = null, target = null, errno, startNs, endNs, pid } = one
  // Which node answers what, and how, cannot be seen there: later paths and ends follow from that.
  if (dialect === 'fuser') return [opcode, name, target, startNs]
  const status = one.status ?? (errno === null ? 'ok' : 'error')
  return [opcode, path, newPath, name, target, status, errno, startNs, endNs, ...(dialect === 'tracing' ? [] : [pid])]
}

describe.each(DIALECTS)('a trace in %s', (dialect) => {
  test('is read as what was asked, whatever overlaps, fails and is called', async () => {
    const property = fc.asyncProperty(fc.array(turns, { minLength: 1, maxLength: 3 }), async (programs) => {
      const { run, asked } = written(dialect, programs)
      const found = await operationsOf(run)
      const wanted = asked.map((one, i) => (found[i] === undefined ? one : asShown(dialect, found[i], one)))
      expect(found.map((one) => shown(dialect, one))).toEqual(wanted.map((one) => shown(dialect, one)))
    })
    await fc.assert(property, { numRuns: tries(4, 40) })
  })

  test('what is under way when the daemon is killed does not end, and nothing comes after', async () => {
    const run = trace({ dialect })
      .at('1ms')
      .create('/done')
      .ok({ after: '1ms' })
      .at('3ms')
      .mkdir('/under way')
      .at('4ms')
      .unlink('/late')
      .ok({ after: '2ms' })
      .at('5ms')
      .kill()
    const found = (await operationsOf(run)).filter(({ startNs }) => startNs > 0)
    expect(found.map(({ opcode, path, startNs }) => [opcode, path, startNs])).toEqual([
      ['create', '/done', 1e6],
      ['mkdir', '/under way', 3e6],
      ['unlink', '/late', 4e6],
    ])
    // A log without ends shows by the next request that one is over.
    const ends = found.map(({ status, endNs }) => [status, endNs])
    if (dialect === 'fuser') expect(ends.at(-1)).toEqual(['unfinished', null])
    else expect(ends).toEqual([['ok', 2e6], ...[1, 2].map(() => ['unfinished', null])])
  })
})

test('in libfuse a node is of the answer behind it, whoever has asked meanwhile', async () => {
  const run = trace()
    .at('1ms')
    .create('/a')
    .ok({ after: '5ms' })
    .at('2ms')
    .mkdir('/b')
    .ok({ after: '9ms' })
    .at('20ms')
    .write('/a')
    .ok()
    .create('/b/c')
    .ok()
  const found = await operationsOf(run)
  expect(found.map(({ opcode, path }) => [opcode, path])).toEqual([
    ['create', '/a'],
    ['mkdir', '/b'],
    ['write', '/a'],
    ['create', '/b/c'],
  ])
})

test.each(LOGS)('the text of a trace in %s is a log that import takes for that dialect', async (dialect) => {
  const turns = NAMES.map((_, name): Turn => ({ what: 0, name, errno: name % 3 === 0 ? 'EIO' : null, tookUs: 500 }))
  const { run, asked } = written(dialect, [turns, turns])
  const into = directory()
  const lines = run.rows().flatMap((row) => (row.kind === 'line' ? [`${row.atNs}\tstderr\t${row.raw}\n`] : []))
  writeFileSync(join(into, 'log'), lines.join(''), 'latin1')
  const made = join(into, 'log.fusetrace')
  const { stderr } = await fusetrace('import', join(into, 'log'), '--stamped', '-o', made)
  expect(stderr).toContain(`(${dialect}), 0 lines not understood`)
  const found = objects((await fusetrace('show', made, '--operations', '--json')).stdout) as Read[]
  const beginNs = asked[0]!.startNs - found[0]!.startNs
  const moved = found.map((one) => ({ ...one, startNs: one.startNs + beginNs, endNs: one.endNs! + beginNs }))
  expect(moved.map((one) => shown(dialect, one))).toEqual(asked.map((one) => shown(dialect, one)))
})

test('of all other dialects it says that their lines cannot be written, and which can', async () => {
  const { stdout } = await fusetrace('formats', '--json')
  const others = (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name)
  const refused = others.filter((name) => !(DIALECTS as readonly string[]).includes(name))
  expect(refused.length).toBeGreaterThan(10)
  for (const name of refused) {
    expect(() => trace({ dialect: name })).toThrow(
      expect.objectContaining({
        code: 'FT_DIALECT',
        message: expect.stringContaining(`lines of the dialect ${name} cannot be written`),
        hint: 'give one of go-fuse, libfuse, tracing, fuser, kernel, wire',
      }),
    )
  }
})
