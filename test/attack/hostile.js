// Time and memory of every command on small files that ask for much. Run by hand: node test/attack/hostile.js [NAME…]
// Each is to end within 5 s of processor time and 300 MB, with one line on stderr. Needs a build and GNU time.
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HOSTILE, writeHostile } from './hostile-files.js'

const CLI = new URL('../../bin/fusetrace.js', import.meta.url).pathname
const DEMO = new URL('../../recordings/demo.fusetrace', import.meta.url).pathname
const dir = mkdtempSync(join(tmpdir(), 'fusetrace-hostile-'))

/** Preamble and header of a recording. */
function begin() {
  const demo = readFileSync(new URL('../recording/old/format-1.fusetrace', import.meta.url))
  return demo.subarray(0, 10 + 13 + demo.readUInt32LE(11))
}

writeFileSync(join(dir, 'waits.mjs'), 'export default async ({ step }) => { await step("a", () => undefined) }')
const DEMO_COPY = join(dir, 'demo.copy')
copyFileSync(DEMO, DEMO_COPY)

function measure(name, args, input) {
  // What serves or follows is ended when it has read all: then it does nothing more.
  const follows = args[0] === 'serve' || args[0] === 'watch'
  const limited = follows ? ['timeout', '-s', 'INT', '20'] : []
  const command = ['-f', '%U %S %M', '-o', join(dir, 'time'), ...limited, process.execPath, CLI, ...args]
  const { status, stderr, signal } = spawnSync('/usr/bin/time', command, {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 120_000,
    ...(input && { input }),
  })
  const [user, system, kib] = readFileSync(join(dir, 'time'), 'utf8').trim().split('\n').at(-1).split(' ').map(Number)
  const lines = stderr.trim().split('\n')
  const bad = user + system > 5 || kib > 300 * 1024 || lines.length > 2 || signal !== null || /a bug/.test(stderr)
  console.log(
    `${bad ? '!!' : '  '} ${name.padEnd(44)} exit ${status ?? signal}  ${(user + system).toFixed(1)} s  ${(kib / 1024).toFixed(0)} MB  ${lines.at(-1).slice(0, 110)}`,
  )
  return bad
}

let bad = 0
try {
  const only = process.argv.slice(2)
  for (const name of Object.keys(HOSTILE).filter((one) => only.length === 0 || only.includes(one))) {
    const file = writeHostile(dir, name, begin())
    console.log(`${name}: ${(statSync(file).size / 1024).toFixed(0)} KB`)
    const commands = [
      ['info', file],
      ['show', file],
      ['show', file, '--lines'],
      ['show', file, '--steps'],
      ['show', file, '--canonical'],
      ['stats', file],
      ['verify', file],
      ['check', file],
      ['check', DEMO, '--against', file],
      ['diff', file, file],
      ['replay', file, '--speed', 'instant'],
      ['formats', 'explain', file],
      ['import', file, '-o', join(dir, 'out'), '--force'],
      ['report', file, '-o', join(dir, 'out'), '--force'],
      ['report', DEMO, file, '-o', join(dir, 'out'), '--force'],
      ...['perfetto', 'otlp', 'parquet', 'csv', 'folded'].map((format) => {
        return ['export', file, '--format', format, '-o', join(dir, 'out'), '--force']
      }),
      ['cut', file, '--from', 's', '-o', join(dir, 'out'), '--force'],
      ['cut', file, '--drop', 'create', '-o', join(dir, 'out'), '--force'],
      ['coverage', file],
      ['review', dir],
      ['redact', file, '-o', join(dir, 'out'), '--force'],
      ['explore', join(dir, 'waits.mjs'), '--recording', file],
      ['accept', DEMO_COPY, '--against', file, '--force'],
      ['drive', file, '--timeout', '2000', '--', 'true', '{mountpoint}'],
      ['watch', file],
      ['serve', file, '--socket', join(dir, 'socket')],
    ]
    for (const args of commands)
      bad += measure(args.map((arg) => ({ [file]: 'FILE', [DEMO]: 'DEMO' })[arg] ?? arg).join(' '), args)
    rmSync(file)
  }
  const line = join(dir, 'line.log')
  writeFileSync(line, Buffer.alloc(500 * 1024 * 1024, 'x'))
  for (const args of [
    ['import', line, '-o', join(dir, 'line.fusetrace')],
    ['formats', 'explain', line],
    ['check', DEMO, '--against', line],
    ['watch', line],
    ['serve', line, '--socket', join(dir, 'socket')],
  ])
    bad += measure(`${args[0]} of a line of 500 MB`, args)
} finally {
  rmSync(dir, { recursive: true })
}
process.exitCode = bad > 0 ? 1 : 0
