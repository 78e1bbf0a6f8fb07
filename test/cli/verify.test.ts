import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { Command } from 'commander'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { registerVerify } from '../../src/cli/verify.js'
import { readKernelEvent } from '../../src/dialect/kernel/event.js'
import { linesOf } from '../../src/line/splitter.js'
import type { Operation } from '../../src/operation/operation.js'
import { makeHeader } from '../../src/recording/header.js'
import type { Row } from '../../src/recording/row.js'
import { RecordingWriter } from '../../src/recording/writer.js'
import { captureFile, captures, readCapture } from '../dialect/score.js'

const directory = join(captures, 'jacobsa2026-memfs-debug')
const { operations, originNs } = readCapture(directory)
const trace = captureFile(directory, 'kernel.txt') ?? Buffer.alloc(0)

let folder = ''
let out = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ft-verify-'))
  out = ''
  process.exitCode = undefined
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += text
    return true
  })
})
afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = undefined
  rmSync(folder, { recursive: true, force: true })
})

function recording(given: readonly Operation[], more: readonly Row[] = [], dialect?: string): string {
  const path = join(folder, 'x.fusetrace')
  const header = makeHeader({
    fusetraceVersion: '0',
    nodeVersion: '0',
    origin: 'test',
    originNs: BigInt(originNs),
    ...(dialect !== undefined && { dialect }),
  })
  const writer = RecordingWriter.create(path, header, { force: true })
  for (const operation of given) writer.write({ kind: 'operation', operation })
  for (const row of more) writer.write(row)
  writer.finish()
  return path
}

function saved(name: string, content: string | Buffer): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

async function run(...args: string[]): Promise<string> {
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined })
  registerVerify(program)
  await program.parseAsync(['verify', ...args], { from: 'user' })
  return out
}

test('a captured run agrees with the trace beside it', async () => {
  const text = await run(recording(operations), '--kernel', saved('kernel.txt', trace))
  expect(process.exitCode).toBeUndefined()
  expect(text).toMatch(/^kernel requests +510 of connection 39$/m)
  expect(text).toMatch(/^matched +510$/m)
  expect(text).toMatch(/^missing +0$/m)
  expect(text).toMatch(/^opcode +510 of 510 agree$/m)
  expect(text).toMatch(/^start +log minus kernel: min -?[\d.]+ µs, median [\d.]+ µs, p99 [\d.]+ µs, max [\d.]+ µs$/m)
  expect(text).toContain('agrees: ')
})

test('as JSON, from gzip, and with the right one of several connections', async () => {
  const other = String(trace).replaceAll('connection 39 ', 'connection 40 ').replaceAll('FUSE_LOOKUP', 'FUSE_READ')
  const path = saved('kernel.txt.gz', gzipSync(`${other}${trace}`))
  const report = JSON.parse(await run('--json', recording(operations), '--kernel', path))
  expect(report).toMatchObject({ agrees: true, connection: 39, matched: 510, phantom: 0, missing: {} })
  out = ''
  const wrong = JSON.parse(await run('--json', '--connection', '40', recording(operations), '--kernel', path))
  expect(wrong).toMatchObject({ agrees: false, connection: 40 })
  expect(process.exitCode).toBe(1)
})

const kernelRows = (): Row[] =>
  linesOf(trace).flatMap((line): Row[] => {
    const event = readKernelEvent(line.raw)
    if (event === null) return []
    const { edge, unique, opcode, error } = event
    return [{ kind: 'kernel', atNs: Number(event.atNs) - originNs, edge, unique, opcode, error }]
  })

test('operations that were made of the same events are not held against them', async () => {
  const path = recording(operations, kernelRows(), 'kernel')
  await expect(run(path)).rejects.toMatchObject({
    code: 'FT_INPUT',
    message: expect.stringContaining("were made of the kernel's events that it holds"),
  })
  // Another trace is another witness.
  await run(path, '--kernel', saved('kernel.txt', trace))
  expect(process.exitCode).toBeUndefined()
})

test("the recording's own kernel events serve as well, and what they lost is said", async () => {
  const path = recording(operations, [...kernelRows(), { kind: 'loss', atNs: 0, what: 'kernel-events', count: 7 }])
  const report = JSON.parse(await run('--json', path))
  expect(report).toMatchObject({ agrees: true, connection: null, matched: 510, kernelLost: 7 })
})

test('what the log shows wrongly is named, with exit code 1', async () => {
  const wrong = operations
    .filter((one) => one.unique !== 10)
    .map((one) => (one.unique === 8 ? { ...one, errno: 'EPERM' } : one))
    .concat({ ...(operations[5] as Operation), id: 9000, unique: 999 })
  const text = await run(recording(wrong), '--kernel', saved('kernel.txt', trace))
  expect(process.exitCode).toBe(1)
  expect(text).toMatch(/^missing +1: create 1$/m)
  expect(text).toMatch(/^phantom +1$/m)
  expect(text).toMatch(/errno: operation \d+ \(unique 8\) at [\d.]+ s: lookup EPERM, kernel lookup ENOENT/)
  expect(text).toContain('phantom: operation 9000 (unique 999)')
  expect(text).toContain('DISAGREES')
})

test.each([
  ['a recording without kernel events', () => [recording(operations)], 'FT_INPUT', 'holds no kernel events'],
  ['a trace without events', () => [recording([]), '--kernel', saved('k.txt', 'x\n')], 'FT_INPUT', 'holds no fuse_'],
  ['no trace', () => [recording([]), '--kernel', join(folder, 'nothing.txt')], 'FT_INPUT', 'cannot read'],
  ['damaged gzip', () => [recording([]), '--kernel', saved('k.gz', gzipSync(trace).subarray(0, 900))], 'FT_INPUT', ''],
  ['no recording', () => [saved('x', 'prose'), '--kernel', saved('kernel.txt', trace)], 'FT_RECORDING', ''],
  [
    'a connection that is not in the trace',
    () => [recording(operations), '--kernel', saved('kernel.txt', trace), '--connection', '7'],
    'FT_INPUT',
    'has no events of connection 7',
  ],
])('%s is an error', async (_name, args, code, message) => {
  await expect(run(...args())).rejects.toMatchObject({ code, message: expect.stringContaining(message) })
})

test('every operation can be had with the times of both', async () => {
  const printed = await run(recording(operations), '--kernel', saved('kernel.txt', trace), '--operations')
  const rows = printed
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, number | null>)
  expect(rows.map(({ id }) => id)).toEqual(operations.map(({ id }) => id))
  const lookup = rows.find(({ id }) => operations[id as number]?.opcode === 'lookup')
  const sent = readKernelEvent(
    trace
      .toString('latin1')
      .split('\n')
      .find((line) => line.includes(`send: `) && line.includes(`req ${lookup?.unique} `)) ?? '',
  )
  expect(lookup?.kernelStartNs).toBe(Number((sent?.atNs ?? 0n) - BigInt(originNs)))
  const forget = rows.find(({ id }) => operations[id as number]?.opcode === 'forget')
  expect(forget).toMatchObject({ kernelStartNs: null, kernelEndNs: null })
})
