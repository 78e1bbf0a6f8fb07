import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { openRecording } from '../../src/recording/reader.js'
import { CLI, fusetrace, jsonLines, lacks, placeEach, until } from './machine.js'

const lacking = lacks('bindfs')
const here = placeEach()

const bindfs = (): string[] => ['bindfs', '-d', here.source, '{mountpoint}']

/** Begins a recording, and tells when the daemon runs and how it ends. */
function begin(name: string, workload: string | null, ...more: string[]) {
  const file = here.file(name)
  const args = [
    'record',
    '-o',
    file,
    '--mountpoint',
    here.mount,
    ...(workload ? ['--workload', workload] : []),
    ...more,
  ]
  const child = spawn(process.execPath, [CLI, ...args, '--', ...bindfs()], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk) => {
    said += chunk
  })
  child.stdout.resume()
  const ended = new Promise<number | string>((resolve) =>
    child.once('close', (code, signal) => resolve(code ?? signal ?? '')),
  )
  return { child, file, ended, said: () => said, files: () => readdirSync(here.source).length }
}

/** The child of a process that runs this program. */
function childOf(pid: number | undefined, program: string): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
  const found = children.find((child) => readFileSync(`/proc/${child}/comm`, 'utf8').trim() === program)
  expect(found).toBeDefined()
  return Number(found)
}

/** Many files, and then slowly more, until the directory of the test has gone. */
const CREATE =
  'i=0; cd $MOUNT/..; while [ -d $PWD ]; do i=$((i+1)); [ $i -le 300 ] || sleep 0.05; echo $i > $MOUNT/f$i; done'

describe.skipIf(lacking)(`fusetrace record (${lacking || 'bindfs'})`, () => {
  test('hundreds of file creations: show, stats and info agree, and no mount is left', async () => {
    const file = here.file('run.fusetrace')
    const workload = 'for i in $(seq 300); do echo $i > $MOUNT/f$i; done'
    const run = await fusetrace('record', '-o', file, '--json', '--workload', workload, '--', ...bindfs())
    expect(run.stderr).toMatch(/operations \(libfuse\)/)
    expect(run.exitCode).toBe(0)
    expect(readdirSync(here.source)).toHaveLength(300)

    const summary = JSON.parse(run.stdout)
    const info = JSON.parse((await fusetrace('info', file, '--json')).stdout)
    const stats = JSON.parse((await fusetrace('stats', file, '--json')).stdout)
    const shown = jsonLines((await fusetrace('show', file, '--operations', '--json')).stdout)
    expect(info).toMatchObject({ dialect: 'libfuse', complete: true, losses: [], exit: { code: 0, signal: null } })
    expect(summary).toMatchObject({ operations: info.operations, lines: info.lines, unparsed: info.unparsed })
    expect(shown).toHaveLength(info.operations)
    const created = shown.filter(({ opcode, status }) => opcode === 'create' && status === 'ok')
    expect(new Set(created.map(({ path }) => path)).size).toBe(300)
    expect(JSON.stringify(stats)).toContain('create')
    expect(info.steps).toEqual(['workload'])
  })

  test('steps that a workload prints are steps; the rest of its output passes', async () => {
    const file = here.file('steps.fusetrace')
    const workload = [
      'echo out; echo err >&2',
      'echo "::step one"; touch $MOUNT/a; echo "::end"',
      'echo "::step two words"; mv $MOUNT/a $MOUNT/b; echo "::end"',
      'printf tail',
    ].join('\n')
    const run = await fusetrace('record', '-o', file, '--workload', workload, '--', ...bindfs())
    expect(run.exitCode).toBe(0)
    expect(run.stdout).toBe('out\ntail')
    expect(run.stderr).toMatch(/^err$/m)
    const recording = openRecording(file)
    const rows = [...recording.rows({ kinds: ['mark', 'operation'] })]
    recording.close()
    const told = rows.flatMap((row) => {
      if (row.kind === 'mark') return [`${row.edge} ${row.name}`]
      if (row.kind !== 'operation') return []
      const { opcode, path, newPath } = row.operation
      return ['create', 'rename', 'rename2'].includes(opcode) ? [`${path}${newPath ? ` ${newPath}` : ''}`] : []
    })
    expect(told).toEqual([
      'begin workload',
      'begin one',
      '/a',
      'end one',
      'begin two words',
      '/a /b',
      'end two words',
      'end workload',
    ])
  })

  test('a workload that fails is a finding; the recording is whole', async () => {
    const file = here.file('failed.fusetrace')
    const run = await fusetrace('record', '-o', file, '--workload', 'cat $MOUNT/nope; exit 7', '--', ...bindfs())
    expect(run.exitCode).toBe(1)
    expect(run.stderr).toContain('the workload ended with exit code 7')
    const info = JSON.parse((await fusetrace('info', file, '--json')).stdout)
    expect(info.complete).toBe(true)
  })

  test('Ctrl-C without a workload ends in order', async () => {
    const { child, ended, file, said } = begin('run.fusetrace', null)
    await until(() => said().includes('mounted at'))
    writeFileSync(`${here.mount}/a.txt`, 'x')
    child.kill('SIGINT')
    expect(await ended).toBe(0)
    expect(here.mounts()).toEqual([])
    const shown = jsonLines((await fusetrace('show', file, '--operations', '--json')).stdout)
    expect(shown.some(({ opcode, path }) => opcode === 'create' && path === '/a.txt')).toBe(true)
  })

  test('Ctrl-C in the middle of a workload: the workload ends, the file is whole, no mount is left', async () => {
    const { child, ended, file, files, said } = begin('run.fusetrace', CREATE)
    await until(() => files() > 50)
    child.kill('SIGINT')
    expect(await ended).toBe(1)
    expect(said()).toContain('the workload was interrupted')
    expect(here.mounts()).toEqual([])
    const info = JSON.parse((await fusetrace('info', file, '--json')).stdout)
    expect(info).toMatchObject({ complete: true, exit: { code: 0, signal: null } })
    const shown = jsonLines((await fusetrace('show', file, '--operations', '--json')).stdout)
    expect(shown).toHaveLength(info.operations)
    expect(shown.filter(({ opcode }) => opcode === 'create').length).toBeGreaterThanOrEqual(files())
  })

  test('kill -9 of the daemon in the middle: the file is whole and says how it ended', async () => {
    const { child, ended, file, files, said } = begin('run.fusetrace', CREATE)
    await until(() => files() > 50)
    process.kill(childOf(child.pid, 'bindfs'), 'SIGKILL')
    expect(await ended).toBe(3)
    expect(said()).toContain('bindfs ended with signal SIGKILL in the middle of the workload')
    expect(here.mounts()).toEqual([])
    const info = JSON.parse((await fusetrace('info', file, '--json')).stdout)
    expect(info).toMatchObject({ complete: true, exit: { code: null, signal: 'SIGKILL' } })
    expect(info.operations).toBeGreaterThan(100)
  })

  test('kill -9 of the recorder in the middle: what was flushed is readable, and the mount goes by itself', async () => {
    const { child, ended, file, files } = begin('run.fusetrace', CREATE)
    await until(() => files() > 50)
    const partial = `${file}.partial`
    await until(() => existsSync(partial) && statSync(partial).size > 10_000)
    const daemon = childOf(child.pid, 'bindfs')
    child.kill('SIGKILL')
    expect(await ended).toBe('SIGKILL')
    await until(() => here.mounts().length === 0 && !existsSync(`/proc/${daemon}`))
    expect(existsSync(file)).toBe(false)
    const run = await fusetrace('info', partial, '--json')
    expect(JSON.parse(run.stdout)).toMatchObject({ complete: false, dialect: 'libfuse' })
    const shown = jsonLines((await fusetrace('show', partial, '--operations', '--json')).stdout)
    expect(shown.length).toBeGreaterThan(0)
    expect((await fusetrace('info', file)).exitCode).toBe(2)
  })

  test('a daemon that cannot start: exit code 3, one line, and the file that holds what was seen', async () => {
    const file = here.file('failed.fusetrace')
    const run = await fusetrace('record', '-o', file, '--', 'bindfs', '-d', `${here.dir}/nowhere`, '{mountpoint}')
    expect(run.exitCode).toBe(3)
    expect(run.stderr).toContain(`what was seen until then is in ${file}`)
    expect(run.stderr).toContain('bindfs ended with exit code 1 before the mount was ready')
    expect((await fusetrace('info', file, '--json')).exitCode).toBe(0)

    const missing = await fusetrace('record', '-o', here.file('x'), '--', 'no-such-daemon', '{mountpoint}')
    expect(missing).toMatchObject({ exitCode: 3 })
    expect(missing.stderr.split('\n')).toHaveLength(1)
    expect(existsSync(here.file('x'))).toBe(false)
  })

  test('a file that cannot be written is unreadable input, and nothing is left mounted', async () => {
    const run = await fusetrace('record', '-o', `${here.dir}/no/dir/x`, '--workload', 'true', '--', ...bindfs())
    expect(run.exitCode).toBe(2)
    expect(run.stderr).toContain('cannot write')
  })
})
