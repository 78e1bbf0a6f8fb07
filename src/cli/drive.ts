import type { Command } from 'commander'
import type { Dialect } from '../dialect/core/dialect.js'
import { type Driven, type DriveOptions, driveRecording } from '../drive/drive-recording.js'
import { EXIT, FusetraceError } from '../errors.js'
import { readFaults } from '../faults/read-faults.js'
import { plan } from '../live/options.js'
import { driveText } from '../report/drive-text.js'
import { WAYS, type Way } from '../transport/prepare.js'
import { DIALECT_HELP, resolveDialect } from './dialect-option.js'
import { warnIfNotWhole } from './failure.js'
import { mountDirectory } from './mount-directory.js'
import { json, print } from './output.js'
import { interruption } from './signals.js'
import { timeoutOf } from './timeout.js'

interface DriveCommandOptions {
  output?: string
  /** False: of the new run only the log is recorded. */
  wire?: boolean
  force?: boolean
  json?: boolean
  faults?: string
  mountpoint?: string
  way?: string
  dialect?: string
  timeout: string
}

const HELP = `
The daemon gets one end of a socket of ours for its FUSE descriptor: nothing is mounted, /dev/fuse is not needed. The requests
are the recorded messages where there are some (record --wire), else made from the operations of the recorded log; what those do
not tell is chosen, and said. Errors, types, sizes, names and targets of the answers are compared; times and ids are not.
The daemon should find what the recorded one found: begin with the same directories.

Exit code: 0; 1 answers differ, a fault was not met, or the recording is damaged; 3 the daemon cannot be driven, and why.

Examples:
  fusetrace drive run.fusetrace -- bindfs -f -d /some/dir {mountpoint}
  fusetrace drive run.fusetrace -o new.fusetrace -- rclone mount -vv --debug-fuse /some/dir {mountpoint}`

/** `fusetrace drive`: a recording's requests to a daemon without a mount. */
export function registerDrive(program: Command): void {
  program
    .command('drive')
    .description("send a recording's requests to a daemon, without a mount, and compare its answers")
    .argument('<recording>', 'the recording whose requests are sent')
    .argument('<daemon...>', 'the daemon and its arguments, after --')
    .option('-o, --output <file>', "record the daemon's new log, and the messages, here")
    .option('--force', 'replace what exists under the name of the output')
    .option('--mountpoint <dir>', 'the mountpoint as it stands in the command; an existing directory')
    .option('--faults <file>', 'faults on the way, as YAML or JSON')
    .option('--way <way>', `how it gets its descriptor: ${WAYS.join(', ')}; default: chosen`)
    .option('--dialect <name>', DIALECT_HELP)
    .option('--timeout <ms>', 'how long the daemon may take to be ready', '10000')
    .option('--json', 'one JSON object')
    .addHelpText('after', HELP)
    .action(async (recording: string, daemon: string[], options: DriveCommandOptions) => {
      const driven = await driveFile(recording, daemon, options)
      const facts = { recording, daemon: daemon[0] ?? '', output: options.output ?? null }
      print(options.json ? json({ ...facts, ...driven }) : driveText(driven, facts).join('\n'))
      process.exitCode = failed(driven) ? EXIT.finding : EXIT.ok
      warnIfNotWhole(recording, driven.problem)
    })
}

const failed = ({ differences, faults }: Driven): boolean =>
  differences.length > 0 || faults.some(({ fired }) => fired === 0)

/** Drives a daemon as the command's options say; the mountpoint is made where the command has a placeholder for it. */
export async function driveFile(
  recording: string,
  daemon: readonly string[],
  options: DriveCommandOptions,
): Promise<Driven> {
  const readyMs = timeoutOf(options.timeout)
  const way = options.way === undefined ? undefined : WAYS.find((name) => name === options.way)
  if (options.way !== undefined && way === undefined) {
    throw new FusetraceError('FT_USAGE', `--way ${options.way}: there is no such way`, {
      hint: `use one of ${WAYS.join(', ')}`,
    })
  }
  const dialect: Dialect | undefined = options.dialect === undefined ? undefined : await resolveDialect(options.dialect)
  const faults = options.faults === undefined ? null : await readFaults(options.faults)
  const directory = mountDirectory(options.mountpoint, daemon)
  const interrupted = interruption()
  try {
    const where = { daemon, ...(directory.path !== null && { mountpoint: directory.path }) }
    const { argv, mountpoints } = plan(where, { mounts: false })
    const chosen: DriveOptions = {
      recording,
      daemon: argv,
      mountpoint: mountpoints.at(-1) ?? '',
      readyMs,
      signal: interrupted.signal,
      ...(options.output !== undefined && { output: options.output }),
      ...(options.force && { force: true }),
      ...(options.wire !== undefined && { wire: options.wire }),
      ...(dialect && { dialect }),
      ...(way && { way: way satisfies Way }),
      ...(faults && { faults: faults.faults, ...(faults.seed !== undefined && { seed: faults.seed }) }),
    }
    return await driveRecording(chosen)
  } finally {
    interrupted.release()
    directory.remove()
  }
}
