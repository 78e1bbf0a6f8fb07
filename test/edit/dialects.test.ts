import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { dialects } from '../../src/dialect/builtin.js'
import { openRecording } from '../../src/recording/reader.js'
import { fusetrace, objects, type Ran } from '../cli/run.js'
import { directory } from '../export/made.js'
import { tries } from '../tries.js'

type Shown = { opcode: string; path: string | null; status: string; errno: string | null; endNs: number | null }

async function imported(log: string | Buffer, ...options: string[]): Promise<string> {
  const into = directory()
  writeFileSync(join(into, 'log'), log)
  const recording = join(into, 'log.fusetrace')
  expect((await fusetrace('import', join(into, 'log'), ...options, '-o', recording)).code).toBe(0)
  return recording
}

const capture = (name: string): Promise<string> => {
  const log = gunzipSync(readFileSync(new URL(`../captures/${name}/log.tsv.gz`, import.meta.url))).toString('latin1')
  const lines = log.trimEnd().split('\n').slice(0, tries(1200, 1e6))
  return imported(Buffer.from(`${lines.join('\n')}\n`, 'latin1'), '--stamped')
}

async function operations(file: string): Promise<Shown[]> {
  return objects((await fusetrace('show', file, '--operations', '--json')).stdout) as Shown[]
}

async function cut(file: string, ...options: string[]): Promise<Ran & { out: string }> {
  const out = join(directory(), 'cut.fusetrace')
  return { ...(await fusetrace('cut', file, ...options, '-o', out)), out }
}

const isRefused = ({ code, stderr, out }: Awaited<ReturnType<typeof cut>>): void => {
  expect(code, stderr).toBe(2)
  expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  expect(existsSync(out)).toBe(false)
}

/** What each daemon has logged, and how it says that something failed. */
test.each([
  ['bazil-loopback-debug', 'bazil', 'mkdir', 'Mkdir error=EROFS'],
  ['jacobsa2026-memfs-debug', 'jacobsa', 'mkdir', '-> Error: "read-only file system"'],
  ['mergerfs242-d', 'mergerfs', 'mkdir', 'error=-30 error_str="Read-only file system" len=16'],
  ['fusepy-loopback', 'fusepy', 'unlink', "<- unlink '[Errno 30] Read-only file system'"],
  ['go-fuse-2018-loopback', 'go-fuse', 'mkdir', 'MKDIR code: 30=read-only file system value: '],
  ['mergerfs-rs-v-json-nocolor', 'tracing-json', 'mkdir', 'Read-only file system (os error 30)"'],
  ['mergerfs-rs-v-pretty-nocolor', 'tracing-pretty', 'mkdir', 'Read-only file system (os error 30)'],
])('%s: an operation fails in the words of %s', async (name, dialect, opcode, words) => {
  const file = await capture(name)
  const { code, stderr, out } = await cut(file, '--fail', `${opcode}#1=EROFS`)
  expect(code, stderr).toBe(0)
  expect(openRecording(out).header.dialect).toBe(dialect)
  const [before, after] = [await operations(file), await operations(out)]
  const at = before.findIndex((one) => one.opcode === opcode)
  // Others are what they were, but for paths that this one's answer had told.
  expect(after.map((one) => one.opcode)).toEqual(before.map((one) => one.opcode))
  expect(after.flatMap(({ errno }, i) => (errno === before[i]?.errno ? [] : [i]))).toEqual([at])
  expect(after[at]).toMatchObject({ status: 'error', errno: 'EROFS', path: before[at]?.path, endNs: before[at]?.endNs })
  expect((await fusetrace('show', out, '--lines')).stdout).toContain(words)
})

test.each([
  ['fuser-simple-debug', 'mkdir', 'the log does not show its end'],
  ['libfuse318-uring-d', 'mkdir', 'its lines have a form that cannot be written'],
  ['mergerfs-rs-trace-killed', 'lookup', 'its lines have a form that cannot be written'],
])('%s: what the log could not say of a %s is refused', async (name, opcode, words) => {
  const refused = await cut(await capture(name), '--fail', `${opcode}#1=EROFS`)
  isRefused(refused)
  expect(refused.stderr).toContain(words)
})

test('no other dialect writes an error: each says so in one line', async () => {
  const others = dialects.filter(({ failed, name }) => failed === undefined && name !== 'kernel')
  expect(others.length).toBeGreaterThan(5)
  for (const { name, samples } of others) {
    const file = await imported(`${samples.map(({ lines }) => lines).join('\n')}\n`, '--dialect', name)
    const [first] = await operations(file)
    const refused = await cut(file, '--fail', `${first?.opcode}#1=EROFS`)
    isRefused(refused)
    expect(refused.stderr, name).toMatch(
      /an error cannot be written in the dialect|the log does not show its end|never answered/,
    )
  }
})
