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
import { toJson } from '../operation/json.js'
import type { Operation } from '../operation/operation.js'
import { limitsHere } from '../recording/limits.js'
import { FILTER_HELP, type FilterOptions, operationFilter } from '../report/filter.js'
import { painter } from '../report/format.js'
import { CounterLine } from './counter-line.js'
import { DIALECT_HELP, resolveDialect } from './dialect-option.js'
import { mountDirectory } from './mount-directory.js'
import { cutLine, json, print, say } from './output.js'
import { operationLine } from './show-parts.js'
import { ended, fired, interruption } from './signals.js'

interface WatchOptions extends FilterOptions {
  mountpoint?: string
  attach?: string
  log?: string
  dialect?: string
  kernel?: boolean
  json?: boolean
}

const HELP = `
One line an operation, when it ends. A log file is read from its begin and followed as it grows (gzip, pipes and - are read
to their end); a daemon is run and unmounted at the end, {mountpoint} as for \`fusetrace record\`. Ctrl-C ends.
With --attach somebody else's mount is watched, there already or still to come, by the kernel's events (root) or its --log.

Examples:
  fusetrace watch -- bindfs -d /some/dir {mountpoint}
  fusetrace watch daemon.log --opcode create,unlink
  journalctl -fu my-fs -o cat | fusetrace watch - --path '/inbox/**'
  fusetrace watch --attach /mnt/data`

/** `fusetrace watch`: operations as they end, for debugging by eye. */
export function registerWatch(program: Command): void {
  program
    .command('watch')
    .description('print operations as they end: of a daemon, a growing log, or stdin')
    .argument('[log | -- daemon...]', 'a log file, - for stdin, or after -- a daemon and its arguments')
    .option('--opcode <names>', FILTER_HELP.opcode)
    .option('--path <glob>', FILTER_HELP.path)
    .option('--pid <pid>', FILTER_HELP.pid)
    .option('--errno <names>', FILTER_HELP.errno)
    .option('--mountpoint <dir>', 'where the daemon mounts')
    .option('--attach <mountpoint>', "watch somebody else's mount there, now or when it comes, and leave it alone")
    .option('--log <file>', "with --attach: the daemon's log, which may grow")
    .option('--dialect <name>', DIALECT_HELP)
    .option('--kernel', "watch the kernel's events instead of the daemon's log (root)")
    .option('--json', 'one JSON object a line')
    .addHelpText('after', HELP)
    .action(async (source: string[], options: WatchOptions, command: Command) => {
      const { rawArgs } = command.parent as unknown as { rawArgs: string[] }
      const isDaemon = rawArgs.includes('--') || source.length > 1 || options.attach !== undefined
      if (source.length === 0 && options.attach === undefined) {
        throw new FusetraceError('FT_USAGE', 'nothing to watch: give a log file, - for stdin, or a daemon', {
          hint: 'for example: fusetrace watch -- bindfs -d SOURCE {mountpoint}, or --attach MOUNTPOINT',
        })
      }
      process.exitCode = isDaemon ? await watchDaemon(source, options) : await watchLog(source[0] ?? '-', options)
    })
}

async function watchDaemon(daemon: string[], options: WatchOptions): Promise<number> {
  const name = options.kernel ? 'kernel' : options.dialect
  const dialect = name === undefined ? undefined : await resolveDialect(name)
  const directory = mountDirectory(options.mountpoint, daemon)
  const interrupted = interruption()
  try {
    const live: LiveOptions = {
      favour: 'times',
      signal: interrupted.signal,
      onWaiting: () => say(`waiting for a mount at ${printable(options.attach ?? '')}; Ctrl-C ends`),
      ...(daemon.length > 0 && { daemon }),
      ...(options.attach !== undefined && { attach: options.attach, readyMs: Number.POSITIVE_INFINITY }),
      ...(options.log !== undefined && { log: options.log }),
      ...(directory.path !== null && { mountpoint: directory.path }),
      ...(dialect && { dialect }),
      ...(options.kernel && { kernel: true }),
    }
    const session = new LiveSession(live, plan(live))
    const printer = new Printer(session.monitor, options)
    const attach = options.attach !== undefined
    await session.start()
    if (session.kernelNote !== null) say(session.kernelNote)
    say(`${attach ? 'attached to' : 'mounted at'} ${session.mountpoint}; Ctrl-C ends`)
    await Promise.race([fired(interrupted.signal), ended(session.monitor)])
    const exit = session.daemon?.exit ?? null
    await session.close()
    printer.end()
    if (exit === null || exit.code === 0) return EXIT.ok
    say(`${session.describeDaemon()}: ${session.daemon?.lastLines(1)[0] ?? ''}`)
    return EXIT.environment
  } finally {
    interrupted.release()
    directory.remove()
  }
}

async function watchLog(path: string, options: WatchOptions): Promise<number> {
  if (beginsAsRecording(path)) {
    throw new FusetraceError('FT_INPUT', `${printable(path)} is a recording, and no log`, {
      hint: 'fusetrace show prints its operations',
    })
  }
  const dialect = options.dialect === undefined ? undefined : await resolveDialect(options.dialect)
  const clock = systemClock()
  const monitor = new TraceMonitor({ clock, candidates: dialects, historyLimit: 1, ...(dialect && { dialect }) })
  const printer = new Printer(monitor, options)
  const splitter = new LineSplitter({
    maxLineBytes: limitsHere().lineBytes,
    onLoss: (loss) => printer.note(cutLine(path, loss)),
    onLine: (line) => monitor.push(line),
  })
  const interrupted = interruption()
  try {
    const followed = followFile(path, {
      clock,
      onChunk: (chunk, atNs) => splitter.push('stdout', chunk, atNs),
      onRestart: (why) => printer.note(`${path} was ${why}; reading it from its begin`),
    })
    await Promise.race([fired(interrupted.signal), followed.done])
    followed.stop()
    splitter.end(clock.nowNs())
    monitor.endStream(null)
    printer.end()
    return EXIT.ok
  } finally {
    interrupted.release()
  }
}

/** Prints operations as they end, with a counter below them where that is a terminal. */
class Printer {
  readonly #monitor: TraceMonitor
  readonly #counter: CounterLine
  #seen = 0
  #shown = 0

  constructor(monitor: TraceMonitor, options: WatchOptions) {
    this.#monitor = monitor
    this.#counter = new CounterLine(process.stderr, () => this.#count())
    const passes = operationFilter(options)
    const paint = painter(process.stdout)
    const format = options.json ? (one: Operation) => json(toJson(one)) : (one: Operation) => operationLine(one, paint)
    monitor.subscribe((event) => {
      if (event.type !== 'ended') return
      this.#seen++
      if (!passes(event.operation)) return
      this.#shown++
      this.#counter.clear()
      print(format(event.operation))
    })
  }

  /** A line between the operations. */
  note(text: string): void {
    this.#counter.clear()
    say(text)
  }

  end(): void {
    this.#counter.end()
    say(this.#count())
  }

  #count(): string {
    const { dialect, lines, unparsed, waiting } = this.#monitor.interpreter
    const shown = this.#shown === this.#seen ? '' : ` (${this.#shown} shown)`
    const left = dialect === null ? `${unparsed + waiting} without a known dialect` : `${unparsed} not understood`
    return `${this.#seen} operations${shown}, ${lines} lines, ${left}${dialect === null ? '' : `; ${dialect.name}`}`
  }
}
