import { join } from 'node:path'
import type { Command } from 'commander'
import { EXIT, FusetraceError } from '../errors.js'
import { readFaults } from '../faults/read-faults.js'
import { printable } from '../line/text.js'
import { type LiveOptions, plan } from '../live/options.js'
import { LiveSession } from '../live/session.js'
import type { WireOptions } from '../live/wire-side.js'
import { describeFailure, runWorkload, type WorkloadEnd } from '../live/workload.js'
import { makeNotedDirectory } from '../mount/noted-directory.js'
import { summary } from '../report/record-summary.js'
import { servedLive } from '../serve/served.js'
import { type MonitorServer, serveMonitor } from '../serve/server.js'
import { CounterLine } from './counter-line.js'
import { DIALECT_HELP, resolveDialect } from './dialect-option.js'
import { oneLine } from './failure.js'
import { mountDirectory } from './mount-directory.js'
import { json, print, say } from './output.js'
import { REDACT_HELP, redactOption, repeated } from './redact-option.js'
import { ended, fired, interruption } from './signals.js'
import { timeoutOf } from './timeout.js'

interface RecordOptions {
  output: string
  mountpoint?: string
  attach?: string
  log?: string
  workload?: string
  dialect?: string
  kernel?: boolean
  wire?: boolean
  faults?: string
  data?: boolean
  redact?: string[]
  raw?: boolean
  timeout: string
  force?: boolean
  json?: boolean
}

const HELP = `
DAEMON ARGS is the daemon's command as you would type it: in the foreground and with its debug log on. {mountpoint} (or
{}) in it stands for --mountpoint, or without that for a fresh temporary directory. Without both, the argument that
becomes a mount is the mountpoint.

The workload is run by sh, with the mountpoint as $MOUNT. Lines "::step NAME" and "::end" on its stdout make named steps.
Without a workload, recording goes on until Ctrl-C. The mount is always taken down at the end.

With --attach there is no daemon to run: the mount at MOUNTPOINT is somebody else's, there already or still to come, and is left
as it is. The operations are the kernel's (root), or with --log those of the daemon's log. Recording ends with the mount, the
workload, or Ctrl-C.

Exit code: 0; 1 the workload failed; 3 the daemon did not start, or died on the way (the recording is written all the same), or
the recording could not be written to its end (a full disk; what is in FILE.partial can be read).

Examples:
  fusetrace record -o run.fusetrace --workload 'touch $MOUNT/a' -- bindfs -d /some/dir {mountpoint}
  fusetrace record -o run.fusetrace --workload ./test.sh -- env RUST_LOG=mergerfs_rs=debug mergerfs-rs /disk1 /disk2 {mountpoint}
  fusetrace record -o run.fusetrace --kernel -- squashfuse -f image.sqfs /mnt/image
  fusetrace record -o run.fusetrace --attach /mnt/image --workload 'ls -R $MOUNT'`

/** `fusetrace record`: run a daemon and a workload, and keep what happened. */
export function registerRecord(program: Command): void {
  program
    .command('record')
    .description('run a FUSE daemon, and a workload on its mount, and record both')
    .argument('[daemon...]', 'the daemon and its arguments, after --')
    .requiredOption('-o, --output <file>', 'the recording to write; - is stdout')
    .option('--mountpoint <dir>', 'where it mounts; an existing directory')
    .option('--attach <mountpoint>', "watch somebody else's mount there, now or when it comes, and leave it alone")
    .option('--log <file>', "with --attach: the daemon's log, which may grow; - is stdin")
    .option('--workload <command>', 'a shell command to run on the mount')
    .option('--dialect <name>', DIALECT_HELP)
    .option('--redact <pattern>', REDACT_HELP, repeated)
    .option('--raw', 'replace nothing: tokens, home and temporary directories stay in the recording as they are')
    .option(
      '--kernel',
      "record the kernel's own events as well (root); they are the operations where the log names none",
    )
    .option('--wire', 'stand between kernel and daemon: operations are read from their messages, with exact times')
    .option('--data', 'with --wire: keep what was read and written, not only its length and hash')
    .option('--faults <file>', 'faults to cause, as JSON or YAML; implies --wire')
    .option('--timeout <ms>', 'how long the mount may take to be ready', '10000')
    .option('--force', 'replace what exists under the name of the output')
    .option('--json', 'print a summary as JSON on stdout')
    .passThroughOptions()
    .addHelpText('after', HELP)
    .action(async (daemon: string[], options: RecordOptions, command: Command) => {
      if (daemon.length === 0 && options.attach === undefined) {
        throw new FusetraceError('FT_USAGE', 'no daemon to start: the command is missing', {
          hint: 'for example: -- bindfs -d SOURCE {mountpoint}; for a mount of somebody else --attach MOUNTPOINT',
        })
      }
      // Who attaches waits for the mount as long as it takes, unless asked otherwise.
      const patient = options.attach !== undefined && command.getOptionValueSource('timeout') === 'default'
      process.exitCode = await record(daemon, patient ? { ...options, timeout: 'Infinity' } : options)
    })
}

async function record(daemon: string[], options: RecordOptions): Promise<number> {
  const timeout = timeoutOf(options.timeout)
  if (options.json && options.output === '-') {
    throw new FusetraceError('FT_USAGE', '--json and -o - both want stdout', { hint: 'write the recording to a file' })
  }
  const dialect = options.dialect === undefined ? undefined : await resolveDialect(options.dialect)
  const directory = mountDirectory(options.mountpoint, daemon)
  const wire = await wireOptions(options)
  const interrupted = interruption()
  const unwritable = new AbortController()
  try {
    const live: LiveOptions = {
      ...sourceOf(daemon, options),
      favour: 'times',
      record: options.output,
      readyMs: timeout,
      unmountTimeoutMs: Math.min(1500, timeout),
      signal: interrupted.signal,
      ...(options.force && { force: true }),
      ...redactOption(options),
      onRecordFailure(error) {
        say(oneLine(error))
        unwritable.abort()
      },
      onWaiting: () => say(`waiting for a mount at ${printable(options.attach ?? '')}; Ctrl-C ends`),
      ...(directory.path !== null && { mountpoint: directory.path }),
      ...(dialect && { dialect }),
      ...(options.kernel && { kernel: true }),
      ...(wire && { wire }),
    }
    return await run(new LiveSession(live, plan(live)), options, interrupted.signal, unwritable.signal)
  } finally {
    interrupted.release()
    directory.remove()
  }
}

/** A daemon to start, or a mount to attach to. @throws FT_USAGE for both */
function sourceOf(
  daemon: string[],
  { attach, log, mountpoint }: Pick<RecordOptions, 'attach' | 'log' | 'mountpoint'>,
): Pick<LiveOptions, 'daemon' | 'attach' | 'log'> {
  if (attach !== undefined && mountpoint !== undefined) {
    throw new FusetraceError('FT_USAGE', '--attach names the mountpoint already: leave out --mountpoint')
  }
  return {
    ...(daemon.length > 0 && { daemon }),
    ...(attach !== undefined && { attach }),
    ...(log !== undefined && { log }),
  }
}

async function wireOptions({ wire, faults, data }: RecordOptions): Promise<WireOptions | null> {
  if (data && !wire && faults === undefined) {
    throw new FusetraceError('FT_USAGE', '--data is about messages: it needs --wire')
  }
  if (faults !== undefined) return { ...(await readFaults(faults)), data: data === true }
  return wire ? { data: data === true, faults: false } : null
}

async function run(
  session: LiveSession,
  options: RecordOptions,
  signal: AbortSignal,
  unwritable: AbortSignal,
): Promise<number> {
  try {
    await session.start()
  } catch (error) {
    const { written, file } = session.recorder
    if (written) say(`what was seen until then is in ${file === '-' ? 'stdout' : file}`)
    throw error
  }
  const counter = new CounterLine(process.stderr, () => {
    const { operation, line } = session.recorder.counts
    return `${operation} operations, ${line} lines; ${session.mountpoint}; Ctrl-C ends`
  })
  let workload: WorkloadEnd | null = null
  try {
    if (options.workload === undefined) {
      if (!process.stderr.isTTY)
        say(`${options.attach === undefined ? 'mounted at' : 'attached to'} ${session.mountpoint}; SIGINT ends`)
      await Promise.race([fired(signal), fired(unwritable), ended(session.monitor)])
      if (session.monitor.state === 'running') await session.quiet()
    } else {
      const server = await serveWorkload(session)
      workload = await runWorkload({
        environment: { FUSETRACE_SOCKET: server.socket },
        command: options.workload,
        session,
        signal,
        onOutput: (stream, bytes) => {
          counter.clear()
          // Stdout is for the machine then.
          const toStdout = stream === 'stdout' && !options.json && options.output !== '-'
          ;(toStdout ? process.stdout : process.stderr).write(bytes)
        },
      }).finally(() => server.close())
    }
  } finally {
    counter.end()
  }
  return finish(session, options, workload)
}

async function finish(session: LiveSession, options: RecordOptions, workload: WorkloadEnd | null): Promise<number> {
  // How the daemon ended before we ended it.
  const died = session.daemon?.exit ?? null
  const lost = session.monitor.lostReason
  const { clean, phases } = await session.shutdown()
  const { recorder } = session
  const file = recorder.failure === null ? options.output : recorder.file
  const { text, value } = summary({ session, file, workload, phases })
  process.stderr.write(`${printable(text)}\n`)
  if (options.json) print(json(value))
  const failure = workload === null ? null : describeFailure(workload)
  const notFired = session.faults?.all.filter(({ fired }) => fired.length === 0) ?? []
  for (const { text, fired } of session.faults?.all ?? []) {
    const first = fired[0]
    const what = first ? `fired ${fired.length} times, first at ${first.opcode} of ${first.path ?? '?'}` : 'not fired'
    say(`${printable(text)}: ${printable(what)}`)
  }
  if (recorder.failure !== null) {
    say(`the recording is not whole; what could be written is in ${recorder.file}`)
    return EXIT.environment
  }
  if (died !== null && (died.code !== 0 || workload !== null)) {
    const when = workload === null ? '' : workload.stopped === 'daemon' ? ' in the middle of the workload' : ''
    say(`${session.describeDaemon()}${when}: ${session.daemon?.lastLines(1)[0] ?? 'it said nothing'}`)
    return EXIT.environment
  }
  if (lost !== null) {
    say(`the mount was lost: ${lost}`)
    return EXIT.environment
  }
  if (!clean) {
    say(`not everything could be taken down (tried ${phases.join(', ')}); look at: mount | grep fuse`)
    return EXIT.environment
  }
  if (notFired.length > 0 && failure === null) return EXIT.finding
  if (failure !== null) {
    say(workload?.stopped === 'signal' ? 'the workload was interrupted' : `the workload ended with ${failure}`)
    return EXIT.finding
  }
  return EXIT.ok
}

/** The workload, and whatever it starts, can wait on the monitor: its clients find it by `FUSETRACE_SOCKET`. */
async function serveWorkload(session: LiveSession): Promise<MonitorServer> {
  const directory = makeNotedDirectory('serve')
  const server = await serveMonitor({
    served: servedLive(session),
    socket: join(directory.path, 'monitor.sock'),
    onStop: () => undefined,
  })
  return {
    socket: server.socket,
    async close() {
      await server.close()
      directory.remove()
    },
  }
}
