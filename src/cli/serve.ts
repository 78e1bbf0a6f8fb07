import { resolve } from 'node:path'
import type { Command } from 'commander'
import { systemClock } from '../clock.js'
import { dialects } from '../dialect/builtin.js'
import { EXIT, FusetraceError } from '../errors.js'
import { followFile } from '../input/follow.js'
import { beginsAsRecording } from '../input/is-log.js'
import { LineSplitter } from '../line/splitter.js'
import { printable } from '../line/text.js'
import { type LiveOptions, plan } from '../live/options.js'
import { LiveSession } from '../live/session.js'
import { TraceMonitor } from '../monitor/trace-monitor.js'
import { limitsHere } from '../recording/limits.js'
import { openReplay } from '../replay/open-replay.js'
import { type Served, servedLive, servedReplay } from '../serve/served.js'
import { type MonitorServer, serveMonitor } from '../serve/server.js'
import { makeSocketDirectory, socketDirectory, socketOf } from '../serve/socket-path.js'
import { MS } from '../time.js'
import { PendingWaits } from '../wait/engine/pending.js'
import { createWaitFor } from '../wait/wait-for.js'
import { DIALECT_HELP, resolveDialect } from './dialect-option.js'
import { warnIfNotWhole } from './failure.js'
import { mountDirectory } from './mount-directory.js'
import { cutLine, json, print, say } from './output.js'
import { REDACT_HELP, redactOption, repeated } from './redact-option.js'
import { ended, fired, type Interruption, interruption } from './signals.js'
import { timeoutOf } from './timeout.js'

interface ServeCommandOptions {
  socket?: string
  attach?: string
  log?: string
  output?: string
  force?: boolean
  redact?: string[]
  raw?: boolean
  mountpoint?: string
  dialect?: string
  kernel?: boolean
  timeout: string
}

const HELP = `
DAEMON ARGS, after --, is started and mounted, as by record. LOG is a log that grows (- is stdin). RECORDING is played to whoever waits
on it, on a virtual clock: no FUSE, always the same outcome; steps of clients move it.

When it is ready, one line of JSON is on stdout: socket, mountpoint, pid. It serves until fusetrace stop, a signal, the end of its
mount or its log, or the end of whoever started it. Clients find it by FUSETRACE_SOCKET, by --socket, or by a path in the mount.

Examples:
  fusetrace serve -- bindfs -f -d /some/dir /mnt/point
  fusetrace serve -o run.fusetrace -- rclone mount -vv --debug-fuse remote: /mnt/point
  fusetrace serve --attach /mnt/point
  fusetrace serve run.fusetrace --socket ./monitor.sock`

/** `fusetrace serve`: a monitor that other processes, in any language, talk to. */
export function registerServe(program: Command): void {
  program
    .command('serve')
    .description('let others wait on a mount, a log or a recording: from a shell, or in any language')
    .argument('[source...]', 'a log, a recording, or after -- a daemon and its arguments')
    .option('--socket <path>', 'where to listen; only you can connect')
    .option('--attach <mountpoint>', "serve somebody else's mount there, now or when it comes, and leave it alone")
    .option('--log <file>', "with --attach: the daemon's log, which may grow")
    .option('-o, --output <file>', 'record what is served')
    .option('--force', 'replace what exists under the name of the output')
    .option('--redact <pattern>', REDACT_HELP, repeated)
    .option('--raw', 'replace nothing in what is recorded')
    .option('--mountpoint <dir>', 'where the daemon mounts; an existing directory')
    .option('--dialect <name>', DIALECT_HELP)
    .option('--kernel', "read the kernel's own events as well (root)")
    .option('--timeout <ms>', 'how long the mount may take to be ready', '10000')
    .addHelpText('after', HELP)
    .action(async (source: string[], options: ServeCommandOptions, command: Command) => {
      // What stands after -- is a daemon, also when it is one word.
      const isDaemon = process.argv.includes('--') || source.length > 1 || options.attach !== undefined
      if (source.length === 0 && options.attach === undefined) {
        throw new FusetraceError('FT_USAGE', 'say what is to be served', {
          hint: 'for example: fusetrace serve -- bindfs -d SOURCE {mountpoint}, --attach MOUNTPOINT, a log or a recording',
        })
      }
      redactOption(options)
      if (options.output === undefined && (options.redact || options.raw)) {
        throw new FusetraceError('FT_USAGE', `${options.raw ? '--raw' : '--redact'} is for what is recorded`, {
          hint: 'say where to with -o FILE',
        })
      }
      // Who attaches waits for the mount as long as it takes, unless asked otherwise.
      const patient = options.attach !== undefined && command.getOptionValueSource('timeout') === 'default'
      const code = await serve(source, isDaemon, patient ? { ...options, timeout: 'Infinity' } : options)
      // A recording that is not whole is a finding already.
      process.exitCode ||= code
    })
}

/** How often a log is read: somebody may wait for what it says. */
const LOG_EVERY_NS = 5 * MS

/** Who started us: when it has gone, nobody will say stop. */
const PARENT: number = process.ppid

/** What is served, until when, and what takes it down. */
interface Source {
  readonly served: Served
  readonly ended: Promise<unknown>
  close(): Promise<void>
}

async function serve(source: string[], isDaemon: boolean, options: ServeCommandOptions): Promise<number> {
  const interrupted = interruption()
  const stopper = new AbortController()
  const stop = (): void => stopper.abort()
  const watch = setInterval(() => process.ppid !== PARENT && stop(), 500)
  let opened: Source | null = null
  let server: MonitorServer | null = null
  try {
    opened = isDaemon ? await liveSource(source, options, interrupted) : await fileSource(source[0] ?? '', options)
    const { served } = opened
    const socket = socketPath(options, served.mountpoint)
    server = await serveMonitor({ served, socket, onStop: stop })
    print(json({ socket, mountpoint: served.mountpoint, pid: served.pid }))
    await Promise.race([fired(interrupted.signal), fired(stopper.signal), opened.ended])
    return EXIT.ok
  } finally {
    clearInterval(watch)
    await server?.close()
    await opened?.close()
    interrupted.release()
  }
}

/** The default socket can be found by whoever knows the mountpoint, or, without one, is named by the process. */
function socketPath({ socket }: ServeCommandOptions, mountpoint: string | null): string {
  if (socket !== undefined) return resolve(socket)
  const directory = socketDirectory()
  const problem = makeSocketDirectory(directory)
  if (problem !== null) {
    throw new FusetraceError('FT_ENVIRONMENT', `sockets cannot be put into ${directory}: ${problem}`, {
      hint: 'give another place with --socket PATH',
    })
  }
  return socketOf(mountpoint ?? `process ${process.pid}`, directory)
}

async function liveSource(daemon: string[], options: ServeCommandOptions, interrupted: Interruption): Promise<Source> {
  const readyMs = timeoutOf(options.timeout)
  const dialect = options.dialect === undefined ? undefined : await resolveDialect(options.dialect)
  const directory = mountDirectory(options.mountpoint, daemon)
  const live: LiveOptions = {
    readyMs,
    onWaiting: () => say(`waiting for a mount at ${printable(options.attach ?? '')}; Ctrl-C ends`),
    ...(daemon.length > 0 && { daemon }),
    ...(options.attach !== undefined && { attach: options.attach }),
    ...(options.log !== undefined && { log: options.log }),
    signal: interrupted.signal,
    ...(options.output !== undefined && { record: options.output }),
    ...(options.force && { force: true }),
    ...redactOption(options),
    ...(directory.path !== null && { mountpoint: directory.path }),
    ...(dialect && { dialect }),
    ...(options.kernel && { kernel: true }),
  }
  const session = new LiveSession(live, plan(live))
  try {
    await session.start()
  } catch (error) {
    directory.remove()
    throw error
  }
  return {
    served: servedLive(session),
    ended: ended(session.monitor),
    async close() {
      await session.quiet()
      await session.close()
      directory.remove()
    },
  }
}

async function fileSource(path: string, options: ServeCommandOptions): Promise<Source> {
  if (options.output !== undefined || options.kernel) {
    throw new FusetraceError('FT_USAGE', `${options.kernel ? '--kernel' : '-o'} needs a mount to watch`, {
      hint: 'put the daemon after --',
    })
  }
  return beginsAsRecording(path) ? replaySource(path) : logSource(path, options)
}

async function replaySource(path: string): Promise<Source> {
  const session = await openReplay(path)
  const { problem } = session
  warnIfNotWhole(path, problem)
  return {
    served: servedReplay(session),
    // A recording that has been played to its end can still be asked.
    ended: new Promise(() => undefined),
    async close() {
      await session.close()
      // Damage in the middle is met when it is played.
      if (session.problem !== problem) warnIfNotWhole(path, session.problem)
    },
  }
}

async function logSource(path: string, options: ServeCommandOptions): Promise<Source> {
  const dialect = options.dialect === undefined ? undefined : await resolveDialect(options.dialect)
  const clock = systemClock()
  const monitor = new TraceMonitor({ clock, candidates: dialects, ...(dialect && { dialect }) })
  const splitter = new LineSplitter({
    maxLineBytes: limitsHere().lineBytes,
    onLoss: (loss) => say(cutLine(path, loss)),
    onLine: (line) => monitor.push(line),
  })
  /** Whoever is given a line may ask for what is there by now: that is being read already. */
  let pushing = false
  const followed = followFile(path, {
    clock,
    everyNs: LOG_EVERY_NS,
    onChunk: (chunk, atNs) => {
      pushing = true
      try {
        splitter.push('stdout', chunk, atNs)
      } finally {
        pushing = false
      }
    },
    onRestart: () => undefined,
  })
  // What is in the file by now is before a mark.
  monitor.useSource({
    drain() {
      if (!pushing) followed.catchUp()
    },
    onListeners: () => undefined,
  })
  const waitFor = createWaitFor({ monitor, prober: null, pending: new PendingWaits() })
  return {
    served: {
      monitor,
      waitFor,
      mountpoint: null,
      pid: null,
      mark: (name) => monitor.mark(name),
      beginStep: async (name) => monitor.beginStep(name),
      endStep: async (name) => monitor.endStep(name),
      fence: () => monitor.fence(),
    },
    ended: followed.done,
    async close() {
      followed.stop()
      splitter.end(clock.nowNs())
      monitor.endStream(null)
    },
  }
}
