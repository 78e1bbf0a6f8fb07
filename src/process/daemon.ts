import { constants } from 'node:os'
import type { Clock } from '../clock.js'
import { FusetraceError } from '../errors.js'
import type { Raw } from '../line/line.js'
import { printable } from '../line/text.js'
import type { Exit } from '../monitor/monitor.js'
import { LATE, MS, within } from '../time.js'
import type { Pipe, PipeReader } from './pipe-reader.js'
import { Tail } from './tail.js'

export interface DaemonOptions {
  /** The program and its arguments. */
  argv: readonly string[]
  /** Reads its streams. */
  pipes: PipeReader
  /** Takes the next chunk of a stream. */
  onChunk(stream: 'stdout' | 'stderr', chunk: Raw, atNs: number): void
  /** Bytes of the log had to be dropped; called where they are missing, before what follows them. */
  onLoss(loss: { what: 'log-bytes'; count: number; atNs: number }): void
  /** Added to the environment of this process. */
  env?: Readonly<Record<string, string>>
  /** @default the working directory of this process */
  cwd?: string
  /** Open files of ours that are to be its descriptors 3, 4, …. */
  fds?: readonly number[]
}

/** A FUSE daemon in the foreground: its two streams byte-exact and apart, each chunk with the time of its arrival. */
export interface Daemon {
  readonly pid: number
  /** How it ended; null while it runs. */
  readonly exit: Exit | null
  /** The process is gone. Its streams may still hold bytes, or be held open by a child of it. */
  readonly exited: Promise<Exit>
  /** The process is gone, its streams were read to their ends and handed on. */
  readonly closed: Promise<Exit>
  /** Its last lines as text that can be printed: of stderr if there are any, else of stdout. */
  lastLines(count?: number): string[]
  /** Sends a signal to it and to all of its process group. False when none is left. */
  kill(signal: NodeJS.Signals): boolean
  /** Closes our ends of the pipes: for streams that a stray child holds open. */
  release(): void
}

/** Bytes of each stream that are kept to explain a failure. */
const TAIL_BYTES = 8192

/**
 * Starts a daemon in a process group of its own, so that Ctrl-C reaches it through us and a signal reaches its children.
 * Its pipes are always read at once: it never waits for the lines to be understood.
 *
 * @throws FT_ENVIRONMENT when the program does not exist or cannot be run
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const [file, ...args] = options.argv
  if (file === undefined) throw new FusetraceError('FT_USAGE', 'no daemon to start: the command is empty')
  // Loaded when something is run: a start that only replays, or reads a recording, does not pay for it.
  const { execa } = await import('execa')
  const tails = { stdout: new Tail(TAIL_BYTES), stderr: new Tail(TAIL_BYTES) }
  const open = (stream: 'stdout' | 'stderr'): Promise<Pipe> =>
    options.pipes.open({
      onChunk(chunk, atNs) {
        tails[stream].keep(chunk)
        options.onChunk(stream, chunk, atNs)
      },
      onLoss: (count, atNs) => options.onLoss({ what: 'log-bytes', count, atNs }),
    })
  const pipes = await Promise.all([open('stdout'), open('stderr')])
  const child = execa(file, args, {
    // Any descriptor will do; execa's types know the first ten.
    stdio: ['ignore', pipes[0].fd as 3, pipes[1].fd as 4, ...(options.fds ?? []).map((fd) => fd as 3)],
    buffer: false,
    stripFinalNewline: false,
    encoding: 'buffer',
    reject: false,
    detached: true,
    cleanup: false,
    ...(options.env !== undefined && { env: options.env }),
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  })
  for (const pipe of pipes) pipe.spawned()
  const { pid } = child
  if (pid === undefined) throw notStarted(file, (await child).cause, options.cwd)

  let exit: Exit | null = null
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => {
      exit = { code, signal }
      // No event reports a pipe's end; reading finds it.
      options.pipes.catchUp()
      resolve(exit)
    })
  })
  const closed = Promise.all([exited, ...pipes.map(({ ended }) => ended)]).then(([how]) => how)

  return {
    pid,
    get exit() {
      return exit
    },
    exited,
    closed,
    lastLines(count = 5) {
      const lines = tails.stderr.lines(count)
      return lines.length > 0 ? lines : tails.stdout.lines(count)
    },
    kill: (signal) => killGroup(pid, signal),
    release() {
      for (const pipe of pipes) pipe.release()
    },
  }
}

/** Waits for the daemon's end and its last bytes; streams that a stray child holds open are let go after `graceNs`. */
export async function drained(daemon: Daemon, clock: Clock, graceNs: number = 500 * MS): Promise<Exit> {
  const exit = await daemon.exited
  if ((await within(clock, graceNs, daemon.closed)) === LATE) daemon.release()
  return (await within(clock, graceNs, daemon.closed)) === LATE ? exit : daemon.closed
}

/** `exit code 1`, `signal SIGKILL`. */
export function describeExit(exit: Exit): string {
  if (exit.signal !== null) return `signal ${exit.signal}`
  return `exit code ${exit.code ?? '?'}`
}

/** The state of a daemon that may not have been started: `bindfs runs, pid 123`. */
export function describeDaemon(name: string, daemon: Daemon | null): string {
  if (daemon === null) return `${name} has not been started`
  return daemon.exit === null ? `${name} runs, pid ${daemon.pid}` : `${name} ended with ${describeExit(daemon.exit)}`
}

/** Signals a process group that we made. False when none is left in it. */
export function killGroup(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(-pid, constants.signals[signal])
    return true
  } catch {
    return false
  }
}

function notStarted(file: string, cause: unknown, cwd: string | undefined): FusetraceError {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code
  const name = printable(file)
  if (code === 'ENOENT') {
    return new FusetraceError('FT_ENVIRONMENT', `the daemon ${name} was not found`, {
      hint:
        cwd === undefined
          ? `install it, or give its path: which ${name}`
          : `install it, or give its path; the working directory is ${printable(cwd)}`,
      cause,
    })
  }
  const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause)
  return new FusetraceError('FT_ENVIRONMENT', `the daemon ${name} could not be started: ${reason}`, {
    hint: code === 'EACCES' ? `make it executable: chmod +x ${name}` : 'run the same command by hand',
    cause,
  })
}
