import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startDriven } from '../../src/live/driven-session.js'
import { whyNoNamespace } from '../../src/transport/namespace.js'
import { until } from '../live/machine.js'
import { installed } from '../transport/tools.js'
import { CORE, DAEMONS, type DrivenDaemon, missing } from './daemons.js'
import { drive, isDriven, isDrivenByPerl, isRoot, noNamespace, place } from './driving.js'

// The others are in test/slow/driven.test.ts.
for (const daemon of DAEMONS) if (CORE.has(daemon.name)) isDriven(daemon)

const bindfs = DAEMONS[0] as DrivenDaemon

describe.skipIf(missing(bindfs) !== null)('a daemon without a mount', () => {
  test('that is killed: who waits fails at once, and calls fail as on a dead mount', async () => {
    const { session, fs } = await drive(bindfs)
    const pending = session.waitFor.fileVisible('/never')
    const failed = expect(pending).rejects.toMatchObject({
      code: expect.stringMatching(/^FT_(STREAM_ENDED|MOUNT_LOST)$/),
    })
    session.daemon?.kill('SIGKILL')
    await failed
    await expect(fs.stat('/seen.txt')).rejects.toMatchObject({
      code: expect.stringMatching(/^E(NOTCONN|CONNABORTED)$/),
    })
  })

  test('that is frozen: a request fails within its limit, and says what was asked', async () => {
    const paths = place()
    const session = await startDriven({ daemon: bindfs.command(paths), mountpoint: paths.mountpoint, requestMs: 300 })
    onTestFinished(() => session.close())
    session.daemon?.kill('SIGSTOP')
    onTestFinished(() => void session.daemon?.kill('SIGCONT'))
    await expect(session.vfs.mkdir('/d', 0o755)).rejects.toMatchObject({
      code: 'FT_DAEMON',
      message: expect.stringMatching(/bindfs has not answered lookup \(request \d+, node 1\) within 300 ms/),
    })
    session.daemon?.kill('SIGCONT')
  })

  test('faults on its wire: an error in place of its answer, and a request that is held', async () => {
    const { session, fs } = await drive(bindfs)
    const fault = session.faults.fault({ opcode: 'mkdir', errno: 'ENOSPC', instead: true })
    await expect(fs.mkdir('/d')).rejects.toMatchObject({ code: 'ENOSPC' })
    expect(fault.fired).toMatchObject([{ opcode: 'mkdir', path: '/d' }])
    fault.remove()
    const gate = session.faults.hold({ opcode: 'mkdir' })
    const made = fs.mkdir('/e')
    await gate.arrived
    gate.open()
    await made
    expect(await fs.readdir('/')).toEqual(['e', 'seen.txt'])
  })

  test('in a namespace that a shell makes, where Perl is not to be used', async () => {
    const { session, fs } = await drive(bindfs, { environment: { PERL5OPT: '-w' } })
    expect(session.way).toMatch(/namespace/)
    expect(await fs.readdir('/')).toEqual(['seen.txt'])
  })

  test('that goes into the background ends with us: it does not hold the other end of its socket', async () => {
    const { mountpoint, source } = place()
    // It may answer before its parent is seen to have ended.
    await startDriven({ daemon: ['bindfs', source, mountpoint], mountpoint, readyMs: 25_000 }).then(
      (session) => session.close(),
      (error) => expect(error).toMatchObject({ hint: expect.stringContaining('run it in the foreground') }),
    )
    const running = (): boolean =>
      readdirSync('/proc').some((pid) => {
        try {
          return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(`\0${mountpoint}\0`)
        } catch {
          return false
        }
      })
    await until(() => !running())
  })

  test('that is not there, ends early, or stays silent: one clear line', async () => {
    const { mountpoint } = place()
    const start = (daemon: string[]) => startDriven({ daemon, mountpoint, readyMs: 400 })
    await expect(start(['no-such-daemon', mountpoint])).rejects.toMatchObject({ code: 'FT_ENVIRONMENT' })
    await expect(start(['sh', '-c', 'echo broken >&2; exit 3', mountpoint])).rejects.toMatchObject({
      code: 'FT_DAEMON',
      message: expect.stringMatching(/^sh ended with exit code 3 before it could be driven: broken/),
    })
    const itself = 'echo "ntfs-3g-mount: mount failed: Operation not permitted"; exit 21'
    await expect(start(['sh', '-c', itself, mountpoint])).rejects.toMatchObject({
      code: 'FT_DAEMON',
      hint: expect.stringContaining('mount by itself, without fusermount'),
    })
    await expect(start(['sleep', '60'])).rejects.toMatchObject({
      code: 'FT_DAEMON',
      message: expect.stringMatching(/^sleep has not asked for its FUSE descriptor within 400 ms/),
    })
  })
})

describe('without koffi, by a broker in Perl', () => {
  const lacksPerl = installed('perl') ? null : 'perl'
  isDrivenByPerl(bindfs)

  test('nor perl: one clear line that says what to install', async () => {
    const { mountpoint } = place()
    const daemon = [process.execPath, '-e', '', mountpoint]
    const start = startDriven({ daemon, mountpoint, way: 'fd', environment: { PATH: '/none' }, withoutKoffi: true })
    await expect(start).rejects.toMatchObject({
      code: 'FT_ENVIRONMENT',
      message: expect.stringContaining('neither the npm package koffi nor perl is there'),
      hint: expect.stringMatching(/^npm install koffi .*, or install perl$/),
    })
  })

  test('a daemon that is killed fails who waits', async ({ skip }) => {
    const lacks = missing(bindfs) ?? lacksPerl
    if (lacks !== null) skip(`${lacks} is not installed`)
    if (await noNamespace(bindfs)) skip('no namespace can be made here')
    const { session, fs } = await drive(bindfs, { withoutKoffi: true })
    const gate = session.faults.hold({ opcode: 'mkdir' })
    const failed = expect(fs.mkdir('/d')).rejects.toMatchObject({ code: 'ECONNABORTED' })
    await gate.arrived
    session.daemon?.kill('SIGKILL')
    await failed
  })
})

describe.skipIf(!isRoot || missing(bindfs) !== null)('without privileges', () => {
  test.for([
    ['by Perl', {}],
    ['by a shell, where Perl is not to be used', { PERL5OPT: '-w' }],
  ] as const)('a user namespace does, and nobody needs /dev/fuse: %s', async ([, environment], { skip }) => {
    if (await whyNoNamespace('user-namespace')) skip('no user namespace can be made here')
    const paths = place()
    const root = new URL('../..', import.meta.url).pathname
    spawnSync('chown', ['-R', '65534:65534', paths.directory])
    const as = ['--reuid', '65534', '--regid', '65534', '--clear-groups', 'env', `HOME=${paths.directory}`]
    const command = [process.execPath, join(root, 'bin/fusetrace.js'), 'drive', join(root, 'recordings/demo.fusetrace')]
    const bindfsCommand = ['--json', '--', 'bindfs', '-f', '-d', paths.source, '{mountpoint}']
    const { stdout, stderr } = spawnSync('setpriv', [...as, ...command, ...bindfsCommand], {
      encoding: 'utf8',
      env: { ...process.env, ...environment },
    })
    if (stderr.includes('EACCES') || stderr.includes('Cannot find module'))
      skip('this directory is closed to other users')
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toMatchObject({ way: 'user-namespace' })
  })
})

describe('a daemon that does not keep to the protocol', () => {
  const program = fileURLToPath(new URL('../daemons/hung.js', import.meta.url))
  const start = (how: string) => {
    const { mountpoint, directory } = place()
    const daemon = ['node', program, how, mountpoint]
    // Of one that never answers the limit is waited for.
    const requestMs = how === 'init-only' ? 100 : 1000
    return startDriven({ daemon, mountpoint, way: 'fd', scratch: directory, readyMs: 60_000, requestMs })
  }

  test.each([
    ['init-only', /has answered INIT, and no request after it/],
    ['too-long', /sent a message/],
    ['garbage', /sent a message that is none/],
    ['closes', /has answered INIT, and no request after it|closed its FUSE descriptor|ECONNABORTED/],
    ['twice', /answered request \d+ twice: the connection was ended/],
  ])('%s: a clear error', async (how, message) => {
    const failure = await start(how)
      .then(
        async (session) => {
          onTestFinished(() => session.close())
          // The second answer may come after the first question of all.
          for (;;) await session.vfs.statfs('/')
        },
        (error: unknown) => error,
      )
      .catch((error: unknown) => error)
    expect(failure).toMatchObject({ message: expect.stringMatching(message) })
  })
})
