import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { openRecording } from '../../src/recording/reader.js'
import { CLI, fusetrace, jsonLines, lacks, placeEach } from '../live/machine.js'

const lacking = lacks('bindfs')
const here = placeEach()

const bindfs = (): string[] => ['bindfs', '-d', here.source, '{mountpoint}']

describe.skipIf(lacking)(`fusetrace record (${lacking || 'bindfs'})`, () => {
  test('steps that the workload does not end are ended by the next', async () => {
    const file = here.file('flat.fusetrace')
    const workload = 'for i in 1 2 3; do echo "::step s$i"; mkdir $MOUNT/d$i; done'
    const run = await fusetrace('record', '-o', file, '--workload', workload, '--', ...bindfs())
    expect(run.exitCode).toBe(0)
    const recording = openRecording(file)
    const marks = [...recording.rows({ kinds: ['mark'] })].map((row) =>
      row.kind === 'mark' ? `${row.edge} ${row.name}` : '',
    )
    recording.close()
    const steps = ['begin s1', 'end s1', 'begin s2', 'end s2', 'begin s3', 'end s3']
    expect(marks).toEqual(['begin workload', ...steps, 'end workload'])
  })

  test('the recording may go to standard output', async () => {
    const child = spawn(process.execPath, [CLI, 'record', '-o', '-', '--workload', 'echo words', '--', ...bindfs()])
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    await new Promise((resolve) => child.once('close', resolve))
    writeFileSync(here.file('piped.fusetrace'), Buffer.concat(chunks))
    const info = JSON.parse((await fusetrace('info', here.file('piped.fusetrace'), '--json')).stdout)
    expect(info).toMatchObject({ complete: true, dialect: 'libfuse' })
  })
})

const lackingUnionfs = lacks('unionfs')
test.skipIf(lackingUnionfs)(
  `unionfs-fuse is recorded and understood (${lackingUnionfs || 'unionfs-fuse'})`,
  async () => {
    const file = here.file('run.fusetrace')
    const daemon = ['unionfs', '-d', `${here.source}=RW`, '{mountpoint}']
    const run = await fusetrace(
      'record',
      '-o',
      file,
      '--workload',
      'mkdir $MOUNT/d; echo x > $MOUNT/d/f',
      '--',
      ...daemon,
    )
    expect(run.exitCode).toBe(0)
    const shown = jsonLines((await fusetrace('show', file, '--operations', '--json')).stdout)
    expect(shown).toContainEqual(expect.objectContaining({ opcode: 'mkdir', path: '/d', status: 'ok' }))
    expect(shown).toContainEqual(expect.objectContaining({ opcode: 'create', path: '/d/f', status: 'ok' }))
  },
)

const lackingMergerfs = lacks('mergerfs')
test.skipIf(lackingMergerfs)(
  `a log that names no request is recorded all the same, and that is said plainly (${lackingMergerfs || 'mergerfs'})`,
  async () => {
    const file = here.file('run.fusetrace')
    const daemon = ['mergerfs', '-d', '-f', here.source, '{mountpoint}']
    const run = await fusetrace('record', '-o', file, '--workload', 'touch $MOUNT/a', '--', ...daemon)
    expect(run.exitCode).toBe(0)
    expect(run.stderr).toContain('nothing was understood')
    const info = JSON.parse((await fusetrace('info', file, '--json')).stdout)
    expect(info).toMatchObject({ dialect: 'none', operations: 0, complete: true })
    expect(info.lines).toBeGreaterThan(0)
    expect(info.unparsed).toBe(info.lines)
  },
)
